// Package gateway holds the use cases of GeNIO, the same for the API and for the backoffice: submit, read,
// cancel, retry, hold, check a recipient, send a whole file. Each takes an actor that is already authenticated and decides what
// that actor may see and do.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/outbound"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/telemetry"
)

// Config is what the use cases work with.
type Config struct {
	Store    *db.Store
	Temporal client.Client
	// FiscalCodes: nil allows no test codes.
	FiscalCodes *fiscalcode.Validator
	Phones      sms.PhoneRules
	Starter     *Starter
	Log         *zap.Logger
	// Metrics counts what is accepted; nil: nobody does.
	Metrics *telemetry.Metrics
	// Outbound says which addresses of an Ente's applications may be called; nil: those on the public internet.
	Outbound *outbound.Guard

	// PublicURL is where Twilio reaches this server, and TwilioToken what it signs its callbacks with.
	PublicURL   string
	TwilioToken string
	// TwilioOtherToken is accepted beside it while the one takes the other's place; empty: none.
	TwilioOtherToken string

	// Remember is for how long an acceptance believes what was read of its key, its Ente and its service; 0: not at all. What another
	// process changes counts that much later.
	Remember time.Duration

	// SMSPartPriceMicros is what one part of an SMS costs, in millionths of a euro; 0: not known.
	SMSPartPriceMicros int64
}

// Gateway carries out the use cases. It is safe for concurrent use.
type Gateway struct {
	Config

	hashing  turns
	reach    reach
	register register
	uploads  *AtOnce
}

// New builds the gateway.
func New(config Config) *Gateway {
	if config.FiscalCodes == nil {
		config.FiscalCodes = &fiscalcode.Validator{}
	}

	if config.Outbound == nil {
		config.Outbound = outbound.New(outbound.Rules{Ports: outbound.DefaultPorts()})
	}

	return &Gateway{Config: config, hashing: make(turns, hashesAtOnce), uploads: NewAtOnce(uploadsAtOnce)}
}

// visible reads a notification's head, as long as the actor may know of it.
func (g *Gateway) visible(ctx context.Context, actor Actor, id string) (notification.Notification, error) {
	head, err := g.Store.Head(ctx, id)
	if err != nil {
		return notification.Notification{}, storeError("reading the notification", err)
	}

	if !actor.SeesService(head.EnteID, head.ServiceID) {
		return notification.Notification{}, ErrNotFound
	}

	return head, nil
}

// isActive tells whether an Ente may use GeNIO; the empty id is that of all Enti.
func (g *Gateway) isActive(ctx context.Context, enteID string) (bool, error) {
	if enteID == "" {
		return true, nil
	}

	ente, err := g.knownEnte(ctx, enteID)
	if err != nil {
		return false, storeError("reading the Ente", err)
	}

	return ente.Active, nil
}

// storeError turns an error of the database into one of the use cases.
func storeError(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, db.ErrNotFound), errors.Is(err, db.ErrInvalid):
		// An id that is no id names nothing.
		return ErrNotFound
	case db.IsUnavailable(err):
		return fmt.Errorf("%s: %w", doing, ErrUnavailable)
	case errors.Is(err, db.ErrConflict):
		return fmt.Errorf("%s: %w", doing, ErrState)
	}

	return fmt.Errorf("%s: %w", doing, err)
}
