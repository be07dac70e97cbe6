package server_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/server"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func TestTables(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		path, accept, lang, act, ending, mediaType string
	}{
		"rejects":              {"/rejects", "", "", "rejects csv", "rejects.csv", "text/csv; charset=utf-8"},
		"rejects as Excel":     {"/rejects?format=xlsx", "text/csv", "en", "rejects xlsx", "rejects.xlsx", xlsxType},
		"results":              {"/results", "*/*", "", "results csv it", "results.csv", "text/csv; charset=utf-8"},
		"results in English":   {"/results?format=csv", xlsxType, "en", "results csv en", "results.csv", "text/csv; charset=utf-8"},
		"by Accept":            {"/results", "application/json, " + xlsxType, "it", "results xlsx it", "results.xlsx", xlsxType},
		"by weight":            {"/results", xlsxType + ";q=0.5, text/csv", "", "results csv it", "results.csv", "text/csv; charset=utf-8"},
		"by weight, the other": {"/results", xlsxType + ";q=0.5, TEXT/csv;q=0.4", "", "results xlsx it", "results.xlsx", xlsxType},
		"refused":              {"/results", xlsxType + ";q=0", "", "results csv it", "results.csv", "text/csv; charset=utf-8"},
		"nonsense":             {"/results", ";;,,q=", "", "results csv it", "results.csv", "text/csv; charset=utf-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			site.gateway.content = "riga;motivo\r\n"

			got := site.send(call{
				method: http.MethodGet, path: batchPath + test.path, header: map[string]string{"Accept": test.accept, "Accept-Language": test.lang},
			})
			require.Equal(t, http.StatusOK, got.status, got.body)
			require.Equal(t, "riga;motivo\r\n", got.body)
			require.Equal(t, test.mediaType, got.header.Get("Content-Type"))
			require.Equal(t, `attachment; filename="batch-`+knownID+"-"+test.ending+`"`, got.header.Get("Content-Disposition"))
			require.Equal(t, []string{test.act}, site.gateway.acts)
		})
	}
}

func TestAnEmptyTableIsATable(t *testing.T) {
	t.Parallel()

	got := newSite(t).send(call{method: http.MethodGet, path: batchPath + "/rejects"})
	require.Equal(t, http.StatusOK, got.status)
	require.Contains(t, got.header.Get("Content-Disposition"), "rejects.csv")
}

// What fails before anything was sent is answered as any other failure.
func TestATableThatCannotBegin(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	site.gateway.content = "the beginning of a table"

	for code, failure := range map[string]error{"state_conflict": gateway.ErrState, "internal_error": errors.New("the disk is full")} {
		site.gateway.failure = failure

		got := site.send(call{method: http.MethodGet, path: batchPath + "/results"})
		require.Equal(t, code, got.json(t)["code"])
		require.Empty(t, got.header.Get("Content-Disposition"))
	}
}

// What fails afterwards cuts the connection: half a table must not look like a whole one.
func TestATableThatFailsHalfWayIsCutOff(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	site.gateway.content = strings.Repeat("riga;motivo\r\n", 100_000)
	site.gateway.failure = gateway.ErrUnavailable

	response, err := http.DefaultClient.Do(site.request(call{method: http.MethodGet, path: batchPath + "/results"}))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)

	_, err = io.ReadAll(response.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NoError(t, response.Body.Close())

	require.Len(t, site.logs.FilterMessage("request").All(), 1)
	require.Len(t, site.logs.FilterMessage("a request could not be served now").All(), 1)
}

// A download takes its time: the bound on other answers does not end it.
func TestATableIsNotBoundByTheTimeOfOtherAnswers(t *testing.T) {
	t.Parallel()

	memory := newGateway()
	memory.content = strings.Repeat("riga;motivo\r\n", 500_000)
	built, err := server.New(server.Config{Gateway: memory, Log: zap.NewNop()})
	require.NoError(t, err)

	// A connection whose time for an answer is over.
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if http.NewResponseController(w).SetWriteDeadline(time.Now().Add(-time.Second)) == nil {
			built.Handler().ServeHTTP(w, r)
		}
	}))
	t.Cleanup(late.Close)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, late.URL+batchPath+"/results", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+knownKey)

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.Len(t, read(t, response).body, len(memory.content))
}
