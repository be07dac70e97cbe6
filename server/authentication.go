package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// maxKeyLength is far above the length of any API key; longer ones are not worth a look into the database.
const maxKeyLength = 512

// keyExpiresHeader has the end of the key as an HTTP date (RFC 9110, 5.6.7).
const keyExpiresHeader = "API-Key-Expires"

type actorKey struct{}

// authenticate lets only holders of an API key in, and puts the key's actor into the request's context.
func (a *operations) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, found := bearerToken(c.Request().Header.Values(echo.HeaderAuthorization))

		// Before anything is looked up. A key that is new here costs its address one try, too.
		if !found || !a.limiter.isGood(token) {
			if err := admit(c, a.limiter.takeFrom(c.RealIP())); err != nil {
				return err
			}
		}

		if !found {
			return gateway.ErrUnauthenticated
		}

		actor, err := a.gateway.AuthenticateKey(c.Request().Context(), token, c.RealIP())
		if err != nil {
			if errors.Is(err, gateway.ErrUnauthenticated) || errors.Is(err, gateway.ErrAddressRefused) {
				a.limiter.remember(token, false)
			}

			return fmt.Errorf("authenticating an API key: %w", err)
		}

		a.limiter.remember(token, true)

		if err := admit(c, a.limiter.takeOf(actor)); err != nil {
			return err
		}

		announceEnd(c, actor.KeyExpiresAt, time.Now())
		gateway.NoteRequestActor(c.Request().Context(), actor)
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), actorKey{}, actor)))

		return next(c)
	}
}

// announceEnd tells an application when its key ends, while there is time to replace it. No standard has a header for
// that: Sunset (RFC 8594) is the end of a resource.
func announceEnd(c echo.Context, ends, now time.Time) {
	if !ends.IsZero() && ends.Sub(now) <= gateway.KeyExpiresSoon {
		c.Response().Header().Set(keyExpiresHeader, ends.UTC().Format(http.TimeFormat))
	}
}

// actorOf is who asks; the zero Actor, which sees nothing, where nobody has been authenticated.
func actorOf(ctx context.Context) gateway.Actor {
	actor, _ := ctx.Value(actorKey{}).(gateway.Actor)

	return actor
}

// bearerToken reads the Authorization header (RFC 6750, 2.1). Two of them are as good as none.
func bearerToken(headers []string) (token string, found bool) {
	if len(headers) != 1 {
		return "", false
	}

	scheme, token, _ := strings.Cut(headers[0], " ")
	token = strings.TrimSpace(token)

	return token, strings.EqualFold(scheme, "Bearer") && token != "" && len(token) <= maxKeyLength
}
