package allinone

import (
	"context"
	"fmt"
	"net"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
)

// startTelling has the process tell of itself: metrics on the administration's listener, and traces where they are asked for.
func (a *AllInOne) startTelling(ctx context.Context, settings Settings, listener net.Listener) error {
	told, closeTold, err := settings.Traces.Telemetry(ctx, "genio-dev", a.log)
	if err != nil {
		return fmt.Errorf("preparing telemetry: %w", err)
	}

	if settings.Tracing != nil {
		told.Tracing = settings.Tracing
	}

	a.Telemetry, a.closeTold = told, closeTold

	admin := wiring.NewAdminListener()
	admin.Handle("GET /metrics", told.Metrics.Handler())

	answering, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})

	go func() {
		defer close(ended)

		if err := admin.Run(answering, listener); err != nil {
			a.fail(fmt.Errorf("telling metrics: %w", err))
		}
	}()

	a.stopAdmin = func() {
		stop()
		<-ended
	}

	return nil
}

// stopTelling exports the last traces: it comes last, so that the ends of the others are among them.
func (a *AllInOne) stopTelling() {
	if a.closeTold != nil {
		a.closeTold()
	}
}
