package server_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/server"
)

func TestTheAccessLogNamesRoutesAndActors(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{method: http.MethodGet, path: "/api/v1/notifications/" + knownID + "?"})
	require.Equal(t, http.StatusOK, got.status)

	lines := site.logs.FilterMessage("request").All()
	require.Len(t, lines, 1)

	line := lines[0].ContextMap()
	require.Equal(t, "GET", line["method"])
	require.Equal(t, "/api/v1/notifications/:id", line["route"])
	require.EqualValues(t, http.StatusOK, line["status"])
	require.EqualValues(t, len(got.body), line["bytes"])
	require.Equal(t, keyID, line["actor_id"])
	require.Equal(t, enteID, line["ente_id"])
	require.Equal(t, got.header.Get("X-Request-Id"), line["request_id"])
	require.NotContains(t, fmt.Sprint(line), knownID)
}

func TestARequestIDOfAProxyIsKept(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	for id, kept := range map[string]bool{
		knownID: true, "0123456789abcdef0123456789ABCDEF": true, "": false, "RSSMRA80A01H501U": false, "a\tb": false,
	} {
		got := site.send(call{method: http.MethodGet, path: "/healthz", header: map[string]string{"X-Request-ID": id}})
		require.Equal(t, kept, got.header.Get("X-Request-Id") == id, id)
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()

	for _, path := range []string{"/api/v1/services", "/docs", "/openapi.json", "/nothing", "/healthz"} {
		got := newSite(t, func(config *server.Config) { config.PublicURL = "https://notifiche.regione.example" }).
			send(call{method: http.MethodGet, path: path})
		require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"), path)
		require.Equal(t, "same-origin", got.header.Get("Referrer-Policy"), path)
		require.Contains(t, got.header.Get("Content-Security-Policy"), "frame-ancestors 'none'", path)
		require.NotContains(t, got.header.Get("Content-Security-Policy"), "unsafe", path)
		require.Contains(t, got.header.Get("Strict-Transport-Security"), "max-age=", path)
	}

	got := newSite(t).send(call{method: http.MethodGet, path: "/docs"})
	require.Empty(t, got.header.Get("Strict-Transport-Security"))
}

func TestTheFrontendTakesEverythingElse(t *testing.T) {
	t.Parallel()

	pages := http.NewServeMux()
	pages.HandleFunc("GET /notifiche/{id}", func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			http.Error(w, "no address", http.StatusInternalServerError)

			return
		}

		gateway.NoteRequestActor(r.Context(), gateway.Actor{ID: "account", EnteID: enteID})

		_, _ = io.WriteString(w, "pagina per "+host)
	})

	_, loopback, err := net.ParseCIDR("127.0.0.0/8")
	require.NoError(t, err)

	for name, test := range map[string]struct {
		proxies []*net.IPNet
		address string
	}{
		"behind a proxy":      {[]*net.IPNet{loopback}, "192.0.2.7"},
		"believing no header": {nil, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t, func(config *server.Config) { config.Frontend, config.TrustedProxies = pages, test.proxies })
			got := site.send(call{
				method: http.MethodGet, path: "/notifiche/" + knownID, header: map[string]string{"X-Forwarded-For": "198.51.100.1, 192.0.2.7"},
			})
			require.Equal(t, "pagina per "+test.address, got.body)

			lines := site.logs.FilterMessage("request").All()
			require.Equal(t, "GET /notifiche/{id}", lines[0].ContextMap()["route"])
			require.Equal(t, "account", lines[0].ContextMap()["actor_id"])
			require.Equal(t, enteID, lines[0].ContextMap()["ente_id"])

			require.Equal(t, http.StatusNotFound, site.send(call{method: http.MethodGet, path: "/api/nothing"}).status)
			require.Contains(t, site.send(call{method: http.MethodGet, path: "/api/nothing"}).body, `"code":"not_found"`)
		})
	}
}

func TestStartAndShutdown(t *testing.T) {
	t.Parallel()

	built, err := server.New(server.Config{Gateway: newGateway(), Log: zap.NewNop()})
	require.NoError(t, err)

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	ended := make(chan error, 1)
	go func() { ended <- built.Start(listener) }()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/healthz", http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.Equal(t, "ok\n", read(t, response).body)

	require.NoError(t, built.Shutdown(context.WithoutCancel(t.Context())))
	require.NoError(t, <-ended)
}

func TestAListenerThatIsClosedIsAnError(t *testing.T) {
	t.Parallel()

	built, err := server.New(server.Config{Gateway: newGateway(), Log: zap.NewNop()})
	require.NoError(t, err)

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	require.Error(t, built.Start(listener))
}

func TestAServerNeedsItsParts(t *testing.T) {
	t.Parallel()

	_, err := server.New(server.Config{Log: zap.NewNop()})
	require.Error(t, err)

	_, err = server.New(server.Config{Gateway: newGateway()})
	require.Error(t, err)
}
