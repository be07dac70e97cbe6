package frontend_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// fields are those of the upload's form, in its order, each with its value.
type fields [][2]string

func uploadFields(changes ...[2]string) fields {
	all := fields{
		{"once", anyKey}, {"service", frontendtest.TributiID}, {"template", frontendtest.TARIID}, {"name", "TARI 2026"}, {"priority", "bulk"},
	}

	for _, change := range changes {
		at := slices.IndexFunc(all, func(field [2]string) bool { return field[0] == change[0] })
		all[at] = change
	}

	return all
}

// upload submits the form as a browser does. Without a file's name no file was chosen.
func (b *backoffice) upload(form fields, fileName string, file io.Reader, headers ...string) answer {
	b.t.Helper()

	body, sent := io.Pipe()
	parts := multipart.NewWriter(sent)

	go func() {
		err := writeUpload(parts, form, fileName, file)
		sent.CloseWithError(err)
	}()

	return b.send(http.MethodPost, "/batches", body, append([]string{
		"Sec-Fetch-Site", "same-origin", "Content-Type", parts.FormDataContentType(),
	}, headers...)...)
}

func writeUpload(parts *multipart.Writer, form fields, fileName string, file io.Reader) error {
	for _, field := range form {
		if err := parts.WriteField(field[0], field[1]); err != nil {
			return err
		}
	}

	part, err := parts.CreateFormFile("file", fileName)
	if err != nil {
		return err
	}

	if _, err := io.Copy(part, file); err != nil {
		return err
	}

	return parts.Close()
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)

	return len(p), nil
}

func TestUploadLeadsToTheBatch(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	asked := b.get("/batches/new?service=" + frontendtest.ScuolaID + "&template=" + frontendtest.MensaID)

	for _, text := range []string{
		`value="` + frontendtest.ScuolaID + `" selected`, `value="` + frontendtest.MensaID + `" selected`, `value="bulk" selected`,
		"Esempio per il modello «Mensa: avviso ai genitori»", "/batches/sample.csv?template=" + frontendtest.MensaID,
		`data-max-bytes="52428800"`, "Come deve essere il file",
	} {
		require.Contains(t, asked.body, text)
	}

	require.NotContains(t, asked.body, "Prenotazioni sanitarie")
	require.NotContains(t, asked.body, "Vecchio avviso", "archived")
	require.NotContains(t, asked.body, "Anagrafe", "not active")
	require.Contains(t, b.get("/batches").body, "Anagrafe", "one may look for what it sent")

	// Far more than any other form may hold.
	const size = 200_000

	form := uploadFields([2]string{"once", asked.once(t)})
	taken := b.upload(form, "elenco.csv", io.LimitReader(zeros{}, size))
	require.Equal(t, http.StatusSeeOther, taken.status)
	require.Contains(t, b.get(taken.location()).body, "TARI 2026")
	require.Contains(t, b.get(taken.location()).body, "elenco.csv")
	require.Contains(t, b.get(taken.location()).body, "200 kB")

	again := b.upload(form, "elenco.csv", io.LimitReader(zeros{}, size))
	require.Equal(t, taken.location(), again.location(), "a second click leads to the same batch")
	require.Equal(t, []string{"upload 200000", "upload 200000"}, b.gateway.Calls())
	require.Equal(t, 11, strings.Count(b.get("/batches").body, `role="rowheader"`))
}

func TestUploadNeedsNoName(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	taken := b.upload(uploadFields([2]string{"name", ""}), "elenco.csv", strings.NewReader("x"))
	require.Contains(t, b.get(taken.location()).body, `<h1 class="genio-title">elenco.csv</h1>`)
}

func TestRefusedUploadsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())

	for name, test := range map[string]struct {
		form    fields
		file    string
		size    int64
		problem string
		field   string
	}{
		"no file":             {uploadFields(), "", 0, "Scegliere un file.", "file"},
		"a foreign service":   {uploadFields([2]string{"service", frontendtest.SaluteID}), "a.csv", 9, "Servizio sconosciuto", "service"},
		"a foreign template":  {uploadFields([2]string{"template", frontendtest.EsameID}), "a.csv", 9, "Non è un modello", "template"},
		"a file too large":    {uploadFields(), "a.csv", batch.MaxBytes + 1, "Troppo grande", "file"},
		"large and unwelcome": {uploadFields([2]string{"service", ""}), "a.csv", batch.MaxBytes + 1, "Servizio sconosciuto", "service"},
	} {
		refused := b.upload(test.form, test.file, io.LimitReader(zeros{}, test.size))
		require.Equal(t, http.StatusUnprocessableEntity, refused.status, name)
		require.Contains(t, refused.body, test.problem, name)
		require.Contains(t, refused.body, `<a href="#`+test.field+`">`, name)
		require.Contains(t, refused.body, `id="`+test.field+`-problem"`, name)
		require.Contains(t, refused.body, `name="name" value="TARI 2026"`, name)
		require.NotEqual(t, anyKey, refused.once(t), "another form")
	}
}

