package frontendtest

import (
	"context"

	"github.com/genio-gateway/genio/gateway"
)

// Signing in and out is noted nowhere.

// OpenSession does nothing.
func (g *Gateway) OpenSession(context.Context, gateway.Account, gateway.SessionStart) error {
	return nil
}

// RefusedSignIn does nothing.
func (g *Gateway) RefusedSignIn(context.Context, string, string, string) error { return nil }

// SignedOut does nothing.
func (g *Gateway) SignedOut(context.Context, gateway.Actor) error { return nil }

// FormOwnerMark marks no browser.
func (g *Gateway) FormOwnerMark(gateway.Account) (string, error) { return "", nil }
