package server_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server"
)

const batchesPath = "/api/v1/batches"

// upload sends a form.
func (s *site) upload(written *form, header ...string) answer {
	s.t.Helper()

	body, mediaType := written.end()
	c := call{method: http.MethodPost, path: batchesPath, body: body, header: map[string]string{"Content-Type": mediaType}}

	for i := 0; i < len(header); i += 2 {
		c.header[header[i]] = header[i+1]
	}

	return s.send(c)
}

func TestAnUploadReachesTheGatewayWhole(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.upload(
		newForm(t).text("columns", `{"CF contribuente":"fiscal_code","Nome":"placeholder:nome"}`).
			text("service_id", strings.ToUpper(serviceID)).text("template_id", templateID).text("template_version", "3").
			text("name", "TARI à 2026").text("priority", "normal").file("tari.csv", fileContent),
		"Idempotency-Key", "tari-2026",
	)
	require.Equal(t, http.StatusAccepted, got.status, got.body)
	require.Equal(t, "/api/v1/batches/"+knownID, got.header.Get("Location"))
	require.Equal(t, "checking", got.json(t)["status"])

	require.Equal(t, upload{BatchUpload: gateway.BatchUpload{
		ServiceID: serviceID, TemplateID: templateID, TemplateVersion: 3, Name: "TARI à 2026", FileName: "tari.csv",
		Priority: notification.PriorityNormal, IdempotencyKey: "tari-2026",
		Columns: map[string]batch.Field{"CF contribuente": batch.FieldFiscalCode, "Nome": batch.Value("nome")},
	}, content: fileContent}, site.gateway.upload)
	require.Equal(t, enteID, site.gateway.actor.EnteID)
}

func TestAnUploadMayBeShort(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.upload(validForm(t).part(map[string]string{"Content-Disposition": `form-data; name="file"`}, ""))
	require.Equal(t, http.StatusAccepted, got.status, got.body)
	require.Equal(t, upload{BatchUpload: gateway.BatchUpload{ServiceID: serviceID, TemplateID: templateID}}, site.gateway.upload)
}

func TestAFileIsKnownByItsNameAlone(t *testing.T) {
	t.Parallel()

	for given, kept := range map[string]string{
		"avvisi.xlsx":                     "avvisi.xlsx",
		`C:\\Utenti\\ufficio\\avvisi.csv`: "avvisi.csv",
		"/home/ufficio/avvisi.csv":        "avvisi.csv",
		"città\u0085\xff.csv":             "città.csv",
		strings.Repeat("à", 300) + ".csv": strings.Repeat("à", 251) + ".csv",
		"":                                "",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.upload(validForm(t).part(map[string]string{
				"Content-Disposition": `form-data; name="file"; filename="` + given + `"`,
			}, "x"))
			require.Equal(t, http.StatusAccepted, got.status, got.body)
			require.Equal(t, kept, site.gateway.upload.FileName)
		})
	}
}

