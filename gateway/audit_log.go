package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// AuditQuery asks for entries of the audit log; empty fields do not filter.
type AuditQuery struct {
	EnteID string
	// ActorID is whose acts are meant. Person is a part of a name or of an address of e-mail instead.
	ActorID string
	Person  string
	// Group is what acts are about, such as "service", and Action one kind of act, such as "service.update".
	Group    string
	Action   string
	ObjectID string
	Address  string
	From, To time.Time // in [From, To)
	Cursor   string    // opaque, from an AuditPage
	Limit    int       // 1 to 100; 0: 25
}

// AuditView is an entry of the audit log.
type AuditView struct {
	At        time.Time
	ActorKind string // application, user, system or nobody
	ActorID   string
	ActorName string
	Address   string // empty where nobody knows
	EnteID    string
	EnteName  string
	Action    string // such as "service.update"
	Object    string // the kind of thing, such as "service"
	ObjectID  string
	// ObjectName is what the object is called; empty where it has no name, or is not there any more.
	ObjectName string
	Detail     map[string]string
}

// AuditPage is one page of the audit log, newest first.
type AuditPage struct {
	Items []AuditView
	// Next is the cursor of the following page; empty on the last one.
	Next string
}

// AuditLog reads one page of the audit log, as far as the actor may: an Ente's people read what concerns their Ente.
func (g *Gateway) AuditLog(ctx context.Context, actor Actor, query AuditQuery) (AuditPage, error) {
	filter, some, err := g.auditFilter(ctx, actor, query)
	if err != nil || !some {
		return AuditPage{}, err
	}

	cursor, limit, err := Query{Cursor: query.Cursor, Limit: query.Limit}.position()
	if err != nil {
		return AuditPage{}, err
	}

	entries, more, err := g.Store.AuditLog(ctx, filter, cursor, limit)
	if err = storeError("reading the audit log", err); errors.Is(err, ErrNotFound) {
		// A filter by what is no id, or no text, matches nothing.
		return AuditPage{}, nil
	}

	if err != nil {
		return AuditPage{}, err
	}

	known, err := g.auditNames(ctx, actor)
	if err != nil {
		return AuditPage{}, err
	}

	page := AuditPage{Items: make([]AuditView, len(entries))}
	for i, entry := range entries {
		page.Items[i] = known.view(entry)
	}

	if more {
		last := entries[len(entries)-1]
		page.Next = encodeCursor(notification.Notification{ID: last.ID, AcceptedAt: last.At})
	}

	return page, nil
}

// AuditPeople lists who may have done what the actor reads of: names and addresses of e-mail, to choose from.
func (g *Gateway) AuditPeople(ctx context.Context, actor Actor) ([]Account, error) {
	if !actor.May(PermissionAudit) {
		return nil, ErrForbidden
	}

	users, err := g.Store.Users(ctx)
	if err != nil {
		return nil, storeError("reading the people", err)
	}

	var people []Account

	for _, user := range users {
		if actor.seesEveryEnte() || actor.SeesEnte(user.EnteID) {
			people = append(people, Account{ID: user.ID, Email: user.Email, Name: user.Name, Role: Role(user.Role), EnteID: user.EnteID})
		}
	}

	return people, nil
}

// auditFilter bounds the query by what the actor may see; some is false where nothing can match.
func (g *Gateway) auditFilter(ctx context.Context, actor Actor, query AuditQuery) (filter db.AuditFilter, some bool, err error) {
	if !actor.May(PermissionAudit) {
		return filter, false, ErrForbidden
	}

	filter = db.AuditFilter{
		EnteID: query.EnteID, Action: query.Action, Group: query.Group, ObjectID: query.ObjectID, Address: query.Address,
		From: query.From, To: query.To,
	}

	if !actor.seesEveryEnte() {
		if actor.EnteID == "" || query.EnteID != "" && query.EnteID != actor.EnteID {
			return filter, false, nil
		}

		filter.EnteID = actor.EnteID
	}

	switch {
	case query.ActorID != "":
		filter.ActorIDs = []string{query.ActorID}
	case query.Person != "":
		err = g.filterPerson(ctx, &filter, query.Person)
	}

	return filter, true, err
}

// filterPerson looks the name up among people, whose acts are then found by their id. An application's or somebody's who
// is not there any more is only found by the name that the entry has.
func (g *Gateway) filterPerson(ctx context.Context, filter *db.AuditFilter, person string) error {
	person = strings.ToLower(strings.TrimSpace(person))

	users, err := g.Store.Users(ctx)
	if err != nil {
		return storeError("reading the people", err)
	}

	for _, user := range users {
		if strings.Contains(strings.ToLower(user.Name), person) || strings.Contains(strings.ToLower(user.Email), person) {
			filter.ActorIDs = append(filter.ActorIDs, user.ID)
		}
	}

	if len(filter.ActorIDs) == 0 {
		filter.ActorName = person
	}

	return nil
}

// auditNames are what the log's objects are called.
type auditNames struct {
	enti    map[string]string
	objects map[string]string
}

