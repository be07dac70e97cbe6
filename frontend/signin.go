package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
)

// signInPage is the form; Problem is a message's key, empty at first sight.
type signInPage struct {
	page
	Email   string
	Next    string
	Problem string
	Demo    []DemoLogin
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

	signedIn, err := f.gateway.SignIn(c.Request().Context(), email, c.FormValue("password"))
	if errors.Is(err, gateway.ErrUnauthenticated) {
		f.log.Info("a sign-in failed", requestID(c.Response()))

		form.Problem = "signin.wrong"

		return f.showSignIn(c, http.StatusUnprocessableEntity, form)
	}

	if err != nil {
		return fmt.Errorf("signing in: %w", err)
	}

	f.signInLimits.forgive(c.RealIP(), email)

	return f.beginSession(c, signedIn, next)
}

// beginSession starts with a new token, so that nobody can sign in a browser with a token prepared beforehand.
func (f *Frontend) beginSession(c echo.Context, signedIn gateway.Account, next string) error {
	ctx := c.Request().Context()

	if err := f.sessions.Clear(ctx); err != nil {
		return fmt.Errorf("clearing the earlier session: %w", err)
	}

	if err := f.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("renewing the session's token: %w", err)
	}

	f.sessions.Put(ctx, sessionAccount, signedIn.ID)
	gateway.NoteRequestActor(ctx, signedIn.Actor())
	f.log.Info("signed in", zap.String("account_id", signedIn.ID), requestID(c.Response()))

	return redirect(c, next)
}

func (f *Frontend) signOut(c echo.Context) error {
	ctx := c.Request().Context()
	id := f.sessions.GetString(ctx, sessionAccount)

	if err := f.sessions.Destroy(ctx); err != nil {
		return fmt.Errorf("ending the session: %w", err)
	}

	if id != "" {
		f.log.Info("signed out", zap.String("account_id", id), requestID(c.Response()))
	}

	return redirect(c, signInPath)
}

func (f *Frontend) showSignIn(c echo.Context, status int, form signInPage) error {
	form.page = f.page(c, "signin.title")
	form.Demo = f.demo

	return f.show(c, status, "signin.html", form)
}
