package frontend

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/frontend/identity"
	"github.com/genio-gateway/genio/gateway"
)

const (
	providerPath = signInPath + "/provider"

	// sessionAsked is the key of what is remembered while a person is with the provider.
	sessionAsked = "asked"
)

// asked is a sign-in with the provider that is under way. It counts once.
type asked struct {
	identity.Attempt

	Next string `json:"next"`
}

// providerPage says why the provider's way in did not lead in.
type providerPage struct {
	page
	Reason   string // the messages' keys begin with it
	Provider string
}

// askProvider leads to the provider. It is a link and no form: the content policy lets forms lead to this host only.
func (f *Frontend) askProvider(c echo.Context) error {
	if f.provider == nil {
		return echo.ErrNotFound
	}

	if f.signInLimits.takeProvider(c.RealIP()) > 0 {
		return f.tooManyTries(c)
	}

	ctx := c.Request().Context()

	address, attempt, err := f.provider.Begin(ctx)
	if err != nil {
		return f.showProviderProblem(c, http.StatusServiceUnavailable, "unavailable")
	}

	text, err := json.Marshal(asked{Attempt: attempt, Next: localPath(c.QueryParam("next"))})
	if err != nil {
		return fmt.Errorf("remembering the sign-in: %w", err)
	}

	f.sessions.Put(ctx, sessionAsked, text)

	return c.Redirect(http.StatusSeeOther, address)
}

func (f *Frontend) backFromProvider(c echo.Context) error {
	if f.provider == nil {
		return echo.ErrNotFound
	}

	if f.signInLimits.takeProvider(c.RealIP()) > 0 {
		return f.tooManyTries(c)
	}

	ctx := c.Request().Context()

	var waiting asked
	if text := f.sessions.PopBytes(ctx, sessionAsked); text == nil || json.Unmarshal(text, &waiting) != nil {
		return f.refuseProvider(c, http.StatusBadRequest, "invalid")
	}

	person, err := f.provider.Finish(ctx, waiting.Attempt, c.QueryParams())

	switch {
	case errors.Is(err, identity.ErrUnavailable):
		return f.showProviderProblem(c, http.StatusServiceUnavailable, "unavailable")
	case errors.Is(err, identity.ErrRefused):
		return f.refuseProvider(c, http.StatusForbidden, "refused")
	case err != nil:
		return f.refuseProvider(c, http.StatusBadRequest, "invalid")
	}

	account, err := f.gateway.SignInWith(ctx, gateway.ProviderIdentity{
		Issuer: person.Issuer, Subject: person.Subject, Email: person.Email, EmailVerified: person.EmailVerified, Address: c.RealIP(),
	})

	switch {
	case errors.Is(err, gateway.ErrUnverified):
		return f.refuseProvider(c, http.StatusForbidden, "unverified")
	case errors.Is(err, gateway.ErrNoMembership):
		return f.refuseProvider(c, http.StatusForbidden, "unknown")
	case errors.Is(err, gateway.ErrUnauthenticated):
		return f.refuseProvider(c, http.StatusForbidden, "closed")
	case err != nil:
		return fmt.Errorf("signing in with the provider: %w", err)
	}

	return f.beginSession(c, account, waiting.Next, meansProvider)
}

// tooManyTries shows the ordinary form, and notes nothing: whoever floods the pages must not fill the database.
func (f *Frontend) tooManyTries(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderRetryAfter, "1")
	f.log.Warn("a sign-in was refused after too many tries", requestID(c.Response()))

	return f.showSignIn(c, http.StatusTooManyRequests, signInPage{Next: localPath(c.QueryParam("next")), Problem: "signin.too_many"})
}

// refuseProvider notes a sign-in that came to nothing.
func (f *Frontend) refuseProvider(c echo.Context, status int, reason string) error {
	if err := f.gateway.RefusedSignIn(c.Request().Context(), "", c.RealIP(), "provider_"+reason); err != nil {
		return fmt.Errorf("noting a sign-in that failed: %w", err)
	}

	return f.showProviderProblem(c, status, reason)
}

func (f *Frontend) showProviderProblem(c echo.Context, status int, reason string) error {
	f.log.Warn("a sign-in with the provider failed", zap.String("reason", reason), requestID(c.Response()))

	return f.show(c, status, "provider_problem.html", providerPage{
		page: f.page(c, "provider."+reason+".title"), Reason: reason, Provider: f.provider.Name(),
	})
}
