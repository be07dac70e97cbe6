package allinone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/dev/demo"
	"github.com/genio-gateway/genio/dev/temporalserver"
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/workflows"
)

// AllInOne is the whole of GeNIO in this process.
type AllInOne struct {
	Addresses Addresses
	Demo      demo.Setting
	Gateway   *gateway.Gateway
	Store     *db.Store
	Temporal  client.Client
	Simulator *simulator.Simulator
	Telemetry *telemetry.Telemetry

	log        *zap.Logger
	engine     *temporalserver.Server
	webUI      *temporalserver.WebUI
	stopServer context.CancelFunc
	stopWorker context.CancelFunc
	stopAdmin  func() // before the database is closed, from which metrics are read
	closeTold  func()
	plays      *http.Server
	running    sync.WaitGroup
	failed     chan error
}

// Addresses is where everything can be reached.
type Addresses struct {
	Public     string // API and backoffice
	TemporalUI string
	Temporal   string // host and port
	Simulator  string
	Admin      string // metrics
}

// Start starts everything and returns once requests are answered. Stop ends it.
func Start(ctx context.Context, settings Settings, log *zap.Logger) (*AllInOne, error) {
	// Files in here are for their owner only: they hold keys and what they encrypt.
	if err := os.MkdirAll(settings.Data, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}

	listeners, err := listen(settings)
	if err != nil {
		return nil, err
	}

	all := &AllInOne{log: log, failed: make(chan error, 1), Addresses: listeners.addresses()}

	if err := all.start(ctx, settings, listeners); err != nil {
		all.Stop()

		return nil, err
	}

	return all, nil
}

func (a *AllInOne) start(ctx context.Context, settings Settings, listeners listeners) error {
	//nolint:contextcheck // the simulators live until Stop, longer than this call.
	if err := a.startSimulator(settings, listeners.simulator); err != nil {
		return err
	}

	if err := a.openStore(ctx, settings); err != nil {
		return err
	}

	if err := a.startTelling(ctx, settings, listeners.admin); err != nil {
		return err
	}

	if err := a.startTemporal(ctx, settings, listeners); err != nil {
		return err
	}

	setting, err := demo.Prepare(ctx, a.Store, settings.file("demo.json"))
	if err != nil {
		return fmt.Errorf("preparing the demonstration: %w", err)
	}

	a.Demo = setting
	a.registerIOKeys()
	a.startWorker(ctx)

	if err := a.startServer(ctx, listeners.public); err != nil {
		return err
	}

	if !settings.NoDemo && setting.First {
		if err := a.addWebhook(ctx); err != nil {
			return err
		}

		a.running.Go(func() { demo.Play(ctx, a.Gateway, a.Simulator, setting, a.log.Named("demo")) })
	}

	return nil
}

// addWebhook has the simulator's receiver told of the demonstration's notifications.
func (a *AllInOne) addWebhook(ctx context.Context) error {
	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "demo", Name: "demo"}
	wish := gateway.WebhookWish{EnteID: a.Demo.EnteID, URL: a.Addresses.Simulator + "/webhooks/ok"}

	if _, _, err := a.Gateway.AddWebhook(ctx, system, wish); err != nil {
		return fmt.Errorf("adding the demonstration's webhook: %w", err)
	}

	return nil
}

// Failed tells when a part could not go on.
func (a *AllInOne) Failed() <-chan error { return a.failed }

// Stop ends everything in the order in which the parts need each other.
func (a *AllInOne) Stop() {
	for _, stop := range []context.CancelFunc{a.stopServer, a.stopWorker} {
		if stop != nil {
			stop()
		}
	}

	a.running.Wait()

	if a.stopAdmin != nil {
		a.stopAdmin()
	}

	if a.webUI != nil {
		a.webUI.Stop()
	}

	if a.Temporal != nil {
		a.Temporal.Close()
	}

	if a.engine != nil {
		a.note(a.engine.Stop())
	}

	if a.plays != nil {
		a.note(a.plays.Close())
		a.Simulator.Close()
	}

	if a.Store != nil {
		a.note(a.Store.Close())
	}

	a.stopTelling()
}

func (a *AllInOne) note(err error) {
	if err != nil {
		a.log.Warn("stopping", zap.Error(err))
	}
}

func (a *AllInOne) fail(err error) {
	select {
	case a.failed <- err:
	default:
	}
}

func (a *AllInOne) startSimulator(settings Settings, listener net.Listener) error {
	config := settings.Faults.Config()
	config.AcceptAnyKey = false
	// IO and Twilio would not forget either what they took before GeNIO was stopped or killed.
	config.Journal = settings.file("simulator.jsonl")
	config.Twilio.AccountSID, config.Twilio.AuthToken = twilioAccount, twilioToken
	config.OIDC = a.oidcConfig()

	if settings.Simulate != nil {
		settings.Simulate(&config)
	}

	plays, err := simulator.Open(config)
	if err != nil {
		return fmt.Errorf("opening the simulators: %w", err)
	}

	a.Simulator, a.plays = plays, wiring.SimulatorServer(plays)

	go func() {
		if err := a.plays.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.fail(fmt.Errorf("serving the simulators: %w", err))
		}
	}()

	return nil
}

