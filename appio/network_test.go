package appio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/notification"
)

// calls are the three calls, each with the outcome of a request that went out and brought no answer.
func calls() map[string]struct {
	call    func(*testing.T, *appio.Client) error
	noReply outcome
} {
	return map[string]struct {
		call    func(*testing.T, *appio.Client) error
		noReply outcome
	}{
		"profile": {callProfile, notSentRetryable(notification.ReasonIOUnavailable)},
		"submit":  {callSubmit, uncertain()},
		"status":  {callStatus, notSentRetryable(notification.ReasonIOUnavailable)},
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()

	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()

	for name, test := range calls() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := test.call(t, clientOf(t, appio.Config{BaseURL: server.URL}))
			requireOutcome(t, notSentRetryable(notification.ReasonIOUnavailable), 0, err)
			require.ErrorIs(t, err, appio.ErrConnect)
		})
	}
}

// failingDial gives a client whose connections all fail in the same way.
func failingDial(t *testing.T, dial func(ctx context.Context) error) *appio.Client {
	t.Helper()

	return clientOf(t, appio.Config{
		BaseURL: "http://io.invalid",
		HTTPClient: &http.Client{Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return nil, dial(ctx) },
		}},
	})
}

func TestNameNotResolved(t *testing.T) {
	t.Parallel()

	client := failingDial(t, func(context.Context) error {
		return &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "io.invalid", IsNotFound: true}}
	})
	err := callSubmit(t, client)
	requireOutcome(t, notSentRetryable(notification.ReasonIOUnavailable), 0, err)
	require.ErrorIs(t, err, appio.ErrNameNotResolved)
}

func TestCertificateNotTrusted(t *testing.T) {
	t.Parallel()

	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a request came through")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)

	err := callSubmit(t, clientOf(t, appio.Config{BaseURL: server.URL}))
	requireOutcome(t, notSentRetryable(notification.ReasonIOUnavailable), 0, err)
	require.ErrorIs(t, err, appio.ErrTLS)
}

