package appio

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

var errBodyWithdrawn = errors.New("the call was given up before its body was taken")

// onceBody is a request body that can be sent once only, and can be withdrawn as long as nobody has begun to
// read it. It answers the question on which everything hangs, "can IO have got this message?", by
// construction: without a body there is no message, and a body that was withdrawn can never be sent any more,
// whatever the transport still does in its own goroutines. A trace hook would only tell what had happened
// up to the moment of asking.
//
// A request with such a body has no GetBody, so net/http cannot send it a second time either, as it otherwise
// may on connections it reuses.
type onceBody struct {
	mu        sync.Mutex
	reader    *bytes.Reader
	taken     bool
	withdrawn bool
}

func newOnceBody(content []byte) *onceBody {
	return &onceBody{reader: bytes.NewReader(content)}
}

// Read hands out the body, unless it was withdrawn.
func (b *onceBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.withdrawn {
		return 0, errBodyWithdrawn
	}

	b.taken = true

	return b.reader.Read(p) //nolint:wrapcheck // io.EOF must stay as it is
}

// Close does nothing: the bytes are in memory.
func (b *onceBody) Close() error { return nil }

// withdraw forbids any further reading, and tells whether it came before the first.
func (b *onceBody) withdraw() bool {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.withdrawn = true

	return !b.taken
}

var _ io.ReadCloser = (*onceBody)(nil)
