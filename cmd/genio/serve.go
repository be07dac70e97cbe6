package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/telemetry"
)

type serverCommand struct {
	Listen      string             `default:":8080" env:"GENIO_LISTEN" help:"Address to listen on."`
	Public      wiring.Public      `embed:"" prefix:"public-"`
	Database    wiring.Database    `embed:"" prefix:"database-"`
	Temporal    wiring.Temporal    `embed:"" prefix:"temporal-"`
	FiscalCodes wiring.FiscalCodes `embed:"" prefix:"fiscal-codes-"`
	Trusted     wiring.Trusted     `embed:"" prefix:"trusted-"`
	Backoffice  wiring.Backoffice  `embed:"" prefix:"backoffice-"`
	API         wiring.Limits      `embed:"" prefix:"api-"`
	Access      wiring.Access      `embed:""`
	Security    wiring.Security    `embed:"" prefix:"security-"`
	OIDC        wiring.OIDC        `embed:"" prefix:"oidc-"`
	Outbound    wiring.Outbound    `embed:"" prefix:"outbound-"`
	TwilioToken string             `env:"GENIO_TWILIO_AUTH_TOKEN" hidden:"" required:"" xor:"twilio-token"`
	//nolint:lll // a tag has one line
	TwilioTokenFile string               `env:"GENIO_TWILIO_AUTH_TOKEN_FILE" help:"File with the token that signs Twilio's callbacks, if not in $GENIO_TWILIO_AUTH_TOKEN." required:"" type:"path" xor:"twilio-token"`
	TwilioOther     wiring.TwilioOther   `embed:"" prefix:"twilio-"`
	TLS             wiring.ServerTLS     `embed:"" prefix:"tls-"`
	SMSPartPrice    float64              `env:"GENIO_SMS_PART_PRICE" help:"What one part of an SMS costs, in euro, for forecasts."`
	TemporalUI      string               `env:"GENIO_TEMPORAL_UI_URL" help:"The namespace in Temporal's Web UI, for links."`
	Accessibility   wiring.Accessibility `embed:"" prefix:"accessibility-"`
	//nolint:lll // a tag has one line
	AdminListen string           `default:"127.0.0.1:9090" env:"GENIO_ADMIN_LISTEN" help:"Address on which those who run GeNIO find /healthz, /readyz, /status, /metrics; empty: none."`
	Profiling   wiring.Profiling `embed:""`
	DrainDelay  time.Duration    `default:"5s" env:"GENIO_DRAIN_DELAY" help:"How long a server that ends answers on, with 503 at /readyz."`
	Traces      wiring.Traces    `embed:"" prefix:"traces-"`
	Log         wiring.Log       `embed:"" prefix:"log-"`
}

// Run serves until the process is told to stop.
func (c *serverCommand) Run(ctx context.Context) error {
	log, err := c.Log.Logger()
	if err != nil {
		return fmt.Errorf("preparing the log: %w", err)
	}

	serves, err := c.server(log)
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}

	store, err := c.Database.Open(ctx, log)
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	defer closing(log, store)

	told, closeTold, err := c.Traces.Telemetry(ctx, "genio-server", log)
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	defer closeTold()

	c.Temporal.Telemetry = told

	temporal, err := c.Temporal.Connect(log)
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	defer temporal.Close()

	told.Metrics.Pool(store.Pool())
	told.Metrics.Read(wiring.Readings(store, temporal, c.Temporal.Namespace))

	serves.Store, serves.Temporal, serves.Telemetry = store, temporal, told

	does, err := serves.Gateway()
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}

	process := wiring.Process{
		Store: store, Temporal: temporal, Namespace: c.Temporal.Namespace, Life: serves.Life, Started: time.Now(),
	}

	return administered(ctx, c.AdminListen, process, told, c.Profiling, func() error {
		log.Info("server ready", zap.String("address", listener.Addr().String()), zap.String("version", wiring.Version()))

		if err := serves.Run(ctx, listener, does); err != nil {
			return fmt.Errorf("serving: %w", err)
		}

		return nil
	})
}

// administered runs something, and answers those who run it until it has ended.
func administered(
	ctx context.Context, address string, process wiring.Process, told *telemetry.Telemetry, profiling wiring.Profiling,
	run func() error,
) error {
	if address == "" {
		return run()
	}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listening for those who run GeNIO: %w", err)
	}

	admin := wiring.NewAdminListener()
	process.Mount(admin)
	admin.Handle("GET /metrics", told.Metrics.Handler())
	profiling.Mount(admin)

	answering, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)

	go func() { ended <- admin.Run(answering, listener) }()

	err = run()

	stop()

	return errors.Join(err, <-ended)
}

