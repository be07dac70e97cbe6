package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const templatesPath = "/templates"

const paramArchived = "archived"

// TemplateGateway is what the pages ask of the use cases of templates.
type TemplateGateway interface {
	CreateTemplate(ctx context.Context, actor gateway.Actor, draft gateway.TemplateDraft) (gateway.TemplateView, error)
	ReviseTemplate(ctx context.Context, actor gateway.Actor, id string, seen int, draft gateway.TemplateDraft) (gateway.TemplateView, error)
	Template(ctx context.Context, actor gateway.Actor, id string, version int) (gateway.TemplateView, error)
	Templates(ctx context.Context, actor gateway.Actor, query gateway.TemplateQuery) ([]gateway.TemplateView, error)
	ArchiveTemplate(ctx context.Context, actor gateway.Actor, id string) error
	PreviewTemplate(
		ctx context.Context, actor gateway.Actor, draft gateway.TemplateDraft, values map[string]string,
	) (gateway.TemplatePreview, error)
}

// templateListPage lists the templates.
type templateListPage struct {
	page
	Rows     []templateRow
	ShowEnte bool
	MayWrite bool
	Archived bool   // those out of use are listed, too
	Toggle   string // the address that lists them, or not
}

// templateRow is one template of the list.
type templateRow struct {
	Address      string
	Name         string
	Ente         string
	Version      string
	Languages    string
	Placeholders []string
	CreatedAt    moment
	Archived     bool
	Upload       string // the address at which a file for it is handed in; empty where it cannot be
}

func templateAddress(id string) string { return templatesPath + "/" + url.PathEscape(id) }

func templateVersionAddress(id string, version int) string {
	return templateAddress(id) + "?" + url.Values{paramVersion: {strconv.Itoa(version)}}.Encode()
}

func (f *Frontend) templateList(c echo.Context) error {
	reader := actor(c)
	archived := c.QueryParam(paramArchived) != ""

	found, err := f.gateway.Templates(c.Request().Context(), reader, gateway.TemplateQuery{Archived: archived})
	if err != nil {
		return fmt.Errorf("listing templates: %w", err)
	}

	shown := templateListPage{
		page: f.page(c, "templates.title"), ShowEnte: reader.EnteID == "", MayWrite: mayWriteTemplates(reader), Archived: archived,
		Toggle: templatesPath,
	}

	if !archived {
		shown.Toggle = templatesPath + "?" + url.Values{paramArchived: {"1"}}.Encode()
	}

	for i := range found {
		shown.Rows = append(shown.Rows, f.templateRow(&found[i], shown.page, reader.MayChange()))
	}

	return f.show(c, http.StatusOK, "templates.html", shown)
}

// mayWriteTemplates tells whether a page offers to write a template; the use cases decide.
func mayWriteTemplates(author gateway.Actor) bool {
	return author.May(gateway.PermissionCompose)
}

func (f *Frontend) templateRow(view *gateway.TemplateView, p page, mayUpload bool) templateRow {
	row := templateRow{
		Address: templateAddress(view.ID), Name: view.Name, Ente: view.EnteName, Version: count(view.Version, p.Lang),
		Languages: p.T("templates.italian"), Placeholders: view.Placeholders, CreatedAt: f.moment(view.CreatedAt, p.Lang),
		Archived: !view.ArchivedAt.IsZero(),
	}

	if view.English != nil {
		row.Languages = p.T("templates.both")
	}

	if mayUpload && !row.Archived {
		row.Upload = uploadAddress("", view.ID)
	}

	return row
}

func (f *Frontend) newTemplate(c echo.Context) error {
	if !mayWriteTemplates(actor(c)) {
		return gateway.ErrForbidden
	}

	return f.showTemplate(c, http.StatusOK, templateWork{})
}

// template shows a template to change it, or to read it where the reader may not or it is an earlier version.
func (f *Frontend) template(c echo.Context) error {
	version, err := strconv.Atoi(c.QueryParam(paramVersion))
	if err != nil {
		version = 0
	}

	view, err := f.readTemplate(c, max(version, 0))
	if err != nil {
		return err
	}

	work := templateWork{view: &view, form: formOf(&view), preview: true}

	if version > 0 {
		latest, err := f.readTemplate(c, 0)
		if err != nil {
			return err
		}

		work.latest = latest.Version
	}

	return f.showTemplate(c, http.StatusOK, work)
}

