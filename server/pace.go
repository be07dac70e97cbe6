package server

import (
	"io"
	"net/http"
	"time"
)

// minPace is how many bytes a second a large body has to come with, on the average: what the slowest line of an office
// manages, and far more than somebody who only wants to keep a connection busy.
const minPace = 16 << 10

// pacedBody lets a large body take longer than the server's own bound, as long as it keeps coming: the connection's
// deadlines move on with what has arrived.
type pacedBody struct {
	io.ReadCloser

	connection *http.ResponseController
	begin      time.Time
	arrived    int64
	until      time.Time
}

func newPacedBody(body io.ReadCloser, w http.ResponseWriter) *pacedBody {
	return &pacedBody{ReadCloser: body, connection: http.NewResponseController(w), begin: time.Now()}
}

// Read moves the deadlines and reads on.
func (b *pacedBody) Read(into []byte) (int, error) {
	until := b.begin.Add(readTimeout + time.Duration(b.arrived)*time.Second/minPace)
	// Not for each few bytes.
	if until.Sub(b.until) >= time.Second {
		b.until = until
		moveDeadlines(b.connection, until)
	}

	n, err := b.ReadCloser.Read(into)
	b.arrived += int64(n)

	return n, err //nolint:wrapcheck // a reader's errors are its caller's to understand
}

// moveDeadlines lets the connection be read until a moment, and the answer be written for as long as ever after that.
// Where a connection has no deadlines, as in some tests, there are none to move.
func moveDeadlines(connection *http.ResponseController, until time.Time) {
	_ = connection.SetReadDeadline(until)
	_ = connection.SetWriteDeadline(until.Add(writeTimeout))
}
