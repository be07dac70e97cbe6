package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/server"
)

// Each bad input has an answer of its own, names its fields, and never reaches the gateway.
func TestBadBodies(t *testing.T) {
	t.Parallel()

	deep := strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50)

	for name, test := range map[string]struct {
		body   string
		status int
		code   string
		fields map[string]string
	}{
		"too many names": {
			with(t, `"priority"`, names(5000)+`"priority"`), 400, "malformed_body", map[string]string{"body": "too_many"},
		},
		"too many names within": {
			with(t, `"phone"`, names(199)+`"phone"`), 400, "malformed_body", map[string]string{"body": "too_many"},
		},
		"too many elements": {
			with(t, `"urgent"`, "["+strings.Repeat("0,", 200)+"0]"), 400, "malformed_body", map[string]string{"body": "too_many"},
		},
		"just not too many elements": {
			with(t, `"urgent"`, "["+strings.Repeat("0,", 199)+"0]"), 422, "invalid_request", map[string]string{"priority": "not_allowed"},
		},
		"no body":           {" ", 400, "malformed_body", map[string]string{"body": "empty"}},
		"wrong JSON":        {`{"service_id": nope}`, 400, "malformed_body", map[string]string{"body": "json_syntax"}},
		"cut JSON":          {`{"service_id": "a`, 400, "malformed_body", map[string]string{"body": "json_syntax"}},
		"byte order mark":   {"\ufeff" + validBody, 400, "malformed_body", map[string]string{"body": "json_syntax"}},
		"trailing garbage":  {validBody + "x", 400, "malformed_body", map[string]string{"body": "trailing_data"}},
		"two documents":     {validBody + "{}", 400, "malformed_body", map[string]string{"body": "trailing_data"}},
		"invalid UTF-8":     {with(t, "TARI 2026", "TARI \xff"), 400, "malformed_body", map[string]string{"body": "invalid_utf8"}},
		"lone surrogate":    {with(t, "TARI 2026", `TARI \ud83d`), 400, "malformed_body", map[string]string{"body": "lone_surrogate"}},
		"low surrogate":     {with(t, "TARI 2026", `\\\udc00`), 400, "malformed_body", map[string]string{"body": "lone_surrogate"}},
		"deep nesting":      {deep, 400, "malformed_body", map[string]string{"body": "too_deep"}},
		"very deep nesting": {strings.Repeat("[", 100_000), 400, "malformed_body", map[string]string{"body": "json_syntax"}},
		"duplicate field": {
			with(t, `"priority"`, `"service_id":"x","priority"`), 400, "malformed_body", map[string]string{"body": "duplicate_field"},
		},
		"escaped duplicate": {
			with(t, `"phone"`, `"fiscal\u005fcode":"x","phone"`), 400, "malformed_body", map[string]string{"body": "duplicate_field"},
		},
		"body over 1 MiB": {strings.Repeat(" ", server.MaxBodyBytes) + "{}", 413, "body_too_large", nil},
		"a list":          {`[]`, 422, "invalid_request", map[string]string{"body": "type"}},
		"null":            {`null`, 422, "invalid_request", map[string]string{"body": "null"}},
		"unknown field": {
			with(t, `"priority"`, `"prioritaa":1,"priority"`), 422, "invalid_request", map[string]string{"prioritaa": "unknown_field"},
		},
		"field in camel case": {
			with(t, `"priority"`, `"sendAt":1,"priority"`), 422, "invalid_request", map[string]string{"sendAt": "unknown_field"},
		},
		"field in another case": {
			with(t, `"subject"`, `"Subject":"x","subject"`), 422, "invalid_request", map[string]string{"content.Subject": "unknown_field"},
		},
		"a value for a field's name": {
			with(t, `"phone"`, `"RSSMRA80A01H501U":1,"phone"`), 422, "invalid_request", map[string]string{"recipient.*": "unknown_field"},
		},
		"missing fields": {`{"recipient":{},"content":{"payment":{}}}`, 422, "invalid_request", map[string]string{
			"service_id": "required", "recipient.fiscal_code": "required", "content.subject": "required", "content.markdown": "required",
			"content.payment.notice_number": "required", "content.payment.amount_cents": "required",
		}},
		"nulls": {
			with(t, `"urgent"`, "null"), 422, "invalid_request", map[string]string{"priority": "null"},
		},
		"many invalid fields": {
			`{"service_id":"x","external_reference":"a\u0000b","recipient":{"fiscal_code":16,"phone":null},"content":{"subject":"` +
				strings.Repeat("à", 121) + `","markdown":"","due_date":"tomorrow","payment":{"notice_number":true,"amount_cents":0},"sms_text":[]},` +
				`"priority":"high","send_at":"2026-02-30T09:00:00Z","expires_at":"0001-01-01T00:00:00Z","x":1}`,
			422, "invalid_request",
			map[string]string{
				"service_id": "format", "external_reference": "format", "recipient.fiscal_code": "type", "recipient.phone": "null",
				"content.subject": "too_long", "content.markdown": "too_short", "content.due_date": "format",
				"content.payment.notice_number": "type", "content.payment.amount_cents": "too_small", "content.sms_text": "type",
				"priority": "not_allowed", "send_at": "format", "expires_at": "format", "x": "unknown_field",
			},
		},
		"amount with a fraction": {
			with(t, "12350", "123.5"), 422, "invalid_request", map[string]string{"content.payment.amount_cents": "type"},
		},
		"whole amount with a point": {
			with(t, "12350", "123.0"), 422, "invalid_request", map[string]string{"content.payment.amount_cents": "type"},
		},
		"enormous amount": {
			with(t, "12350", "1e400"), 422, "invalid_request", map[string]string{"content.payment.amount_cents": "type"},
		},
		"large amount": {
			with(t, "12350", "1e30"), 422, "invalid_request", map[string]string{"content.payment.amount_cents": "format"},
		},
		"time without zone": {
			with(t, "2026-12-01T09:00:00+01:00", "2026-12-01T09:00:00"), 422, "invalid_request", map[string]string{"send_at": "format"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.send(call{method: http.MethodPost, path: "/api/v1/notifications", body: test.body})
			require.Equal(t, test.status, got.status, got.body)
			require.Equal(t, test.code, got.json(t)["code"])

			if test.fields != nil {
				require.Equal(t, test.fields, got.fieldErrors(t))
			}

			submission, _, _ := site.gateway.asked()
			require.Equal(t, gateway.Submission{}, submission)
		})
	}
}