func TestTLSWithTheOwnClient(t *testing.T) {
	t.Parallel()

	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"sender_allowed":true}`)
	}))
	t.Cleanup(server.Close)

	profile, err := clientOf(t, appio.Config{BaseURL: server.URL, HTTPClient: server.Client()}).Profile(t.Context(), key, fiscalCode)
	require.NoError(t, err)
	require.True(t, profile.SenderAllowed)
}

// hijacking starts a server that reads each request to its end and then does as it likes with the connection.
func hijacking(t *testing.T, reply func(conn net.Conn)) *appio.Client {
	t.Helper()

	return serving(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)

		hijacker, ok := w.(http.Hijacker)
		if !ok {
			t.Error("the server cannot hand out its connection")

			return
		}

		conn, _, err := hijacker.Hijack()
		if err != nil {
			t.Error(err)

			return
		}

		reply(conn)
		_ = conn.Close()
	})
}

func TestNoAnswerAfterTheRequestWasRead(t *testing.T) {
	t.Parallel()

	replies := map[string]func(net.Conn){
		"closed": func(net.Conn) {},
		"reset": func(conn net.Conn) {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
		},
		"no HTTP":            func(conn net.Conn) { _, _ = io.WriteString(conn, "RSSMRA80A01H501U not allowed\r\n\r\n") },
		"cut in the headers": func(conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.1 201 Created\r\nLocat") },
		"headers without end": func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 201 Created\r\nX: "+strings.Repeat("x", 1<<17)+"\r\n\r\n")
		},
		"a redirect to what is no URL": func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 302 Found\r\nLocation: http://%zz/RSSMRA80A01H501U\r\nContent-Length: 0\r\n\r\n")
		},
	}

	for replyName, reply := range replies {
		for callName, test := range calls() {
			t.Run(replyName+"/"+callName, func(t *testing.T) {
				t.Parallel()

				err := test.call(t, hijacking(t, reply))
				requireOutcome(t, test.noReply, 0, err)
				require.ErrorIs(t, err, appio.ErrExchangeBroken)
			})
		}
	}
}

// A connection that breaks within the body: what the status says still holds.
func TestAnswerThatBreaksOff(t *testing.T) {
	t.Parallel()

	broken := notSentRetryable(notification.ReasonIOUnavailable)

	tests := map[string]struct {
		call     func(*testing.T, *appio.Client) error
		status   int
		expected outcome
	}{
		"profile 200": {callProfile, 200, broken},
		"profile 404": {callProfile, 404, broken},
		"profile 403": {callProfile, 403, broken},
		"profile 500": {callProfile, 500, broken},
		"status 200":  {callStatus, 200, broken},
		"status 404":  {callStatus, 404, broken},
		"submit 201": {
			callSubmit, 201, outcome{reason: notification.ReasonIOUnexpectedAnswer, handOver: notification.HandOverSent},
		},
		"submit 400": {callSubmit, 400, notSent(notification.ReasonIOMessageRefused)},
		"submit 401": {callSubmit, 401, notSent(notification.ReasonIOKeyRejected)},
		"submit 403": {callSubmit, 403, broken},
		"submit 429": {callSubmit, 429, notSentRetryable(notification.ReasonIORateLimited)},
		"submit 500": {callSubmit, 500, uncertain()},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client := hijacking(t, func(conn net.Conn) {
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d X\r\nContent-Type: application/problem+json\r\nContent-Length: 100\r\n\r\n{", test.status)
			})
			err := test.call(t, client)
			requireOutcome(t, test.expected, test.status, err)
			require.ErrorIs(t, err, appio.ErrExchangeBroken)
		})
	}
}

func TestRedirectsAreNeverFollowed(t *testing.T) {
	t.Parallel()

	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect was followed")
	}))
	t.Cleanup(elsewhere.Close)

	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, test := range calls() {
			t.Run(fmt.Sprintf("%d/%s", status, name), func(t *testing.T) {
				t.Parallel()

				expected := notSent(notification.ReasonIOUnexpectedAnswer)
				if name == "submit" {
					expected = uncertain()
				}

				client, _ := answering(t, status, http.Header{"Location": {elsewhere.URL + "/" + fiscalCode}}, "")
				requireOutcome(t, expected, status, test.call(t, client))
			})
		}
	}
}

// Not even a client that was told to follow them, or to keep cookies, does.
func TestGivenClientFollowsNoRedirectsAndKeepsNoCookies(t *testing.T) {
	t.Parallel()

	jar := &countingJar{}
	given := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/profiles" {
			t.Error("the redirect was followed")
		}

		http.SetCookie(w, &http.Cookie{Name: "ARRAffinity", Value: "x"})
		http.Redirect(w, r, "/elsewhere", http.StatusSeeOther)
	}))
	t.Cleanup(server.Close)

	err := callProfile(t, clientOf(t, appio.Config{BaseURL: server.URL, HTTPClient: given}))
	requireOutcome(t, notSent(notification.ReasonIOUnexpectedAnswer), http.StatusSeeOther, err)
	require.Zero(t, jar.used)
	require.NotNil(t, given.Jar, "the given client itself stays as it was")
	require.NoError(t, given.CheckRedirect(nil, nil))
}

func TestSwitchingProtocolsIsNoAnswer(t *testing.T) {
	t.Parallel()

	client := serving(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)

		hijacker, ok := w.(http.Hijacker)
		if !ok {
			return
		}

		conn, _, err := hijacker.Hijack()
		if err != nil {
			return
		}

		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn) // until the client hangs up
		_ = conn.Close()
	})

	requireOutcome(t, uncertain(), http.StatusSwitchingProtocols, callSubmit(t, client))
}

func TestCancelledBeforeTheCall(t *testing.T) {
	t.Parallel()

	client, requests := answering(t, http.StatusCreated, nil, `{"id":"`+messageID+`"}`)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the caller's own words about " + fiscalCode))

	_, err := client.Submit(ctx, key, simpleMessage())
	requireOutcome(t, notSentRetryable(notification.ReasonIOUnavailable), 0, err)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, requests)
}

func TestTimeoutWhileConnecting(t *testing.T) {
	t.Parallel()

	client := clientOf(t, appio.Config{
		BaseURL: "http://io.invalid",
		Timeout: time.Millisecond,
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()

			return nil, ctx.Err()
		}}},
	})

	err := callSubmit(t, client)
	requireOutcome(t, notSentRetryable(notification.ReasonIOUnavailable), 0, err)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// silent starts a server that reads the request, says so, begins an answer if there is one, and waits until the
// client has gone.
func silent(t *testing.T, begin func(http.ResponseWriter)) (*httptest.Server, <-chan struct{}) {
	t.Helper()

	reached := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			return
		}

		if begin != nil {
			begin(w)

			if flusher, ok := w.(http.Flusher); ok {
				flusher.Flush()
			}
		}

		reached <- struct{}{}

		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)

	return server, reached
}

func TestCancelledWhileWaitingForTheAnswer(t *testing.T) {
	t.Parallel()

	server, reached := silent(t, nil)
	ctx, cancel := context.WithCancel(t.Context())

	go func() {
		<-reached
		cancel()
	}()

	_, err := clientOf(t, appio.Config{BaseURL: server.URL}).Submit(ctx, key, simpleMessage())
	requireOutcome(t, uncertain(), 0, err)
	require.ErrorIs(t, err, context.Canceled)
}

func TestTimeoutWhileWaitingForTheAnswer(t *testing.T) {
	t.Parallel()

	for name, test := range calls() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server, reached := silent(t, nil)
			client := clientOf(t, appio.Config{BaseURL: server.URL, Timeout: 100 * time.Millisecond})

			// On a slow machine the time may be up before the request is out: then it is made anew.
			err := test.call(t, client)
			for len(reached) == 0 {
				err = test.call(t, client)
			}

			requireOutcome(t, test.noReply, 0, err)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

func TestCancelledWithinTheBody(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		begin    func(http.ResponseWriter)
		expected outcome
		status   int
	}{
		"404": {
			begin: func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", problem)
				w.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(w, `{"status":404,`)
			},
			expected: notSentRetryable(notification.ReasonIOUnavailable),
			status:   http.StatusNotFound,
		},
		"201": {
			begin: func(w http.ResponseWriter) {
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, `{"id":"`)
			},
			expected: outcome{reason: notification.ReasonIOUnexpectedAnswer, handOver: notification.HandOverSent},
			status:   http.StatusCreated,
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server, _ := silent(t, test.begin)

			// Cancelled by the arrival of the headers at the client, not at the server: only then the body is
			// what the client is waiting for.
			ctx, cancel := context.WithCancel(t.Context())
			transport := &cancellingTransport{cancel: cancel}
			client := clientOf(t, appio.Config{BaseURL: server.URL, HTTPClient: &http.Client{Transport: transport}})

			_, err := client.Submit(ctx, key, simpleMessage())
			requireOutcome(t, test.expected, test.status, err)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}

// cancellingTransport cancels the call as soon as its answer's headers are there.
type cancellingTransport struct {
	cancel context.CancelFunc
}

func (c *cancellingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)

	c.cancel()

	return response, err
}

// countingJar counts its uses.
type countingJar struct{ used int }

func (j *countingJar) SetCookies(*url.URL, []*http.Cookie) { j.used++ }
func (j *countingJar) Cookies(*url.URL) []*http.Cookie     { j.used++; return nil }
