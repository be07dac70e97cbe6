package wiring

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/identity"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/server"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/telemetry"
)

// Server is everything that a server process needs.
type Server struct {
	Store       *db.Store
	Temporal    client.Client
	FiscalCodes FiscalCodes
	// PublicURL is in its normal form, see Public.Address.
	PublicURL   string
	TwilioToken string
	// TwilioOtherToken also signs callbacks, while tokens are exchanged; empty: none.
	TwilioOtherToken string
	// TLS ends TLS here; nil: plain HTTP, behind a proxy.
	TLS *tls.Config
	// Outbound says where webhooks may be.
	Outbound Outbound
	// TrustedProxies are the networks whose X-Forwarded-For is believed; none: nobody's is.
	TrustedProxies []*net.IPNet
	// Limits bound the requests to the API; the zero value bounds none.
	Limits server.Limits
	// BackofficeNetworks are those from which the pages may be reached; none: from anywhere.
	BackofficeNetworks []*net.IPNet
	// SecurityContact is whom a finder of a weakness writes to, as a URI; empty: nobody is named.
	SecurityContact string
	// AlsoAllowPhones pass whatever the numbering plan says: a simulator's.
	AlsoAllowPhones []string
	// SMSPartPrice is what one part of an SMS costs, in euro; 0: not known, and no forecast names a cost.
	SMSPartPrice float64
	// TemporalUI is the address of the namespace in Temporal's Web UI; empty: no links.
	TemporalUI string
	// Accessibility is what the body that runs GeNIO declares.
	Accessibility Accessibility
	// RequireSecondFactor: see Access.
	RequireSecondFactor bool
	// Provider signs people in elsewhere; nil: there is none.
	Provider *identity.Provider
	Demo     []frontend.DemoLogin
	// DrainDelay is how long a server that ends says so at /readyz, and goes on, before it stops to listen: load balancers
	// need that long to notice.
	DrainDelay time.Duration
	// Life is told how far the server is; nil: nobody looks.
	Life *Life
	// Telemetry may be nil.
	Telemetry *telemetry.Telemetry
	Log       *zap.Logger
}

const (
	microsOfAEuro = 1_000_000
	// registerAge is within what anybody expects who ends a key on another server.
	registerAge = time.Second
)

// Gateway builds the use cases. They start workflows while their Starter runs.
func (s Server) Gateway() (*gateway.Gateway, error) {
	codes, err := fiscalcode.NewValidator(s.FiscalCodes.Allow)
	if err != nil {
		return nil, fmt.Errorf("reading the allowed fiscal codes: %w", err)
	}

	guard, err := s.Outbound.Guard()
	if err != nil {
		return nil, err
	}

	return gateway.New(gateway.Config{
		Outbound:    guard,
		Store:       s.Store,
		Temporal:    s.Temporal,
		FiscalCodes: codes,
		Phones:      sms.PhoneRules{AlsoAllow: s.AlsoAllowPhones},
		Starter:     gateway.NewStarter(s.Store, s.Temporal, s.Log.Named("starter")),
		PublicURL:   s.PublicURL,
		TwilioToken: s.TwilioToken,

		TwilioOtherToken: s.TwilioOtherToken,
		Remember:         registerAge,
		Metrics:          s.Telemetry.Measures(),
		Log:              s.Log.Named("gateway"),

		SMSPartPriceMicros: int64(math.Round(s.SMSPartPrice * microsOfAEuro)),
	}), nil
}

// Run serves API and backoffice on the listener until ctx ends, and then lets requests under way finish.
func (s Server) Run(ctx context.Context, listener net.Listener, does *gateway.Gateway) error {
	serves, err := s.server(does) //nolint:contextcheck // reading the contract needs no deadline.
	if err != nil {
		return err
	}

	if s.TLS != nil {
		listener = tls.NewListener(listener, s.TLS)
	}

	var background sync.WaitGroup

	starting, stopStarting := context.WithCancel(context.WithoutCancel(ctx))

	background.Go(func() { does.Starter.Run(starting) })
	background.Go(func() { s.forgetSessions(starting) })

	ended := make(chan error, 1)
	go func() { ended <- serves.Start(listener) }()

	s.Life.enter(PhaseReady)

	select {
	case err = <-ended:
	case <-ctx.Done():
		err = errors.Join(s.drain(serves, ended), shutDown(ctx, serves))
	}

	// Last, so that what the last requests accepted is still started, as far as that goes at once.
	finish(ctx, does.Starter)
	stopStarting()
	background.Wait()

	return err
}

// drain lets load balancers notice that the server is about to end, while it still answers.
func (s Server) drain(serves *server.Server, ended <-chan error) error {
	s.Life.enter(PhaseDraining)
	serves.Drain()

	if s.DrainDelay == 0 {
		return nil
	}

	s.Log.Info("server draining", zap.Duration("delay", s.DrainDelay))

	select {
	case err := <-ended:
		return err
	case <-time.After(s.DrainDelay):
		return nil
	}
}

// forgetSessions removes expired sessions, and with them what they hold, until ctx ends.
func (s Server) forgetSessions(ctx context.Context) {
	again := time.NewTicker(sessionsForgotten)
	defer again.Stop()

	for {
		if _, err := s.Store.Sessions().DeleteExpired(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("expired sessions not removed", zap.Error(err))
		}

		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// finish leaves what cannot be started now, as while Temporal is away, to another process or to the next start.
func finish(ctx context.Context, starter *gateway.Starter) {
	patience, done := context.WithTimeout(context.WithoutCancel(ctx), finishPatience)
	defer done()

	starter.Finish(patience)
}

func shutDown(ctx context.Context, serves *server.Server) error {
	patience, done := context.WithTimeout(context.WithoutCancel(ctx), shutdownPatience)
	defer done()

	if err := serves.Shutdown(patience); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("shutting down: %w", err)
	}

	return nil
}

func (s Server) server(does *gateway.Gateway) (*server.Server, error) {
	pages, err := frontend.New(frontend.Config{
		Gateway:       does,
		Sessions:      s.Store.Sessions(),
		Log:           s.Log.Named("frontend"),
		PublicURL:     s.PublicURL,
		SecureCookies: strings.HasPrefix(s.PublicURL, "https://"),
		TemporalUI:    s.TemporalUI,
		Accessibility: frontend.Accessibility(s.Accessibility),
		Demo:          s.Demo,
		PausesInForce: does.PausesInForce,
		OpenFindings:  does.OpenFindings,
		Provider:      s.Provider,

		RequireSecondFactor: s.RequireSecondFactor,
	})
	if err != nil {
		return nil, fmt.Errorf("building the backoffice: %w", err)
	}

	serves, err := server.New(server.Config{
		Gateway: does, Frontend: pages.Handler(), PublicURL: s.PublicURL, TrustedProxies: s.TrustedProxies,
		Telemetry: s.Telemetry, Limits: s.Limits, FrontendNetworks: s.BackofficeNetworks, SecurityContact: s.SecurityContact,
		Log: s.Log.Named("server"),
	})
	if err != nil {
		return nil, fmt.Errorf("building the server: %w", err)
	}

	return serves, nil
}
