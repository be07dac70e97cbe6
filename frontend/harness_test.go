package frontend_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
)

// noon is when the tests happen: an Italian winter's day.
func noon() time.Time { return time.Date(2026, time.November, 23, 11, 0, 0, 0, time.UTC) }

// backoffice is the pages over HTTP, as one browser uses them.
type backoffice struct {
	t       *testing.T
	gateway *frontendtest.Gateway // nil over a real one
	pages   *frontend.Frontend
	url     string
	browser *http.Client
	logs    *observer.ObservedLogs
}

// answer is what the browser got.
type answer struct {
	status int
	header http.Header
	body   string
}

type option func(*frontend.Config)

func open(t *testing.T, gateway *frontendtest.Gateway, options ...option) *backoffice {
	t.Helper()

	b := openOver(t, gateway, options...)
	b.gateway = gateway

	return b
}

func openOver(t *testing.T, gateway frontend.Gateway, options ...option) *backoffice {
	t.Helper()

	core, logs := observer.New(zapcore.DebugLevel)
	config := frontend.Config{
		Gateway: gateway, Sessions: memstore.NewWithCleanupInterval(0), Log: zap.New(core),
		Assets: builtAssets(), Clock: noon,
	}

	for _, change := range options {
		change(&config)
	}

	pages, err := frontend.New(config)
	require.NoError(t, err)

	server := httptest.NewServer(pages.Handler())
	t.Cleanup(server.Close)

	jar, err := cookiejar.New(nil)
	require.NoError(t, err)

	return &backoffice{t: t, pages: pages, url: server.URL, logs: logs, browser: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// openAs is open, signed in.
func openAs(t *testing.T, email string, gateway *frontendtest.Gateway, options ...option) *backoffice {
	t.Helper()

	b := open(t, gateway, options...)
	require.Equal(t, http.StatusSeeOther, b.signIn(email, frontendtest.Password).status)

	return b
}

func samples() *frontendtest.Gateway {
	return frontendtest.NewGateway(noon, frontendtest.Samples(noon())...).
		With(frontendtest.SampleBatches(noon()), frontendtest.SampleTemplates(noon()))
}

func builtAssets() fstest.MapFS {
	return fstest.MapFS{
		".vite/manifest.json": {Data: []byte(`{"src/main.js":{"file":"main-1.js","css":["main-1.css"]},"icons.svg":{"file":"icons-1.svg"}}`)},
		"main-1.js":           {Data: []byte("export {}")},
		"main-1.css":          {Data: []byte("body{}")},
		"icons-1.svg":         {Data: []byte("<svg/>")},
	}
}

func (b *backoffice) signIn(email, password string) answer {
	return b.post("/signin", url.Values{"email": {email}, "password": {password}})
}

func (b *backoffice) get(path string, headers ...string) answer {
	return b.do(http.MethodGet, path, "", headers...)
}

// post submits a form as a browser does from the backoffice's own pages.
func (b *backoffice) post(path string, form url.Values, headers ...string) answer {
	return b.do(http.MethodPost, path, form.Encode(), append([]string{"Sec-Fetch-Site", "same-origin"}, headers...)...)
}

func (b *backoffice) do(method, path, body string, headers ...string) answer {
	b.t.Helper()

	if method == http.MethodPost {
		headers = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
	}

	return b.send(method, path, strings.NewReader(body), headers...)
}

// send asks for a page; of two headers of one name the last one counts.
func (b *backoffice) send(method, path string, body io.Reader, headers ...string) answer {
	b.t.Helper()

	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, body)
	require.NoError(b.t, err)

	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}

	response, err := b.browser.Do(request)
	require.NoError(b.t, err)

	defer func() { require.NoError(b.t, response.Body.Close()) }()

	text, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)

	return answer{status: response.StatusCode, header: response.Header, body: string(text)}
}

func (a answer) location() string { return a.header.Get("Location") }

// once is the key of the page's confirmation.
func (a answer) once(t *testing.T) string {
	t.Helper()

	found := regexp.MustCompile(`name="once" value="([^"]+)"`).FindStringSubmatch(a.body)
	require.NotNil(t, found, "no confirmation")

	return found[1]
}

// notificationPath is the page of the numbered sample.
func notificationPath(number string) string {
	return "/notifications/01936f6e-0000-7000-9000-00000000000" + number
}
