// Package server is GeNIO's HTTP side: API v1 after its OpenAPI contract, the providers' webhooks, the documentation
// and the place where the backoffice is mounted. It translates between HTTP and the use cases and decides nothing.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/telemetry"
)

// Where things are.
const (
	apiPath           = "/api/v1"
	everythingElse    = "/*"
	twilioWebhookPath = "/webhooks/twilio/status"
)

// Bounds of one connection. A recipient check waits for its turn in IO's quota, so that an answer may take a while.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 60 * time.Second
	writeTimeout  = 90 * time.Second
	idleTimeout   = 120 * time.Second
	maxHeaderSize = 32 << 10
)

// Config is what a Server needs.
type Config struct {
	Gateway Gateway
	// Frontend serves everything that is neither API nor documentation nor webhook; nil for an API alone. It finds
	// the client's address in RemoteAddr, also behind TrustedProxies.
	Frontend http.Handler
	// PublicURL is where clients and providers reach the server, without a slash at the end. Empty: as in development,
	// where links are relative.
	PublicURL string
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []*net.IPNet
	// FrontendNetworks are those from which the Frontend may be reached; none: from anywhere.
	FrontendNetworks []*net.IPNet
	// SecurityContact is whom a finder of a weakness writes to, as a URI; empty: nobody is named.
	SecurityContact string
	// Limits bound the requests to the API; the zero value bounds none.
	Limits Limits
	// Telemetry measures and follows requests; nil: nobody does.
	Telemetry *telemetry.Telemetry
	Log       *zap.Logger
	// Clock tells the time by which requests are counted; nil is time.Now.
	Clock func() time.Time
}

// Server answers HTTP. Make it with New.
type Server struct {
	echo     *echo.Echo
	http     *http.Server
	draining *draining
}

// New builds a Server that listens nowhere yet. It fails where the contract or the documentation cannot be built.
func New(config Config) (*Server, error) {
	if config.Gateway == nil || config.Log == nil {
		return nil, errors.New("building the server: a gateway and a log are needed")
	}

	config.PublicURL = strings.TrimSuffix(config.PublicURL, "/")
	if config.Clock == nil {
		config.Clock = time.Now
	}

	contract, err := Contract(config.PublicURL)
	if err != nil {
		return nil, err
	}

	documentation, err := newDocumentation(contract, config.PublicURL)
	if err != nil {
		return nil, err
	}

	ends := &draining{}
	e := newEcho(config)
	e.Use(ends.leave)
	registerOperations(e, contract, &operations{
		gateway: config.Gateway, form: batchFormOf(contract),
		limiter: newLimiter(config.Limits, config.Clock), bulks: gateway.NewAtOnce(bulksAtOnce),
	})
	documentation.register(e)

	if err := registerSecurityContact(e, config); err != nil {
		return nil, err
	}

	e.POST(twilioWebhookPath, webhooks{gateway: config.Gateway, log: config.Log}.twilioStatus)
	e.Match(readMethods(), livePath, live)
	e.Match(readMethods(), readyPath, ready(config.Gateway, ends))
	e.Any(everythingElse, mounted(config.Frontend, config.FrontendNetworks))

	return &Server{echo: e, http: newHTTPServer(e, config.Log), draining: ends}, nil
}

// Handler answers requests without a listener of its own.
func (s *Server) Handler() http.Handler { return s.echo }

// Start answers requests on the listener until Shutdown.
func (s *Server) Start(listener net.Listener) error {
	if err := s.http.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving HTTP: %w", err)
	}

	return nil
}

// Shutdown takes no more requests and waits for those under way until the context ends.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return fmt.Errorf("shutting the HTTP server down: %w", err)
	}

	return nil
}

func newEcho(config Config) *echo.Echo {
	e := echo.New()
	e.HideBanner = true
	e.HidePort = true
	e.Logger.SetOutput(io.Discard) // its lines may hold addresses; ours are written by logAccess
	e.HTTPErrorHandler = problemWriter{publicURL: config.PublicURL, log: config.Log}.write
	e.IPExtractor = addressOf(config.TrustedProxies)
	e.Use(
		identify,
		logAccess(config.Log, config.Telemetry),
		harden(strings.HasPrefix(config.PublicURL, "https://")),
		recoverPanic(config.Log),
	)

	return e
}

// addressOf reads the client's address from the connection, or from what trusted proxies say.
func addressOf(proxies []*net.IPNet) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}

	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, proxy := range proxies {
		trust = append(trust, echo.TrustIPRange(proxy))
	}

	return echo.ExtractIPFromXFFHeader(trust...)
}

// notFromHere is what somebody reads whose network is not one of the Frontend's.
const notFromHere = "Questa pagina non è raggiungibile dalla tua rete.\nThis page cannot be reached from your network.\n"

// mounted passes requests on to the frontend.
func mounted(frontend http.Handler, networks []*net.IPNet) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch {
		case frontend == nil:
			return fail(ProblemNotFound)
		case len(networks) > 0 && !within(networks, c.RealIP()):
			return c.String(http.StatusForbidden, notFromHere)
		}

		c.Request().RemoteAddr = net.JoinHostPort(c.RealIP(), "0")
		frontend.ServeHTTP(c.Response(), c.Request())

		return nil
	}
}

// within tells whether an address lies in one of the networks. One that cannot be read lies in none.
func within(networks []*net.IPNet, address string) bool {
	parsed := net.ParseIP(address)

	return slices.ContainsFunc(networks, func(network *net.IPNet) bool { return parsed != nil && network.Contains(parsed) })
}

func newHTTPServer(handler http.Handler, log *zap.Logger) *http.Server {
	// Errors of single connections, mostly of clients that speak no HTTP.
	connectionLog, err := zap.NewStdLogAt(log, zapcore.DebugLevel)
	if err != nil {
		connectionLog = nil
	}

	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderSize,
		ErrorLog:          connectionLog,
	}
}
