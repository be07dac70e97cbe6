package sms_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/sms/smstest"
)

const (
	accountSID = "AC0123456789abcdef0123456789abcdef"
	authToken  = "0123456789abcdef0123456789abcdef"
	messages   = "/2010-04-01/Accounts/" + accountSID + "/Messages"
)

// twilioServer speaks the Messages resource as Twilio does, and plays the scenes of the conformance suite.
type twilioServer struct {
	t        *testing.T
	server   *httptest.Server
	provider *sms.Twilio

	mu     sync.Mutex
	scene  smstest.Scene
	stored []map[string]any
	taken  []smstest.Taken
}

func newTwilioServer(t *testing.T) *twilioServer {
	t.Helper()

	s := &twilioServer{t: t, scene: smstest.Accept}

	mux := http.NewServeMux()
	mux.HandleFunc("POST "+messages+".json", s.create)
	mux.HandleFunc("GET "+messages+".json", s.list)
	mux.HandleFunc("GET "+messages+"/{sid}", s.fetch)

	s.server = httptest.NewServer(s.authenticated(mux))
	t.Cleanup(s.server.Close)

	provider, err := sms.NewTwilio(sms.TwilioConfig{BaseURL: s.server.URL, AccountSID: accountSID, AuthToken: authToken})
	require.NoError(t, err)

	s.provider = provider

	return s
}

//nolint:ireturn // the suite's contract
func (s *twilioServer) Provider() sms.Provider { return s.provider }

func (s *twilioServer) Play(scene smstest.Scene) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.scene = scene

	if scene == smstest.Offline {
		s.server.CloseClientConnections()

		_ = s.server.Listener.Close()
	}
}

func (s *twilioServer) Taken() []smstest.Taken {
	s.mu.Lock()
	defer s.mu.Unlock()

	return append([]smstest.Taken(nil), s.taken...)
}

func (s *twilioServer) Settle(providerID string, outcome smstest.Outcome) {
	words := map[smstest.Outcome]struct {
		status string
		code   any
	}{
		smstest.Queued:      {"queued", nil},
		smstest.SentOn:      {"sent", nil},
		smstest.Delivered:   {"delivered", nil},
		smstest.Unreachable: {"undelivered", 30003},
		smstest.Unknown:     {"undelivered", 30005},
		smstest.Blocked:     {"failed", 30007},
		smstest.Unexplained: {"undelivered", nil},
	}[outcome]

	s.change(providerID, map[string]any{"status": words.status, "error_code": words.code})
}

// change overwrites fields of a stored message.
func (s *twilioServer) change(sid string, fields map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()

	for _, message := range s.stored {
		if message["sid"] == sid {
			maps.Copy(message, fields)
		}
	}
}

func (s *twilioServer) playing() smstest.Scene {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.scene
}

func (s *twilioServer) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, ok := r.BasicAuth()
		if !ok || user != accountSID || password != authToken {
			refuse(w, http.StatusUnauthorized, 20003, "Authenticate")

			return
		}

		if !s.interfere(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

// interfere plays the scenes in which no message is taken; it tells whether it answered.
func (s *twilioServer) interfere(w http.ResponseWriter, r *http.Request) bool {
	scene := s.playing()

	if scene == smstest.BreakAtProxy {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		write(w, "<html>bad gateway "+r.FormValue("To")+"</html>")

		return true
	}

	for _, refusal := range []struct {
		scene        smstest.Scene
		status, code int
		message      string
	}{
		{smstest.RefusePhone, http.StatusBadRequest, 21211, "Invalid 'To' Phone Number: "},
		{smstest.RefuseLandline, http.StatusBadRequest, 21614, "'To' number is not a valid mobile number: "},
		{smstest.RefuseOptedOut, http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient "},
		{smstest.RefuseCountry, http.StatusBadRequest, 21408, "Permission to send an SMS has not been enabled for "},
		{smstest.RefuseRoute, http.StatusBadRequest, 21612, "Message cannot be sent with the current 'To' "},
		{smstest.RefuseSender, http.StatusBadRequest, 21606, "The 'From' phone number is not valid for "},
		{smstest.RefuseCredentials, http.StatusUnauthorized, 20003, "Authenticate "},
		{smstest.RefuseQueueFull, http.StatusTooManyRequests, 21611, "This 'From' number has too many queued messages "},
		{smstest.RefuseUnknown, http.StatusBadRequest, 29999, "Something about "},
		{smstest.RefuseRate, http.StatusTooManyRequests, 20429, "Too Many Requests "},
		{smstest.Break, http.StatusInternalServerError, 20500, "Internal error for "},
	} {
		if refusal.scene == scene {
			if scene == smstest.RefuseRate {
				w.Header().Set("Retry-After", strconv.Itoa(int(smstest.RetryAfter/time.Second)))
			}

			refuse(w, refusal.status, refusal.code, refusal.message+r.FormValue("To"))

			return true
		}
	}

	return false
}

func write(w io.Writer, text string) {
	_, _ = io.WriteString(w, text)
}

func refuse(w http.ResponseWriter, status, code int, message string) {
	answer(w, status, map[string]any{
		"code": code, "message": message, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), "status": status,
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		status, encoded = http.StatusInternalServerError, nil
	}

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	write(w, string(encoded))
}

func (s *twilioServer) create(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, 20001, "unreadable form")

		return
	}

	stored := s.take(r.PostForm)

	switch s.playing() {
	case smstest.Garble:
		garble(w, r)
	case smstest.AcceptAndHang:
		<-r.Context().Done()
	case smstest.AcceptAndDrop:
		drop(w)
	default:
		answer(w, http.StatusCreated, stored)
	}
}

