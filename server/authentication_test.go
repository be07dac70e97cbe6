package server_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/server"
)

// Every operation of the contract, but the two that are open by its word, turns away whoever has no valid key: before
// it looks at anything else.
func TestEveryOperationAsksForAKey(t *testing.T) {
	t.Parallel()

	contract, err := server.Contract("")
	require.NoError(t, err)

	open := map[string]bool{"getStatus": true, "listReasons": true}
	secured := 0

	for path, item := range contract.Paths.Map() {
		for method, operation := range item.Operations() {
			if open[operation.OperationID] {
				continue
			}

			secured++

			t.Run(operation.OperationID, func(t *testing.T) {
				t.Parallel()

				site := newSite(t)

				for name, authorization := range map[string]string{
					"no key": "", "wrong key": "Bearer wrong", "no token": "Bearer ", "another scheme": "Basic " + knownKey,
					"no scheme": knownKey, "too long": "Bearer " + strings.Repeat("k", 600),
				} {
					got := site.send(call{
						method: method, path: "/api/v1" + filled(path), body: "{", anonymous: true,
						header: map[string]string{"Authorization": authorization},
					})
					require.Equal(t, http.StatusUnauthorized, got.status, "%s: %s", name, got.body)
					require.Equal(t, "unauthenticated", got.json(t)["code"])
					require.Equal(t, `Bearer realm="GeNIO"`, got.header.Get("Www-Authenticate"))
				}
			})
		}
	}

	require.Equal(t, 33, secured)
}

func TestTwoKeysAreNoKey(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	request := site.request(call{method: http.MethodGet, path: "/api/v1/services"})
	request.Header["Authorization"] = []string{"Bearer " + knownKey, "Bearer wrong"}

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, read(t, response).status)
}

func TestTheSchemeIsWrittenAsOneLikes(t *testing.T) {
	t.Parallel()

	got := newSite(t).send(call{
		method: http.MethodGet, path: "/api/v1/services", header: map[string]string{"Authorization": "bearer  " + knownKey},
	})
	require.Equal(t, http.StatusOK, got.status)
}

// What belongs to another Ente does not exist.
func TestAnotherEntesNotificationIsNotFound(t *testing.T) {
	t.Parallel()

	site := newSite(t)

	for path, body := range map[string]string{
		"cancel": `{"reason":"paid"}`, "hold": "", "resume": "", "retry": "", "decide": `{"decision":"sms"}`,
	} {
		got := site.send(call{method: http.MethodPost, path: "/api/v1/notifications/" + foreignID + "/" + path, body: body})
		require.Equal(t, http.StatusNotFound, got.status, got.body)
	}

	for _, path := range []string{"", "/timeline"} {
		got := site.send(call{method: http.MethodGet, path: "/api/v1/notifications/" + foreignID + path})
		require.Equal(t, http.StatusNotFound, got.status, got.body)
	}
}

// Nor do its batches and templates.
func TestAnotherEntesBatchesAndTemplatesAreNotFound(t *testing.T) {
	t.Parallel()

	site := newSite(t)

	for path, body := range map[string]string{
		"POST /batches/{id}/columns": `{"check":1,"columns":[{"number":1}]}`, "POST /batches/{id}/confirm": `{"check":1}`,
		"POST /batches/{id}/sample": "", "POST /batches/{id}/pause": "", "POST /batches/{id}/resume": "", "POST /batches/{id}/cancel": "",
		"DELETE /batches/{id}": "", "GET /batches/{id}": "", "GET /batches/{id}/rows": "", "GET /batches/{id}/rows/2/preview": "",
		"GET /batches/{id}/rejects": "", "GET /batches/{id}/results": "",
		"GET /templates/{id}": "", "DELETE /templates/{id}": "",
		"PUT /templates/{id}": `{"version":1,"name":"x","italian":{"subject":"x","markdown":"x"}}`,
	} {
		method, address, _ := strings.Cut(path, " ")
		got := site.send(call{method: method, path: "/api/v1" + strings.ReplaceAll(address, "{id}", foreignID), body: body})
		require.Equal(t, http.StatusNotFound, got.status, "%s: %s", path, got.body)
	}

	require.Empty(t, site.gateway.acts)
}

// The address is that of the connection, or what a trusted proxy says; what anybody else says does not count.
func TestAKeyBoundToAnotherAddress(t *testing.T) {
	t.Parallel()

	_, loopback, err := net.ParseCIDR("127.0.0.0/8")
	require.NoError(t, err)

	for name, test := range map[string]struct {
		proxies []*net.IPNet
		claimed string
		status  int
	}{
		"from elsewhere":                   {nil, "", http.StatusForbidden},
		"claimed by the client":            {nil, boundAddress, http.StatusForbidden},
		"told by a trusted proxy":          {[]*net.IPNet{loopback}, boundAddress, http.StatusOK},
		"claimed behind a trusted proxy":   {[]*net.IPNet{loopback}, boundAddress + ", 198.51.100.9", http.StatusForbidden},
		"elsewhere behind a trusted proxy": {[]*net.IPNet{loopback}, "198.51.100.9", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t, func(config *server.Config) { config.TrustedProxies = test.proxies })
			header := map[string]string{"Authorization": "Bearer " + boundKey}

			if test.claimed != "" {
				header["X-Forwarded-For"] = test.claimed
			}

			got := site.send(call{method: http.MethodGet, path: "/api/v1/services", anonymous: true, header: header})
			require.Equal(t, test.status, got.status, got.body)

			if test.status == http.StatusForbidden {
				require.Equal(t, "address_not_allowed", got.json(t)["code"])
				require.NotContains(t, got.body, boundKey)
			}
		})
	}
}

func TestAKeyAnnouncesItsEnd(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		after     time.Duration
		announced bool
	}{
		"never": {0, false}, "in three weeks": {21 * 24 * time.Hour, false}, "in two days": {48 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			if test.after > 0 {
				site.gateway.keyExpires = time.Now().Add(test.after)
			}

			got := site.send(call{method: http.MethodGet, path: "/api/v1/services"})
			require.Equal(t, http.StatusOK, got.status)

			want := ""
			if test.announced {
				want = site.gateway.keyExpires.UTC().Format(http.TimeFormat)
			}

			require.Equal(t, want, got.header.Get("API-Key-Expires"))
		})
	}
}
