package simulator

import (
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// maxWebhooks bounds what the receiver keeps.
const maxWebhooks = 1000

// ReceivedWebhook is a call to the stand-in of an Ente's webhook receiver.
type ReceivedWebhook struct {
	At        time.Time   `json:"at"`
	Behaviour string      `json:"behaviour"`
	Method    string      `json:"method"`
	Query     string      `json:"query"`
	Header    http.Header `json:"header"`
	Body      string      `json:"body"`
	// Answered is the status that the receiver answered with; 0 for none.
	Answered int `json:"answered"`
}

// webhookReceiver stands in for an application of an Ente. The last part of the path says how it behaves: "fail"
// always answers 500, "gone" 410, "flaky" 503 at first, "hang" never answers, anything else 204.
type webhookReceiver struct {
	mu       sync.Mutex
	received []ReceivedWebhook
}

func newWebhookReceiver() *webhookReceiver { return &webhookReceiver{} }

// Webhooks lists what an Ente's receiver got, oldest first.
func (s *Simulator) Webhooks() []ReceivedWebhook {
	s.webhooks.mu.Lock()
	defer s.webhooks.mu.Unlock()

	return append([]ReceivedWebhook{}, s.webhooks.received...)
}

func (s *Simulator) receiveWebhook(c echo.Context) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxBodyBytes))
	if err != nil {
		return echo.NewHTTPError(http.StatusRequestEntityTooLarge)
	}

	webhook := ReceivedWebhook{
		At: time.Now(), Behaviour: c.Param("behaviour"), Method: c.Request().Method, Query: c.QueryString(),
		Header: c.Request().Header.Clone(), Body: string(body),
	}
	webhook.Answered = s.webhookAnswer(webhook.Behaviour)
	s.webhooks.keep(webhook)

	if webhook.Answered == 0 {
		return s.hang(c)
	}

	return c.NoContent(webhook.Answered)
}

func (s *Simulator) webhookAnswer(behaviour string) int {
	switch {
	case behaviour == "fail":
		return http.StatusInternalServerError
	case behaviour == "gone":
		return http.StatusGone
	case behaviour == "hang":
		return 0
	case behaviour == "flaky" && s.refuse("webhook", behaviour):
		return http.StatusServiceUnavailable
	default:
		return http.StatusNoContent
	}
}

func (s *Simulator) listWebhooks(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string][]ReceivedWebhook{"received": s.Webhooks()})
}

func (w *webhookReceiver) keep(webhook ReceivedWebhook) {
	w.mu.Lock()
	defer w.mu.Unlock()

	if len(w.received) == maxWebhooks {
		w.received = append([]ReceivedWebhook{}, w.received[1:]...)
	}

	w.received = append(w.received, webhook)
}

func (w *webhookReceiver) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()

	w.received = nil
}
