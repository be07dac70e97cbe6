package server_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/server"
)

func network(t *testing.T, text string) *net.IPNet {
	t.Helper()

	_, network, err := net.ParseCIDR(text)
	require.NoError(t, err)

	return network
}

// The pages may be for some networks only; the API, the documentation and the probes are not concerned.
func TestNetworksOfTheFrontend(t *testing.T) {
	t.Parallel()

	pages := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "pagina") })

	for name, test := range map[string]struct {
		networks []*net.IPNet
		claimed  []string // X-Forwarded-For, one header each
		status   int
	}{
		"from anywhere":             {nil, []string{"198.51.100.9"}, http.StatusOK},
		"from within":               {[]*net.IPNet{network(t, "10.1.0.0/16"), network(t, "2001:db8::/32")}, []string{"10.1.2.3"}, http.StatusOK},
		"by IPv6":                   {[]*net.IPNet{network(t, "2001:db8::/32")}, []string{"2001:db8::7"}, http.StatusOK},
		"written as IPv6":           {[]*net.IPNet{network(t, "10.1.0.0/16")}, []string{"::ffff:10.1.2.3"}, http.StatusOK},
		"from elsewhere":            {[]*net.IPNet{network(t, "10.1.0.0/16")}, []string{"10.2.2.3"}, http.StatusForbidden},
		"claimed":                   {[]*net.IPNet{network(t, "10.1.0.0/16")}, []string{"10.1.2.3, 198.51.100.9"}, http.StatusForbidden},
		"claimed in another header": {[]*net.IPNet{network(t, "10.1.0.0/16")}, []string{"10.1.2.3", "198.51.100.9"}, http.StatusForbidden},
		"no address":                {[]*net.IPNet{network(t, "10.1.0.0/16")}, []string{"10.1.2.3, unknown"}, http.StatusForbidden},
		"no header":                 {[]*net.IPNet{network(t, "10.1.0.0/16")}, nil, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t, func(config *server.Config) {
				config.Frontend, config.FrontendNetworks = pages, test.networks
				config.TrustedProxies = []*net.IPNet{network(t, "127.0.0.0/8")}
			})

			for path, status := range map[string]int{
				"/signin": test.status, "/assets/x": test.status, "/healthz": http.StatusOK, "/docs": http.StatusOK,
				"/api/v1/services": http.StatusOK,
			} {
				request := site.request(call{method: http.MethodGet, path: path})
				request.Header["X-Forwarded-For"] = test.claimed
				request.Header.Set("X-Real-IP", "10.1.2.3")

				response, err := http.DefaultClient.Do(request)
				require.NoError(t, err)

				got := read(t, response)
				require.Equal(t, status, got.status, path)

				if status == http.StatusForbidden {
					require.Contains(t, got.body, "non è raggiungibile")
					require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
				}
			}
		})
	}
}

func TestTheContactForSecurity(t *testing.T) {
	t.Parallel()

	site := newSite(t, func(config *server.Config) {
		config.SecurityContact, config.PublicURL, config.Clock = "mailto:sicurezza@regione.example", "https://genio.example", newWatch().Now
	})
	got := site.send(call{method: http.MethodGet, path: "/.well-known/security.txt", anonymous: true})
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, "text/plain; charset=UTF-8", got.header.Get("Content-Type"))
	require.Equal(t, strings.Join([]string{
		"Contact: mailto:sicurezza@regione.example", "Expires: 2027-03-01T09:00:00Z", "Preferred-Languages: it, en",
		"Canonical: https://genio.example/.well-known/security.txt", "",
	}, "\n"), got.body)

	require.Equal(t, http.StatusNotFound,
		newSite(t).send(call{method: http.MethodGet, path: "/.well-known/security.txt", anonymous: true}).status)

	for _, wrong := range []string{"sicurezza@regione.example", "http://regione.example", "mailto:a\nContact: b", ":"} {
		_, err := server.New(server.Config{Gateway: newGateway(), Log: zap.NewNop(), SecurityContact: wrong})
		require.Error(t, err, wrong)
	}
}