func TestUploadsThatAreNoUploads(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	file := func() io.Reader { return strings.NewReader("x") }

	require.Equal(t, http.StatusBadRequest, b.upload(uploadFields([2]string{"once", "1"}), "a.csv", file()).status)
	require.Equal(t, http.StatusBadRequest, b.post("/batches", url.Values{"once": {anyKey}}).status, "no multipart form")
	require.Equal(t, http.StatusForbidden, b.upload(uploadFields(), "a.csv", file(), "Sec-Fetch-Site", "cross-site").status)

	many := uploadFields()
	for range 30 {
		many = append(many, [2]string{"x", "y"})
	}

	require.Equal(t, http.StatusBadRequest, b.upload(many, "a.csv", file()).status)
	require.Empty(t, b.gateway.Calls())

	auditor := openAs(t, frontendtest.AuditorEmail, samples())
	require.Equal(t, http.StatusForbidden, auditor.upload(uploadFields(), "a.csv", file()).status)
	require.Equal(t, http.StatusForbidden, auditor.get("/batches/new").status)

	stranger := open(t, samples())
	require.Equal(t, "/signin?next=%2Fbatches", stranger.upload(uploadFields(), "a.csv", io.LimitReader(zeros{}, 1<<20)).location())
}

// The browser went away in the middle: nobody's fault, and nothing to wake anybody for.
func TestAnUploadThatBreaksOffIsNoFault(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	address, err := url.Parse(b.url)
	require.NoError(t, err)

	var form bytes.Buffer

	parts := multipart.NewWriter(&form)
	require.NoError(t, writeUpload(parts, uploadFields(), "a.csv", strings.NewReader("x;y")))

	var dialer net.Dialer

	connection, err := dialer.DialContext(t.Context(), "tcp", address.Host)
	require.NoError(t, err)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/batches", &form)
	require.NoError(t, err)
	request.Header.Set("Content-Type", parts.FormDataContentType())
	request.Header.Set("Sec-Fetch-Site", "same-origin")

	for _, cookie := range b.browser.Jar.Cookies(address) {
		request.AddCookie(cookie)
	}

	var whole bytes.Buffer
	require.NoError(t, request.Write(&whole))

	const missing = 20

	_, err = connection.Write(whole.Bytes()[:whole.Len()-missing])
	require.NoError(t, err)

	half, isTCP := connection.(*net.TCPConn)
	require.True(t, isTCP)
	require.NoError(t, half.CloseWrite())

	answered, err := io.ReadAll(connection)
	require.NoError(t, err)
	require.NoError(t, connection.Close())
	require.Contains(t, string(answered), "400 Bad Request")
	require.Zero(t, b.logs.FilterMessage("a page could not be answered").Len())
}

func TestTheExampleFollowsTheTemplate(t *testing.T) {
	t.Parallel()

	b := openAs(t, frontendtest.OperatorEmail, samples())
	told := b.get("/batches/new?template="+frontendtest.TARIID, "HX-Request", "true")

	require.True(t, strings.HasPrefix(strings.TrimSpace(told.body), `<section class="genio-panel" id="example"`))
	require.Contains(t, told.body, "Esempio per il modello «Avviso TARI»")

	sample := b.get("/batches/sample.csv?template=" + frontendtest.TARIID)
	require.Equal(t, "text/csv; charset=utf-8", sample.header.Get("Content-Type"))
	require.Equal(t, "attachment; filename=esempio.csv", sample.header.Get("Content-Disposition"))

	lines := strings.Split(strings.TrimSuffix(sample.body, "\r\n"), "\r\n")
	require.Equal(t, "\uFEFFcodice_fiscale;telefono;nome;scadenza;riferimento;numero_avviso;importo", lines[0])
	require.Len(t, lines, 3)

	for _, line := range lines[1:] {
		cells := strings.Split(line, ";")
		require.Len(t, cells, 7)

		code, err := fiscalcode.Parse(cells[0])
		require.NoError(t, err, "the check character")
		require.NotEmpty(t, code)
	}

	require.Equal(t, http.StatusNotFound, b.get("/batches/sample.csv?template="+frontendtest.EsameID).status)
}

func TestUploadWithoutTemplates(t *testing.T) {
	t.Parallel()

	shown := openAs(t, frontendtest.OperatorEmail, frontendtest.NewGateway(noon)).get("/batches/new")
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "Prima di caricare un file serve un modello.")
}

// stuck is a file of which nothing comes until it is let go.
type stuck struct{ begun, goOn chan struct{} }

func (s stuck) Read([]byte) (int, error) {
	s.begun <- struct{}{}

	<-s.goOn

	return 0, io.ErrUnexpectedEOF
}

func TestTooManyUploadsAtOnceAreExplained(t *testing.T) {
	t.Parallel()

	const most = 8

	b := openReal(t, gateway.RoleAdministrator)
	template, err := b.does.CreateTemplate(t.Context(), b.account.Actor(), gateway.TemplateDraft{
		Name: "TARI", Italian: notification.TemplateText{Subject: "Avviso di pagamento", Markdown: strings.Repeat("Testo di prova. ", 10)},
	})
	require.NoError(t, err)

	file := stuck{begun: make(chan struct{}), goOn: make(chan struct{})}

	var slow sync.WaitGroup

	for range most {
		slow.Go(func() {
			_, _ = b.does.UploadBatch(t.Context(), b.account.Actor(), gateway.BatchUpload{
				ServiceID: b.service.ID, TemplateID: template.ID, Name: "lento", FileName: "lento.csv", File: file,
			})
		})
		<-file.begun
	}

	form := uploadFields(
		[2]string{"once", b.get("/batches/new").once(t)}, [2]string{"service", b.service.ID}, [2]string{"template", template.ID},
	)
	refused := b.upload(form, "elenco.csv", io.LimitReader(zeros{}, 10))
	require.Equal(t, http.StatusTooManyRequests, refused.status)
	require.Contains(t, refused.body, "Sono già in corso più caricamenti")
	require.Contains(t, refused.body, "TARI 2026", "nothing that was typed is lost")

	close(file.goOn)
	slow.Wait()
}
