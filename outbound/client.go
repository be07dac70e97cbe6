package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	connectTimeout = 5 * time.Second
	idleTimeout    = time.Minute
	// idleConnections and headerBytes keep what a stranger's server makes us hold small.
	idleConnections = 100
	headerBytes     = 16 << 10
)

// errTooMuch: the answer is longer than the client reads.
var errTooMuch = errors.New("the answer is too long")

// Bounds keep a call to a stranger's server short.
type Bounds struct {
	// Time is for the whole call, from looking up the name to the last byte.
	Time time.Duration
	// Bytes are read of an answer's body; beyond them reading fails.
	Bytes int64
}

// Client makes a client that calls only what the guard allows. It follows no redirect: the answer that redirects is the
// answer. It uses no proxy, since whoever connects has to be the one who checks.
func (g *Guard) Client(bounds Bounds) *http.Client {
	return &http.Client{
		Timeout:   bounds.Time,
		Transport: g.Transport(bounds.Bytes),
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// Transport is what Client uses, for clients that somebody else makes. Each address of a redirect is checked as the first.
func (g *Guard) Transport(bytes int64) http.RoundTripper { return g.transport(bytes, nil) }

func (g *Guard) transport(bytes int64, resolver *net.Resolver) http.RoundTripper {
	dialer := &net.Dialer{Timeout: connectTimeout, Control: g.control, Resolver: resolver}

	return &guarded{guard: g, bytes: bytes, next: &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectTimeout,
		MaxIdleConns:           idleConnections,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: headerBytes,
	}}
}

// guarded checks where a request goes before it is sent, and bounds what comes back.
type guarded struct {
	guard *Guard
	bytes int64
	next  http.RoundTripper
}

// RoundTrip is http.RoundTripper's.
func (t *guarded) RoundTrip(request *http.Request) (*http.Response, error) {
	if problem := t.guard.problemOf(request.URL); problem != "" {
		if request.Body != nil {
			_ = request.Body.Close()
		}

		return nil, &RefusedError{problem}
	}

	answer, err := t.next.RoundTrip(request)
	if errors.Is(err, ErrRefused) {
		// The dialer's error has the IP address.
		return nil, &RefusedError{ProblemNetwork}
	}

	if err != nil {
		return nil, fmt.Errorf("calling: %w", err)
	}

	answer.Body = &boundedBody{ReadCloser: answer.Body, left: t.bytes}

	return answer, nil
}

// boundedBody fails where an answer is too long, instead of pretending that it ends.
type boundedBody struct {
	io.ReadCloser

	left int64
}

// Read is io.Reader's.
func (b *boundedBody) Read(into []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooMuch
	}

	// One byte more tells whether there is more.
	if int64(len(into)) > b.left+1 {
		into = into[:b.left+1]
	}

	read, err := b.ReadCloser.Read(into)

	b.left -= int64(read)
	if b.left < 0 {
		return read - 1, errTooMuch
	}

	return read, err //nolint:wrapcheck // io.EOF has to stay one.
}

// Fault is why a call had no answer.
type Fault string

// The faults.
const (
	FaultRefused    Fault = "address_refused" // see [ErrRefused]
	FaultName       Fault = "name_unknown"    // the DNS does not know the host
	FaultTimeout    Fault = "timeout"
	FaultTLS        Fault = "tls" // no valid certificate, or no common version
	FaultConnection Fault = "no_connection"
)

// FaultOf tells why a call had no answer. The error's own text holds the address, which may be a secret in itself.
func FaultOf(err error) Fault {
	if errors.Is(err, ErrRefused) {
		return FaultRefused
	}

	if isTLS(err) {
		return FaultTLS
	}

	timeout, ok := errors.AsType[net.Error](err)
	name, unknown := errors.AsType[*net.DNSError](err)

	switch {
	case errors.Is(err, context.DeadlineExceeded), ok && timeout.Timeout():
		return FaultTimeout
	case unknown && name.IsNotFound:
		return FaultName
	default:
		return FaultConnection
	}
}

func isTLS(err error) bool {
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)

	return unverified || alert || record
}
