package sms_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/sms/smstest"
)

const (
	citizen      = "+393330000001"
	alias        = "ComuneProva"
	messagingSID = "MG0123456789abcdef0123456789abcdef"
	created      = `{"sid":"SM00000000000000000000000000000001","status":"queued","num_segments":"1",` +
		`"date_created":"Fri, 24 May 2019 17:44:46 +0000","error_code":null}`
)

func TestTwilioConforms(t *testing.T) {
	t.Parallel()

	smstest.Run(t, func(t *testing.T) smstest.Harness {
		t.Helper()

		return newTwilioServer(t)
	})
}

// recorded is a request as it arrived.
type recorded struct {
	method, path, query, body string
	header                    http.Header
}

// recorder answers every request alike and keeps what arrived.
func recorder(t *testing.T, status int, body string) (twilio *sms.Twilio, arrived func() []recorded) {
	t.Helper()

	var (
		mu       sync.Mutex
		requests []recorded
	)

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)

		mu.Lock()
		defer mu.Unlock()

		requests = append(requests, recorded{r.Method, r.URL.Path, r.URL.RawQuery, string(sent), r.Header})

		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)

		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)

	return twilioAt(t, server.URL), func() []recorded {
		mu.Lock()
		defer mu.Unlock()

		return append([]recorded(nil), requests...)
	}
}

func twilioAt(t *testing.T, baseURL string) *sms.Twilio {
	t.Helper()

	twilio, err := sms.NewTwilio(sms.TwilioConfig{BaseURL: baseURL, AccountSID: accountSID, AuthToken: authToken})
	require.NoError(t, err)

	return twilio
}

func failure(t *testing.T, err error) *notification.DeliveryError {
	t.Helper()

	var failed *notification.DeliveryError

	require.ErrorAs(t, err, &failed)

	return failed
}

func TestTwilioCreateOnTheWire(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		message sms.Message
		form    url.Values
	}{
		"alias": {
			sms.Message{
				AttemptID: "a", To: citizen, Sender: alias, Text: "È pronto: 100 € & più",
				StatusCallback: "https://genio.example.org/webhooks/twilio?attempt=a", Validity: 90*time.Minute + 500*time.Millisecond,
			},
			url.Values{
				"To": {citizen}, "From": {alias}, "Body": {"È pronto: 100 € & più"}, "ValidityPeriod": {"5400"},
				"StatusCallback": {"https://genio.example.org/webhooks/twilio?attempt=a"},
			},
		},
		"messaging service": {
			sms.Message{To: citizen, Sender: messagingSID, Text: "Ciao"},
			url.Values{"To": {citizen}, "MessagingServiceSid": {messagingSID}, "Body": {"Ciao"}},
		},
		"number and longest validity": {
			sms.Message{To: citizen, Sender: "+15005550006", Text: "Ciao", Validity: 12 * time.Hour},
			url.Values{"To": {citizen}, "From": {"+15005550006"}, "Body": {"Ciao"}, "ValidityPeriod": {"36000"}},
		},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			twilio, requests := recorder(t, http.StatusCreated, created)

			receipt, err := twilio.Send(t.Context(), c.message)

			require.NoError(t, err)
			require.Equal(t, sms.Receipt{ProviderID: "SM00000000000000000000000000000001", ProviderStatus: "queued", Segments: 1}, receipt)

			require.Len(t, requests(), 1)
			request := requests()[0]
			require.Equal(t, http.MethodPost, request.method)
			require.Equal(t, "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json", request.path)
			require.Empty(t, request.query)
			require.Equal(t, "application/x-www-form-urlencoded", request.header.Get("Content-Type"))
			require.Equal(t,
				"Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==",
				request.header.Get("Authorization"))

			form, err := url.ParseQuery(request.body)
			require.NoError(t, err)
			require.Equal(t, c.form, form)
		})
	}
}

