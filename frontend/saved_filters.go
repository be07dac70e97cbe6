package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const filtersPath = notificationsPath + "/filters"

// savedLink leads to the list with a filter that somebody keeps.
type savedLink struct {
	Name    string
	Address string
	Shared  bool
	Current bool
}

// filtersPage lists the filters that a person keeps or that colleagues share, and keeps another.
type filtersPage struct {
	page
	Rows []savedRow

	Save    bool // whether there is a filter to keep
	Refused bool // it cannot be kept, as Problem says
	Facts   []fact
	Query   string
	Name    string
	Problem string // a whole sentence, about the name
	Most    int    // characters of a name
	Once    string
}

// savedRow is one kept filter.
type savedRow struct {
	Name    string
	Address string // of the list
	Words   []fact
	Shared  bool
	Mine    bool

	Delete string // the address that asks whether to delete it; empty where it is not for the reader
	Share  string // the address that shares it or takes it back; empty where it is not for the reader
	// Ente is with whose people it would be shared, empty where it is shared; Once is the form's key.
	Ente string
	Once string
}

// fillFilters adds the kept filters to the list.
func (f *Frontend) fillFilters(ctx context.Context, reader gateway.Actor, wanted filter, shown *listPage) error {
	kept, err := f.gateway.SavedFilters(ctx, reader)
	if err != nil {
		return fmt.Errorf("listing saved filters: %w", err)
	}

	here, known := wanted.firstPage().values().Encode(), false

	for _, saved := range kept {
		shown.Saved = append(shown.Saved, savedLink{
			Name: saved.Name, Address: savedAddress(saved), Shared: saved.EnteID != "", Current: saved.Query == here,
		})
		known = known || saved.Query == here
	}

	if len(kept) > 0 {
		shown.Manage = filtersPath
	}

	if here != "" && !known && !wanted.Person {
		shown.Save = addressWith(filtersPath, wanted.firstPage().values())
	}

	return nil
}

// savedAddress reads the kept parameters again, as everything that comes from outside.
func savedAddress(saved gateway.SavedFilter) string { return filterOf(saved.Query).address() }

// filterOf is the filter that an address's parameters say; what cannot be read is left out.
func filterOf(query string) filter {
	values, err := url.ParseQuery(query)
	if err != nil {
		return filter{}
	}

	return readFilter(values).firstPage()
}

func (f *Frontend) savedFilters(c echo.Context) error {
	return f.showFilters(c, http.StatusOK, readFilter(c.QueryParams()).firstPage(), "", "")
}

func (f *Frontend) showFilters(c echo.Context, status int, wanted filter, name, problem string) error {
	ctx, reader := c.Request().Context(), actor(c)
	p := f.page(c, "saved.title")

	kept, err := f.gateway.SavedFilters(ctx, reader)
	if err != nil {
		return fmt.Errorf("listing saved filters: %w", err)
	}

	query := wanted.values().Encode()
	shown := filtersPage{
		page: p, Save: query != "" && !wanted.Person, Refused: wanted.Person || query == "" && problem != "", Query: query,
		Name: name, Problem: problem, Most: gateway.MaxFilterName, Once: newOnceKey(),
	}

	if wanted.Person {
		shown.Problem = p.T("saved.person")
	}

	form, err := f.searchForm(ctx, reader, wanted, p)
	if err != nil {
		return err
	}

	shown.Facts = form.words(p)

	for _, saved := range kept {
		shown.Rows = append(shown.Rows, savedRowOf(reader, saved, form, p))
	}

	return f.show(c, status, "saved_filters.html", shown)
}

func savedRowOf(reader gateway.Actor, saved gateway.SavedFilter, form searchForm, p page) savedRow {
	wanted := filterOf(saved.Query)
	row := savedRow{
		Name: saved.Name, Address: wanted.address(), Words: form.about(wanted, p).words(p), Shared: saved.EnteID != "", Mine: saved.Mine,
	}

	if !saved.MayChange {
		return row
	}

	row.Delete = filtersPath + "/" + url.PathEscape(saved.ID) + "/delete"

	if !row.Shared {
		row.Ente = enteToShareWith(reader, wanted)
	}

	if reader.May(gateway.PermissionIntervene) && (row.Shared || row.Ente != "") {
		row.Share, row.Once = filtersPath+"/"+url.PathEscape(saved.ID)+"/share", newOnceKey()
	}

	return row
}

