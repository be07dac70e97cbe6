package frontend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const auditPath = "/audit"

// AuditGateway is what the pages ask of the use cases of the audit log.
type AuditGateway interface {
	AuditLog(ctx context.Context, actor gateway.Actor, query gateway.AuditQuery) (gateway.AuditPage, error)
	AuditPeople(ctx context.Context, actor gateway.Actor) ([]gateway.Account, error)
	WriteAuditLog(
		ctx context.Context, actor gateway.Actor, query gateway.AuditQuery, w io.Writer, format gateway.TableFormat, lang notification.Lang,
	) error
}

func (f *Frontend) mountAudit(r *routes) {
	r.get(auditPath, gateway.PermissionAudit, f.auditLog)
	r.get(auditPath+"/export/:format", gateway.PermissionAudit, f.exportAudit)
	r.nothingElse(auditPath)
}

// The parameters of the log's address that lists of notifications do not have.
const (
	paramActor   = "actor"
	paramGroup   = "group"
	paramObject  = "object"
	paramAddress = "address"
)

// auditFilter is what the log shows, as its address says it.
type auditFilter struct {
	trail

	Person, Actor, Group, Object, Ente, Address string
	From, To                                    string // days as the browser writes them, both included
}

func readAuditFilter(values url.Values) auditFilter {
	read := auditFilter{
		trail: readTrail(values), Person: strings.TrimSpace(values.Get(paramPerson)), Actor: values.Get(paramActor),
		Group: values.Get(paramGroup), Object: strings.TrimSpace(values.Get(paramObject)), Ente: values.Get(paramEnte),
		Address: strings.TrimSpace(values.Get(paramAddress)), From: values.Get(paramFrom), To: values.Get(paramTo),
	}

	return read
}

func (a auditFilter) values() url.Values {
	values := url.Values{}

	for name, value := range map[string]string{
		paramPerson: a.Person, paramActor: a.Actor, paramGroup: a.Group, paramObject: a.Object, paramEnte: a.Ente,
		paramAddress: a.Address, paramFrom: a.From, paramTo: a.To,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}

	return values
}

func (a auditFilter) address() string {
	values := a.values()
	a.write(values)

	return addressWith(auditPath, values)
}

func (a auditFilter) active() bool { return len(a.values()) > 0 }

// query is the filter in the use case's words, with the keys of the messages about what it cannot read.
func (a auditFilter) query(zone *time.Location) (gateway.AuditQuery, map[string]string) {
	problems := map[string]string{}
	query := gateway.AuditQuery{
		EnteID: a.Ente, ActorID: a.Actor, Person: a.Person, Group: a.Group, ObjectID: a.Object, Address: a.Address, Cursor: a.Cursor,
	}

	query.From = readDay(a.From, zone, paramFrom, problems)
	if query.To = readDay(a.To, zone, paramTo, problems); !query.To.IsZero() {
		query.To = query.To.AddDate(0, 0, 1) // the last day belongs to the period
	}

	if !query.From.IsZero() && !query.To.IsZero() && !query.From.Before(query.To) {
		problems[paramTo] = "list.filter.period_reversed"
	}

	return query, problems
}

// auditLogPage tells who did what.
type auditLogPage struct {
	page
	Filter   auditFilter
	People   []choice // whom the reader may choose from
	Groups   []choice
	Enti     []choice // none for readers of one Ente
	Of       string   // whose acts alone are shown; empty: everybody's
	Problems map[string]string
	Problem  string // a whole message, where the log could not be read as asked
	Rows     []auditRow
	ShowEnte bool
	Export   string // the address of the same as a table

	Previous, Next string // addresses; empty where there is none
	Clear          string // the address without filters; empty where none is active
}

