package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// connection notes the deadlines that it is given.
type connection struct {
	*httptest.ResponseRecorder

	reading, writing []time.Time
}

func (c *connection) SetReadDeadline(at time.Time) error {
	c.reading = append(c.reading, at)

	return nil
}

func (c *connection) SetWriteDeadline(at time.Time) error {
	c.writing = append(c.writing, at)

	return nil
}

// A body that comes at the least pace is let through; one that stands still has no more time than any other.
func TestABodyHasTheTimeThatItsBytesTake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()

		begin := time.Now()
		noted := &connection{ResponseRecorder: httptest.NewRecorder()}
		body := newPacedBody(io.NopCloser(strings.NewReader(strings.Repeat("x", 3*minPace))), noted)

		for range 3 {
			_, err := io.ReadFull(body, make([]byte, minPace))
			require.NoError(t, err)
			<-time.After(time.Minute) // of the bubble's time, which passes at once
		}

		_, err := body.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)

		last := begin.Add(readTimeout)
		require.Equal(t, []time.Time{last, last.Add(time.Second), last.Add(2 * time.Second), last.Add(3 * time.Second)}, noted.reading)
		require.Equal(t, last.Add(3*time.Second+writeTimeout), noted.writing[len(noted.writing)-1])
	})
}

func TestFewBytesMoveNoDeadline(t *testing.T) {
	t.Parallel()

	noted := &connection{ResponseRecorder: httptest.NewRecorder()}
	body := newPacedBody(io.NopCloser(strings.NewReader("abc")), noted)

	for range 3 {
		_, err := io.ReadFull(body, make([]byte, 1))
		require.NoError(t, err)
	}

	require.Len(t, noted.reading, 1)
}

func TestATableMovesTheDeadlinesWithEachPiece(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()

		begin := time.Now()
		noted := &connection{ResponseRecorder: httptest.NewRecorder()}

		require.NoError(t, tableAnswer{write: func(w io.Writer) error {
			for range 2 {
				_, err := io.WriteString(w, strings.Repeat("x", tableBuffer))
				require.NoError(t, err)
				<-time.After(time.Hour) // of the bubble's time
			}

			return nil
		}}.writeTo(noted))

		require.Equal(t, http.StatusOK, noted.Code)
		require.Equal(t, []time.Time{begin.Add(time.Hour + readTimeout), begin.Add(2*time.Hour + readTimeout)}, noted.reading)
		require.Equal(t, 2*tableBuffer, noted.Body.Len())
	})
}
