package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHealth(t *testing.T) {
	t.Parallel()

	process := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			http.Error(w, "draining", http.StatusServiceUnavailable)

			return
		}

		_, _ = w.Write([]byte("ready"))
	}))
	t.Cleanup(process.Close)

	var supervisor shell

	require.Equal(t, "ready", supervisor.answer(t, "", "health", process.URL+"/readyz"))
	require.ErrorContains(t, supervisor.run(t.Context(), t, "", "health", process.URL+"/draining"), "not healthy: status 503: draining")

	process.Close()
	require.ErrorContains(t, supervisor.run(t.Context(), t, "", "health", process.URL+"/readyz"), "asking for health")
}
