package server

import (
	"sync/atomic"

	"github.com/labstack/echo/v4"
)

// draining tells whether the process is about to end.
type draining struct{ atomic.Bool }

// leave has clients and proxies open no more requests on a connection whose server is about to end: the answer says that it
// is the last one.
func (d *draining) leave(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if d.Load() {
			c.Response().Header().Set(echo.HeaderConnection, "close")
		}

		return next(c)
	}
}

// Drain says at /readyz that no more requests should come. They are answered all the same: until a load balancer has noticed,
// some do come.
func (s *Server) Drain() { s.draining.Store(true) }