// Each bad form has an answer that names its parts, and its file reaches nobody.
func TestBadForms(t *testing.T) {
	t.Parallel()

	field := func(name, more string) map[string]string {
		return map[string]string{"Content-Disposition": `form-data; name="` + name + `"` + more}
	}

	for name, test := range map[string]struct {
		form   func(*testing.T) *form
		status int
		fields map[string]string
	}{
		"nothing": {newForm, 422, map[string]string{"service_id": "required", "template_id": "required", "file": "required"}},
		"no file": {validForm, 422, map[string]string{"file": "required"}},
		"invalid parts": {func(t *testing.T) *form {
			t.Helper()

			return newForm(t).text("service_id", "x").text("template_version", "0").text("name", "").text("priority", "high").
				text("columns", `{"CF":5,"RSSMRA80A01H501U":""}`).text("colums", "{}").file("a.csv", "")
		}, 422, map[string]string{
			"service_id": "format", "template_id": "required", "template_version": "too_small", "name": "too_short", "priority": "not_allowed",
			"columns.CF": "type", "columns.*": "too_short", "colums": "unknown_field",
		}},
		"a part twice": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).text("name", "a").text("name", "b").file("a.csv", "")
		}, 422, map[string]string{"name": "repeated"}},
		"no numbers": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).text("template_version", "ultima").text("columns", "CF").file("a.csv", "")
		}, 422, map[string]string{"template_version": "json_syntax", "columns": "json_syntax"}},
		"a text for a number": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).text("template_version", `"1"`).text("columns", "[]").file("a.csv", "")
		}, 422, map[string]string{"template_version": "type", "columns": "type"}},
		"a column twice": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).text("columns", `{"CF":"phone","CF":"fiscal_code"}`).file("a.csv", "")
		}, 422, map[string]string{"columns": "duplicate_field"}},
		"a long part": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).text("name", strings.Repeat("a", 200_000)).file("a.csv", "")
		}, 422, map[string]string{"name": "too_long"}},
		"no UTF-8": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).text("name", "\xff").file("a.csv", "")
		}, 422, map[string]string{"name": "format"}},
		"a file for a text": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).part(field("name", `; filename="a.txt"`), "a").file("a.csv", "")
		}, 422, map[string]string{"name": "type"}},
		"a part after the file": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).file("a.csv", fileContent).text("name", "a")
		}, 422, map[string]string{"name": "misplaced"}},
		"two files": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).file("a.csv", fileContent).file("b.csv", fileContent)
		}, 422, map[string]string{"file": "misplaced"}},
		"a part without a name": {func(t *testing.T) *form {
			t.Helper()

			return validForm(t).part(map[string]string{"Content-Type": "text/plain"}, "a").file("a.csv", "")
		}, 400, map[string]string{"body": "form_syntax"}},
		"very many parts": {func(t *testing.T) *form {
			t.Helper()

			written := validForm(t)
			for range 20 {
				written.text("x", "")
			}

			return written.file("a.csv", "")
		}, 400, map[string]string{"body": "too_many"}},
		"an encoded text": {func(t *testing.T) *form {
			t.Helper()

			header := field("name", "")
			header["Content-Transfer-Encoding"] = "quoted-printable"

			return validForm(t).part(header, "TARI=202026").file("a.csv", "")
		}, 415, map[string]string{}},
		"an encoded file": {func(t *testing.T) *form {
			t.Helper()

			header := field("file", `; filename="a.csv"`)
			header["Content-Transfer-Encoding"] = "base64"

			return validForm(t).part(header, "YQ==")
		}, 415, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.upload(test.form(t))
			require.Equal(t, test.status, got.status, got.body)
			require.Equal(t, test.fields, got.fieldErrors(t))

			if site.gateway.upload.ServiceID != "" {
				require.Error(t, site.gateway.upload.failure, "the file must not seem whole")
			}
		})
	}
}

// A form that was cut off anywhere is never taken for a whole one.
func TestAFormThatIsCutOff(t *testing.T) {
	t.Parallel()

	whole, mediaType := validForm(t).text("name", "TARI").file("a.csv", fileContent).end()
	site := newTarget(t)

	for length := range len(whole) - len("--\r\n") {
		site.gateway.upload = upload{}

		answered := site.postTo(t, batchesPath, mediaType, []byte(whole[:length]))
		require.Equal(t, http.StatusBadRequest, answered.Code, "%d: %s", length, answered.Body)

		if site.gateway.upload.ServiceID != "" {
			require.Error(t, site.gateway.upload.failure, length)
		}
	}

	require.Equal(t, http.StatusAccepted, site.postTo(t, batchesPath, mediaType, []byte(whole)).Code)
}

func TestWrongContentTypesOfAForm(t *testing.T) {
	t.Parallel()

	body, mediaType := validForm(t).file("a.csv", fileContent).end()

	for name, header := range map[string]map[string]string{
		"none":        {"Content-Type": ""},
		"JSON":        {"Content-Type": "application/json"},
		"a plain one": {"Content-Type": "application/x-www-form-urlencoded"},
		"mixed":       {"Content-Type": strings.Replace(mediaType, "form-data", "mixed", 1)},
		"no boundary": {"Content-Type": "multipart/form-data"},
		"compressed":  {"Content-Type": mediaType, "Content-Encoding": "gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := newSite(t).send(call{method: http.MethodPost, path: batchesPath, body: body, header: header})
			require.Equal(t, http.StatusUnsupportedMediaType, got.status, got.body)
		})
	}
}

// zeros are a file of any size without the memory for it.
type zeros struct{}

func (zeros) Read(into []byte) (int, error) {
	clear(into)

	return len(into), nil
}

func TestAFileIsBounded(t *testing.T) {
	t.Parallel()

	form, mediaType := validForm(t).file("a.csv", "").end()
	// The form around the content: what goes before it, and the last boundary.
	before, after := form[:strings.LastIndex(form, "\r\n--")], form[strings.LastIndex(form, "\r\n--"):]

	for name, test := range map[string]struct {
		size      int64
		announced bool
		status    int
	}{
		"as large as may be":        {batch.MaxBytes, true, http.StatusAccepted},
		"a byte too large":          {batch.MaxBytes + 1, true, http.StatusRequestEntityTooLarge},
		"far too large":             {server.MaxUploadBytes, true, http.StatusRequestEntityTooLarge},
		"far too large, unforeseen": {server.MaxUploadBytes, false, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			memory := newGateway()
			memory.counts = true
			built, err := server.New(server.Config{Gateway: memory, Log: zap.NewNop()})
			require.NoError(t, err)

			body := io.MultiReader(strings.NewReader(before), io.LimitReader(zeros{}, test.size), strings.NewReader(after))
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, batchesPath, body)
			request.Header["Authorization"] = []string{"Bearer " + knownKey}
			request.Header["Content-Type"] = []string{mediaType}

			if test.announced {
				request.ContentLength = int64(len(form)) + test.size
			}

			answered := httptest.NewRecorder()
			built.Handler().ServeHTTP(answered, request)
			require.Equal(t, test.status, answered.Code, answered.Body.String())

			if test.status == http.StatusAccepted {
				require.Equal(t, strconv.Itoa(batch.MaxBytes), memory.upload.content)
			}
		})
	}
}

