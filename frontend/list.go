package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// listPage shows one page of notifications and the ways to narrow it.
type listPage struct {
	page
	Actions   []listLink
	Saved     []savedLink
	Manage    string // the address of the kept filters; empty where there are none
	Save      string // the address that keeps the present filter; empty where there is nothing to keep
	Shortcuts []shortcut
	Form      searchForm
	Rows      []row
	ShowEnte  bool // the reader sees several Enti

	Previous, Next string // addresses; empty where there is none
	Clear          string // the address without filters; empty where none is active
	Intervene      string // the address of an act on all of them; empty where that is not for the reader
	Problem        string // a whole message, where the list could not be read as asked
}

// shortcut filters by one status.
type shortcut struct {
	mark
	Count   string
	Address string
	Current bool
}

// row is one notification of the list.
type row struct {
	Address    string
	AcceptedAt moment
	Reference  string
	Ente       string
	Service    string
	Recipient  string
	Status     mark
	Reason     string
	Channel    string
}

func (f *Frontend) list(c echo.Context) error {
	wanted := readFilter(c.QueryParams())

	shown := listPage{page: f.page(c, "list.title"), ShowEnte: account(c).EnteID == ""}
	if err := f.fillList(c, wanted, &shown); err != nil {
		return err
	}

	status := http.StatusOK
	if shown.Problem != "" || len(shown.Form.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}

	return f.show(c, status, "list.html", shown)
}

func (f *Frontend) fillList(c echo.Context, wanted filter, shown *listPage) error {
	ctx, reader := c.Request().Context(), actor(c)

	whom := ""
	if wanted.Person {
		if whom = f.keptPerson(ctx); whom == "" {
			shown.Problem = shown.T("list.filter.person_gone")
		}
	}

	query, problems := wanted.query(f.reading(shown.Lang), whom)

	form, err := f.searchForm(ctx, reader, wanted, shown.page)
	if err != nil {
		return err
	}

	form.Problems = problems
	form.Person = maskedPerson(whom)
	shown.Form = form

	if err := f.fillFilters(ctx, reader, wanted, shown); err != nil {
		return err
	}

	shown.Actions = listActionsFor(shown.page, wanted)

	if wanted.active() || len(wanted.Statuses) > 0 {
		shown.Clear = notificationsPath
	}

	if shown.Problem != "" || len(problems) > 0 {
		return nil
	}

	return f.readList(ctx, reader, wanted, query, shown)
}

func (f *Frontend) readList(ctx context.Context, reader gateway.Actor, wanted filter, query gateway.Query, shown *listPage) error {
	found, err := f.gateway.Notifications(ctx, reader, query)

	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		shown.Problem = fieldProblem(invalid, shown.Lang)

		return nil
	}

	if err != nil {
		return fmt.Errorf("listing notifications: %w", err)
	}

	everyStatus := query
	everyStatus.Statuses, everyStatus.Cursor = nil, ""

	counts, err := f.gateway.Counts(ctx, reader, everyStatus)
	if err != nil {
		return fmt.Errorf("counting notifications: %w", err)
	}

	shown.Shortcuts = shortcuts(wanted, counts, shown.page)

	for i := range found.Items {
		shown.Rows = append(shown.Rows, f.row(&found.Items[i], shown.Lang))
	}

	if shown.May(gateway.PermissionIntervene) && !wanted.Person && len(shown.Rows) > 0 {
		shown.Intervene = interventionsPath + "/new" + strings.TrimPrefix(wanted.firstPage().address(), notificationsPath)
	}

	if found.Next != "" {
		shown.Next = wanted.nextPage(found.Next).address()
	}

	if wanted.Cursor != "" {
		shown.Previous = wanted.previousPage().address()
	}

	return nil
}

func (f *Frontend) row(view *gateway.View, lang notification.Lang) row {
	shown := row{
		Address:    notificationAddress(view.ID),
		AcceptedAt: f.moment(view.AcceptedAt, lang),
		Reference:  view.ExternalReference,
		Ente:       view.EnteName,
		Service:    view.ServiceName,
		Recipient:  view.MaskedFiscalCode,
		Status:     statusMark(view.Status, lang),
		Channel:    view.Channel.Label(lang),
	}

	// That a delivered one was delivered is no news.
	if view.Status != notification.StatusDelivered {
		shown.Reason = explain(view.Reason, lang).Message
	}

	return shown
}

// shortcuts tell no numbers where there are more than anybody counts, but for that.
func shortcuts(wanted filter, counts map[notification.Status]int, p page) []shortcut {
	total := 0
	for _, n := range counts {
		total += n
	}

	number := func(n int) string { return count(n, p.Lang) }
	all := count(total, p.Lang)

	if counts == nil {
		number = func(int) string { return "" }
		all = p.T("list.over", count(gateway.CountLimit, p.Lang))
	}

	links := []shortcut{{
		mark:    mark{Label: p.T("list.all"), Icon: "it-list", Tone: toneNeutral},
		Count:   all,
		Address: wanted.only().address(),
		Current: len(wanted.Statuses) == 0,
	}}

	for _, status := range notification.Statuses() {
		links = append(links, shortcut{
			mark:    statusMark(status, p.Lang),
			Count:   number(counts[status]),
			Address: wanted.only(status).address(),
			Current: len(wanted.Statuses) == 1 && wanted.Statuses[0] == status,
		})
	}

	return links
}

func fieldProblem(invalid notification.FieldErrors, lang notification.Lang) string {
	if len(invalid) == 0 {
		return ""
	}

	if lang == notification.English {
		return invalid[0].Message
	}

	return invalid[0].Messaggio
}
