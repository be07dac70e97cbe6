package appio_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
)

// watched notes what a watch hears.
func watched(heard *[]string) func(context.Context, string) (context.Context, func(int)) {
	return func(ctx context.Context, operation string) (context.Context, func(int)) {
		return ctx, func(status int) { *heard = append(*heard, fmt.Sprintf("%s %d", operation, status)) }
	}
}

// A watch hears of each call once, by its operation and nothing that belongs to a citizen.
func TestWatchHearsOfEachCall(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   []string
	}{
		"answered": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
			[]string{"getProfileByPOST 429", "submitMessage 429", "getMessage 429"},
		},
		"cut": {
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			[]string{"getProfileByPOST 0", "submitMessage 0", "getMessage 0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := httptest.NewServer(test.answer)
			t.Cleanup(server.Close)

			var heard []string

			client := clientOf(t, appio.Config{BaseURL: server.URL, Watch: watched(&heard)})

			_, err := client.Profile(t.Context(), key, fiscalCode)
			require.Error(t, err)

			_, err = client.Submit(t.Context(), key, appio.Message{FiscalCode: fiscalCode})
			require.Error(t, err)

			_, err = client.Status(t.Context(), key, fiscalCode, "01HV000000000000000000000A")
			require.Error(t, err)

			// A key that cannot stand in a header is no call.
			_, err = client.Profile(t.Context(), "no key", fiscalCode)
			require.Error(t, err)

			require.Equal(t, test.want, heard)
		})
	}
}