func (f *Frontend) readTemplate(c echo.Context, version int) (gateway.TemplateView, error) {
	view, err := f.gateway.Template(c.Request().Context(), actor(c), c.Param("id"), version)
	if err != nil {
		return gateway.TemplateView{}, fmt.Errorf("reading a template: %w", err)
	}

	return view, nil
}

func (f *Frontend) createTemplate(c echo.Context) error {
	form, err := readTemplateForm(c)
	if err != nil {
		return err
	}

	author := actor(c)
	if !mayWriteTemplates(author) {
		return gateway.ErrForbidden
	}

	if !f.done.use(author.ID, form.Once) {
		return redirect(c, templatesPath)
	}

	created, err := f.gateway.CreateTemplate(c.Request().Context(), author, form.draft())
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		return f.showTemplate(c, http.StatusUnprocessableEntity, templateWork{form: form, invalid: invalid, preview: true})
	}

	if err != nil {
		f.done.release(author.ID, form.Once)

		return fmt.Errorf("creating a template: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "template.created")

	return redirect(c, templateAddress(created.ID))
}

// reviseTemplate makes another version. Where somebody else made one meanwhile, nothing that was typed is lost: the
// form comes back with the other's text below it.
func (f *Frontend) reviseTemplate(c echo.Context) error {
	form, err := readTemplateForm(c)
	if err != nil {
		return err
	}

	author, id := actor(c), c.Param("id")
	if f.done.wasUsed(author.ID, form.Once) {
		return redirect(c, templateAddress(id))
	}

	revised, err := f.gateway.ReviseTemplate(c.Request().Context(), author, id, form.Seen, form.draft())
	if err == nil {
		f.done.use(author.ID, form.Once)
		f.leaveNotice(c, toneSuccess, "template.revised")

		return redirect(c, templateAddress(revised.ID))
	}

	invalid, refused := errors.AsType[notification.FieldErrors](err)
	if !refused && !errors.Is(err, gateway.ErrState) {
		return fmt.Errorf("revising a template: %w", err)
	}

	view, err := f.readTemplate(c, 0)
	if err != nil {
		return err
	}

	work := templateWork{view: &view, form: form, invalid: invalid, preview: true}
	if refused {
		return f.showTemplate(c, http.StatusUnprocessableEntity, work)
	}

	work.overtaken = true

	return f.showTemplate(c, http.StatusConflict, work)
}

func (f *Frontend) confirmArchiving(c echo.Context) error {
	view, err := f.readTemplate(c, 0)
	if err != nil {
		return err
	}

	if !view.MayChange || !view.ArchivedAt.IsZero() {
		f.leaveNotice(c, toneWarning, "template.too_late")

		return redirect(c, templateAddress(view.ID))
	}

	p := f.page(c, "template.archive.title")

	return f.show(c, http.StatusOK, "confirm.html", confirmPage{
		page: p, Address: templateAddress(view.ID), Act: "archive", Tone: toneDanger,
		Crumbs:  []crumb{{Address: templatesPath, Label: p.T("templates.title")}, {Address: templateAddress(view.ID), Label: view.Name}},
		Heading: p.T("template.archive.title"), Text: p.T("template.archive.text"), Submit: p.T("template.archive.submit"),
		Back: p.T("template.archive.back"), Facts: named([]fact{{Name: "template.name", Value: view.Name}}, p), Once: newOnceKey(),
	})
}

func (f *Frontend) archiveTemplate(c echo.Context) error {
	once := c.FormValue("once")
	if !isOnceKey(once) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	author := actor(c)
	if !f.done.use(author.ID, once) {
		return redirect(c, templatesPath)
	}

	err := f.gateway.ArchiveTemplate(c.Request().Context(), author, c.Param("id"))
	if errors.Is(err, gateway.ErrState) {
		f.leaveNotice(c, toneWarning, "template.too_late")

		return redirect(c, templateAddress(c.Param("id")))
	}

	if err != nil {
		f.done.release(author.ID, once)

		return fmt.Errorf("archiving a template: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "template.archived")

	return redirect(c, templatesPath)
}

// withoutReturns writes line ends as IO counts them: browsers send two characters for each.
func withoutReturns(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }
