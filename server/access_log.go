package server

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/telemetry/logfield"
)

// logAccess writes one line for each request: its route as a pattern and never its address, no query, no header, no
// body, no name, no IP address. The actor is the one that was noted on the way: an API key's or, by the frontend, a
// signed-in person's. It also has errors written, so that the line knows the status they end in, and drops the
// connection of an answer that ended half-way. The request is measured and followed by the same pattern.
func logAccess(log *zap.Logger, told *telemetry.Telemetry) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			begin := time.Now()

			ctx, ended := told.Traces().Served(c.Request(), methodOf(c.Request()))
			ctx, noted := gateway.WithRequestActor(ctx)
			c.SetRequest(c.Request().WithContext(ctx))

			err := next(c)
			// Part of an answer has gone out already: the client must see that it is not whole.
			isCut := err != nil && c.Response().Committed

			if err != nil {
				c.Error(err)
			}

			answered := telemetry.Request{
				Method: methodOf(c.Request()), Route: routeOf(c), Kind: kindOf(c), Status: c.Response().Status, Took: time.Since(begin),
			}
			ended(answered.Route, answered.Status)
			told.Measures().Requested(answered)

			actor := noted.Actor()
			log.Log(
				accessLevel(c), "request",
				zap.String("method", answered.Method),
				zap.String("route", answered.Route),
				zap.Int("status", answered.Status),
				zap.Int64("bytes", c.Response().Size),
				zap.Duration("duration", answered.Took),
				zap.String(logfield.RequestID, requestID(c)),
				telemetry.TraceID(ctx),
				zap.String("actor_id", actor.ID),
				zap.String(logfield.EnteID, actor.EnteID),
			)

			if isCut {
				panic(http.ErrAbortHandler) //nolint:forbidigo // net/http's own way to drop a connection
			}

			return nil
		}
	}
}

// kindOf tells requests apart of which different times are expected.
func kindOf(c echo.Context) string {
	switch path := c.Path(); {
	case strings.HasPrefix(path, "/api/"):
		return "api"
	case path == twilioWebhookPath:
		return "webhook"
	case path == everythingElse:
		return "page"
	}

	return "other"
}

// accessLevel keeps the probes of orchestrators, one every few seconds, out of the ordinary log.
func accessLevel(c echo.Context) zapcore.Level {
	if c.Path() == livePath || c.Path() == readyPath {
		return zapcore.DebugLevel
	}

	return zapcore.InfoLevel
}

// routeOf is the pattern of the request's route, such as "/api/v1/notifications/:id"; the frontend's own where it
// leaves it in the request, as net/http's router does.
func routeOf(c echo.Context) string {
	if pattern := c.Request().Pattern; c.Path() == everythingElse && pattern != "" {
		return pattern
	}

	return c.Path()
}

// methodOf is the request's method, or a word for any that HTTP does not know: a client may put anything there.
func methodOf(r *http.Request) string {
	known := []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}
	if slices.Contains(known, r.Method) {
		return r.Method
	}

	return "OTHER"
}
