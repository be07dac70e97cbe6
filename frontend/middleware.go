package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// contentPolicy lets a page load from this host alone, and run no script or style written into the page. The
// data: images are the small drawings that the design system's style sheet carries.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// What a form may hold, in bytes. A template has two texts of 10,000 characters, each of which the browser may write as
// nine.
const (
	formLimit         = 64 << 10
	templateFormLimit = 512 << 10
)

// nameRoute leaves the route's pattern in the request, as net/http's router does, for logs: an address may hold
// personal data, a pattern does not. It comes first, before the request is copied.
func nameRoute(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Request().Pattern = c.Path()

		return next(c)
	}
}

// harden sets the headers that every page carries, and bounds what a browser may send, in bytes. Pages show
// personal data, so no cache keeps them.
func harden(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			hardenHeader(c.Response().Header())
			c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, limit)

			return next(c)
		}
	}
}

func hardenHeader(header http.Header) {
	header.Set("Content-Security-Policy", contentPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
}

// refuseForeignForms stops requests that another site made the browser send.
func (f *Frontend) refuseForeignForms(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := f.origins.Check(c.Request()); err != nil {
			return echo.NewHTTPError(http.StatusForbidden).SetInternal(err)
		}

		return next(c)
	}
}

// accountKey is where Echo's context keeps the signed-in account.
const accountKey = "frontend.account"

// requireAccount lets signed-in people through and sends others to the sign-in page. The account is read again
// for each request, so that somebody who was deactivated is out at once.
func (f *Frontend) requireAccount(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		account, err := f.signedIn(c)
		if errors.Is(err, gateway.ErrNotFound) || errors.Is(err, gateway.ErrUnauthenticated) {
			return f.askToSignIn(c)
		}

		if err != nil {
			return err
		}

		gateway.NoteRequestActor(c.Request().Context(), account.Actor())
		c.Set(accountKey, account)
		f.forgetSubmitted(c)

		return next(c)
	}
}

// requirePermission stops whoever lacks the permission that the route asks for.
func requirePermission(permission gateway.Permission) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !actor(c).May(permission) {
				return gateway.ErrForbidden
			}

			return next(c)
		}
	}
}

// signedIn is the session's account; ErrUnauthenticated where there is none.
func (f *Frontend) signedIn(c echo.Context) (gateway.Account, error) {
	ctx := c.Request().Context()

	id := f.sessions.GetString(ctx, sessionAccount)
	if id == "" {
		return gateway.Account{}, gateway.ErrUnauthenticated
	}

	account, err := f.gateway.Account(ctx, id)
	if err != nil {
		return gateway.Account{}, fmt.Errorf("reading the signed-in account: %w", err)
	}

	// Nobody goes on in another membership than the one on the screen.
	account, still := account.In(f.sessions.GetString(ctx, sessionMembership))
	if !still {
		return gateway.Account{}, gateway.ErrUnauthenticated
	}

	return account, nil
}

// askToSignIn remembers where the person wanted to go. A fragment's request makes the browser leave the page.
func (f *Frontend) askToSignIn(c echo.Context) error {
	if isFragment(c) {
		c.Response().Header().Set("HX-Redirect", signInAddress(pageOf(c.Request().Header.Get("HX-Current-URL"))))

		return c.NoContent(http.StatusNoContent)
	}

	f.keepForm(c)

	wanted := sectionOf(c.Request().URL.Path)

	switch id := c.Param("id"); {
	case c.Request().Method == http.MethodGet:
		wanted = c.Request().URL.RequestURI()
	case strings.HasPrefix(c.Request().URL.Path, accountPath):
		wanted = accountPath
	case id != "":
		wanted += "/" + url.PathEscape(id)
	}

	return redirect(c, signInAddress(wanted))
}

// isFragment tells whether htmx asks, for a part of a page.
func isFragment(c echo.Context) bool { return c.Request().Header.Get("HX-Request") == "true" }

// pageOf is the local part of the address that htmx reports.
func pageOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return dashboardPath
	}

	return parsed.RequestURI()
}

func signInAddress(wanted string) string {
	return signInPath + "?" + url.Values{"next": {localPath(wanted)}}.Encode()
}

// account is the signed-in account of a request that passed requireAccount, else nil.
func account(c echo.Context) *gateway.Account {
	if signedIn, ok := c.Get(accountKey).(gateway.Account); ok {
		return &signedIn
	}

	return nil
}

// actor is the author of the use cases that a page calls. Without an account it may see nothing.
func actor(c echo.Context) gateway.Actor {
	if signedIn := account(c); signedIn != nil {
		author := signedIn.Actor()
		author.Address = c.RealIP()

		return author
	}

	return gateway.Actor{}
}