// take stores a message and returns the resource as Twilio answers a creation.
func (s *twilioServer) take(form url.Values) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()

	sid := fmt.Sprintf("SM%032x", len(s.stored)+1)
	segments, status := strconv.Itoa(sms.Count(form.Get("Body")).Parts), "queued"

	var service, from any = nil, form.Get("From")
	if form.Has("MessagingServiceSid") {
		service, from, segments, status = form.Get("MessagingServiceSid"), nil, "0", "accepted"
	}

	now := time.Now().UTC().Format(time.RFC1123Z)
	stored := map[string]any{
		"account_sid": accountSID, "api_version": "2010-04-01", "body": form.Get("Body"), "date_created": now,
		"date_sent": nil, "date_updated": now, "direction": "outbound-api", "error_code": nil, "error_message": nil,
		"from": from, "messaging_service_sid": service, "num_media": "0", "num_segments": segments, "price": nil,
		"price_unit": nil, "sid": sid, "status": status, "to": form.Get("To"), "uri": messages + "/" + sid + ".json",
		"subresource_uris": map[string]any{"media": messages + "/" + sid + "/Media.json"},
	}
	s.stored = append(s.stored, stored)

	validity, _ := strconv.Atoi(form.Get("ValidityPeriod"))
	s.taken = append(s.taken, smstest.Taken{
		ProviderID: sid, To: form.Get("To"), Sender: form.Get("From") + form.Get("MessagingServiceSid"), Text: form.Get("Body"),
		StatusCallback: form.Get("StatusCallback"), Validity: time.Duration(validity) * time.Second,
	})

	return stored
}

func (s *twilioServer) fetch(w http.ResponseWriter, r *http.Request) {
	if disturbed(s.playing(), w, r) {
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	for _, message := range s.stored {
		if message["uri"] == r.URL.Path {
			answer(w, http.StatusOK, message)

			return
		}
	}

	refuse(w, http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found")
}

// list answers the newest first, in pages.
func (s *twilioServer) list(w http.ResponseWriter, r *http.Request) {
	if disturbed(s.playing(), w, r) {
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	query := r.URL.Query()
	size, _ := strconv.Atoi(query.Get("PageSize"))
	page, _ := strconv.Atoi(query.Get("Page"))
	matching := []map[string]any{}

	for _, message := range slices.Backward(s.stored) {
		if listed(message, query) {
			matching = append(matching, message)
		}
	}

	first, last := min(page*size, len(matching)), min((page+1)*size, len(matching))

	var next any

	if last < len(matching) {
		query.Set("Page", strconv.Itoa(page+1))
		query.Set("PageToken", fmt.Sprintf("PA%s", matching[last-1]["sid"]))
		next = messages + ".json?" + query.Encode()
	}

	answer(w, http.StatusOK, map[string]any{
		"messages": matching[first:last], "page": page, "page_size": size, "start": first, "end": last - 1,
		"uri": r.URL.RequestURI(), "first_page_uri": messages + ".json?Page=0", "previous_page_uri": nil, "next_page_uri": next,
	})
}

// listed tells whether Twilio's filters let a message through. One that is not sent yet has no date of that.
func listed(message map[string]any, query url.Values) bool {
	if query.Has("To") {
		return message["to"] == query.Get("To")
	}

	text, _ := message["date_sent"].(string)
	sent, err := time.Parse(time.RFC1123Z, text)
	after, _ := time.Parse(time.RFC3339, query.Get("DateSent>"))
	before, _ := time.Parse(time.RFC3339, query.Get("DateSent<"))

	return err == nil && !sent.Before(after) && !sent.After(before)
}

func disturbed(scene smstest.Scene, w http.ResponseWriter, r *http.Request) bool {
	switch scene {
	case smstest.Garble:
		garble(w, r)
	case smstest.AcceptAndDrop:
		drop(w)
	default:
		return false
	}

	return true
}

// garble succeeds with a code beyond every integer, which Go's decoder would quote, recipient and all.
func garble(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusCreated)

	digits := "1" + strings.TrimPrefix(r.FormValue("To"), "+") + "00000000000000000000"
	message := `{"sid":"SM1","status":"queued","error_code":` + digits + `}`

	if r.Method == http.MethodGet && r.URL.Path == messages+".json" {
		message = `{"messages":[` + message + `]}`
	}

	write(w, message)
}

func drop(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = connection.Close()
	}
}
