package appio_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/notification"
)

// keepAliveServer speaks bare HTTP/1.1 on its own connections, so that it can close them at the worst moment.
type keepAliveServer struct {
	listener net.Listener
	// afterMessage says what to do with a connection on which a message has arrived whole: true answers 201.
	afterMessage func(ordinal int) bool
	// closeAfterProfile closes the connection right behind the answer, without announcing it.
	closeAfterProfile bool

	mu          sync.Mutex
	messages    int
	connections int
}

func startKeepAliveServer(t *testing.T, server *keepAliveServer) *appio.Client {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at the test's end
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })

	server.listener = listener

	go server.accept()

	return clientOf(t, appio.Config{BaseURL: "http://" + listener.Addr().String()})
}

func (s *keepAliveServer) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}

		s.mu.Lock()
		s.connections++
		s.mu.Unlock()

		go s.serve(conn)
	}
}

func (s *keepAliveServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()

	reader := bufio.NewReader(conn)

	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}

		_, err = io.Copy(io.Discard, request.Body)
		if err != nil {
			return
		}

		if request.URL.Path == "/messages" {
			s.mu.Lock()
			s.messages++
			ordinal := s.messages
			s.mu.Unlock()

			if !s.afterMessage(ordinal) {
				return
			}

			writeAnswer(conn, "201 Created", `{"id":"`+messageID+`"}`)

			continue
		}

		writeAnswer(conn, "200 OK", `{"sender_allowed":true}`)

		if s.closeAfterProfile {
			return
		}
	}
}

func writeAnswer(conn net.Conn, status, body string) {
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

func (s *keepAliveServer) received() (messages, connections int) {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.messages, s.connections
}

// On a connection that was used before, net/http takes a close without an answer for an idle timeout and sends
// what it deems repeatable again by itself. A message must not be.
func TestNoSecondWriteWhenAReusedConnectionCloses(t *testing.T) {
	t.Parallel()

	server := &keepAliveServer{afterMessage: func(ordinal int) bool { return ordinal > 1 }}
	client := startKeepAliveServer(t, server)

	_, err := client.Profile(t.Context(), key, fiscalCode)
	require.NoError(t, err)

	requireOutcome(t, uncertain(), 0, callSubmit(t, client))

	// A further call goes through, and would come behind any repetition.
	id, err := client.Submit(t.Context(), key, simpleMessage())
	require.NoError(t, err)
	require.Equal(t, messageID, id)

	messages, connections := server.received()
	require.Equal(t, 2, messages, "one per call")
	require.Equal(t, 2, connections, "the first call to submit reused the profile's connection")
}

// The server closes while the client may be about to use the connection: whatever the client makes of it, what
// it reports is what happened.
func TestHandOverIsTrueWhenIdleConnectionsClose(t *testing.T) {
	t.Parallel()

	server := &keepAliveServer{afterMessage: func(int) bool { return true }, closeAfterProfile: true}
	client := startKeepAliveServer(t, server)

	for range 200 {
		before, _ := server.received()

		_, err := client.Profile(t.Context(), key, fiscalCode)
		if err != nil {
			require.Equal(t, notification.HandOverNotSent, deliveryError(t, err).HandOver)
		}

		_, err = client.Submit(t.Context(), key, simpleMessage())
		after, _ := server.received()

		if err == nil {
			require.Equal(t, before+1, after)

			continue
		}

		if deliveryError(t, err).HandOver == notification.HandOverNotSent {
			require.Equal(t, before, after)
		}
	}
}

// Calls are cancelled at every possible moment. Those reported as not sent must never have arrived, not even
// later.
func TestHandOverIsTrueWhenCallsAreCancelled(t *testing.T) {
	t.Parallel()

	var arrived sync.Map

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			FiscalCode string `json:"fiscal_code"`
		}

		content, err := io.ReadAll(r.Body)
		if err == nil && json.Unmarshal(content, &body) == nil {
			arrived.Store(body.FiscalCode, true)
		}

		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"`+messageID+`"}`)
	}))
	client := clientOf(t, appio.Config{BaseURL: server.URL})

	outcomes := make(map[string]notification.HandOver)

	for i := range 500 {
		message := simpleMessage()
		message.FiscalCode = fmt.Sprintf("RSSMRA80A01H%04d", i)

		ctx, cancel := context.WithTimeout(t.Context(), rand.N(time.Millisecond))
		_, err := client.Submit(ctx, key, message)

		cancel()

		outcomes[message.FiscalCode] = notification.HandOverSent
		if err != nil {
			outcomes[message.FiscalCode] = deliveryError(t, err).HandOver
		}
	}

	server.Close() // waits for what is still under way

	for recipient, handOver := range outcomes {
		_, ok := arrived.Load(recipient)

		switch handOver {
		case notification.HandOverNotSent:
			require.False(t, ok, "reported as not sent, and arrived")
		case notification.HandOverSent:
			require.True(t, ok, "reported as sent, and never arrived")
		case notification.HandOverUncertain:
		}
	}
}

// lateTransport fails a call at once and goes on with its request afterwards, as transports may.
type lateTransport struct {
	late chan error
}

func (l *lateTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	failed := make(chan struct{})

	go func() {
		<-failed
		<-request.Context().Done() // the call has returned

		content, err := io.ReadAll(request.Body)
		if len(content) > 0 {
			err = errors.New("the body was handed out after the call was reported as not sent")
		}

		l.late <- err
	}()

	close(failed)

	return nil, errors.New("no stream available for " + request.URL.Path)
}

func TestWhatWasReportedAsNotSentCannotBeSentAfterwards(t *testing.T) {
	t.Parallel()

	transport := &lateTransport{late: make(chan error, 1)}
	client := clientOf(t, appio.Config{BaseURL: "http://io.invalid", HTTPClient: &http.Client{Transport: transport}})

	requireOutcome(t, notSentRetryable(notification.ReasonIOUnavailable), 0, callSubmit(t, client))
	require.ErrorContains(t, <-transport.late, "given up")
}

func TestRequestsCannotBeRewound(t *testing.T) {
	t.Parallel()

	inspected := make(chan *http.Request, 1)
	client := clientOf(t, appio.Config{
		BaseURL: "http://io.invalid",
		HTTPClient: &http.Client{Transport: roundTripper(func(request *http.Request) (*http.Response, error) {
			inspected <- request

			return nil, io.EOF
		})},
	})

	require.Error(t, callSubmit(t, client))
	require.Nil(t, (<-inspected).GetBody, "with it, net/http may send a body again")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