// counting counts what was taken from a body.
type counting struct {
	io.Reader

	taken int
}

func (c *counting) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	c.taken += n

	return n, err
}

// The gateway reads the file while it comes: nothing holds it whole before.
func TestAFileIsStreamed(t *testing.T) {
	t.Parallel()

	const size = 4 << 20

	form, mediaType := validForm(t).file("a.csv", strings.Repeat("x", size)).end()
	body := &counting{Reader: strings.NewReader(form)}
	before := 0

	memory := newGateway()
	memory.counts, memory.began = true, func() { before = body.taken }
	built, err := server.New(server.Config{Gateway: memory, Log: zap.NewNop()})
	require.NoError(t, err)

	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, batchesPath, body)
	request.Header["Authorization"] = []string{"Bearer " + knownKey}
	request.Header["Content-Type"] = []string{mediaType}

	answered := httptest.NewRecorder()
	built.Handler().ServeHTTP(answered, request)
	require.Equal(t, http.StatusAccepted, answered.Code)
	require.Equal(t, strconv.Itoa(size), memory.upload.content)
	require.Less(t, before, size/10)
}

// An upload takes its time: the bound on other requests does not end it.
func TestAnUploadIsNotBoundByTheTimeOfOtherRequests(t *testing.T) {
	t.Parallel()

	body, mediaType := validForm(t).file("a.csv", strings.Repeat(fileContent, 20_000)).end()
	built, err := server.New(server.Config{Gateway: newGateway(), Log: zap.NewNop()})
	require.NoError(t, err)

	// A connection whose time is over.
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection := http.NewResponseController(w)
		over := time.Now().Add(-time.Second)

		if errors.Join(connection.SetReadDeadline(over), connection.SetWriteDeadline(over)) == nil {
			built.Handler().ServeHTTP(w, r)
		}
	}))
	t.Cleanup(late.Close)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, late.URL+batchesPath, bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+knownKey)
	request.Header.Set("Content-Type", mediaType)

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, read(t, response).status)
}

func TestTheGatewaysWordOnAnUploadIsPassedOn(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	site.gateway.failure = gateway.ErrIdempotencyConflict
	require.Equal(t, http.StatusConflict, site.upload(validForm(t).file("a.csv", fileContent)).status)
}

// Whatever is posted as a form, the answer is an acceptance or a problem, never a fault, and what is accepted is a
// whole form with the file that the gateway read.
func FuzzForm(f *testing.F) {
	const boundary = "limite"

	part := func(name, value string) string {
		return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	before := part("service_id", serviceID) + part("template_id", templateID)
	end := "--" + boundary + "--\r\n"

	for _, seed := range []string{
		"", end, before + end, before + part("file", fileContent) + end, before + part("file", fileContent),
		before + part("columns", `{"CF":"fiscal_code"}`) + part("file", "x") + end, before + part("file", "x") + part("name", "y") + end,
		part("file", "x") + before + end, before + part("name", "\xff") + part("name", "") + part("file", "") + end,
		"--" + boundary + "\r\n\r\n", "--" + boundary, before + part("template_version", "1e400") + part("file", "") + end,
		"preambolo\r\n" + before + part("file", "a\r\n--limit") + end + "epilogo",
	} {
		f.Add([]byte(seed))
	}

	site := newTarget(f)

	f.Fuzz(func(t *testing.T, body []byte) {
		site.gateway.upload = upload{}
		answered := site.postTo(t, batchesPath, "multipart/form-data; boundary="+boundary, body)
		require.Less(t, answered.Code, http.StatusInternalServerError, answered.Body.String())

		if answered.Code != http.StatusAccepted {
			require.Equal(t, "application/problem+json", answered.Header().Get("Content-Type"))

			return
		}

		given := site.gateway.upload
		require.NoError(t, given.failure)
		require.Equal(t, serviceID, given.ServiceID)
		require.True(t, bytes.Contains(body, []byte("--"+boundary+"--")))
		require.True(t, bytes.Contains(body, []byte(given.content)))
	})
}
