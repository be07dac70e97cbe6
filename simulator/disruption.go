package simulator

import (
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// errCut is what a handler returns that wants its connection cut. The cut comes last of all, so that the caller who
// notices it finds the ledger complete.
var errCut = errors.New("the connection is to be cut")

// pause waits for a duration, or less where the caller gives up or the simulator is closed.
func (s *Simulator) pause(c echo.Context, duration time.Duration) {
	if duration <= 0 {
		return
	}

	timer := time.NewTimer(duration)
	defer timer.Stop()

	select {
	case <-timer.C:
	case <-c.Request().Context().Done():
	case <-s.closing.Done():
	}
}

// hang never answers: it holds the call until the caller gives up or [Config.HangTime] is over, then cuts.
func (s *Simulator) hang(c echo.Context) error {
	s.pause(c, s.config.HangTime)

	return errCut
}

// answerError cuts where a handler asks for it, and otherwise answers as Echo does.
func (s *Simulator) answerError(err error, c echo.Context) {
	if errors.Is(err, errCut) {
		cut(c)

		return
	}

	s.echo.DefaultHTTPErrorHandler(err, c)
}

// cut resets the connection without an answer.
func cut(c echo.Context) {
	connection, _, err := http.NewResponseController(c.Response().Writer).Hijack()
	if err != nil {
		// HTTP/2 has no connection to take over; the nearest to no answer is the one of a gateway that got none.
		c.Response().WriteHeader(http.StatusGatewayTimeout)

		return
	}

	// Keeps Echo from writing an answer to a connection that is gone.
	c.Response().Committed = true

	if tcp, isTCP := connection.(*net.TCPConn); isTCP {
		_ = tcp.SetLinger(0) // reset rather than an orderly end; without it the cut is still a cut
	}

	_ = connection.Close() // nobody is left to tell
}
