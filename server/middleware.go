package server

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"
)

const (
	requestIDKey = "request-id"
	// contentPolicy is the widest that any page needs; the frontend may set a stricter or a different one of its own.
	contentPolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
	// apiContentPolicy: an answer of the API is no page.
	apiContentPolicy = "default-src 'none'; frame-ancestors 'none'"
	// transportPolicy is a year, subdomains left to the installation.
	transportPolicy = "max-age=31536000"
)

// identify gives the request an id. One that a proxy gave already is kept where it is a UUID or its hexadecimal
// digits alone: anything else may carry personal data into the logs.
func identify(next echo.HandlerFunc) echo.HandlerFunc {
	wellFormed := regexp.MustCompile(`^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$`)

	return func(c echo.Context) error {
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !wellFormed.MatchString(id) {
			id = rand.Text()
		}

		c.Set(requestIDKey, id)
		c.Response().Header().Set(echo.HeaderXRequestID, id)

		return next(c)
	}
}

func requestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)

	return id
}

// harden sets the headers that keep browsers from doing what no page of ours needs.
func harden(encrypted bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			header := c.Response().Header()
			header.Set(echo.HeaderXContentTypeOptions, "nosniff")
			header.Set(echo.HeaderReferrerPolicy, "same-origin")
			header.Set("Cross-Origin-Opener-Policy", "same-origin")
			header.Set("Cross-Origin-Resource-Policy", "same-origin")

			policy := contentPolicy
			if strings.HasPrefix(c.Request().URL.Path, apiPath) {
				policy = apiContentPolicy

				header.Set(echo.HeaderCacheControl, "no-store")
			}

			header.Set(echo.HeaderContentSecurityPolicy, policy)

			if encrypted {
				header.Set(echo.HeaderStrictTransportSecurity, transportPolicy)
			}

			return next(c)
		}
	}
}

// recoverPanic turns a panic into an internal error. The stack is logged here, where it is known; the answer is
// written, and the failure reported, by the error handler as for any other error.
func recoverPanic(log *zap.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				switch cause := recover().(type) {
				case nil:
				case error:
					if errors.Is(cause, http.ErrAbortHandler) {
						panic(cause) //nolint:forbidigo // net/http's own way to drop a connection
					}

					err = panicked(cause, c, log)
				default:
					err = panicked(cause, c, log)
				}
			}()

			return next(c)
		}
	}
}

var errPanicked = errors.New("panic")

func panicked(cause any, c echo.Context, log *zap.Logger) error {
	log.Error("panic", zap.String("request_id", requestID(c)), zap.ByteString("stack", debug.Stack()))

	return fmt.Errorf("%w: %v", errPanicked, cause)
}
