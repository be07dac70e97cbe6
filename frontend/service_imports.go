package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const paramManageKey = "manage_key"

// serviceImportsPage begins a reading of the services that an Ente has on IO.
type serviceImportsPage struct {
	page
	Enti []choice // only where the reader sees several
	Ente string
	Once string
	// Saved is since when the manage key is kept; not Set: it is not.
	Saved    moment
	Remove   string // the address at which it is forgotten
	Keep     bool
	Problems map[string]string
	Summary  []string
	Rows     []importLine
}

// importLine is one of the latest readings.
type importLine struct {
	Address   string
	CreatedAt moment
	State     mark
}

func serviceImportAddress(id string) string { return serviceImportsPath + "/" + url.PathEscape(id) }

func (f *Frontend) serviceImports(c echo.Context) error {
	return f.showServiceImports(c, http.StatusOK, c.QueryParam(paramEnte), nil)
}

func (f *Frontend) showServiceImports(c echo.Context, status int, wanted string, invalid notification.FieldErrors) error {
	ctx, reader := c.Request().Context(), actor(c)

	ente, enti, err := f.chosenEnte(ctx, reader, wanted)
	if err != nil {
		return err
	}

	shown := serviceImportsPage{
		page: f.page(c, "imports.title"), Enti: enti, Ente: ente, Once: newOnceKey(), Keep: c.FormValue("keep") != "",
		Remove: ofEnte(serviceImportsPath+"/remove-key", reader, ente),
	}
	shown.Problems, shown.Summary = sortProblems(invalid, map[string]string{"manage_key": paramManageKey}, shown.Lang)

	if ente == "" {
		return f.show(c, status, "service_imports.html", shown)
	}

	saved, err := f.gateway.ManageKeySaved(ctx, reader, ente)
	if err != nil {
		return fmt.Errorf("reading the manage key: %w", err)
	}

	shown.Saved = f.moment(saved, shown.Lang)

	latest, err := f.gateway.ServiceImports(ctx, reader, ente)
	if err != nil {
		return fmt.Errorf("listing service imports: %w", err)
	}

	for _, one := range latest {
		shown.Rows = append(shown.Rows, importLine{
			Address: serviceImportAddress(one.ID), CreatedAt: f.moment(one.CreatedAt, shown.Lang), State: importMark(one.State, shown.page),
		})
	}

	return f.show(c, status, "service_imports.html", shown)
}

func importMark(state gateway.ImportState, p page) mark {
	shown := mark{Label: p.T("imports.state." + string(state)), Icon: iconEnded, Tone: toneNeutral}

	switch state {
	case gateway.ImportRunning:
		shown.Icon, shown.Tone = iconRefresh, toneInfo
	case gateway.ImportReady:
		shown.Icon, shown.Tone = iconWaiting, toneWarning
	case gateway.ImportFailed:
		shown.Icon, shown.Tone = iconFault, toneDanger
	case gateway.ImportDone:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case gateway.ImportForgotten:
	}

	return shown
}

// startServiceImport never gives the manage key back, not even in a form with a problem.
func (f *Frontend) startServiceImport(c echo.Context) error {
	once, author := c.FormValue("once"), actor(c)
	if !isOnceKey(once) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	wish := gateway.ServiceImportWish{
		EnteID: c.FormValue(paramEnte), ManageKey: c.FormValue(paramManageKey), Keep: c.FormValue("keep") != "",
	}
	if author.EnteID != "" {
		wish.EnteID = author.EnteID
	}

	list := ofEnte(serviceImportsPath, author, wish.EnteID)
	if !f.done.use(author.ID, once) {
		return redirect(c, list)
	}

	id, err := f.gateway.StartServiceImport(c.Request().Context(), author, wish)
	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case err == nil:
		return redirect(c, serviceImportAddress(id))
	case refused:
		return f.showServiceImports(c, http.StatusUnprocessableEntity, wish.EnteID, invalid)
	case errors.Is(err, gateway.ErrUnavailable):
		f.leaveNotice(c, toneDanger, "act.unavailable")

		return redirect(c, list)
	}

	f.done.release(author.ID, once)

	return fmt.Errorf("starting a service import: %w", err)
}

func (f *Frontend) confirmKeyRemoval(c echo.Context) error {
	ctx, reader := c.Request().Context(), actor(c)

	ente, _, err := f.chosenEnte(ctx, reader, c.QueryParam(paramEnte))
	if err != nil {
		return err
	}

	saved, err := f.gateway.ManageKeySaved(ctx, reader, ente)
	if err != nil {
		return fmt.Errorf("reading the manage key: %w", err)
	}

	if saved.IsZero() {
		f.leaveNotice(c, toneWarning, "imports.no_key")

		return redirect(c, ofEnte(serviceImportsPath, reader, ente))
	}

	p := f.page(c, "imports.remove.title")

	return f.show(c, http.StatusOK, "confirm.html", confirmPage{
		page: p, Address: serviceImportsPath, Act: "remove-key", Tone: toneDanger, About: ente,
		Crumbs:  settingsCrumbs(p, crumb{Address: ofEnte(serviceImportsPath, reader, ente), Label: p.T("imports.title")}),
		Heading: p.T("imports.remove.title"), Text: p.T("imports.remove.text"), Submit: p.T("imports.remove.submit"),
		Back:  p.T("imports.remove.back"),
		Facts: named([]fact{{Name: "imports.saved", Value: f.moment(saved, p.Lang).shortly()}}, p), Once: newOnceKey(),
	})
}

func (f *Frontend) removeManageKey(c echo.Context) error {
	once, author, ente := c.FormValue("once"), actor(c), c.FormValue("about")
	if !isOnceKey(once) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	list := ofEnte(serviceImportsPath, author, ente)
	if !f.done.use(author.ID, once) {
		return redirect(c, list)
	}

	if err := f.gateway.RemoveManageKey(c.Request().Context(), author, ente); err != nil {
		f.done.release(author.ID, once)

		return fmt.Errorf("removing a manage key: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "imports.removed")

	return redirect(c, list)
}
