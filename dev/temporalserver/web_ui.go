package temporalserver

import (
	"fmt"

	"github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// WebUI is Temporal's own Web UI, in the same process.
type WebUI struct {
	server *server.Server
	failed chan error
}

// StartWebUI serves the Web UI on a loopback port.
func StartWebUI(port int, temporalAddress, namespace string) *WebUI {
	ui := &WebUI{
		failed: make(chan error, 1),
		server: server.NewServer(server_options.WithConfigProvider(&config.Config{
			Host:                loopback,
			Port:                port,
			TemporalGRPCAddress: temporalAddress,
			DefaultNamespace:    namespace,
			EnableUI:            true,
			HideLogs:            true,
			// Nothing of the all-in-one calls out.
			DisableNewsFetch: true,
			CORS:             config.CORS{CookieInsecure: true},
		})),
	}

	go func() {
		if err := ui.server.Start(); err != nil {
			ui.failed <- fmt.Errorf("serving Temporal's Web UI: %w", err)
		}
	}()

	return ui
}

// Failed tells when the Web UI could not go on.
func (u *WebUI) Failed() <-chan error { return u.failed }

// Stop ends the Web UI.
func (u *WebUI) Stop() { u.server.Stop() }
