package frontend

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const paramChosen = "service"

// serviceImportPage follows one reading, and lets a person choose from what it found.
type serviceImportPage struct {
	page
	Live importLive
	List string // the address of the readings
}

// importLive is the part that changes while the reading goes on.
type importLive struct {
	page
	Address     string
	List        string
	State       gateway.ImportState
	Status      mark
	Explanation string
	Trouble     string // what it waits for; empty: nothing
	Found       int
	Fetched     int
	Progress    string
	Rows        []foundLine
	Ready       bool
	Once        string
	Problem     string // of the choice

	// Open asks for news; see batchLive.
	Open        bool
	Version     string
	NewsAddress string
}

// foundLine is a service on IO, beside what GeNIO has of it.
type foundLine struct {
	ID          string
	Name        string
	Lifecycle   string
	Publication string
	Ceiling     string
	Here        mark
	Changes     []string
	Problem     string // why it cannot be imported; empty: it can
	Chosen      bool
}

func (f *Frontend) readServiceImport(c echo.Context) (gateway.ServiceImport, error) {
	view, err := f.gateway.ServiceImport(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return gateway.ServiceImport{}, fmt.Errorf("reading a service import: %w", err)
	}

	return view, nil
}

func (f *Frontend) serviceImport(c echo.Context) error {
	view, err := f.readServiceImport(c)
	if err != nil {
		return err
	}

	return f.showServiceImport(c, http.StatusOK, view, nil, "")
}

// showServiceImport ticks what was chosen; where chosen is nil, what an import would change.
func (f *Frontend) showServiceImport(c echo.Context, status int, view gateway.ServiceImport, chosen []string, problem string) error {
	p := f.page(c, "imports.of", view.EnteName)

	live, err := f.importLive(c, p, view, chosen)
	if err != nil {
		return err
	}

	live.Problem = problem

	return f.show(c, status, "service_import.html", serviceImportPage{page: p, Live: live, List: live.List})
}

// serviceImportNews answers with the changing part alone, or with 204 where nothing has changed.
func (f *Frontend) serviceImportNews(c echo.Context) error {
	if !isFragment(c) {
		return redirect(c, serviceImportAddress(c.Param("id")))
	}

	view, err := f.readServiceImport(c)
	if err != nil {
		return err
	}

	shown, err := f.importLive(c, f.page(c, "imports.of", view.EnteName), view, nil)
	if err != nil {
		return err
	}

	if c.QueryParam(paramSeen) == shown.Version {
		return c.NoContent(http.StatusNoContent)
	}

	text, err := f.render("service_import.html", "import-live", shown)
	if err != nil {
		return err
	}

	return c.HTMLBlob(http.StatusOK, text)
}

func (f *Frontend) importLive(c echo.Context, p page, view gateway.ServiceImport, chosen []string) (importLive, error) {
	shown := importLive{
		page: p, Address: serviceImportAddress(view.ID), List: ofEnte(serviceImportsPath, actor(c), view.EnteID), State: view.State,
		Status: importMark(view.State, p), Explanation: p.T("imports.explanation." + string(view.State)),
		Found: view.Found, Fetched: view.Fetched, Ready: view.State == gateway.ImportReady, Open: view.State == gateway.ImportRunning,
	}

	if view.Reason != "" {
		shown.Trouble = importTrouble(view.Reason, p)
	}

	if shown.Open && view.Found > 0 {
		shown.Progress = p.T("imports.progress", count(view.Fetched, p.Lang), count(view.Found, p.Lang))
	}

	for _, service := range view.Services {
		shown.Rows = append(shown.Rows, foundLineOf(service, chosen, p))
	}

	// The rendered text itself is what must not have changed, but for the form's own key.
	text, err := f.render("service_import.html", "import-live", shown)
	if err != nil {
		return importLive{}, err
	}

	sum := sha256.Sum256(text)
	shown.Version = hex.EncodeToString(sum[:versionLength])
	shown.NewsAddress = shown.Address + "/live?" + url.Values{paramSeen: {shown.Version}}.Encode()
	shown.Once = newOnceKey()

	return shown, nil
}

// importTrouble says what a reason means for a reading; the catalogue's own sentences speak of notifications.
func importTrouble(reason notification.Reason, p page) string {
	key := "imports.trouble." + string(reason)
	if text := p.T(key); text != key {
		return text
	}

	return p.T("imports.trouble.other")
}

func foundLineOf(service gateway.FoundService, chosen []string, p page) foundLine {
	line := foundLine{
		ID: service.IOServiceID, Name: service.Name, Ceiling: amount(service.MaxPaymentCents, p.Lang),
		Lifecycle: p.T("imports.lifecycle." + wordOr(service.Lifecycle)), Publication: p.T("imports.publication." + wordOr(service.Publication)),
		Here: hereMark(service, p), Chosen: service.Changes(),
	}

	if chosen != nil {
		line.Chosen = slices.Contains(chosen, service.IOServiceID)
	}

	if service.MaxPaymentCents == 0 {
		line.Ceiling = p.T("imports.no_payments")
	}

	switch {
	case service.Reason != "":
		line.Problem = p.T("imports.no_keys", importTrouble(service.Reason, p))
	case !service.Importable():
		line.Problem = p.T("imports.deleted")
	}

	if service.ChangesName {
		line.Changes = append(line.Changes, p.T("imports.changes.name", service.KnownName))
	}

	if service.ChangesCeiling {
		line.Changes = append(line.Changes, p.T("imports.changes.ceiling", amount(service.KnownPaymentCents, p.Lang)))
	}

	if service.ChangesKeys {
		line.Changes = append(line.Changes, p.T("imports.changes.keys"))
	}

	return line
}

func wordOr(word string) string {
	if word == "" {
		return "unknown"
	}

	return word
}

func hereMark(service gateway.FoundService, p page) mark {
	switch {
	case service.IsNew():
		return mark{Label: p.T("imports.here.new"), Icon: iconWaiting, Tone: toneInfo}
	case service.Changes():
		return mark{Label: p.T("imports.here.changed"), Icon: iconRefresh, Tone: toneWarning}
	}

	return mark{Label: p.T("imports.here.same"), Icon: iconDone, Tone: toneSuccess}
}

func (f *Frontend) importServices(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil || !isOnceKey(values.Get("once")) {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	author, id, once, chosen := actor(c), c.Param("id"), values.Get("once"), append([]string{}, values[paramChosen]...)
	if f.done.wasUsed(author.ID, once) {
		return redirect(c, serviceImportAddress(id))
	}

	_, err = f.gateway.ImportServices(c.Request().Context(), author, id, chosen)
	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case err == nil:
		f.done.use(author.ID, once)
		f.leaveNotice(c, toneSuccess, "imports.done")
	case errors.Is(err, gateway.ErrState):
		// A second click came while the first was at it: the page says what has become of it.
	case !refused:
		return fmt.Errorf("importing services: %w", err)
	}

	if !refused {
		return redirect(c, serviceImportAddress(id))
	}

	view, err := f.readServiceImport(c)
	if err != nil {
		return err
	}

	return f.showServiceImport(c, http.StatusUnprocessableEntity, view, chosen, sentence(invalid[0], languageOf(c.Request())))
}
