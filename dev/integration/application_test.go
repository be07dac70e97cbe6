package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	callTimeout = 15 * time.Second
	// patience bounds every wait; the longest story, a message that IO processes late, takes half of it.
	patience = 90 * time.Second
	glance   = 200 * time.Millisecond
)

// application is an Ente's application. It knows the address of the API and its key, and nothing else of GeNIO.
type application struct {
	address string
	key     string
	secrets *secrets
}

// order is what it submits.
type order struct {
	ServiceID         string    `json:"service_id"`
	ExternalReference string    `json:"external_reference,omitempty"`
	Recipient         recipient `json:"recipient"`
	Content           content   `json:"content"`
	SendAt            time.Time `json:"send_at,omitzero"`
	ExpiresAt         time.Time `json:"expires_at,omitzero"`

	idempotencyKey string
}

type recipient struct {
	FiscalCode string `json:"fiscal_code"`
	Phone      string `json:"phone,omitempty"`
}

type content struct {
	Subject  string   `json:"subject"`
	Markdown string   `json:"markdown"`
	Payment  *payment `json:"payment,omitempty"`
	SMSText  string   `json:"sms_text,omitempty"`
}

type payment struct {
	NoticeNumber string `json:"notice_number"`
	AmountCents  int    `json:"amount_cents"`
}

// notice is what it reads back.
type notice struct {
	ID       string    `json:"id"`
	Status   string    `json:"status"`
	Reason   string    `json:"reason"`
	Channel  string    `json:"channel"`
	Run      int       `json:"run"`
	Actions  []string  `json:"actions"`
	Attempts []attempt `json:"attempts"`
}

type attempt struct {
	Channel    string `json:"channel"`
	Status     string `json:"status"`
	Reason     string `json:"reason"`
	ProviderID string `json:"provider_id"`
	Calls      int    `json:"calls"`
}

type timeline struct {
	Source  string  `json:"source"`
	Entries []entry `json:"entries"`
}

type entry struct {
	Code       string    `json:"code"`
	State      string    `json:"state"`
	Reason     string    `json:"reason"`
	Tries      int       `json:"tries"`
	LastReason string    `json:"last_reason"`
	NextTry    time.Time `json:"next_try"`
	Run        int       `json:"run"`
	Detail     string    `json:"detail"`
}

// codes are the kinds of a timeline's entries, with the state of those that did not go well.
func (l timeline) codes() []string {
	codes := make([]string, len(l.Entries))

	for i, told := range l.Entries {
		codes[i] = told.Code
		if told.State != "done" {
			codes[i] += " " + told.State
		}
	}

	return codes
}

// of gives the first entry of a kind.
func (l timeline) of(code string) (entry, bool) {
	for _, told := range l.Entries {
		if told.Code == code {
			return told, true
		}
	}

	return entry{}, false
}

func (l timeline) tellsSchedule() bool {
	_, told := l.of("scheduled")

	return told
}

// call makes one call and decodes its answer into result, unless that is nil or the answer is an error.
func (a application) call(ctx context.Context, method, path string, body, result any, header ...string) (status int, err error) {
	ctx, done := context.WithTimeout(ctx, callTimeout)
	defer done()

	encoded, err := json.Marshal(body)
	if err != nil {
		return 0, fmt.Errorf("encoding a request: %w", err)
	}

	if body == nil {
		encoded = nil
	}

	request, err := http.NewRequestWithContext(ctx, method, a.address+"/api/v1"+path, bytes.NewReader(encoded))
	if err != nil {
		return 0, fmt.Errorf("making a request: %w", err)
	}

	request.Header.Set("Authorization", "Bearer "+a.key)

	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}

	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("calling the API: %w", err)
	}

	answer, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return 0, fmt.Errorf("reading the answer: %w", err)
	}

	if response.StatusCode >= http.StatusBadRequest || result == nil {
		return response.StatusCode, nil
	}

	if err := json.Unmarshal(answer, result); err != nil {
		return 0, fmt.Errorf("decoding the answer: %w", err)
	}

	return response.StatusCode, nil
}

// submit hands a notification in, which must be accepted, and gives its id.
func (a application) submit(t *testing.T, order order) string {
	t.Helper()
	a.secrets.addOrder(order)

	var (
		receipt notice
		header  []string
	)

	if order.idempotencyKey != "" {
		header = []string{"Idempotency-Key", order.idempotencyKey}
	}

	status, err := a.call(t.Context(), http.MethodPost, "/notifications", order, &receipt, header...)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, status)

	return receipt.ID
}

func (a application) read(t *testing.T, id string) notice {
	t.Helper()

	var read notice

	status, err := a.call(t.Context(), http.MethodGet, "/notifications/"+id, nil, &read)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)

	return read
}

func (a application) timeline(t *testing.T, id string) timeline {
	t.Helper()

	var told timeline

	status, err := a.call(t.Context(), http.MethodGet, "/notifications/"+id+"/timeline", nil, &told)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)

	return told
}

// act asks for an action and gives the answer's status.
func (a application) act(t *testing.T, id, action string, body any) int {
	t.Helper()

	status, err := a.call(t.Context(), http.MethodPost, "/notifications/"+id+"/"+action, body, nil)
	require.NoError(t, err)

	return status
}

// await waits until a notification is as wanted.
func (a application) await(t *testing.T, id string, wanted func(notice) bool) notice {
	t.Helper()

	var last notice

	require.Eventually(t, func() bool {
		var now notice

		status, err := a.call(t.Context(), http.MethodGet, "/notifications/"+id, nil, &now)
		if err != nil || status != http.StatusOK {
			return false
		}

		last = now

		return wanted(now)
	}, patience, glance, "the notification did not come so far")

	return last
}

// awaitTimeline waits until a timeline is as wanted.
func (a application) awaitTimeline(t *testing.T, id string, wanted func(timeline) bool) timeline {
	t.Helper()

	var last timeline

	require.Eventually(t, func() bool {
		var now timeline

		status, err := a.call(t.Context(), http.MethodGet, "/notifications/"+id+"/timeline", nil, &now)
		if err != nil || status != http.StatusOK {
			return false
		}

		last = now

		return wanted(now)
	}, patience, glance, "the timeline did not come so far")

	return last
}

func (n notice) final() bool {
	switch n.Status {
	case "delivered", "not_delivered", "failed", "cancelled", "expired":
		return true
	default:
		return false
	}
}

func (n notice) onHold() bool { return n.Status == "on_hold" }

// rests tells that nothing more happens by itself.
func (n notice) rests() bool { return n.final() || n.onHold() }

// ways are the attempts in one line each.
func (n notice) ways() []string {
	ways := make([]string, len(n.Attempts))
	for i, tried := range n.Attempts {
		ways[i] = tried.Channel + " " + tried.Status + " " + tried.Reason
	}

	return ways
}
