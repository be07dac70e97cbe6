package appio_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
)

const (
	enti          = 50
	callsEach     = 10
	callsPerRound = 3
)

// enteServer answers each call in a way that only its own caller expects, and checks that each key comes with
// its own citizen.
type enteServer struct {
	t *testing.T

	mu    sync.Mutex
	calls map[string]int // by the Ente's number
}

func (s *enteServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number := strings.TrimPrefix(r.Header.Get("Ocp-Apim-Subscription-Key"), "key-of-ente-")
	if recipientOf(r) != citizenOf(number) {
		s.t.Errorf("the key of ente %s came with another's citizen", number)
	}

	s.mu.Lock()
	s.calls[number]++
	s.mu.Unlock()

	switch {
	case r.Method == http.MethodGet:
		_, _ = fmt.Fprintf(w, `{"status":%q}`, statusOf(number))
	case r.URL.Path == "/messages":
		w.WriteHeader(http.StatusCreated)

		_, _ = fmt.Fprintf(w, `{"id":"message-%s"}`, number)
	default:
		_, _ = io.WriteString(w, `{"sender_allowed":true}`)
	}
}

func recipientOf(r *http.Request) string {
	if r.Method == http.MethodGet {
		return strings.Split(r.URL.Path, "/")[2]
	}

	var body struct {
		FiscalCode string `json:"fiscal_code"`
	}

	err := json.NewDecoder(r.Body).Decode(&body)
	if err != nil {
		return ""
	}

	return body.FiscalCode
}

func citizenOf(number string) string { return "RSSMRA80A01H5" + number }

// statusOf is a word of letters only, as a status has to be.
func statusOf(number string) string {
	return "ENTE_" + strings.Map(func(digit rune) rune { return digit - '0' + 'A' }, number)
}

// Many Enti call through one client at the same time; each key must only ever come with its own citizens, and
// each answer must come back to its own caller.
func TestKeysNeverMixUp(t *testing.T) {
	t.Parallel()

	handler := &enteServer{t: t, calls: map[string]int{}}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	client := clientOf(t, appio.Config{BaseURL: server.URL})

	var group sync.WaitGroup

	for ente := range enti {
		group.Go(func() {
			for range callsEach {
				callAsEnte(t, client, fmt.Sprintf("%03d", ente))
			}
		})
	}

	group.Wait()
	require.Len(t, handler.calls, enti)

	for number, count := range handler.calls {
		require.Equal(t, callsEach*callsPerRound, count, "calls of ente %s", number)
	}
}

// callAsEnte runs beside the test's own goroutine, where require must not be used.
func callAsEnte(t *testing.T, client *appio.Client, number string) {
	t.Helper()

	own := "key-of-ente-" + number

	profile, err := client.Profile(t.Context(), own, citizenOf(number))
	if err != nil || !profile.SenderAllowed {
		t.Errorf("profile of ente %s: %v", number, err)
	}

	message := simpleMessage()
	message.FiscalCode = citizenOf(number)

	id, err := client.Submit(t.Context(), own, message)
	if err != nil || id != "message-"+number {
		t.Errorf("submit of ente %s: id %q, %v", number, id, err)
	}

	status, err := client.Status(t.Context(), own, citizenOf(number), id)
	if err != nil || status.Raw != statusOf(number) {
		t.Errorf("status of ente %s: %q, %v", number, status.Raw, err)
	}
}
