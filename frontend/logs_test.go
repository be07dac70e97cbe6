package frontend_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
)

// brokenStore is a session store that cannot be reached.
type brokenStore struct{}

var errStoreAway = errors.New("the store is away")

func (brokenStore) Delete(string) error                    { return errStoreAway }
func (brokenStore) Find(string) ([]byte, bool, error)      { return nil, false, errStoreAway }
func (brokenStore) Commit(string, []byte, time.Time) error { return errStoreAway }

// Somebody may type a codice fiscale into the address: a fault names the route instead.
func TestFaultsNameTheRouteAndNeverTheAddress(t *testing.T) {
	t.Parallel()

	b := open(t, samples(), func(c *frontend.Config) { c.Sessions = brokenStore{} })

	for path, route := range map[string]string{
		"/notifications/" + frontendtest.MarioRossi:               "/notifications/:id",
		"/notifications/" + frontendtest.MarioRossi + "/live":     "/notifications/:id/live",
		"/notifications/" + frontendtest.MarioRossi + "/x":        "/notifications/:id/:act",
		"/batches/" + frontendtest.MarioRossi:                     "/batches/:id",
		"/batches/x/rows/" + frontendtest.MarioRossi + "/preview": "/batches/:id/rows/:row/preview",
		"/templates/" + frontendtest.MarioRossi:                   "/templates/:id",
		"/notifications?reference=" + frontendtest.MarioRossi:     "/notifications",
		"/signin?next=/notifications/" + frontendtest.MarioRossi:  "/signin",
	} {
		answered := b.get(path, "Cookie", "genio_session=any")
		require.Equal(t, http.StatusServiceUnavailable, answered.status, path)

		lines := b.logs.TakeAll()
		require.Len(t, lines, 1, path)
		require.Equal(t, route, lines[0].ContextMap()["route"])
		require.Equal(t, http.MethodGet, lines[0].ContextMap()["method"])
		require.Contains(t, lines[0].ContextMap(), "request_id")
		require.NotContains(t, fmt.Sprint(lines), frontendtest.MarioRossi)
	}
}

func TestFaultsOfUseCasesNameTheRoute(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	b.gateway.Break(errors.New("broken"))
	b.logs.TakeAll()

	require.Equal(t, http.StatusInternalServerError, b.get("/notifications/"+frontendtest.MarioRossi).status)

	lines := b.logs.TakeAll()
	require.Len(t, lines, 1)
	require.Equal(t, "/notifications/:id", lines[0].ContextMap()["route"])
	require.NotContains(t, fmt.Sprint(lines), frontendtest.MarioRossi)
}

// Who signed in, and that somebody could not, is told by the account's id alone.
func TestSigningInAndOutIsLogged(t *testing.T) {
	t.Parallel()

	b := open(t, samples())

	b.signIn(frontendtest.OperatorEmail, "sbagliata")
	b.signIn(frontendtest.OperatorEmail, frontendtest.Password)
	b.post("/signout", nil)
	b.post("/signout", nil)

	for range 6 {
		b.signIn(frontendtest.AuditorEmail, "sbagliata")
	}

	told := map[string]int{}

	for _, line := range b.logs.All() {
		told[strings.TrimSpace(fmt.Sprint(line.Message, " ", line.ContextMap()["account_id"]))]++

		require.NotContains(t, fmt.Sprint(line), "@")
		require.NotContains(t, fmt.Sprint(line), "127.0.0.1")
	}

	require.Equal(t, map[string]int{
		"a sign-in failed <nil>": 6, "signed in a1": 1, "signed out a1": 1, "a sign-in was refused after too many tries <nil>": 1,
	}, told)
}

// Whoever serves the pages finds the route's pattern and the signed-in account, for its access log.
func TestRequestsTellTheirRouteAndActor(t *testing.T) {
	t.Parallel()

	pages, err := frontend.New(frontend.Config{
		Gateway: samples(), Sessions: memstore.NewWithCleanupInterval(0), Log: zap.NewNop(), Assets: builtAssets(), Clock: noon,
	})
	require.NoError(t, err)

	handler := pages.Handler()
	serve := func(method, path, body string, cookies ...*http.Cookie) (pattern string, actor gateway.Actor, got *http.Response) {
		request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")

		for _, cookie := range cookies {
			request.AddCookie(cookie)
		}

		ctx, noted := gateway.WithRequestActor(request.Context())
		request = request.WithContext(ctx)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)

		return request.Pattern, noted.Actor(), recorder.Result()
	}

	operator := "email=" + frontendtest.OperatorEmail + "&password=" + frontendtest.Password
	pattern, actor, signedIn := serve(http.MethodPost, "/signin", operator)
	require.NoError(t, signedIn.Body.Close())
	require.Equal(t, "/signin", pattern)
	require.Equal(t, "a1", actor.ID)

	for path, expected := range map[string]string{
		notificationPath("3"):           "/notifications/:id",
		notificationPath("3") + "/live": "/notifications/:id/live",
		"/notifications":                "/notifications",
	} {
		pattern, actor, got := serve(http.MethodGet, path, "", signedIn.Cookies()...)
		require.NoError(t, got.Body.Close())
		require.Equal(t, expected, pattern)
		require.Equal(t, "a1", actor.ID)
		require.Equal(t, frontendtest.ComuneID, actor.EnteID)

		_, stranger, got := serve(http.MethodGet, path, "")
		require.NoError(t, got.Body.Close())
		require.Equal(t, gateway.Actor{}, stranger)
	}
}
