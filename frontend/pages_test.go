package frontend_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
)

func TestPagesForbidEverythingForeign(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.SupportEmail, samples())

	for _, path := range []string{
		"/notifications", notificationPath("3"), notificationPath("3") + "/retry", "/accessibilita", "/nowhere",
		notificationPath("3") + "/live/x", "/batches", "/batches/new", "/batches/nowhere/x/y", batchPath(mapping), batchPath(draft),
		batchPath(sending), batchPath(draft) + "/send", batchPath(draft) + "/rows/0/preview", "/templates", "/templates/new",
		tariPath, "/templates/x/y",
	} {
		shown := b.get(path)
		policy := shown.header.Get("Content-Security-Policy")

		require.Contains(t, policy, "default-src 'self'", path)
		require.NotContains(t, policy, "unsafe", path)
		require.Equal(t, "no-store", shown.header.Get("Cache-Control"), path)
		require.NotRegexp(t, `<style|style=|<script>| on[a-z]+=|(src|href)="https?:`, shown.body, path)
		require.Contains(t, shown.body, `<html lang="it">`, path)
	}
}

func TestUnknownAddressesGetAPage(t *testing.T) {
	t.Parallel()

	shown := open(t, samples()).get("/nowhere")
	require.Equal(t, http.StatusNotFound, shown.status)
	require.Contains(t, shown.body, "Pagina non trovata")
}

func TestFaultsAreLoggedOnceAndExplained(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	b.gateway.Break(errors.New("the disk is on fire"))

	shown := b.get("/notifications?reference=segreto")
	require.Equal(t, http.StatusInternalServerError, shown.status)
	require.Contains(t, shown.body, "Errore interno")
	require.NotContains(t, shown.body, "disk")

	logged := b.logs.FilterMessage("a page could not be answered").All()
	require.Len(t, logged, 1)
	require.Equal(t, "/notifications", logged[0].ContextMap()["route"])
	require.NotContains(t, fmt.Sprint(logged), "segreto")
}

func TestAssets(t *testing.T) {
	t.Parallel()

	b := open(t, samples())
	script := b.get("/assets/main-1.js")
	require.Equal(t, http.StatusOK, script.status)
	require.Contains(t, script.header.Get("Cache-Control"), "immutable")
	require.Contains(t, script.header.Get("Content-Type"), "javascript")
	require.Equal(t, "image/svg+xml", b.get("/favicon.ico").header.Get("Content-Type"))

	for _, path := range []string{"/assets/", "/assets/.vite/manifest.json", "/assets/missing.js", "/assets/..%2fgo.mod", "/assets/.gitkeep"} {
		require.Equal(t, http.StatusNotFound, b.get(path).status, path)
	}
}

func TestPagesAreReadableWithoutAssets(t *testing.T) {
	t.Parallel()

	unbuilt := func(c *frontend.Config) { c.Assets = fstest.MapFS{".gitkeep": {}} }
	shown := openAs(t, frontendtest.OperatorEmail, samples(), unbuilt).get("/notifications")

	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "Lo stile delle pagine non è stato compilato")
	require.Contains(t, shown.body, "Non riuscita")
	require.NotContains(t, shown.body, "/assets/")
}

func TestLanguage(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	chosen := b.post("/language", url.Values{"lang": {"en"}, "back": {notificationPath("3")}})
	require.Equal(t, notificationPath("3"), chosen.location())

	shown := b.get(notificationPath("3"))
	require.Contains(t, shown.body, `<html lang="en">`)
	require.Contains(t, shown.body, "What to do:")
	require.Contains(t, shown.body, "€123.45")

	require.Equal(t, http.StatusBadRequest, b.post("/language", url.Values{"lang": {"xx"}}).status)
	require.Equal(t, "/dashboard", b.post("/language", url.Values{"lang": {"it"}, "back": {"https://evil.example"}}).location())
}

func TestBrokenManifestIsReported(t *testing.T) {
	t.Parallel()

	for _, manifest := range []string{"{", "{}"} {
		_, err := frontend.New(frontend.Config{
			Gateway: samples(), Sessions: memstore.NewWithCleanupInterval(0), Log: zap.NewNop(),
			Assets: fstest.MapFS{".vite/manifest.json": {Data: []byte(manifest)}},
		})
		require.ErrorContains(t, err, "manifest")
	}
}

func TestEveryMessageExistsInBothLanguages(t *testing.T) {
	t.Parallel()

	italian, english := messages(t, "it"), messages(t, "en")
	verbs := regexp.MustCompile(`%[a-z]`)

	for key, text := range italian {
		require.Contains(t, english, key)
		require.Equal(t, verbs.FindAllString(text, -1), verbs.FindAllString(english[key], -1), key)
	}

	require.Len(t, english, len(italian))
}

