package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// maxKeyLength is far above the length of any API key; longer ones are not worth a look into the database.
const maxKeyLength = 512

type actorKey struct{}

// authenticate lets only holders of an API key in, and puts the key's actor into the request's context.
func (a *operations) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, found := bearerToken(c.Request().Header.Values(echo.HeaderAuthorization))
		if !found {
			return gateway.ErrUnauthenticated
		}

		actor, err := a.gateway.AuthenticateKey(c.Request().Context(), token)
		if err != nil {
			return fmt.Errorf("authenticating an API key: %w", err)
		}

		gateway.NoteRequestActor(c.Request().Context(), actor)
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), actorKey{}, actor)))

		return next(c)
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