// server is the server without its connections.
func (c *serverCommand) server(log *zap.Logger) (wiring.Server, error) {
	publicURL, err := c.Public.Address(log)
	if err != nil {
		return wiring.Server{}, fmt.Errorf("reading the public address: %w", err)
	}

	proxies, err := c.Trusted.Networks()
	if err != nil {
		return wiring.Server{}, fmt.Errorf("reading the trusted proxies: %w", err)
	}

	networks, err := c.Backoffice.Allowed()
	if err != nil {
		return wiring.Server{}, fmt.Errorf("reading the backoffice's networks: %w", err)
	}

	limits, err := c.API.Bounds()
	if err != nil {
		return wiring.Server{}, fmt.Errorf("reading the limits: %w", err)
	}

	token, err := wiring.Secret(c.TwilioToken, c.TwilioTokenFile)
	if err != nil {
		return wiring.Server{}, fmt.Errorf("reading Twilio's auth token: %w", err)
	}

	otherToken, err := c.TwilioOther.Token()
	if err != nil {
		return wiring.Server{}, fmt.Errorf("reading Twilio's previous auth token: %w", err)
	}

	endsTLS, err := c.TLS.Config()
	if err != nil {
		return wiring.Server{}, fmt.Errorf("preparing TLS: %w", err)
	}

	provider, err := c.OIDC.Provider(publicURL, c.Outbound)
	if err != nil {
		return wiring.Server{}, fmt.Errorf("preparing the OpenID provider: %w", err)
	}

	return wiring.Server{
		RequireSecondFactor: c.Access.RequireSecondFactor, Provider: provider,
		FiscalCodes: c.FiscalCodes, PublicURL: publicURL, Outbound: c.Outbound, TrustedProxies: proxies,
		Limits: limits, BackofficeNetworks: networks, SecurityContact: c.Security.Contact,
		TwilioToken: token, TwilioOtherToken: otherToken, TLS: endsTLS,
		SMSPartPrice: c.SMSPartPrice, TemporalUI: c.TemporalUI, Accessibility: c.Accessibility, Log: log,
		DrainDelay: c.DrainDelay, Life: &wiring.Life{},
	}, nil
}

type workerCommand struct {
	Public      wiring.Public          `embed:"" prefix:"public-"`
	Database    wiring.Database        `embed:"" prefix:"database-"`
	Temporal    wiring.Temporal        `embed:"" prefix:"temporal-"`
	IO          wiring.IO              `embed:"" prefix:"io-"`
	Twilio      wiring.Twilio          `embed:"" prefix:"twilio-"`
	Outbound    wiring.Outbound        `embed:"" prefix:"outbound-"`
	FiscalCodes wiring.FiscalCodes     `embed:"" prefix:"fiscal-codes-"`
	Versioning  wiring.Versioning      `embed:""`
	Cached      wiring.CachedWorkflows `embed:""`
	//nolint:lll // a tag has one line
	Listen    string           `default:"127.0.0.1:9091" env:"GENIO_WORKER_LISTEN" help:"Address on which those who run GeNIO find /healthz, /readyz, /status, /metrics; empty: none."`
	Profiling wiring.Profiling `embed:""`
	Traces    wiring.Traces    `embed:"" prefix:"traces-"`
	Log       wiring.Log       `embed:"" prefix:"log-"`
}

// Run works until the process is told to stop.
func (c *workerCommand) Run(ctx context.Context) error {
	log, err := c.Log.Logger()
	if err != nil {
		return fmt.Errorf("preparing the log: %w", err)
	}

	publicURL, err := c.Public.Address(log)
	if err != nil {
		return fmt.Errorf("starting the worker: %w", err)
	}

	store, err := c.Database.Open(ctx, log)
	if err != nil {
		return fmt.Errorf("starting the worker: %w", err)
	}
	defer closing(log, store)

	told, closeTold, err := c.Traces.Telemetry(ctx, "genio-worker", log)
	if err != nil {
		return fmt.Errorf("starting the worker: %w", err)
	}
	defer closeTold()

	told.Metrics.Pool(store.Pool())

	c.Temporal.Telemetry = told

	temporal, err := c.Temporal.Connect(log)
	if err != nil {
		return fmt.Errorf("starting the worker: %w", err)
	}
	defer temporal.Close()

	c.Cached.Apply()

	works := wiring.Worker{
		Store: store, Temporal: temporal, Namespace: c.Temporal.Namespace, IO: c.IO, Twilio: c.Twilio,
		FiscalCodes: c.FiscalCodes, PublicURL: publicURL, Outbound: c.Outbound, BuildID: c.Versioning.ID(), Life: &wiring.Life{},
		Telemetry: told, Log: log,
	}
	process := wiring.Process{
		Store: store, Temporal: temporal, Namespace: works.Namespace, BuildID: works.BuildID, Life: works.Life,
		NeedsTemporal: true, Started: time.Now(),
	}

	return administered(ctx, c.Listen, process, told, c.Profiling, func() error {
		if err := works.Run(ctx); err != nil {
			return fmt.Errorf("working: %w", err)
		}

		return nil
	})
}

type simulatorCommand struct {
	Listen string `default:"127.0.0.1:8090" env:"GENIO_SIMULATOR_LISTEN" help:"Address to listen on."`
	//nolint:lll // a tag has one line
	Journal string           `env:"GENIO_SIMULATOR_JOURNAL" help:"File that keeps what was received beyond the end of the process; it holds personal data in clear." type:"path"`
	Faults  wiring.Simulator `embed:""`
	Log     wiring.Log       `embed:"" prefix:"log-"`
}

// Run plays IO and Twilio until the process is told to stop.
func (c *simulatorCommand) Run(ctx context.Context) error {
	log, err := c.Log.Logger()
	if err != nil {
		return fmt.Errorf("preparing the log: %w", err)
	}

	config := c.Faults.Config()
	config.Journal = c.Journal

	plays, err := simulator.Open(config) //nolint:contextcheck // its Close ends what it does in the background.
	if err != nil {
		return fmt.Errorf("opening the simulator: %w", err)
	}
	defer plays.Close()

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}

	log.Info("simulator ready", zap.String("address", listener.Addr().String()))

	serves := wiring.SimulatorServer(plays)

	go func() {
		<-ctx.Done()

		_ = serves.Close()
	}()

	if err := serves.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}

	return nil
}

func closing(log *zap.Logger, store *db.Store) {
	if err := store.Close(); err != nil {
		log.Warn("database not closed", zap.Error(err))
	}
}
