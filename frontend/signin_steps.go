package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
)

const (
	codePath  = signInPath + "/code"
	enrolPath = signInPath + "/second-factor"

	// pendingKept is how long somebody who gave the right password may take for the second factor.
	pendingKept = 10 * time.Minute
)

// The keys of a session in which somebody gave the right password and is not signed in yet.
const (
	sessionPending   = "pending"
	sessionPendingAt = "pending_at"
	sessionNext      = "next"
	sessionEnrolling = "enrolling"
	sessionEnrolURL  = "enrol_url"
)

// How people have shown who they are, as the audit log has it.
const (
	meansPassword = "password"
	// paramPassword is the field of the forms.
	paramPassword = "password"
	meansCode     = "password and code"
	meansProvider = "provider"
)

// afterPassword asks for the second factor, has one set up where everybody must have one, or lets the person in.
func (f *Frontend) afterPassword(c echo.Context, account gateway.Account, next string) error {
	switch {
	case account.SecondFactor:
		return f.wait(c, account, next, codePath)
	case f.requireSecondFactor:
		return f.wait(c, account, next, enrolPath)
	default:
		return f.beginSession(c, account, next, meansPassword)
	}
}

// wait remembers who gave the right password, and goes on to the next step.
func (f *Frontend) wait(c echo.Context, account gateway.Account, next, step string) error {
	ctx := c.Request().Context()

	kept := f.sessions.GetBytes(ctx, sessionKept)
	if err := f.renewSession(ctx); err != nil {
		return err
	}

	if kept != nil {
		f.sessions.Put(ctx, sessionKept, kept)
	}

	f.sessions.Put(ctx, sessionPending, account.ID)
	f.sessions.Put(ctx, sessionPendingAt, f.clock().Unix())
	f.sessions.Put(ctx, sessionNext, next)

	return redirect(c, step)
}

// renewSession empties the session and gives it a new token, so that nobody can sign in a browser with a token prepared
// beforehand.
func (f *Frontend) renewSession(ctx context.Context) error {
	if err := f.sessions.Clear(ctx); err != nil {
		return fmt.Errorf("clearing the earlier session: %w", err)
	}

	if err := f.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("renewing the session's token: %w", err)
	}

	return nil
}

// pending is who gave the right password lately; ErrUnauthenticated where nobody did.
func (f *Frontend) pending(c echo.Context) (gateway.Account, error) {
	ctx := c.Request().Context()

	id := f.sessions.GetString(ctx, sessionPending)
	if id == "" || f.clock().Sub(time.Unix(f.sessions.GetInt64(ctx, sessionPendingAt), 0)) > pendingKept {
		return gateway.Account{}, gateway.ErrUnauthenticated
	}

	account, err := f.gateway.Account(ctx, id)
	if err != nil {
		return gateway.Account{}, fmt.Errorf("reading the account that signs in: %w", err)
	}

	return account, nil
}

// withPending leads back to the beginning where nobody gave a password, or too long ago.
func (f *Frontend) withPending(handler func(c echo.Context, account gateway.Account) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		account, err := f.pending(c)

		switch {
		case errors.Is(err, gateway.ErrNotFound), errors.Is(err, gateway.ErrUnauthenticated):
			return redirect(c, signInPath)
		case err != nil:
			return err
		}

		return handler(c, account)
	}
}

// pendingActor is the author of the steps of a sign-in.
func pendingActor(c echo.Context, account gateway.Account) gateway.Actor {
	author := account.Actor()
	author.Address = c.RealIP()

	return author
}

type codePage struct {
	page
	Problem string // a message's key
}

func (f *Frontend) codeForm(c echo.Context, _ gateway.Account) error {
	return f.show(c, http.StatusOK, "signin_code.html", codePage{page: f.page(c, "second.ask.title")})
}