// enteToShareWith is the reader's own Ente; whoever works across Enti shares a filter with the one that it is about.
func enteToShareWith(reader gateway.Actor, wanted filter) string {
	if reader.EnteID != "" {
		return reader.EnteID
	}

	return wanted.EnteID
}

// saveFilter keeps the filter as the list reads it. One that looks for a person is not kept: the person would have to be.
func (f *Frontend) saveFilter(c echo.Context) error {
	wanted, name := filterOf(c.FormValue("query")), c.FormValue(paramName)
	p := f.basePage(c.Request(), account(c))

	switch {
	case wanted.Person:
		return f.showFilters(c, http.StatusUnprocessableEntity, wanted, name, p.T("saved.person"))
	case wanted.values().Encode() == "":
		return f.showFilters(c, http.StatusUnprocessableEntity, wanted, name, p.T("saved.empty"))
	}

	author, once := actor(c), c.FormValue("once")
	if isOnceKey(once) && !f.done.use(author.ID, once) {
		return redirect(c, wanted.address())
	}

	_, err := f.gateway.SaveFilter(c.Request().Context(), author, name, wanted.values().Encode())
	if err == nil {
		f.leaveNotice(c, toneSuccess, "saved.done")

		return redirect(c, wanted.address())
	}

	f.done.release(author.ID, once)

	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		return f.showFilters(c, http.StatusUnprocessableEntity, wanted, name, sentence(invalid[0], p.Lang))
	}

	return fmt.Errorf("saving a filter: %w", err)
}

// shareFilter shares a filter with the people of an Ente, or takes it back.
func (f *Frontend) shareFilter(c echo.Context) error {
	ctx, author, id := c.Request().Context(), actor(c), c.Param("filter")

	saved, err := f.gateway.SavedFilter(ctx, author, id)
	if err != nil {
		return fmt.Errorf("reading a saved filter: %w", err)
	}

	enteID, done := "", "saved.unshared"
	if c.FormValue("with") != "" {
		enteID, done = enteToShareWith(author, filterOf(saved.Query)), "saved.shared_now"
	}

	if err := f.gateway.ShareFilter(ctx, author, id, enteID); err != nil {
		return fmt.Errorf("sharing a filter: %w", err)
	}

	f.leaveNotice(c, toneSuccess, done)

	return redirect(c, filtersPath)
}

func (f *Frontend) confirmDeletingFilter(c echo.Context) error {
	saved, err := f.gateway.SavedFilter(c.Request().Context(), actor(c), c.Param("filter"))

	switch {
	case err != nil:
		return fmt.Errorf("reading a saved filter: %w", err)
	case !saved.MayChange:
		return gateway.ErrForbidden
	}

	p := f.page(c, "saved.delete.title")
	text := p.T("saved.delete.text")

	if saved.EnteID != "" {
		text = p.T("saved.delete.text_shared")
	}

	return f.show(c, http.StatusOK, "confirm.html", confirmPage{
		page: p, Address: filtersPath + "/" + url.PathEscape(saved.ID), Act: "delete", Tone: toneDanger,
		Crumbs: []crumb{
			{Address: notificationsPath, Label: p.T("list.title")}, {Address: filtersPath, Label: p.T("saved.title")},
		},
		Heading: p.T("saved.delete.title"), Text: text, Submit: p.T("saved.delete.submit"), Back: p.T("saved.delete.back"),
		Facts: named([]fact{{Name: "saved.name", Value: saved.Name}}, p), Once: newOnceKey(),
	})
}

func (f *Frontend) deleteFilter(c echo.Context) error {
	author, once := actor(c), c.FormValue("once")

	err := f.gateway.DeleteFilter(c.Request().Context(), author, c.Param("filter"))

	switch {
	case err == nil:
	case errors.Is(err, gateway.ErrNotFound) && f.done.wasUsed(author.ID, once):
		// A second click: the first one has deleted it.
		return redirect(c, filtersPath)
	default:
		return fmt.Errorf("deleting a filter: %w", err)
	}

	if isOnceKey(once) {
		f.done.use(author.ID, once)
	}

	f.leaveNotice(c, toneSuccess, "saved.delete.done")

	return redirect(c, filtersPath)
}
