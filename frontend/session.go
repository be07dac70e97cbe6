package frontend

import (
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
)

const (
	sessionIdle     = 30 * time.Minute
	sessionLifetime = 12 * time.Hour

	sessionCookie = "genio_session"
	// hostPrefix makes browsers refuse the cookie unless it is Secure and bound to exactly this host.
	hostPrefix = "__Host-"
)

// The keys of a session. It holds no more than the account's identifier and the membership that the person works in, what the
// next page is to say, the sealed codice fiscale of the current search, what the person looked for among people, and for a
// while what a sign-in is about that is not over yet, see signin_steps.go, and a form that came too late, see kept_form.go.
const (
	sessionAccount    = "account"
	sessionMembership = "membership"
	sessionNotice     = "notice"
	sessionPerson     = "person"
	sessionPeople     = "people"
	sessionKept       = "kept"
	sessionByProvider = "by_provider"
)

func newSessions(config Config, failed func(http.ResponseWriter, *http.Request, error)) *scs.SessionManager {
	sessions := scs.New()
	sessions.Store = config.Sessions
	sessions.IdleTimeout = sessionIdle
	sessions.Lifetime = sessionLifetime
	sessions.ErrorFunc = failed
	sessions.Cookie.Name = sessionCookie
	sessions.Cookie.HttpOnly = true
	sessions.Cookie.SameSite = http.SameSiteLaxMode
	sessions.Cookie.Path = "/"
	sessions.Cookie.Persist = false // the cookie goes when the browser is closed

	if config.SecureCookies {
		sessions.Cookie.Name = hostPrefix + sessionCookie
		sessions.Cookie.Secure = true
	}

	return sessions
}

// loadSession gives the handler the session to read, without prolonging or storing it.
func (f *Frontend) loadSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := ""
		if cookie, err := c.Cookie(f.sessions.Cookie.Name); err == nil {
			token = cookie.Value
		}

		ctx, err := f.sessions.Load(c.Request().Context(), token)
		if err != nil {
			f.sessionFailed(c.Response(), c.Request(), fmt.Errorf("loading the session: %w", err))

			return nil
		}

		c.SetRequest(c.Request().WithContext(ctx))

		return next(c)
	}
}

// sessionFailed answers when the session store cannot be reached: there is no knowing who is signed in.
func (f *Frontend) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	f.logFault(w, r, err)
	f.writeError(w, f.basePage(r, nil), http.StatusServiceUnavailable)
}
