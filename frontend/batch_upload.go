package frontend

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	// uploadLimit leaves room beyond the largest file that is taken, so that a larger one gets an answer in words and
	// not a broken connection.
	uploadLimit = 4 * batch.MaxBytes
	// uploadTime is what a slow line needs for the largest file.
	uploadTime = 15 * time.Minute
	// uploadFields and fieldLimit bound what comes before the file.
	uploadFields = 20
	fieldLimit   = 4 << 10
)

const (
	paramTemplate = "template"
	paramVersion  = "version"
	paramName     = "name"
	paramFile     = "file"
)

// hardenUpload is harden for the one form with a file. A browser that is still sending does not read: the rest of what
// it sends is read before it is answered.
func hardenUpload(next echo.HandlerFunc) echo.HandlerFunc {
	return harden(uploadLimit)(func(c echo.Context) error {
		body := c.Request().Body
		c.Response().Before(func() { _, _ = io.Copy(io.Discard, body) })

		return next(c)
	})
}

// uploadPage is the form for a file, with what the file may look like.
type uploadPage struct {
	page
	Services   []choice
	Templates  []choice
	Priorities []choice
	Name       string
	Once       string
	Example    exampleView
	MaxBytes   int64
	// Problems are whole messages, by the form's fields; Summary are those of no field.
	Problems map[string]string
	Summary  []string
}

// uploadForm is what a person filled in beside the file.
type uploadForm struct {
	ServiceID, TemplateID, Name string
	Priority                    notification.Priority
	Once                        string
}

func (f *Frontend) uploadForm(c echo.Context) error {
	if !actor(c).MayChange() {
		return gateway.ErrForbidden
	}

	form := uploadForm{
		ServiceID: c.QueryParam(paramService), TemplateID: c.QueryParam(paramTemplate), Priority: notification.PriorityBulk,
	}

	if isFragment(c) {
		return f.showExample(c, form)
	}

	return f.showUpload(c, http.StatusOK, form, nil)
}

// showExample answers with what a file for the chosen template may look like.
func (f *Frontend) showExample(c echo.Context, form uploadForm) error {
	templates, err := f.gateway.Templates(c.Request().Context(), actor(c), gateway.TemplateQuery{})
	if err != nil {
		return fmt.Errorf("listing templates: %w", err)
	}

	example := newExampleView(chosenTemplate(templates, form.TemplateID), f.basePage(c.Request(), account(c)))

	text, err := f.render("batch_upload.html", "upload-example", example)
	if err != nil {
		return err
	}

	return c.HTMLBlob(http.StatusOK, text)
}

func (f *Frontend) showUpload(c echo.Context, status int, form uploadForm, invalid notification.FieldErrors) error {
	ctx, author := c.Request().Context(), actor(c)
	p := f.page(c, "upload.title")

	services, err := f.serviceChoices(ctx, author, form.ServiceID, isActive)
	if err != nil {
		return err
	}

	templates, err := f.gateway.Templates(ctx, author, gateway.TemplateQuery{})
	if err != nil {
		return fmt.Errorf("listing templates: %w", err)
	}

	enti, err := f.entiNames(ctx, author)
	if err != nil {
		return err
	}

	shown := uploadPage{
		page: p, Services: services, Name: form.Name, Once: newOnceKey(), MaxBytes: batch.MaxBytes,
		Example: newExampleView(chosenTemplate(templates, form.TemplateID), p),
	}

	for _, template := range templates {
		shown.Templates = append(shown.Templates, choice{
			Value: template.ID, Label: withEnte(template.Name, enti[template.EnteID]), Chosen: template.ID == form.TemplateID,
		})
	}

	for _, priority := range []notification.Priority{notification.PriorityBulk, notification.PriorityNormal} {
		shown.Priorities = append(shown.Priorities, choice{
			Value: string(priority), Label: priority.Label(p.Lang), Chosen: priority == form.Priority,
		})
	}

	shown.Problems, shown.Summary = sortProblems(invalid, uploadFieldNames(), p.Lang)

	return f.show(c, status, "batch_upload.html", shown)
}

// uploadFieldNames are the form's names of the use case's fields.
func uploadFieldNames() map[string]string {
	return map[string]string{
		"service_id": paramService, "template_id": paramTemplate, paramName: paramName, "file": paramFile, "priority": "priority",
	}
}