func TestTwilioReadsOnTheWire(t *testing.T) {
	t.Parallel()

	twilio, requests := recorder(t, http.StatusOK,
		`{"sid":"SM00000000000000000000000000000001","status":"undelivered","num_segments":"3","error_code":30003}`)

	delivery, err := twilio.Status(t.Context(), "SM00000000000000000000000000000001")

	require.NoError(t, err)
	require.Equal(t, sms.Delivery{
		Status: notification.AttemptFailed, Reason: notification.ReasonSMSUnreachable, Retryable: true,
		ProviderStatus: "undelivered", ProviderCode: "30003", Segments: 3,
	}, delivery)
	require.Equal(t, http.MethodGet, requests()[0].method)
	require.Equal(t, messages+"/SM00000000000000000000000000000001.json", requests()[0].path)

	twilio, requests = recorder(t, http.StatusOK, `{"messages":[],"next_page_uri":null}`)

	_, err = twilio.Find(t.Context(), sms.Search{To: citizen, Text: "Ciao", Since: time.Now()})

	require.NoError(t, err)
	require.Equal(t, http.MethodGet, requests()[0].method)
	require.Equal(t, messages+".json", requests()[0].path)
	require.Equal(t, "PageSize=1000&To=%2B393330000001", requests()[0].query)
	require.Empty(t, requests()[0].body)
}

func TestTwilioBelowAPath(t *testing.T) {
	t.Parallel()

	var path string

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.Path

		w.WriteHeader(http.StatusCreated)

		_, _ = io.WriteString(w, created)
	}))
	defer server.Close()

	_, err := twilioAt(t, server.URL+"/twilio/").Send(t.Context(), sms.Message{To: citizen, Sender: alias, Text: "Ciao"})

	require.NoError(t, err)
	require.Equal(t, "/twilio"+messages+".json", path)
}

func TestTwilioRefusesBeforeCalling(t *testing.T) {
	t.Parallel()

	twilio, requests := recorder(t, http.StatusCreated, created)

	for _, c := range []struct {
		message sms.Message
		reason  notification.Reason
	}{
		{sms.Message{Sender: alias, Text: "Ciao"}, notification.ReasonSMSNoPhone},
		{sms.Message{To: citizen, Text: "Ciao"}, notification.ReasonSMSSenderInvalid},
		{sms.Message{To: citizen, Sender: alias}, notification.ReasonSMSRequestRefused},
		{sms.Message{To: citizen, Sender: alias, Text: strings.Repeat("è", 1601)}, notification.ReasonSMSTextTooLong},
		{sms.Message{To: citizen, Sender: alias, Text: "Ciao", Validity: -time.Hour}, notification.ReasonSMSValidityExpired},
	} {
		_, err := twilio.Send(t.Context(), c.message)

		failed := failure(t, err)
		require.Equal(t, c.reason, failed.Reason)
		require.Equal(t, notification.HandOverNotSent, failed.HandOver)
		require.False(t, failed.Retryable)
	}

	require.Empty(t, requests())

	_, err := twilio.Send(t.Context(), sms.Message{To: citizen, Sender: alias, Text: strings.Repeat("è", 1600)})
	require.NoError(t, err)
}

func TestTwilioAnswers(t *testing.T) {
	t.Parallel()

	const (
		refused   = notification.HandOverNotSent
		uncertain = notification.HandOverUncertain
	)

	cases := map[string]struct {
		status    int
		body      string
		reason    notification.Reason
		handOver  notification.HandOver
		retryable bool
		code      string
	}{
		"known code":           {400, `{"code":21658,"status":400}`, notification.ReasonSMSTextTooLong, refused, false, "21658"},
		"403 without code":     {403, `{}`, notification.ReasonSMSCredentialsRejected, refused, false, ""},
		"page of a proxy, 403": {403, `<html>`, notification.ReasonSMSCredentialsRejected, refused, false, ""},
		"429 without code":     {429, ``, notification.ReasonSMSRateLimited, refused, true, ""},
		"408":                  {408, ``, notification.ReasonSMSUnavailable, refused, true, ""},
		"404":                  {404, `{"code":20404}`, notification.ReasonSMSRequestRefused, refused, false, "20404"},
		"delivery code early":  {400, `{"code":30450}`, notification.ReasonSMSBlocked, refused, true, "30450"},
		"redirect":             {302, ``, notification.ReasonSMSOutcomeUncertain, uncertain, false, ""},
		"503":                  {503, `{"code":20503}`, notification.ReasonSMSOutcomeUncertain, uncertain, false, "20503"},
		"success, empty":       {201, ``, notification.ReasonSMSOutcomeUncertain, uncertain, false, ""},
		"success, no sid":      {201, `{"status":"queued"}`, notification.ReasonSMSOutcomeUncertain, uncertain, false, ""},
		"success, cut":         {201, created[:40], notification.ReasonSMSOutcomeUncertain, uncertain, false, ""},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			twilio, requests := recorder(t, c.status, c.body)

			_, err := twilio.Send(t.Context(), sms.Message{To: citizen, Sender: alias, Text: "Ciao"})

			failed := failure(t, err)
			require.Equal(t, c.reason, failed.Reason)
			require.Equal(t, c.handOver, failed.HandOver)
			require.Equal(t, c.retryable, failed.Retryable)
			require.Equal(t, c.status, failed.HTTPStatus)
			require.Equal(t, c.code, failed.ProviderCode)
			require.Len(t, requests(), 1)
		})
	}
}