func TestEveryMessageThatIsUsedExists(t *testing.T) {
	t.Parallel()

	known := messages(t, "it")

	beginnings := map[string]bool{}
	for key := range known {
		beginnings[strings.SplitN(key, ".", 2)[0]] = true
	}

	parts := strings.Join(slices.Sorted(maps.Keys(beginnings)), "|")

	for _, used := range mentions(t, regexp.MustCompile(`"((?:`+parts+`)\.[a-z0-9_.]+)"`)) {
		switch {
		case strings.HasSuffix(used, ".html"), strings.HasSuffix(used, "."):
		case known[used+".one"] != "":
			require.NotEmpty(t, known[used+".many"], used)
		default:
			// Either a key, or the beginning of several that a code completes.
			require.True(t, known[used] != "" || begins(known, used), used)
		}
	}

	for _, act := range []string{"retry", "decide", "resume", "hold", "cancel"} {
		for _, part := range []string{"button", "title", "text", "submit", "done"} {
			require.NotEmpty(t, known["act."+act+"."+part], act+part)
		}
	}
}

// What the pages put together from a code and a beginning.
func TestEveryCodeHasItsMessage(t *testing.T) {
	t.Parallel()

	known := messages(t, "it")

	for beginning, codes := range map[string][]string{
		"batch.status.": {
			"checking", "mapping", "unreadable", "draft", "scheduled", "sending", "paused", "completed", "cancelled", "discarded",
		},
		"batch.explain.":        {"checking", "mapping", "draft", "scheduled", "sending", "paused", "completed", "cancelled", "discarded"},
		"batch.act.sample.":     {"title", "text", "submit", "done"},
		"batch.act.resume.":     {"button", "title", "text", "submit", "done"},
		"batch.act.pause.":      {"button", "title", "text", "submit", "done"},
		"batch.act.cancel.":     {"button", "title", "text", "submit", "done"},
		"batch.act.discard.":    {"button", "title", "text", "submit", "done"},
		"row.caption.":          {"good", "bad", "duplicate", "repaired"},
		"row.none.":             {"good", "bad", "duplicate", "repaired"},
		"preview.lang.":         {"it", "en"},
		"template.button_text.": {"1", "2"}, "template.button_action.": {"1", "2"},
		"columns.field.": {
			string(batch.FieldFiscalCode), string(batch.FieldPhone), string(batch.FieldReference), string(batch.FieldDueDate),
			string(batch.FieldNoticeNumber), string(batch.FieldAmountEuro), string(batch.FieldAmountCents),
			string(batch.FieldInvalidAfter), string(batch.FieldPayee), string(batch.FieldSendAt),
		},
		"dashboard.": {
			"delivered_io", "delivered_sms", "not_delivered", "failed", "expired", "cancelled", "on_hold", "in_progress",
		},
		"progress.": {
			"delivered_io", "delivered_sms", "not_delivered", "failed", "expired", "cancelled", "on_hold", "in_progress", "queued",
		},
	} {
		for _, code := range codes {
			require.NotEmpty(t, known[beginning+code], beginning+code)
		}
	}
}

func TestEveryIconThatIsUsedIsBuilt(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile("src/icons.json")
	require.NoError(t, err)

	var built []string
	require.NoError(t, json.Unmarshal(text, &built))
	require.ElementsMatch(t, built, mentions(t, regexp.MustCompile(`"(it-[a-z-]+)"`)))
}

func messages(t *testing.T, lang string) map[string]string {
	t.Helper()

	names, err := filepath.Glob("messages/" + lang + "/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, names)

	all := map[string]string{}

	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)

		var read map[string]string
		require.NoError(t, json.Unmarshal(text, &read), name)
		maps.Copy(all, read)
	}

	return all
}

func begins(known map[string]string, beginning string) bool {
	for key := range known {
		if strings.HasPrefix(key, beginning+".") {
			return true
		}
	}

	return false
}

// mentions are the different matches of the pattern's group in the templates and the product's Go files.
func mentions(t *testing.T, pattern *regexp.Regexp) []string {
	t.Helper()

	templates, err := filepath.Glob("templates/*.html")
	require.NoError(t, err)
	parts, err := filepath.Glob("templates/parts/*.html")
	require.NoError(t, err)
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)

	seen := map[string]bool{}

	var found []string

	for _, name := range slices.Concat(templates, parts, sources) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}

		text, err := os.ReadFile(name)
		require.NoError(t, err)

		for _, match := range pattern.FindAllStringSubmatch(string(text), -1) {
			if !seen[match[1]] {
				seen[match[1]] = true
				found = append(found, match[1])
			}
		}
	}

	return found
}
