package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zapcore"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server"
)

func TestEachErrorOfTheGatewayHasItsProblem(t *testing.T) {
	t.Parallel()

	for code, test := range map[string]struct {
		failure error
		status  int
		logged  zapcore.Level
	}{
		"not_found":            {gateway.ErrNotFound, 404, zapcore.InvalidLevel},
		"forbidden":            {gateway.ErrForbidden, 403, zapcore.InvalidLevel},
		"unauthenticated":      {gateway.ErrUnauthenticated, 401, zapcore.InvalidLevel},
		"idempotency_conflict": {gateway.ErrIdempotencyConflict, 409, zapcore.InvalidLevel},
		"state_conflict":       {gateway.ErrState, 409, zapcore.InvalidLevel},
		"unavailable":          {gateway.ErrUnavailable, 503, zapcore.WarnLevel},
		"invalid_request": {
			notification.FieldErrors{{Field: "content.subject", Code: "too_short", Message: "too short", Messaggio: "troppo corto"}},
			422, zapcore.InvalidLevel,
		},
		"internal_error": {errors.New("the disk is full"), 500, zapcore.ErrorLevel},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			site.gateway.failure = fmt.Errorf("doing something: %w", test.failure)

			got := site.send(call{method: http.MethodPost, path: "/api/v1/notifications/" + knownID + "/hold"})
			require.Equal(t, test.status, got.status, got.body)
			require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))

			problem := got.json(t)
			require.Equal(t, code, problem["code"])
			require.InDelta(t, test.status, problem["status"], 0)
			require.Equal(t, "/docs/errors#"+code, problem["type"])
			require.Equal(t, got.header.Get("X-Request-Id"), problem["request_id"])

			require.Equal(t, test.status == http.StatusUnauthorized, got.header.Get("Www-Authenticate") != "")
			require.Equal(t, test.status == http.StatusServiceUnavailable, got.header.Get("Retry-After") != "")

			reported := 0

			for _, entry := range site.logs.All() {
				if entry.Level >= zapcore.WarnLevel {
					reported++

					require.Equal(t, test.logged, entry.Level)
					require.Equal(t, problem["request_id"], entry.ContextMap()["request_id"])
				}
			}

			require.Equal(t, test.logged != zapcore.InvalidLevel, reported == 1, "reported %d times", reported)
		})
	}
}

func TestATimeOutIsUnavailability(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	site.gateway.failure = fmt.Errorf("waiting: %w", context.DeadlineExceeded)
	require.Equal(t, http.StatusServiceUnavailable, site.send(call{method: http.MethodGet, path: "/api/v1/services"}).status)
}

func TestAPanicIsAnInternalError(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	site.gateway.panics = true

	got := site.send(call{method: http.MethodGet, path: "/api/v1/services"})
	require.Equal(t, http.StatusInternalServerError, got.status)
	require.Equal(t, "internal_error", got.json(t)["code"])
	require.NotContains(t, got.body, "something broke")
	require.Len(t, site.logs.FilterMessage("panic").All(), 1)
}

func TestProblemsSpeakTheCallersLanguage(t *testing.T) {
	t.Parallel()

	site := newSite(t)

	for header, language := range map[string]string{
		"": "it", "it-IT": "it", "en": "en", "en-GB,en;q=0.9,it;q=0.8": "en", "it;q=0.5, EN;q=0.9": "en", "it,en": "it", "de": "it",
		"en;q=0": "it", "en;q=abc": "it", "*": "it", ";;,,q=": "it", "en; q=1": "en", "fr, en;q=0.1": "en",
	} {
		got := site.send(call{
			method: http.MethodGet, path: "/api/v1/services", anonymous: true, header: map[string]string{"Accept-Language": header},
		})
		require.Equal(t, language, got.header.Get("Content-Language"), header)

		title := server.ProblemUnauthenticated.Describe().Title
		require.Equal(t, map[string]string{"it": title.Italian, "en": title.English}[language], got.json(t)["title"], header)
	}
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		call   call
		status int
		allow  string
	}{
		"no such path":      {call{method: "GET", path: "/api/v1/citizens"}, 404, ""},
		"no such version":   {call{method: "GET", path: "/api/v2/notifications"}, 404, ""},
		"slash at the end":  {call{method: "GET", path: "/api/v1/services/"}, 404, ""},
		"wrong method":      {call{method: "DELETE", path: "/api/v1/notifications"}, 405, "GET, POST"},
		"wrong method, id":  {call{method: "PUT", path: "/api/v1/notifications/" + knownID}, 405, "GET"},
		"preflight":         {call{method: "OPTIONS", path: "/api/v1/services"}, 405, "GET"},
		"no such page":      {call{method: "GET", path: "/nothing"}, 404, ""},
		"no method of HTTP": {call{method: "RSSMRA80A01H501U", path: "/api/v1/services"}, 405, "OPTIONS, GET"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.send(test.call)
			require.Equal(t, test.status, got.status, got.body)
			require.Equal(t, test.allow, got.header.Get("Allow"))
			require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))

			for _, entry := range site.logs.All() {
				require.NotContains(t, fmt.Sprint(entry.ContextMap()), "RSSMRA")
			}
		})
	}
}

func TestEveryProblemIsDescribedOnce(t *testing.T) {
	t.Parallel()

	seen := map[server.ProblemCode]bool{}

	for _, problem := range server.Problems() {
		require.False(t, seen[problem.Code], problem.Code)
		seen[problem.Code] = true

		require.Equal(t, problem, problem.Code.Describe())
		require.NotEmpty(t, http.StatusText(problem.Status))

		for _, text := range []server.Text{problem.Title, problem.Detail} {
			require.NotEmpty(t, strings.TrimSpace(text.In(notification.Italian)))
			require.NotEmpty(t, strings.TrimSpace(text.In(notification.English)))
		}
	}

	require.Equal(t, server.ProblemInternal, server.ProblemCode("unheard_of").Describe().Code)
}

// A frontend may drop a connection in net/http's own way; nothing is answered or reported then.
func TestADroppedConnectionIsNoFault(t *testing.T) {
	t.Parallel()

	site := newSite(t, func(config *server.Config) {
		config.Frontend = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	})

	response, err := http.DefaultClient.Do(site.request(call{method: http.MethodGet, path: "/page"}))
	if err == nil {
		require.NoError(t, response.Body.Close())
	}

	require.Error(t, err)
	require.Empty(t, site.logs.FilterLevelExact(zapcore.ErrorLevel).All())
}
