package gateway

import (
	"context"
	"fmt"
	"io"
	"time"
	_ "time/tzdata" // reports show Italian time on machines that have no time zone data, too

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
)

const (
	italianZone = "Europe/Rome"
	// italianTime is how times stand in reports: Excel reads it as a time in every language of Italy.
	italianTime = "02/01/2006 15:04:05"
)

// WriteResults writes what became of each row that is sent: one line a citizen, in Italian time. Whoever may only look
// sees masked codes.
func (g *Gateway) WriteResults(
	ctx context.Context, actor Actor, id string, w io.Writer, format TableFormat, lang notification.Lang,
) error {
	stored, err := g.visibleBatch(ctx, actor, id)

	switch {
	case err != nil:
		return err
	case !hasRows(stored.Status):
		return ErrState
	}

	zone, err := time.LoadLocation(italianZone)
	if err != nil {
		return fmt.Errorf("reading the time zone: %w", err)
	}

	if err := g.audit(ctx, actor, batchAct("results_download", stored.Batch, "format", string(format))); err != nil {
		return err
	}

	report := results{lang: lang, zone: zone, masked: !actor.MayChange()}
	rows := func(after int) ([]db.RowResult, error) { return g.Store.RowResults(ctx, id, after, reportPage) }

	return writeTable(w, format, table[db.RowResult]{
		name: report.in("Esiti", "Results"), header: report.header(), page: rows, row: report.row,
		number: func(row db.RowResult) int { return row.Number },
		whole:  func() error { return g.sameRows(ctx, stored) },
	})
}

// results writes what became of rows.
type results struct {
	lang   notification.Lang
	zone   *time.Location
	masked bool
}

func (r results) in(italian, english string) string {
	if r.lang == notification.English {
		return english
	}

	return italian
}

func (r results) header() []cell {
	return texts(
		r.in("riga", "row"),
		r.in("riferimento", "reference"),
		r.in("codice_fiscale", "fiscal_code"),
		r.in("stato", "status"),
		r.in("canale", "channel"),
		r.in("motivo", "reason"),
		r.in("accettata", "accepted"),
		r.in("consegnata_a_io", "handed_to_io"),
		r.in("sms_inviato", "sms_sent"),
		r.in("conclusa", "ended"),
		r.in("parti_sms", "sms_parts"),
	)
}

func (r results) row(row db.RowResult) ([]cell, error) {
	code, reference, err := whose(row)
	if err != nil {
		return nil, err
	}

	if r.masked {
		code = fiscalcode.Mask(code)
	}

	cells := append([]cell{number(row.Number)}, texts(
		reference, code, r.status(row), row.Channel.Label(r.lang), r.reason(row),
		r.time(row.AcceptedAt), r.time(row.SentToIOAt), r.time(row.SentBySMSAt), r.time(row.SettledAt),
	)...)

	return append(cells, number(row.SMSParts)), nil
}

// whose row it is stands in the notification, or else in the file's row.
func whose(row db.RowResult) (code, reference string, err error) {
	if len(row.Payload) == 0 {
		return row.FiscalCode, row.ExternalReference, nil
	}

	payload, err := batch.DecodePayload(row.Payload)
	if err != nil {
		return "", "", fmt.Errorf("reading row %d: %w", row.Number, err)
	}

	return payload.Recipient.FiscalCode, payload.Reference, nil
}

func (r results) status(row db.RowResult) string {
	if row.Status == "" {
		return r.in("In coda", "Queued")
	}

	return row.Status.Label(r.lang)
}

func (r results) reason(row db.RowResult) string {
	if row.Reason == "" {
		return ""
	}

	text := row.Reason.Describe()

	return r.in(text.Messaggio, text.Message)
}

func (r results) time(moment time.Time) string {
	if moment.IsZero() {
		return ""
	}

	return moment.In(r.zone).Format(italianTime)
}
