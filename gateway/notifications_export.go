package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

// MaxExport is how many notifications one export holds, the newest ones.
const MaxExport = 100_000

// Export says how a list is exported.
type Export struct {
	Format TableFormat
	Lang   notification.Lang
	// Clear asks for recipients unmasked, which takes the permission to reveal them.
	Clear bool
}

// CountForExport counts what an export would hold; more tells that there is more than it can.
func (g *Gateway) CountForExport(ctx context.Context, actor Actor, query Query) (rows int, more bool, err error) {
	if err := g.checkReference(query.ExternalReference, Submission{}).OrNil(); err != nil {
		return 0, false, err
	}

	filter, some := query.filter(actor)
	if !some {
		return 0, false, nil
	}

	counted, err := g.Store.CountUpTo(ctx, filter, MaxExport+1)

	switch err = storeError("counting notifications", err); {
	case errors.Is(err, ErrNotFound):
		return 0, false, nil
	case err != nil:
		return 0, false, err
	}

	return min(counted, MaxExport), counted > MaxExport, nil
}

// ExportNotifications writes the notifications of the query that the actor may see as a table, the newest first. Who
// exported what is noted before the first row is written: the filter's shape, never whom it looked for.
func (g *Gateway) ExportNotifications(ctx context.Context, actor Actor, query Query, w io.Writer, export Export) error {
	switch {
	case export.Format != TableCSV && export.Format != TableXLSX:
		return invalid("format", codeUnknown, "one of csv, xlsx", "uno tra csv, xlsx")
	case !actor.May(PermissionRead), export.Clear && !actor.May(PermissionReveal):
		return ErrForbidden
	}

	rows, more, err := g.CountForExport(ctx, actor, query)
	if err != nil {
		return err
	}

	zone, err := time.LoadLocation(italianZone)
	if err != nil {
		return fmt.Errorf("reading the time zone: %w", err)
	}

	filter, _ := query.filter(actor)

	names, err := g.names(ctx, filter.EnteID)
	if err != nil {
		return err
	}

	if err := g.audit(ctx, actor, exportAct(filter, export, rows)); err != nil {
		return err
	}

	report := exported{results: results{lang: export.Lang, zone: zone, masked: !export.Clear}, names: names}
	pages := exportPages{store: g.Store, filter: filter, left: rows}

	return writeTable(w, export.Format, table[notification.Notification]{
		name: report.in("Notifiche", "Notifications"), header: report.header(),
		page:   func(int) ([]notification.Notification, error) { return pages.next(ctx) },
		number: func(notification.Notification) int { return 0 }, // the pages know their place
		row:    report.row,
		whole:  func() error { return nil },
		last:   report.last(more),
	})
}

// exportAct tells the shape of what was exported: which conditions there were, not what they were about.
func exportAct(filter db.Filter, export Export, rows int) Act {
	var conditions []string

	for name, set := range map[string]bool{
		"services": len(filter.ServiceIDs) > 0, "statuses": len(filter.Statuses) > 0, "reasons": len(filter.Reasons) > 0,
		"channel": filter.Channel != "", "batch": filter.BatchID != "", "reference": filter.ExternalReference != "",
		"fiscal_code": filter.FiscalCode != "", "phone": filter.Phone != "", "from": !filter.From.IsZero(), "to": !filter.To.IsZero(),
	} {
		if set {
			conditions = append(conditions, name)
		}
	}

	slices.Sort(conditions)

	return Act{
		Name: "notifications.export", EnteID: filter.EnteID, Object: "notifications",
		Detail: map[string]string{
			"format": string(export.Format), "rows": strconv.Itoa(rows), "conditions": strings.Join(conditions, " "),
			"recipients": map[bool]string{true: "clear", false: "masked"}[export.Clear],
		},
	}
}

// exportPages reads what is exported, as many notifications as were counted.
type exportPages struct {
	store  *db.Store
	filter db.Filter
	after  db.Cursor
	left   int
}

func (p *exportPages) next(ctx context.Context) ([]notification.Notification, error) {
	if p.left == 0 {
		return nil, nil
	}

	page, _, err := p.store.List(ctx, p.filter, p.after, min(reportPage, p.left))
	if err != nil {
		return nil, err //nolint:wrapcheck // writeTable says what was being done
	}

	p.left -= len(page)

	if len(page) > 0 {
		last := page[len(page)-1]
		p.after = db.Cursor{AcceptedAt: last.AcceptedAt, ID: last.ID}
	}

	return page, nil
}

// exported writes notifications as rows.
type exported struct {
	results

	names names
}

func (e exported) header() []cell {
	return texts(
		e.in("identificativo", "id"),
		e.in("accettata", "accepted"),
		e.in("ente", "ente"),
		e.in("servizio", "service"),
		e.in("riferimento", "reference"),
		e.in("codice_fiscale", "fiscal_code"),
		e.in("telefono", "phone"),
		e.in("stato", "status"),
		e.in("canale", "channel"),
		e.in("motivo", "reason"),
		e.in("codice_motivo", "reason_code"),
		e.in("conclusa", "ended"),
		e.in("lavorazioni", "runs"),
		e.in("invio_da_file", "batch"),
	)
}

func (e exported) row(n notification.Notification) ([]cell, error) {
	code, phone := n.Recipient.FiscalCode, n.Recipient.Phone
	if e.masked {
		code = fiscalcode.Mask(code)

		if phone != "" {
			phone = sms.MaskPhone(phone)
		}
	}

	reason := ""

	if n.Reason != "" {
		text := n.Reason.Describe()
		reason = e.in(text.Messaggio, text.Message)
	}

	cells := texts(
		n.ID, e.time(n.AcceptedAt), e.names.enti[n.EnteID], e.names.services[n.ServiceID], n.ExternalReference, code, phone,
		n.Status.Label(e.lang), n.Channel.Label(e.lang), reason, string(n.Reason), e.time(n.SettledAt),
	)

	return append(append(cells, number(n.Run)), texts(n.BatchID)...), nil
}

// last says at the end of a file that there is more than it holds; nobody who only has the file knows the page's words.
func (e exported) last(more bool) []cell {
	if !more {
		return nil
	}

	return texts(e.in(
		"Il file contiene le "+strconv.Itoa(MaxExport)+" notifiche più recenti: ce ne sono altre.",
		"The file holds the newest "+strconv.Itoa(MaxExport)+" notifications: there are more.",
	))
}
