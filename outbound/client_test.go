package outbound_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/genio-gateway/genio/outbound"
)

func bounds() outbound.Bounds { return outbound.Bounds{Time: 10 * time.Second, Bytes: 100} }

func loopback() outbound.Rules {
	return outbound.Rules{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true}
}

// listening is a server that notes whether anybody came.
func listening(t *testing.T, answer http.HandlerFunc) (server *httptest.Server, calls *atomic.Int32) {
	t.Helper()

	calls = &atomic.Int32{}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		answer(w, r)
	}))
	t.Cleanup(server.Close)

	return server, calls
}

func get(t *testing.T, client *http.Client, address string) (*http.Response, error) {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)

	answer, err := client.Do(request)
	if err == nil {
		t.Cleanup(func() { _ = answer.Body.Close() })
	}

	return answer, err
}

func TestClientCallsWhatIsAllowed(t *testing.T) {
	t.Parallel()

	server, calls := listening(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	answer, err := get(t, outbound.New(loopback()).Client(bounds()), server.URL)

	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, answer.StatusCode)
	require.EqualValues(t, 1, calls.Load())
}

func TestClientRefusesBeforeItCalls(t *testing.T) {
	t.Parallel()

	server, calls := listening(t, func(http.ResponseWriter, *http.Request) {})

	for _, rules := range []outbound.Rules{
		{}, {AllowHTTP: true}, {Allow: loopback().Allow}, {Allow: loopback().Allow, AllowHTTP: true, Ports: []uint16{443}},
	} {
		_, err := get(t, outbound.New(rules).Client(bounds()), server.URL)
		require.ErrorIs(t, err, outbound.ErrRefused)
		require.Equal(t, outbound.FaultRefused, outbound.FaultOf(err))
	}

	require.Zero(t, calls.Load())
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()

	inside, calls := listening(t, func(http.ResponseWriter, *http.Request) {})
	server, _ := listening(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	})

	answer, err := get(t, outbound.New(loopback()).Client(bounds()), server.URL)
	require.NoError(t, err)
	require.Equal(t, http.StatusTemporaryRedirect, answer.StatusCode)
	require.Zero(t, calls.Load())
}

// Whoever follows redirects with the transport is stopped at the first address that may not be called.
func TestTransportChecksEachRedirect(t *testing.T) {
	t.Parallel()

	server, calls := listening(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	})

	_, err := get(t, &http.Client{Transport: outbound.New(loopback()).Transport(100)}, server.URL)
	require.ErrorIs(t, err, outbound.ErrRefused)
	require.EqualValues(t, 1, calls.Load())
}

func TestLongAnswersAreNotRead(t *testing.T) {
	t.Parallel()

	for length, whole := range map[int]bool{0: true, 99: true, 100: true, 101: false, 100_000: false} {
		server, _ := listening(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("a", length)) })
		answer, err := get(t, outbound.New(loopback()).Client(bounds()), server.URL)
		require.NoError(t, err)

		read, err := io.ReadAll(answer.Body)
		require.Equal(t, whole, err == nil, length)
		require.Len(t, read, min(length, 100))
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()

	released := make(chan struct{})
	hanging, _ := listening(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-released:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(released) })

	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()

	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)

	plain, _ := listening(t, func(http.ResponseWriter, *http.Request) {})

	for address, want := range map[string]outbound.Fault{
		hanging.URL: outbound.FaultTimeout,
		closed.URL:  outbound.FaultConnection,
		secure.URL:  outbound.FaultTLS,
		strings.Replace(plain.URL, "http://", "https://", 1): outbound.FaultTLS,
	} {
		client := outbound.New(loopback()).Client(outbound.Bounds{Time: time.Second, Bytes: 10})
		_, err := get(t, client, address)
		require.Error(t, err)
		require.Equal(t, want, outbound.FaultOf(err), "%v", err)
	}

	require.Equal(t, outbound.FaultName, outbound.FaultOf(&net.DNSError{IsNotFound: true}))
}

// TestNoProxy: a proxy would connect to where we have not looked.
func TestNoProxy(t *testing.T) {
	proxy, proxied := listening(t, func(http.ResponseWriter, *http.Request) {})
	server, calls := listening(t, func(http.ResponseWriter, *http.Request) {})

	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)

	_, err := get(t, outbound.New(loopback()).Client(bounds()), server.URL)
	require.NoError(t, err)
	require.EqualValues(t, 1, calls.Load())
	require.Zero(t, proxied.Load())
}

// nameServer answers each question with the next of its addresses, and the last for ever.
func nameServer(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()

	socket, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })

	go serveNames(socket, addresses)

	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

func serveNames(socket net.PacketConn, addresses []string) {
	question := make([]byte, 512)

	for {
		length, from, err := socket.ReadFrom(question)
		if err != nil {
			return
		}

		var asked dnsmessage.Message
		if asked.Unpack(question[:length]) != nil {
			return
		}

		answer := dnsmessage.Message{
			Header:    dnsmessage.Header{ID: asked.ID, Response: true, RecursionAvailable: true},
			Questions: asked.Questions,
		}

		if asked.Questions[0].Type == dnsmessage.TypeA {
			answer.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: asked.Questions[0].Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET},
				Body:   &dnsmessage.AResource{A: netip.MustParseAddr(addresses[0]).As4()},
			}}

			if len(addresses) > 1 {
				addresses = addresses[1:]
			}
		}

		packed, err := answer.Pack()
		if err != nil {
			return
		}

		if _, err := socket.WriteTo(packed, from); err != nil {
			return
		}
	}
}

// TestRebinding: a name that stood for an allowed address at first, and then for another, is refused at the second call;
// and one that stands for an address of the inside is refused although its spelling is in order.
func TestRebinding(t *testing.T) {
	t.Parallel()

	server, calls := listening(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)

	guard := outbound.New(outbound.Rules{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, AllowHTTP: true})
	client := guard.ClientWith(bounds(), nameServer(t, "127.0.0.1", "127.0.0.2"))
	address := "http://avvisi.comune.example:" + port

	_, err = guard.Check(address)
	require.NoError(t, err)

	_, err = get(t, client, address)
	require.NoError(t, err)

	_, err = get(t, client, address)
	require.ErrorIs(t, err, outbound.ErrRefused)
	require.EqualValues(t, 1, calls.Load())

	for _, inside := range []string{"169.254.169.254", "10.0.0.1", "127.0.0.1", "192.168.0.1", "100.64.1.1"} {
		client := strict().ClientWith(bounds(), nameServer(t, inside))
		_, err := get(t, client, "https://avvisi.comune.example/")
		require.ErrorIs(t, err, outbound.ErrRefused, inside)
		require.NotContains(t, errors.Unwrap(err).Error(), inside, "whoever wrote the name must not learn what it stands for inside")
	}
}
