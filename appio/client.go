// Package appio is a client of PagoPA's "IO API for Public Administration Services": the calls that tell
// whether a citizen can be reached on the IO app, hand a message over to IO and ask what became of it.
//
// Every call that does not succeed returns a *notification.DeliveryError. Neither its text nor its cause ever
// holds a URL, a key, the recipient or anything that came back from the wire: IO's error details repeat the
// values that were submitted.
package appio

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultTimeout bounds one whole call, from connecting to the last byte of the answer. IO's own gateway waits
// up to 180 s for a function and no response time is published. A message that we give up may still be taken,
// so too short a time makes uncertain outcomes; too long a one lets a few stuck calls hold up a worker. 20 s lies
// between.
const DefaultTimeout = 20 * time.Second

// Limits of the client that New makes when it is given none.
const (
	connectTimeout      = 5 * time.Second
	tlsHandshakeTimeout = 5 * time.Second
	// idleConnTimeout is shorter than the idle timeouts customary at gateways and firewalls: a connection
	// they close while a message is on its way over it makes that message's outcome uncertain.
	idleConnTimeout        = 30 * time.Second
	maxIdleConns           = 100
	maxResponseHeaderBytes = 64 << 10
)

// Errors of New. They never repeat the URL, which may hold a password.
var (
	ErrBaseURL         = errors.New("the base URL of IO must be an absolute http or https URL without user, query and fragment")
	ErrNegativeTimeout = errors.New("the timeout of a call to IO must not be negative")
)

// Config is what a Client needs.
type Config struct {
	// BaseURL is where IO's API begins, such as https://api.io.pagopa.it/api/v1.
	BaseURL string
	// HTTPClient makes the calls; nil: one made for IO. Whatever it says about redirects and cookies is not
	// followed: a redirect would post the citizen's data elsewhere, and a cookie of one Ente's call would
	// travel with another's.
	HTTPClient *http.Client
	// TLS is what the client made for IO protects its calls with, such as the certificate that api-mtls.io.pagopa.it asks for;
	// nil: Go's defaults.
	TLS *tls.Config
	// Timeout bounds each call; 0: DefaultTimeout.
	Timeout time.Duration
	// Told hears what each answer says about the quota of the Ente that the key belongs to; nil: nobody does.
	Told func(key string, limits Limits)
	// Watch is told of each call as it begins, by its operation and never by its address, gives the context to make it in,
	// and hears the answer's HTTP status at the end; 0: no answer came. Nil: nobody watches.
	Watch func(ctx context.Context, operation string) (calling context.Context, ended func(status int))
}

// Client calls the IO API. It holds nothing that belongs to an Ente or a service: the subscription key is an
// argument of each call, so that no two calls can ever mix up their keys. It is safe for concurrent use.
type Client struct {
	baseURL    string
	httpClient *http.Client
	timeout    time.Duration
	told       func(key string, limits Limits)
	watch      func(ctx context.Context, operation string) (context.Context, func(int))
}

// New makes a Client. It fails with ErrBaseURL or ErrNegativeTimeout.
func New(config Config) (*Client, error) {
	baseURL, err := checkedBaseURL(config.BaseURL)
	if err != nil {
		return nil, err
	}

	if config.Timeout < 0 {
		return nil, ErrNegativeTimeout
	}

	httpClient := &http.Client{Transport: newTransport(config.TLS)}

	if config.HTTPClient != nil {
		given := *config.HTTPClient
		httpClient = &given
	}

	httpClient.Jar = nil
	httpClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	client := &Client{
		baseURL: baseURL, httpClient: httpClient, timeout: cmp.Or(config.Timeout, DefaultTimeout), told: config.Told,
		watch: config.Watch,
	}
	if client.told == nil {
		client.told = func(string, Limits) {}
	}

	if client.watch == nil {
		client.watch = func(ctx context.Context, _ string) (context.Context, func(int)) { return ctx, func(int) {} }
	}

	return client, nil
}

func checkedBaseURL(raw string) (string, error) {
	parsed, err := url.Parse(raw)
	if err != nil {
		return "", ErrBaseURL
	}

	if (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Hostname() == "" || parsed.User != nil ||
		parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" {
		return "", ErrBaseURL
	}

	return strings.TrimRight(raw, "/#"), nil
}

// newTransport keeps to HTTP/1.1: on HTTP/2 all Enti would share one connection, and losing it would make
// every call under way uncertain at once.
func newTransport(protection *tls.Config) *http.Transport {
	if protection == nil {
		protection = &tls.Config{MinVersion: tls.VersionTLS12}
	}

	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)

	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSClientConfig:        protection.Clone(),
		TLSHandshakeTimeout:    tlsHandshakeTimeout,
		IdleConnTimeout:        idleConnTimeout,
		MaxIdleConns:           maxIdleConns,
		MaxIdleConnsPerHost:    maxIdleConns,
		MaxResponseHeaderBytes: maxResponseHeaderBytes,
		DisableCompression:     true, // the answers are small, and a compressed one could grow past its limit
		Protocols:              protocols,
	}
}