// names are so many unknown fields, each with a comma.
func names(count int) string {
	var written strings.Builder

	for i := range count {
		fmt.Fprintf(&written, "%q:1,", "x"+strings.Map(func(digit rune) rune { return digit - '0' + 'a' }, fmt.Sprintf("%04d", i)))
	}

	return written.String()
}

func TestVeryManyErrorsAreCutShort(t *testing.T) {
	t.Parallel()

	body := with(t, `"phone"`, names(198)+`"phone"`) // as many as an object may have
	got := newSite(t).send(call{method: http.MethodPost, path: "/api/v1/notifications", body: body})
	require.Equal(t, http.StatusUnprocessableEntity, got.status)

	found := got.fieldErrors(t)
	require.Len(t, found, 100)
	require.Equal(t, "unknown_field", found["recipient.xaaaa"])
	require.Equal(t, "unknown_field", found["recipient.xaajj"])
}

func TestNobodyValidatesForAClientThatLeft(t *testing.T) {
	t.Parallel()

	core, logs := observer.New(zap.DebugLevel)
	memory := newGateway()
	built, err := server.New(server.Config{Gateway: memory, Log: zap.New(core)})
	require.NoError(t, err)

	ctx, leave := context.WithCancel(t.Context())
	leave()

	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/notifications", strings.NewReader(validBody))
	request.Header.Set("Authorization", "Bearer "+knownKey)
	request.Header.Set("Content-Type", "application/json")
	built.Handler().ServeHTTP(httptest.NewRecorder(), request)

	submission, _, _ := memory.asked()
	require.Equal(t, gateway.Submission{}, submission)
	require.Equal(t, 1, logs.FilterMessage("the client left before its answer").Len())
}

func TestASyntaxErrorNamesItsPlace(t *testing.T) {
	t.Parallel()

	got := newSite(t).send(call{
		method: http.MethodPost, path: "/api/v1/notifications", body: "{\n  \"città\": x}",
		header: map[string]string{"Accept-Language": "en"},
	})
	require.Contains(t, got.body, "line 2, column 12")
}

