package appio_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
)

func TestNewRefusesBaseURLs(t *testing.T) {
	t.Parallel()

	for _, baseURL := range []string{
		"", "api.io.pagopa.it/api/v1", "/api/v1", "ftp://api.io.pagopa.it", "https://", "https://:443/api", "https:api", "://",
		"https://user:secret@api.io.pagopa.it", "https://api.io.pagopa.it/?key=secret", "https://api.io.pagopa.it?",
		"https://api.io.pagopa.it/#secret", "https://api.io.pagopa.it/%zzsecret", "https://secret host/",
	} {
		_, err := appio.New(appio.Config{BaseURL: baseURL})
		require.ErrorIs(t, err, appio.ErrBaseURL, "a base URL of %d characters", len(baseURL))
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestNewRefusesNegativeTimeouts(t *testing.T) {
	t.Parallel()

	_, err := appio.New(appio.Config{BaseURL: "https://api.io.pagopa.it/api/v1", Timeout: -1})
	require.ErrorIs(t, err, appio.ErrNegativeTimeout)
}

func TestNewTakesBaseURLsWithAndWithoutSlash(t *testing.T) {
	t.Parallel()

	for _, ending := range []string{"", "/", "//"} {
		server, requests := recordingServer(t)
		client := clientOf(t, appio.Config{BaseURL: server + "/api/v1" + ending})

		_, err := client.Profile(t.Context(), key, fiscalCode)
		require.NoError(t, err)
		require.Equal(t, "/api/v1/profiles", <-requests)
	}
}

func recordingServer(t *testing.T) (string, <-chan string) {
	t.Helper()

	paths := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths <- r.URL.Path

		_, _ = io.WriteString(w, `{"sender_allowed":true}`)
	}))
	t.Cleanup(server.Close)

	return server.URL, paths
}
