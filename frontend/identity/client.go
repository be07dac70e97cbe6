package identity

import (
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	// patience is for one call to the provider: somebody waits before the screen.
	patience = 10 * time.Second
	// MaxAnswer is more than any document or token of a provider takes, in bytes.
	MaxAnswer = 1 << 20
)

// client neither waits for ever nor reads for ever.
func (p *Provider) client() *http.Client {
	return &http.Client{Timeout: patience, Transport: boundedTransport{p.config.Transport}}
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
