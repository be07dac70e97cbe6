package gateway

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// The fixed columns of a correction's file. Those of the values bear the placeholder's name.
const (
	correctionFile   = "rettifica.csv"
	correctionCode   = "codice_fiscale"
	correctionPhone  = "cellulare"
	correctionRef    = "riferimento"
	correctionPrefix = "Rettifica: "
)

// CorrectionWish is how a batch is to be set right.
type CorrectionWish struct {
	TemplateID string
	// Open tells that those are meant, too, whose notification is still under way.
	Open bool
}

// Audience is to how many a correction would go.
type Audience struct {
	Delivered int
	Open      int
}

// audience counts whom a batch has reached.
func audience(progress notification.BatchProgress) Audience {
	return Audience{
		Delivered: progress.DeliveredIO + progress.DeliveredSMS,
		Open:      progress.InProgress + progress.OnHold,
	}
}

// BatchLinks are the batch that one sets right, and those that set it right.
type BatchLinks struct {
	Corrects    *notification.Batch
	Corrections []notification.Batch
	// Audience of a correction; MayCorrect tells that the reader may make one now.
	Audience   Audience
	MayCorrect bool
}

// links reads what belongs to a batch.
func (g *Gateway) links(ctx context.Context, actor Actor, view BatchView) (links BatchLinks, err error) {
	if !wasSent(view.Status) && view.Corrects == "" {
		return links, nil
	}

	links.Audience = audience(view.Progress)
	links.MayCorrect = actor.May(PermissionIntervene) && actor.MayChange() && links.Audience != (Audience{}) && wasSent(view.Status)

	if links.Corrections, err = g.Store.CorrectionsOf(ctx, view.ID); err != nil {
		return BatchLinks{}, storeError("reading the batch's corrections", err)
	}

	if view.Corrects == "" {
		return links, nil
	}

	original, err := g.visibleBatch(ctx, actor, view.Corrects)
	if errors.Is(err, ErrNotFound) {
		return links, nil
	}

	links.Corrects = &original.Batch

	return links, err
}

func wasSent(status notification.BatchStatus) bool {
	return hasRows(status) && !beforeConfirmation(status)
}

// CorrectBatch makes a draft for those whom a batch reached, from another template: neither IO nor an SMS can be changed or
// called back. Values of the original's rows fill the placeholders of the same name. The draft is checked, previewed and
// confirmed as every batch.
func (g *Gateway) CorrectBatch(ctx context.Context, actor Actor, id string, wish CorrectionWish) (BatchView, error) {
	if !actor.May(PermissionIntervene) || !actor.MayChange() {
		return BatchView{}, ErrForbidden
	}

	original, err := g.Batch(ctx, actor, id)
	if err != nil {
		return BatchView{}, err
	}

	if links := original.Links; !links.MayCorrect || !wish.Open && links.Audience.Delivered == 0 {
		return BatchView{}, ErrState
	}

	source, fields, err := g.correctionSource(ctx, original.Batch, wish)
	if err != nil {
		return BatchView{}, err
	}

	if err := fields.OrNil(); err != nil {
		return BatchView{}, err
	}

	upload := BatchUpload{
		ServiceID: original.ServiceID, TemplateID: wish.TemplateID, FileName: correctionFile, Priority: original.Priority,
		Name: firstCharacters(correctionPrefix+original.Name, maxBatchName), Columns: source.columns(), File: source,
	}

	created, err := g.uploadedBatch(ctx, actor, upload)
	if err != nil {
		return BatchView{}, err
	}

	created.Batch.Corrects = id

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		_, _, err := store.CreateBatch(ctx, created)

		return Act{
			Name: "batch.correct", EnteID: original.EnteID, Object: "batch", ObjectID: id,
			Detail: map[string]string{"correction": created.Batch.ID, "open": strconv.FormatBool(wish.Open)},
		}, storeError("storing the correction", err)
	})
	if err != nil {
		return BatchView{}, err
	}

	if _, err := g.takeFileWithinBounds(ctx, actor, created.Batch, upload); err != nil {
		g.removeUpload(ctx, created.Batch.ID)

		return BatchView{}, err
	}

	return g.Batch(ctx, actor, created.Batch.ID)
}

