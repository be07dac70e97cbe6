package identity

import (
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	// DefaultPatience is for each step with the provider: somebody waits before the screen.
	DefaultPatience = 5 * time.Second
	// DefaultSteps is how many people may be between two steps at the same time: a provider that answers within a tenth of a second
	// signs hundreds in a second, one that never answers holds no more of our connections than these.
	DefaultSteps = 64
	// MaxAnswer is more than any document or token of a provider takes, in bytes.
	MaxAnswer = 1 << 20
)

// client neither waits for ever nor reads for ever.
func (p *Provider) client() *http.Client {
	return &http.Client{Timeout: p.config.Patience, Transport: boundedTransport{p.config.Transport}}
}

type boundedTransport struct{ http.RoundTripper }

// RoundTrip bounds what is read of an answer.
func (t boundedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err //nolint:wrapcheck // the client wraps it
	}

	response.Body = &boundedBody{ReadCloser: response.Body, left: MaxAnswer}

	return response, nil
}

var errTooLong = errors.New("the answer is too long")

type boundedBody struct {
	io.ReadCloser

	left int
}

// Read fails where there is more than the bound.
func (b *boundedBody) Read(into []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}

	read, err := b.ReadCloser.Read(into[:min(len(into), b.left)])
	b.left -= read

	return read, err //nolint:wrapcheck // io.EOF has to stay what it is
}