func (f *Frontend) checkCode(c echo.Context, account gateway.Account) error {
	err := f.gateway.CheckSecondFactor(c.Request().Context(), pendingActor(c, account), c.FormValue("code"))
	shown := codePage{page: f.page(c, "second.ask.title")}

	switch {
	case errors.Is(err, gateway.ErrTooMany):
		f.log.Warn("a second factor was refused after too many tries", requestID(c.Response()))

		shown.Problem = "second.too_many"

		return f.show(c, http.StatusTooManyRequests, "signin_code.html", shown)
	case errors.Is(err, gateway.ErrUnauthenticated):
		f.log.Info("a second factor was wrong", requestID(c.Response()))

		shown.Problem = "second.wrong"

		return f.show(c, http.StatusUnprocessableEntity, "signin_code.html", shown)
	case err != nil:
		return fmt.Errorf("checking the second factor: %w", err)
	}

	return f.beginSession(c, account, f.sessions.GetString(c.Request().Context(), sessionNext), meansCode)
}

// beginSession signs the person in, in the browser that asks.
func (f *Frontend) beginSession(c echo.Context, signedIn gateway.Account, next, means string) error {
	next, err := f.openSession(c, signedIn, next, means)
	if err != nil {
		return err
	}

	return redirect(c, next)
}

// openSession starts with a new token. It returns where to go on: to a form that waits for this person, if there is one.
func (f *Frontend) openSession(c echo.Context, signedIn gateway.Account, next, means string) (string, error) {
	ctx := c.Request().Context()
	kept, waits := f.keptForm(ctx)

	if err := f.renewSession(ctx); err != nil {
		return "", err
	}

	if waits && kept.Owner == signedIn.ID {
		if before, still := signedIn.In(kept.Membership); still {
			signedIn = before
		}

		f.putKept(ctx, kept)

		next = keptPath
	}

	if err := f.gateway.OpenSession(ctx, signedIn, f.sessionStart(c, means)); err != nil {
		return "", fmt.Errorf("opening the session: %w", err)
	}

	f.sessions.Put(ctx, sessionAccount, signedIn.ID)
	f.sessions.Put(ctx, sessionMembership, signedIn.MembershipID)

	if means == meansProvider {
		f.sessions.Put(ctx, sessionByProvider, true)
	}

	if err := f.markBrowser(c, signedIn); err != nil {
		return "", err
	}

	gateway.NoteRequestActor(ctx, signedIn.Actor())
	f.log.Info("signed in", zap.String("account_id", signedIn.ID), requestID(c.Response()))

	return next, nil
}

func (f *Frontend) sessionStart(c echo.Context, means string) gateway.SessionStart {
	return gateway.SessionStart{
		Token: f.sessions.Token(c.Request().Context()), Address: c.RealIP(), UserAgent: c.Request().UserAgent(),
		Means: means, Idle: sessionIdle,
	}
}

// leavePage leads on to the provider's own sign-out. A redirect would not do: form-action in the content policy also holds for
// where a form's answer redirects to.
type leavePage struct {
	page
	Address  string
	Provider string
}

func (f *Frontend) signOut(c echo.Context) error {
	ctx := c.Request().Context()
	byProvider := f.provider != nil && f.sessions.GetBool(ctx, sessionByProvider)

	signedIn, err := f.signedIn(c)
	if err == nil {
		author := signedIn.Actor()
		author.Address = c.RealIP()

		if err := f.gateway.SignedOut(ctx, author); err != nil {
			return fmt.Errorf("noting the sign-out: %w", err)
		}

		f.log.Info("signed out", zap.String("account_id", signedIn.ID), requestID(c.Response()))
	}

	if err := f.sessions.Destroy(ctx); err != nil {
		return fmt.Errorf("ending the session: %w", err)
	}

	f.unmarkBrowser(c)

	if byProvider {
		if address := f.provider.EndSession(); address != "" {
			shown := leavePage{page: f.basePage(c.Request(), nil), Address: address, Provider: f.provider.Name()}
			shown.Title = shown.T("leave.title")

			return f.show(c, http.StatusOK, "leave.html", shown)
		}
	}

	return redirect(c, signInPath)
}
