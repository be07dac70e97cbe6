package server

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

const (
	livePath  = "/healthz"
	readyPath = "/readyz"
)

// readMethods are the methods of what is only read.
func readMethods() []string { return []string{http.MethodGet, http.MethodHead} }

// live tells an orchestrator that the process is alive.
func live(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}

// ready tells a load balancer whether to send requests here: without the database nothing can be accepted. Without
// Temporal it can, so nobody waits for its answer here.
func ready(gateway Gateway, ends *draining) echo.HandlerFunc {
	return func(c echo.Context) error {
		if ends.Load() {
			return c.String(http.StatusServiceUnavailable, "draining\n")
		}

		if gateway.Ready(c.Request().Context()) != nil {
			return c.String(http.StatusServiceUnavailable, "database unreachable\n")
		}

		return c.String(http.StatusOK, "ready\n")
	}
}