// chosenTemplate is the template with the id, else the first one; nil where there is none.
func chosenTemplate(templates []gateway.TemplateView, id string) *gateway.TemplateView {
	at := slices.IndexFunc(templates, func(template gateway.TemplateView) bool { return template.ID == id })
	if at < 0 && len(templates) > 0 {
		at = 0
	}

	if at < 0 {
		return nil
	}

	return &templates[at]
}

// upload hands the file on while it arrives: it is never whole in memory, and never on disk.
func (f *Frontend) upload(c echo.Context) error {
	if !actor(c).MayChange() {
		return gateway.ErrForbidden
	}

	// A server that knows no deadlines has none to prolong.
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(uploadTime))
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(uploadTime))

	parts, err := c.Request().MultipartReader()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	form, file, err := readUpload(parts)
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	if !isOnceKey(form.Once) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	if file == nil || file.FileName() == "" {
		return f.showUpload(c, http.StatusUnprocessableEntity, form, noFile())
	}

	return f.handIn(c, form, file)
}

func noFile() notification.FieldErrors {
	return notification.FieldErrors{{Field: paramFile, Code: "required", Message: "Choose a file.", Messaggio: "Scegliere un file."}}
}

func (f *Frontend) handIn(c echo.Context, form uploadForm, file *multipart.Part) error {
	arriving := &incoming{from: file}

	// A form that is sent twice is recognised by its key, whichever process it reaches.
	view, err := f.gateway.UploadBatch(c.Request().Context(), actor(c), gateway.BatchUpload{
		ServiceID: form.ServiceID, TemplateID: form.TemplateID, Name: form.Name, FileName: file.FileName(), Priority: form.Priority,
		File: arriving, IdempotencyKey: "backoffice-" + form.Once,
	})

	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case refused:
		return f.showUpload(c, http.StatusUnprocessableEntity, form, invalid)
	case arriving.broken != nil:
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(arriving.broken)
	case errors.Is(err, gateway.ErrIdempotencyConflict):
		return f.showUpload(c, http.StatusConflict, form, sentAlready())
	case errors.Is(err, gateway.ErrTooMany):
		return f.showUpload(c, http.StatusTooManyRequests, form, severalOnTheirWay())
	case err != nil:
		return fmt.Errorf("handing in a file: %w", err)
	}

	return redirect(c, batchAddress(view.ID))
}

func sentAlready() notification.FieldErrors {
	return notification.FieldErrors{{
		Code: "conflict", Message: "This form has already been used for another file. Choose the file again and send the form.",
		Messaggio: "Questo modulo è già stato usato per un altro file. Scegliere di nuovo il file e inviare il modulo.",
	}}
}

func severalOnTheirWay() notification.FieldErrors {
	return notification.FieldErrors{{
		Code:      "too_many",
		Message:   "Several files of your Ente are being uploaded already. Wait a moment, choose the file again and send the form.",
		Messaggio: "Sono già in corso più caricamenti del tuo Ente. Attendere un momento, scegliere di nuovo il file e inviare il modulo.",
	}}
}

// incoming notes that the browser broke off, which is not the use case's fault.
type incoming struct {
	from   io.Reader
	broken error
}

func (a *incoming) Read(p []byte) (int, error) {
	n, err := a.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		a.broken = err
	}

	return n, err //nolint:wrapcheck // a reader's errors are passed on as they are
}

// readUpload reads the form's fields up to the file, which comes last; nil where there is none.
func readUpload(parts *multipart.Reader) (uploadForm, *multipart.Part, error) {
	values := url.Values{}

	for range uploadFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return newUploadForm(values), nil, nil
		}

		if err != nil {
			return uploadForm{}, nil, fmt.Errorf("reading a part of the form: %w", err)
		}

		if part.FormName() == paramFile {
			return newUploadForm(values), part, nil
		}

		text, err := io.ReadAll(io.LimitReader(part, fieldLimit))
		if err != nil {
			return uploadForm{}, nil, fmt.Errorf("reading a field of the form: %w", err)
		}

		values.Set(part.FormName(), string(text))
	}

	return uploadForm{}, nil, errors.New("the form has too many fields")
}

func newUploadForm(values url.Values) uploadForm {
	return uploadForm{
		ServiceID: values.Get(paramService), TemplateID: values.Get(paramTemplate), Name: values.Get(paramName),
		Priority: notification.Priority(values.Get("priority")), Once: values.Get("once"),
	}
}
