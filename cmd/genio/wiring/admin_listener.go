package wiring

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// AdminListener answers those who run GeNIO, on an address that nobody else reaches: health, status, metrics.
type AdminListener struct {
	mux *http.ServeMux
}

// NewAdminListener makes one that knows nothing yet.
func NewAdminListener() *AdminListener { return &AdminListener{mux: http.NewServeMux()} }

// Handle has requests answered whose method and path match the pattern, which is http.ServeMux's. It is called before Run.
func (a *AdminListener) Handle(pattern string, handler http.Handler) { a.mux.Handle(pattern, handler) }

// Bounds of one request.
const (
	adminHeaderTimeout = 10 * time.Second
	adminTimeout       = 30 * time.Second
)

// Run answers on the listener until ctx ends. It goes on while the process drains, so that one can see it drain: ctx is to
// end last of all.
func (a *AdminListener) Run(ctx context.Context, listener net.Listener) error {
	serves := &http.Server{
		Handler: a.mux, ReadHeaderTimeout: adminHeaderTimeout, ReadTimeout: adminTimeout, WriteTimeout: adminTimeout,
	}

	stop := context.AfterFunc(ctx, func() { _ = serves.Close() })
	defer stop()

	if err := serves.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answering on the admin address: %w", err)
	}

	return nil
}