func (f *Frontend) auditLog(c echo.Context) error {
	wanted := readAuditFilter(c.QueryParams())

	// The log is of those who work with GeNIO; a citizen's code that was typed all the same stays in no address.
	if looksLikeFiscalCode(fiscalcode.Normalise(wanted.Person)) {
		wanted.Person = ""

		f.leaveNotice(c, toneWarning, "audit.no_citizens")

		return redirect(c, wanted.address())
	}

	p := f.page(c, "audit.title")

	shown := auditLogPage{page: p, Filter: wanted, ShowEnte: account(c).EnteID == "", Groups: auditGroups(wanted.Group, p)}
	if wanted.active() {
		shown.Clear = auditPath
	}

	if err := f.fillAudit(c, wanted, &shown); err != nil {
		return err
	}

	status := http.StatusOK
	if shown.Problem != "" || len(shown.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}

	return f.show(c, status, "audit.html", shown)
}

func (f *Frontend) fillAudit(c echo.Context, wanted auditFilter, shown *auditLogPage) error {
	ctx, reader := c.Request().Context(), actor(c)

	if err := f.auditChoices(ctx, reader, wanted, shown); err != nil {
		return err
	}

	query, problems := wanted.query(f.timeZone)
	if shown.Problems = problems; len(problems) > 0 {
		return nil
	}

	found, err := f.gateway.AuditLog(ctx, reader, query)
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		shown.Problem = fieldProblem(invalid, shown.Lang)

		return nil
	}

	if err != nil {
		return fmt.Errorf("reading the audit log: %w", err)
	}

	for i := range found.Items {
		shown.Rows = append(shown.Rows, f.auditRow(&found.Items[i], wanted, reader, shown.page))
	}

	shown.Export = addressWith(auditPath+"/export/csv", wanted.values())

	if found.Next != "" {
		next := wanted
		next.trail = wanted.next(found.Next)
		shown.Next = next.address()
	}

	if wanted.Cursor != "" {
		before := wanted
		before.trail = wanted.previous()
		shown.Previous = before.address()
	}

	return nil
}

// auditChoices are what the reader may narrow the log to.
func (f *Frontend) auditChoices(ctx context.Context, reader gateway.Actor, wanted auditFilter, shown *auditLogPage) error {
	people, err := f.gateway.AuditPeople(ctx, reader)
	if err != nil {
		return fmt.Errorf("listing people: %w", err)
	}

	for _, person := range people {
		shown.People = append(shown.People, choice{Value: person.Email, Label: person.Name})

		if person.ID == wanted.Actor {
			shown.Of = person.Name
		}
	}

	if wanted.Actor != "" && shown.Of == "" {
		shown.Of = wanted.Actor
	}

	if reader.EnteID == "" {
		if shown.Enti, err = f.enteChoices(ctx, reader, wanted.Ente); err != nil {
			return err
		}
	}

	return nil
}

// auditGroups are what acts are about, by the catalogue.
func auditGroups(chosen string, p page) []choice {
	const beginning = "audit.group."

	var choices []choice

	for _, key := range slices.Sorted(maps.Keys(p.messages[p.Lang])) {
		if group, found := strings.CutPrefix(key, beginning); found {
			choices = append(choices, choice{Value: group, Label: p.T(key), Chosen: group == chosen})
		}
	}

	slices.SortFunc(choices, func(a, b choice) int { return strings.Compare(a.Label, b.Label) })

	return choices
}

// exportAudit hands the log out as a table. The use case notes it.
func (f *Frontend) exportAudit(c echo.Context) error {
	format := gateway.TableFormat(c.Param("format"))
	if format != gateway.TableCSV && format != gateway.TableXLSX {
		return echo.ErrNotFound
	}

	query, problems := readAuditFilter(c.QueryParams()).query(f.timeZone)
	if len(problems) > 0 {
		return echo.NewHTTPError(http.StatusUnprocessableEntity)
	}

	query.Cursor = ""

	name := "registro-" + f.clock().In(f.timeZone).Format(time.DateOnly) + "." + string(format)
	file := &report{to: c.Response(), name: name, format: format}

	return f.sendReport(c, file, func(w io.Writer) error {
		return f.gateway.WriteAuditLog(c.Request().Context(), actor(c), query, w, format, languageOf(c.Request()))
	})
}
