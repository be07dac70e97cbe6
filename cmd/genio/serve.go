package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/simulator"
)

type serverCommand struct {
	Listen      string             `default:":8080" env:"GENIO_LISTEN" help:"Address to listen on."`
	Public      wiring.Public      `embed:"" prefix:"public-"`
	Database    wiring.Database    `embed:"" prefix:"database-"`
	Temporal    wiring.Temporal    `embed:"" prefix:"temporal-"`
	FiscalCodes wiring.FiscalCodes `embed:"" prefix:"fiscal-codes-"`
	Trusted     wiring.Trusted     `embed:"" prefix:"trusted-"`
	Access      wiring.Access      `embed:""`
	OIDC        wiring.OIDC        `embed:"" prefix:"oidc-"`
	Outbound    wiring.Outbound    `embed:"" prefix:"outbound-"`
	TwilioToken string             `env:"GENIO_TWILIO_AUTH_TOKEN" hidden:"" required:"" xor:"twilio-token"`
	//nolint:lll // a tag has one line
	TwilioTokenFile string               `env:"GENIO_TWILIO_AUTH_TOKEN_FILE" help:"File with the token that signs Twilio's callbacks, if not in $GENIO_TWILIO_AUTH_TOKEN." required:"" type:"path" xor:"twilio-token"`
	SMSPartPrice    float64              `env:"GENIO_SMS_PART_PRICE" help:"What one part of an SMS costs, in euro, for forecasts."`
	TemporalUI      string               `env:"GENIO_TEMPORAL_UI_URL" help:"The namespace in Temporal's Web UI, for links."`
	Accessibility   wiring.Accessibility `embed:"" prefix:"accessibility-"`
	Log             wiring.Log           `embed:"" prefix:"log-"`
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

	temporal, err := c.Temporal.Connect(log)
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	defer temporal.Close()

	serves.Store, serves.Temporal = store, temporal

	does, err := serves.Gateway()
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}

	log.Info("server ready", zap.String("address", listener.Addr().String()))

	if err := serves.Run(ctx, listener, does); err != nil {
		return fmt.Errorf("serving: %w", err)
	}

	return nil
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

	token, err := wiring.Secret(c.TwilioToken, c.TwilioTokenFile)
	if err != nil {
		return wiring.Server{}, fmt.Errorf("reading Twilio's auth token: %w", err)
	}

	provider, err := c.OIDC.Provider(publicURL, c.Outbound)
	if err != nil {
		return wiring.Server{}, fmt.Errorf("preparing the OpenID provider: %w", err)
	}

	return wiring.Server{
		RequireSecondFactor: c.Access.RequireSecondFactor, Provider: provider,
		FiscalCodes: c.FiscalCodes, PublicURL: publicURL, Outbound: c.Outbound, TrustedProxies: proxies, TwilioToken: token,
		SMSPartPrice: c.SMSPartPrice, TemporalUI: c.TemporalUI, Accessibility: c.Accessibility, Log: log,
	}, nil
}

type workerCommand struct {
	Public      wiring.Public      `embed:"" prefix:"public-"`
	Database    wiring.Database    `embed:"" prefix:"database-"`
	Temporal    wiring.Temporal    `embed:"" prefix:"temporal-"`
	IO          wiring.IO          `embed:"" prefix:"io-"`
	Twilio      wiring.Twilio      `embed:"" prefix:"twilio-"`
	Outbound    wiring.Outbound    `embed:"" prefix:"outbound-"`
	FiscalCodes wiring.FiscalCodes `embed:"" prefix:"fiscal-codes-"`
	Log         wiring.Log         `embed:"" prefix:"log-"`
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

	temporal, err := c.Temporal.Connect(log)
	if err != nil {
		return fmt.Errorf("starting the worker: %w", err)
	}
	defer temporal.Close()

	works := wiring.Worker{
		Store: store, Temporal: temporal, Namespace: c.Temporal.Namespace, IO: c.IO, Twilio: c.Twilio,
		FiscalCodes: c.FiscalCodes, PublicURL: publicURL, Outbound: c.Outbound, Log: log,
	}
	if err := works.Run(ctx); err != nil {
		return fmt.Errorf("working: %w", err)
	}

	return nil
}

type simulatorCommand struct {
	Listen string           `default:"127.0.0.1:8090" env:"GENIO_SIMULATOR_LISTEN" help:"Address to listen on."`
	Faults wiring.Simulator `embed:""`
	Log    wiring.Log       `embed:"" prefix:"log-"`
}

// Run plays IO and Twilio until the process is told to stop.
func (c *simulatorCommand) Run(ctx context.Context) error {
	log, err := c.Log.Logger()
	if err != nil {
		return fmt.Errorf("preparing the log: %w", err)
	}

	plays := simulator.New(c.Faults.Config()) //nolint:contextcheck // its Close ends what it does in the background.
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
