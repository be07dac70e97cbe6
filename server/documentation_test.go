package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server"
)

func TestDocumentationStandsAlone(t *testing.T) {
	t.Parallel()

	site := newSite(t)

	for _, path := range []string{"/docs", "/docs/errors", "/docs/reasons"} {
		got := site.send(call{method: http.MethodGet, path: path, anonymous: true})
		require.Equal(t, http.StatusOK, got.status)
		require.Equal(t, "text/html; charset=utf-8", got.header.Get("Content-Type"))
		require.Contains(t, got.header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'")
		require.Equal(t, 1, strings.Count(got.body, "<h1"), path)
		require.Equal(t, 1, strings.Count(got.body, "<main"), path)
		require.NotContains(t, got.body, "<script")
		require.NotContains(t, got.body, "style=")
		require.NotContains(t, got.body, "ZgotmplZ")

		for _, asset := range regexp.MustCompile(`(?:src|<link[^>]*href)="([^"]*)"`).FindAllStringSubmatch(got.body, -1) {
			require.True(t, strings.HasPrefix(asset[1], "/"), "an asset from elsewhere: %s", asset[1])
			require.Equal(t, http.StatusOK, site.send(call{method: http.MethodGet, path: asset[1], anonymous: true}).status)
		}

		requireAnchors(t, got.body)
	}
}

// requireAnchors asks that ids are unique and that every link within the page leads somewhere.
func requireAnchors(t *testing.T, page string) {
	t.Helper()

	ids := map[string]bool{}

	for _, id := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		require.False(t, ids[id[1]], "%s stands twice", id[1])
		ids[id[1]] = true
	}

	for _, link := range regexp.MustCompile(`(?:href="#|aria-labelledby=")([^"]*)"`).FindAllStringSubmatch(page, -1) {
		require.True(t, ids[link[1]], "%s leads nowhere", link[1])
	}
}

// The link in a problem's type leads to its explanation.
func TestProblemsLinkToTheirExplanation(t *testing.T) {
	t.Parallel()

	site := newSite(t, func(config *server.Config) { config.PublicURL = "https://notifiche.regione.example" })
	problem := site.send(call{method: http.MethodGet, path: "/api/v1/services", anonymous: true}).json(t)
	require.Equal(t, "https://notifiche.regione.example/docs/errors#unauthenticated", problem["type"])

	page := site.send(call{method: http.MethodGet, path: "/docs/errors", anonymous: true}).body
	for _, problem := range server.Problems() {
		require.Regexp(t, ` id="`+string(problem.Code)+`"`, page)
	}

	page = site.send(call{method: http.MethodGet, path: "/docs/reasons", anonymous: true}).body
	for _, reason := range notification.Catalogue() {
		require.Contains(t, page, `id="`+string(reason.Reason)+`"`)
	}
}

func TestReferenceShowsCallsToCopy(t *testing.T) {
	t.Parallel()

	site := newSite(t, func(config *server.Config) { config.PublicURL = "https://notifiche.regione.example" })
	page := site.send(call{method: http.MethodGet, path: "/docs", anonymous: true}).body

	for _, part := range []string{
		"curl --request POST &#39;https://notifiche.regione.example/api/v1/notifications&#39;", "$GENIO_API_KEY",
		`<section lang="it"`, "<strong>Authentication.</strong>", "<code>/status</code>", "<li>",
	} {
		require.True(t, strings.Contains(page, part), part) //nolint:testifylint // the page is too long to be printed
	}
}

// A file is sent as a form, in which it comes last.
func TestReferenceShowsAnUploadToCopy(t *testing.T) {
	t.Parallel()

	page := newSite(t).send(call{method: http.MethodGet, path: "/docs", anonymous: true})
	require.Regexp(
		t, `curl --request POST &#39;[^ ]*/api/v1/batches&#39; (?s:.*)`+
			`--form &#39;columns={&#34;CF contribuente&#34;:&#34;fiscal_code&#34;,[^ ]*}&#39; (?s:.*)`+
			`--form &#39;template_id=[-0-9a-f]*&#39; \\\n  --form &#39;file=@tari-2026.csv&#39;</code>`,
		page.body,
	)
	require.Contains(t, page.body, "<code>multipart/form-data</code>")
	require.Contains(t, page.body, "as <code>"+xlsxType+"</code> or <code>text/csv</code>")
}