func TestWrongContentTypes(t *testing.T) {
	t.Parallel()

	for name, header := range map[string]map[string]string{
		"none":            {"Content-Type": ""},
		"a form":          {"Content-Type": "application/x-www-form-urlencoded"},
		"XML":             {"Content-Type": "application/xml"},
		"unreadable":      {"Content-Type": "application/json; charset"},
		"another charset": {"Content-Type": "application/json; charset=iso-8859-1"},
		"problem":         {"Content-Type": "application/problem+json"},
		"compressed":      {"Content-Encoding": "gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := newSite(t).send(call{method: http.MethodPost, path: "/api/v1/notifications", body: validBody, header: header})
			require.Equal(t, http.StatusUnsupportedMediaType, got.status, got.body)
			require.Equal(t, "unsupported_media_type", got.json(t)["code"])
		})
	}
}

// A body that announces its length is refused by the header alone, one that does not when it passes the bound.
func TestABodyOfUnknownLengthIsBounded(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	request := site.request(call{method: http.MethodPost, path: "/api/v1/notifications", body: strings.Repeat(" ", server.MaxBodyBytes+1)})
	request.ContentLength = -1

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
}

func TestBadParameters(t *testing.T) {
	t.Parallel()

	for query, fields := range map[string]map[string]string{
		"limit=0":                             {"limit": "too_small"},
		"limit=101":                           {"limit": "too_large"},
		"limit=ten":                           {"limit": "type"},
		"limit=":                              {"limit": "empty"},
		"limit=1&limit=2":                     {"limit": "repeated"},
		"status=lost":                         {"status[0]": "not_allowed"},
		"status=failed,on_hold":               {"status[0]": "not_allowed"},
		"service_id=x":                        {"service_id": "format"},
		"cursor=":                             {"cursor": "too_short"},
		"cursor=broken":                       {"cursor": "invalid"}, // the gateway's word
		"cursor=" + strings.Repeat("a", 501):  {"cursor": "too_long"},
		"accepted_from=2026-12-01":            {"accepted_from": "format"},
		"accepted_to=2026-12-01T00:00:00Z%00": {"accepted_to": "format"},
		"external_reference=%00":              {"external_reference": "format"},
		"external_reference=%ff":              {"external_reference": "format"},
		"fiscal_code=RSSMRA80A01H501U":        {"fiscal_code": "unknown_parameter"},
		"RSSMRA80A01H501U=1":                  {"*": "unknown_parameter"},
		"limit=%zz":                           {"query": "format"},
		strings.Repeat("&status=failed", 10):  {"status": "too_many"},
		"limit=0&status=lost&batch_id=1&bad=1": {
			"limit": "too_small", "status[0]": "not_allowed", "batch_id": "format", "bad": "unknown_parameter",
		},
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()

			got := newSite(t).send(call{method: http.MethodGet, path: "/api/v1/notifications?" + query})
			require.Equal(t, http.StatusUnprocessableEntity, got.status, got.body)
			require.Equal(t, fields, got.fieldErrors(t))
		})
	}
}

func TestBadIdempotencyKeys(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		keys []string
		code string
	}{
		"empty":    {[]string{""}, "too_short"},
		"too long": {[]string{strings.Repeat("k", 256)}, "too_long"},
		"accents":  {[]string{"caffè"}, "format"},
		"two":      {[]string{"one", "two"}, "repeated"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			request := site.request(call{method: http.MethodPost, path: "/api/v1/notifications", body: validBody})
			request.Header["Idempotency-Key"] = test.keys

			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)

			got := read(t, response)
			require.Equal(t, http.StatusUnprocessableEntity, got.status, got.body)
			require.Equal(t, map[string]string{"Idempotency-Key": test.code}, got.fieldErrors(t))
		})
	}
}

func TestAnIDThatCannotExistIsNotFound(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	for _, id := range []string{"1", foreignID, "%2e%2e", "search", "RSSMRA80A01H501U", strings.Repeat("a", 2000)} {
		got := site.send(call{method: http.MethodGet, path: "/api/v1/notifications/" + id})
		require.Equal(t, http.StatusNotFound, got.status, got.body)
		require.Equal(t, "not_found", got.json(t)["code"])
	}
}