func TestTwilioRetryAfter(t *testing.T) {
	t.Parallel()

	cases := map[string]struct{ least, most time.Duration }{
		"3":                             {3 * time.Second, 3 * time.Second},
		"0":                             {0, 0},
		"-4":                            {0, 0},
		"5m":                            {0, 0},
		"2000000000":                    {24 * time.Hour, 24 * time.Hour},
		"Fri, 24 May 2019 17:44:46 GMT": {0, 0},
		"Fri, 24 May 2999 17:44:46 GMT": {24 * time.Hour, 24 * time.Hour},
		"99999999999999999999999999999": {0, 0},
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): {59 * time.Minute, time.Hour},
	}

	for header, c := range cases {
		t.Run(header, func(t *testing.T) {
			t.Parallel()

			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", header)
				refuse(w, http.StatusTooManyRequests, 20429, "Too Many Requests")
			}))
			defer server.Close()

			_, err := twilioAt(t, server.URL).Send(t.Context(), sms.Message{To: citizen, Sender: alias, Text: "Ciao"})

			require.GreaterOrEqual(t, failure(t, err).RetryAfter, c.least)
			require.LessOrEqual(t, failure(t, err).RetryAfter, c.most)
		})
	}
}

func TestTwilioTimesOut(t *testing.T) {
	t.Parallel()

	server := newTwilioServer(t)
	server.Play(smstest.AcceptAndHang)

	twilio, err := sms.NewTwilio(sms.TwilioConfig{
		BaseURL: server.server.URL, AccountSID: accountSID, AuthToken: authToken, Timeout: 50 * time.Millisecond,
	})
	require.NoError(t, err)

	_, err = twilio.Send(t.Context(), sms.Message{To: citizen, Sender: alias, Text: "Ciao"})

	require.Equal(t, notification.HandOverUncertain, failure(t, err).HandOver)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// A peer that takes the connection and never speaks TLS has not seen the request.
func TestTwilioTLSFailureIsNotSent(t *testing.T) {
	t.Parallel()

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	defer func() { _ = listener.Close() }()

	go func() {
		for {
			connection, acceptErr := listener.Accept()
			if acceptErr != nil {
				return
			}

			_ = connection.Close()
		}
	}()

	_, err = twilioAt(t, "https://"+listener.Addr().String()).Send(t.Context(), sms.Message{To: citizen, Sender: alias, Text: "Ciao"})

	failed := failure(t, err)
	require.Equal(t, notification.HandOverNotSent, failed.HandOver)
	require.Equal(t, notification.ReasonSMSUnavailable, failed.Reason)
	require.True(t, failed.Retryable)
}

func TestTwilioUnknownHostIsNotSent(t *testing.T) {
	t.Parallel()

	_, err := twilioAt(t, "http://twilio.invalid").Send(t.Context(), sms.Message{To: citizen, Sender: alias, Text: "Ciao"})

	require.Equal(t, notification.HandOverNotSent, failure(t, err).HandOver)
	require.True(t, failure(t, err).Retryable)
}

func TestNewTwilioRefuses(t *testing.T) {
	t.Parallel()

	valid := sms.TwilioConfig{AccountSID: accountSID, AuthToken: authToken}

	_, err := sms.NewTwilio(valid)
	require.NoError(t, err)

	for name, change := range map[string]func(*sms.TwilioConfig){
		"no account": func(c *sms.TwilioConfig) { c.AccountSID = "" },
		"no token":   func(c *sms.TwilioConfig) { c.AuthToken = "" },
		"no host":    func(c *sms.TwilioConfig) { c.BaseURL = "api.twilio.com" },
		"other way":  func(c *sms.TwilioConfig) { c.BaseURL = "ftp://api.twilio.com" },
		"with query": func(c *sms.TwilioConfig) { c.BaseURL = "https://api.twilio.com?a=b" },
		"not a URL":  func(c *sms.TwilioConfig) { c.BaseURL = "https://[" },
	} {
		config := valid
		change(&config)

		_, err := sms.NewTwilio(config)
		require.Error(t, err, name)
		require.NotContains(t, fmt.Sprint(err), authToken)
	}
}
