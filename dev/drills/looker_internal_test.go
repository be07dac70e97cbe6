package drills

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLookerCountsWhatFailsAndRepeatsNothing(t *testing.T) {
	t.Parallel()

	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path

		if r.URL.Path == "/signin" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)

	one := &ente{apiKey: "key"}
	hands := newLoad([]*letter{{ente: one, id: "7"}, {ente: one}, {ente: &ente{}, id: "8"}})
	require.Equal(t, "7", hands.acceptedBy(one))
	require.Empty(t, hands.acceptedBy(&ente{}))

	looks := newLooker(server.URL, []*ente{one})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})

	go func() {
		defer close(ended)

		looks.run(ctx, 1000, hands)
	}()

	paths := map[string]bool{}
	for range 6 {
		paths[<-asked] = true
	}

	stop()
	<-ended

	require.Equal(t, map[string]bool{"/api/v1/notifications/7": true, "/api/v1/notifications": true, "/signin": true}, paths)

	seen, failed := looks.counted()
	require.Equal(t, 6+len(asked), total(seen))
	require.Equal(t, map[string]int{"a page: answer 503": seen["a page"]}, failed)

	server.Close()

	gone := newLooker(server.URL, []*ente{one})
	gone.client.Timeout = time.Second
	gone.look(t.Context(), "a page", "/signin", "")

	_, failed = gone.counted()
	require.Equal(t, 1, total(failed))
}