func (g *Gateway) auditNames(ctx context.Context, actor Actor) (auditNames, error) {
	names, err := g.names(ctx, actor.EnteID)
	if err != nil {
		return auditNames{}, err
	}

	people, err := g.AuditPeople(ctx, actor)
	if err != nil {
		return auditNames{}, err
	}

	known := auditNames{enti: names.enti, objects: names.services}

	for _, person := range people {
		known.objects[person.ID] = person.Name
	}

	templates, err := g.Templates(ctx, actor, TemplateQuery{Archived: true})
	if err != nil {
		return auditNames{}, err
	}

	for _, template := range templates {
		known.objects[template.ID] = template.Name
	}

	return known, nil
}

func (n auditNames) view(entry db.AuditEntry) AuditView {
	view := AuditView{
		At: entry.At, ActorKind: entry.ActorKind, ActorID: entry.ActorID, ActorName: entry.ActorName, Address: entry.Address,
		EnteID: entry.EnteID, EnteName: n.enti[entry.EnteID], Action: entry.Action, Object: entry.ObjectKind, ObjectID: entry.ObjectID,
		ObjectName: n.objects[entry.ObjectID], Detail: entry.Detail,
	}

	if entry.ObjectKind == "ente" {
		view.ObjectName = n.enti[entry.ObjectID]
	}

	return view
}

// WriteAuditLog writes every entry that the query means, newest first, in Italian time. The export is noted first.
func (g *Gateway) WriteAuditLog(
	ctx context.Context, actor Actor, query AuditQuery, w io.Writer, format TableFormat, lang notification.Lang,
) error {
	filter, some, err := g.auditFilter(ctx, actor, query)

	switch {
	case err != nil:
		return err
	case !some:
		return ErrNotFound
	case format != TableCSV && format != TableXLSX:
		return invalid("format", codeUnknown, "one of csv, xlsx", "uno tra csv, xlsx")
	}

	zone, err := time.LoadLocation(italianZone)
	if err != nil {
		return fmt.Errorf("reading the time zone: %w", err)
	}

	known, err := g.auditNames(ctx, actor)
	if err != nil {
		return err
	}

	// What comes later belongs to the next export, this one's own entry included.
	now := time.Now().UTC()
	if filter.To.IsZero() || filter.To.After(now) {
		filter.To = now
	}

	if err := g.audit(ctx, actor, Act{Name: "audit.export", Object: "audit", Detail: query.describe(format)}); err != nil {
		return err
	}

	report := auditReport{results: results{lang: lang, zone: zone}, names: known}

	var cursor db.Cursor

	rows := func(int) ([]db.AuditEntry, error) {
		page, _, err := g.Store.AuditLog(ctx, filter, cursor, reportPage)
		if len(page) > 0 {
			cursor = db.Cursor{AcceptedAt: page[len(page)-1].At, ID: page[len(page)-1].ID}
		}

		return page, err //nolint:wrapcheck // the table wraps it.
	}

	return writeTable(w, format, table[db.AuditEntry]{
		name: report.in("Registro", "Audit log"), header: report.header(), page: rows, row: report.row,
		number: func(db.AuditEntry) int { return 0 }, // the cursor is the place
		whole:  func() error { return nil },          // entries are never changed
	})
}

// describe says what was exported, for the log itself. A name that was searched for stays out of it.
func (q AuditQuery) describe(format TableFormat) map[string]string {
	detail := map[string]string{"format": string(format)}

	for name, value := range map[string]string{
		"group": q.Group, "action": q.Action, "actor_id": q.ActorID, "object_id": q.ObjectID, "ente_id": q.EnteID,
	} {
		if value != "" {
			detail[name] = value
		}
	}

	for name, moment := range map[string]time.Time{"from": q.From, "to": q.To} {
		if !moment.IsZero() {
			detail[name] = moment.UTC().Format(time.RFC3339)
		}
	}

	return detail
}

// auditReport writes entries of the audit log.
type auditReport struct {
	results

	names auditNames
}

func (r auditReport) header() []cell {
	return texts(
		r.in("quando", "when"),
		r.in("chi", "who"),
		r.in("id_chi", "who_id"),
		r.in("tipo", "kind"),
		r.in("indirizzo", "address"),
		r.in("ente", "ente"),
		r.in("azione", "action"),
		r.in("oggetto", "object"),
		r.in("id_oggetto", "object_id"),
		r.in("nome_oggetto", "object_name"),
		r.in("dettagli", "details"),
	)
}

func (r auditReport) row(entry db.AuditEntry) ([]cell, error) {
	view := r.names.view(entry)

	detail := ""

	if len(view.Detail) > 0 {
		encoded, err := json.Marshal(view.Detail)
		if err != nil {
			return nil, fmt.Errorf("encoding an entry's details: %w", err)
		}

		detail = string(encoded)
	}

	return slices.Concat(texts(r.time(view.At)), texts(
		view.ActorName, view.ActorID, view.ActorKind, view.Address, view.EnteName, view.Action, view.Object, view.ObjectID,
		view.ObjectName, detail,
	)), nil
}