func (a *AllInOne) openStore(ctx context.Context, settings Settings) error {
	url := "sqlite:" + settings.file("genio.db")

	keys, err := db.LoadOrCreateKeys(settings.file("keys.json"))
	if err != nil {
		return fmt.Errorf("loading the encryption keys: %w", err)
	}

	if err := db.Migrate(ctx, url); err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}

	if a.Store, err = db.Open(ctx, db.Config{URL: url, Keys: keys, Log: a.log.Named("db")}); err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}

	return nil
}

func (a *AllInOne) startTemporal(ctx context.Context, settings Settings, listeners listeners) error {
	engine, err := temporalserver.Start(temporalserver.Config{
		File: settings.file("temporal.db"), Port: settings.TemporalPort, Namespace: namespace,
		OnePartition: workflows.FairTaskQueues(),
		// The server tells much that means nothing here; its warnings are for its own operators.
		Log: a.log.Named("temporal-server").WithOptions(zap.IncreaseLevel(zap.ErrorLevel)),
	})
	if err != nil {
		return fmt.Errorf("starting Temporal: %w", err)
	}

	a.engine, a.Addresses.Temporal = engine, engine.Address()

	a.Temporal, err = wiring.Temporal{Address: engine.Address(), Namespace: namespace, Telemetry: a.Telemetry}.Connect(a.log)
	if err != nil {
		return fmt.Errorf("connecting to Temporal: %w", err)
	}

	a.Telemetry.Metrics.Pool(a.Store.Pool())
	a.Telemetry.Metrics.Read(wiring.Readings(a.Store, a.Temporal, namespace))

	a.webUI = temporalserver.StartWebUI(listeners.releaseUI(), engine.Address(), namespace)

	go func() {
		select {
		case err := <-a.webUI.Failed():
			a.fail(err)
		case <-ctx.Done():
		}
	}()

	return nil
}

// registerIOKeys tells the simulator which service each key of the demonstration stands for.
func (a *AllInOne) registerIOKeys() {
	for key, owner := range a.Demo.IOKeys() {
		a.Simulator.RegisterKey(key, owner)
	}

	if a.Demo.ManageKey == "" {
		return // a demonstration of before the import from IO
	}

	a.Simulator.RegisterManageKey(a.Demo.ManageKey, a.Demo.EnteID)

	for _, service := range a.Demo.OnIO() {
		a.Simulator.RegisterService(service)
	}
}

func (a *AllInOne) startWorker(ctx context.Context) {
	works := wiring.Worker{
		Store: a.Store, Temporal: a.Temporal, Namespace: namespace, PublicURL: a.Addresses.Public, Log: a.log.Named("worker"),
		Telemetry: a.Telemetry, Outbound: outboundInside(),
		IO:     wiring.IO{URL: a.Addresses.Simulator + "/io/api/v1", CallsPerSecond: ioCallsPerSecond},
		Twilio: wiring.Twilio{URL: a.Addresses.Simulator + "/twilio", AccountSID: twilioAccount, AuthToken: twilioToken},
	}

	ctx, a.stopWorker = context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // Stop calls it.

	a.running.Go(func() {
		if err := works.Run(ctx); err != nil {
			a.fail(fmt.Errorf("working: %w", err))
		}
	})
}

func (a *AllInOne) startServer(ctx context.Context, listener net.Listener) error {
	provider, err := a.oidc().Provider(a.Addresses.Public, wiring.Outbound{})
	if err != nil {
		return fmt.Errorf("preparing the provider of identities: %w", err)
	}

	serves := wiring.Server{
		Provider: provider,
		Store:    a.Store, Temporal: a.Temporal, PublicURL: a.Addresses.Public, TwilioToken: twilioToken,
		TemporalUI: a.Addresses.TemporalUI + "/namespaces/" + namespace,
		Demo:       demoLogins(a.Demo), Telemetry: a.Telemetry, Log: a.log,
		SMSPartPrice: demo.SMSPartPrice, Outbound: outboundInside(),
	}

	does, err := serves.Gateway()
	if err != nil {
		return fmt.Errorf("building the gateway: %w", err)
	}

	a.Gateway = does
	ctx, a.stopServer = context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // Stop calls it.

	a.running.Go(func() {
		if err := serves.Run(ctx, listener, does); err != nil {
			a.fail(fmt.Errorf("serving: %w", err))
		}
	})

	return nil
}

// outboundInside lets webhooks be on this machine, where the simulator's receiver is.
func outboundInside() wiring.Outbound {
	return wiring.Outbound{Allow: []string{"127.0.0.0/8", "::1/128"}, HTTP: true}
}

func demoLogins(setting demo.Setting) []frontend.DemoLogin {
	logins := make([]frontend.DemoLogin, len(setting.Logins))
	for i, login := range setting.Logins {
		logins[i] = frontend.DemoLogin{Email: login.Email, Password: login.Password, Label: login.Label}
	}

	return logins
}

func address(port int) string { return "http://" + net.JoinHostPort(loopback, strconv.Itoa(port)) }
