package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// SignInGateway is what signing in and out asks of the use cases.
type SignInGateway interface {
	SignIn(ctx context.Context, email, password string) (gateway.Account, error)
	SignInWith(ctx context.Context, identity gateway.ProviderIdentity) (gateway.Account, error)
	RefusedSignIn(ctx context.Context, email, address, why string) error
	Account(ctx context.Context, id string) (gateway.Account, error)

	NewSecondFactorKey(email string) (gateway.SecondFactorKey, error)
	SetSecondFactor(ctx context.Context, actor gateway.Actor, secret, code string) ([]string, error)
	CheckSecondFactor(ctx context.Context, actor gateway.Actor, input string) error

	OpenSession(ctx context.Context, account gateway.Account, start gateway.SessionStart) error
	ContinueSession(ctx context.Context, account gateway.Account, start gateway.SessionStart) error
	SignedOut(ctx context.Context, actor gateway.Actor) error
	FormOwnerMark(account gateway.Account) (string, error)
	FormOwner(mark string) (accountID, membershipID string, err error)
}

// signInPage is the form; Problem is a message's key, empty at first sight.
type signInPage struct {
	page
	Email    string
	Next     string
	Problem  string
	Demo     []DemoLogin
	Provider string // the label of another way in; empty: there is none
	// ByProvider begins that way.
	ByProvider string
	Kept       bool // a form waits for the person
	Left       bool // the person has just signed out
}

func (f *Frontend) signInForm(c echo.Context) error {
	if _, err := f.signedIn(c); err == nil {
		return redirect(c, localPath(c.QueryParam("next")))
	}

	return f.showSignIn(c, http.StatusOK, signInPage{Next: localPath(c.QueryParam("next"))})
}

func (f *Frontend) signIn(c echo.Context) error {
	email, next := c.FormValue("email"), localPath(c.FormValue("next"))
	form := signInPage{Email: email, Next: next}

	if wait := f.signInLimits.take(c.RealIP(), email); wait > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))

		f.log.Warn("a sign-in was refused after too many tries", requestID(c.Response()))

		form.Problem = "signin.too_many"

		return f.showSignIn(c, http.StatusTooManyRequests, form)
	}

	signedIn, err := f.gateway.SignIn(c.Request().Context(), email, c.FormValue(paramPassword))
	if errors.Is(err, gateway.ErrUnauthenticated) {
		f.log.Info("a sign-in failed", requestID(c.Response()))

		if err := f.gateway.RefusedSignIn(c.Request().Context(), email, c.RealIP(), meansPassword); err != nil {
			return fmt.Errorf("noting a sign-in that failed: %w", err)
		}

		form.Problem = "signin.wrong"

		return f.showSignIn(c, http.StatusUnprocessableEntity, form)
	}

	if err != nil {
		return fmt.Errorf("signing in: %w", err)
	}

	f.signInLimits.forgive(c.RealIP(), email)

	return f.afterPassword(c, signedIn, next)
}

func (f *Frontend) showSignIn(c echo.Context, status int, form signInPage) error {
	form.page = f.page(c, "signin.title")
	form.Demo = f.demo
	form.Kept = f.sessions.Exists(c.Request().Context(), sessionKept)
	form.Left = c.QueryParam("left") != ""

	if f.provider != nil {
		form.Provider = f.provider.Name()
		form.ByProvider = providerPath + "?" + url.Values{"next": {form.Next}}.Encode()
	}

	return f.show(c, status, "signin.html", form)
}