// correctionSource is the file of a correction, made while it is read. Fields say why the template does not fit.
func (g *Gateway) correctionSource(
	ctx context.Context, original notification.Batch, wish CorrectionWish,
) (*correctionRows, notification.FieldErrors, error) {
	template, err := g.usableTemplate(ctx, original.EnteID, wish.TemplateID, 0)
	if fields, ok := errors.AsType[notification.FieldErrors](err); ok {
		return nil, fields, nil
	}

	if err != nil {
		return nil, nil, err
	}

	before, err := g.Store.Template(ctx, original.TemplateID, original.TemplateVersion)
	if err != nil {
		return nil, nil, storeError("reading the original's template", err)
	}

	known := before.Placeholders()

	var missing []string

	for _, placeholder := range template.Placeholders() {
		if !slices.Contains(known, placeholder) {
			missing = append(missing, placeholder)
		}
	}

	if len(missing) > 0 {
		return nil, notification.FieldErrors{{
			Field: "template_id", Code: "placeholders",
			Message:   "the original's rows have no values for: " + strings.Join(missing, ", "),
			Messaggio: "le righe dell'invio originale non hanno i valori di: " + strings.Join(missing, ", "),
		}}, nil
	}

	return &correctionRows{
		ctx: ctx, store: g.Store, original: original, open: wish.Open, known: known, wanted: template.Placeholders(),
	}, nil, nil
}

// correctionRows writes the file of a correction, page by page, while it is read.
type correctionRows struct {
	ctx      context.Context //nolint:containedctx // io.Reader has none.
	store    *db.Store
	original notification.Batch
	open     bool
	// known are the placeholders of the original, in the order of its rows' values; wanted those of the correction.
	known, wanted []string

	begun, done bool
	after       int
	text        bytes.Buffer
}

// columns say what each column of the file holds.
func (r *correctionRows) columns() map[string]batch.Field {
	columns := map[string]batch.Field{
		correctionCode: batch.FieldFiscalCode, correctionPhone: batch.FieldPhone, correctionRef: batch.FieldReference,
	}

	for _, placeholder := range r.wanted {
		columns[valueHeader(placeholder)] = batch.Value(placeholder)
	}

	return columns
}

// valueHeader keeps a placeholder apart from the fixed columns.
func valueHeader(placeholder string) string { return "valore_" + placeholder }

// Read is for io.Reader.
func (r *correctionRows) Read(piece []byte) (int, error) {
	for r.text.Len() == 0 && !r.done {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}

	if r.text.Len() == 0 {
		return 0, io.EOF
	}

	return r.text.Read(piece) //nolint:wrapcheck // a buffer that is not empty never fails
}

// fill writes the header, or the next page of rows.
func (r *correctionRows) fill() error {
	writer := csv.NewWriter(&r.text)
	writer.Comma = ';'

	if !r.begun {
		r.begun = true
		header := []string{correctionCode, correctionPhone, correctionRef}

		for _, placeholder := range r.wanted {
			header = append(header, valueHeader(placeholder))
		}

		if err := writer.Write(header); err != nil {
			return fmt.Errorf("writing the header: %w", err)
		}
	}

	rows, err := r.store.BatchRows(r.ctx, r.original.ID, sentRows(r.original), r.after, reportPage)
	if err != nil {
		return storeError("reading the original's rows", err)
	}

	results, err := r.store.RowResults(r.ctx, r.original.ID, r.after, reportPage)
	if err != nil {
		return storeError("reading what became of the original's rows", err)
	}

	became := make(map[int]notification.Status, len(results))
	for _, result := range results {
		became[result.Number] = result.Status
	}

	for _, row := range rows {
		r.after = row.Number

		if !r.meant(became[row.Number]) {
			continue
		}

		record, err := r.record(row)
		if err != nil {
			return err
		}

		if err := writer.Write(record); err != nil {
			return fmt.Errorf("writing a row: %w", err)
		}
	}

	r.done = len(rows) < reportPage

	writer.Flush()

	return nil
}

func sentRows(original notification.Batch) db.RowFilter {
	states := []notification.RowState{notification.RowGood}
	if original.IncludeDuplicates {
		states = append(states, notification.RowDuplicate)
	}

	return db.RowFilter{States: states}
}

// meant tells whether a correction goes to whom this became of. Rows that were not handed over yet have no status: they
// can still be stopped.
func (r *correctionRows) meant(status notification.Status) bool {
	return status == notification.StatusDelivered || r.open && status != "" && !status.Final()
}

func (r *correctionRows) record(row db.BatchRow) ([]string, error) {
	payload, err := batch.DecodePayload(row.Payload)
	if err != nil {
		return nil, fmt.Errorf("reading row %d: %w", row.Number, err)
	}

	record := []string{payload.Recipient.FiscalCode, payload.Recipient.Phone, payload.Reference}

	for _, placeholder := range r.wanted {
		value := ""
		if at := slices.Index(r.known, placeholder); at >= 0 && at < len(payload.Values) {
			value = payload.Values[at]
		}

		record = append(record, value)
	}

	return record, nil
}
