package drills

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// plays answers each letter's calls one after the other as told, and then accepts it.
func plays(t *testing.T, answers ...int) *ente {
	t.Helper()

	var mu sync.Mutex

	calls := map[string]int{}

	answering := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()

		key := r.Header.Get("Idempotency-Key")
		call := calls[key]
		calls[key]++

		switch {
		case call >= len(answers):
			w.WriteHeader(http.StatusAccepted)
			_ = json.NewEncoder(w).Encode(map[string]string{"id": key}) // the client notices
		case answers[call] == 0:
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(answers[call])
		}
	}))
	t.Cleanup(answering.Close)

	return &ente{url: answering.URL, client: answering.Client()}
}

func TestLoadRepeatsUntilItIsAccepted(t *testing.T) {
	t.Parallel()

	const count = 8

	hands := newLoad(write(count, []*ente{plays(t, http.StatusServiceUnavailable, 0, http.StatusTooManyRequests)}))
	require.NoError(t, hands.run(t.Context(), 1000))
	require.Equal(t, count, hands.acceptedSoFar())
	require.Len(t, hands.acceptedIDs(), count)
	require.Equal(t, "drill-3", hands.letters[3].id)
	require.Equal(t, map[string]int{"answer 503": count, "answer 429": count, "no connection, or cut": count}, hands.repeated())
}

func TestLoadEndsWhereALetterIsRefused(t *testing.T) {
	t.Parallel()

	hands := newLoad(write(8, []*ente{plays(t, http.StatusUnprocessableEntity)}))

	var refused refusedError
	require.ErrorAs(t, hands.run(t.Context(), 1000), &refused)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
}

// TestDrillClearsNothingElse: only what a drill left.
func TestDrillClearsNothingElse(t *testing.T) {
	t.Parallel()

	folder := filepath.Join(t.TempDir(), "drill")
	require.NoError(t, clearFolder(folder))

	require.NoError(t, os.Mkdir(folder, 0o700))
	require.NoError(t, clearFolder(folder))

	precious := filepath.Join(folder, "precious")
	require.NoError(t, os.WriteFile(precious, []byte("data"), 0o600))
	require.ErrorIs(t, clearFolder(folder), errNoDrill)
	require.FileExists(t, precious)

	require.NoError(t, os.WriteFile(filepath.Join(folder, "ground.json"), []byte("{}"), 0o600))
	require.NoError(t, clearFolder(folder))
	require.NoDirExists(t, folder)
}
