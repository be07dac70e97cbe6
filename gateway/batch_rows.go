package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

// BatchRows reads one page of a batch's rows, in the file's order: what was found about them, and nothing of what
// they say.
func (g *Gateway) BatchRows(ctx context.Context, actor Actor, id string, query RowQuery) (RowPage, error) {
	stored, err := g.visibleBatch(ctx, actor, id)
	if err != nil {
		return RowPage{}, err
	}

	limit, err := pageLimit(query.Limit)
	if err != nil {
		return RowPage{}, err
	}

	layout, err := layoutOf(stored)
	if err != nil {
		return RowPage{}, err
	}

	filter := db.RowFilter{States: query.States, Repaired: query.Repaired}

	// One more than asked for tells whether there is another page.
	rows, err := g.Store.BatchRows(ctx, id, filter, query.After, limit+1)
	if err != nil {
		return RowPage{}, storeError("reading the batch's rows", err)
	}

	var page RowPage

	if len(rows) > limit {
		rows = rows[:limit]
		page.Next = rows[limit-1].Number
	}

	for _, row := range rows {
		view, err := rowView(stored.Batch, layout, row)
		if err != nil {
			return RowPage{}, err
		}

		page.Items = append(page.Items, view)
	}

	return page, nil
}

func rowView(b notification.Batch, layout batch.Layout, row db.BatchRow) (RowView, error) {
	view := RowView{Number: row.Number, State: row.State, DuplicateOf: row.DuplicateOf}

	if row.State == notification.RowGood || row.State == notification.RowDuplicate && b.IncludeDuplicates {
		view.NotificationID = row.NotificationID
	}

	var err error
	if view.Issues, err = issueViews(layout, row.Issues); err != nil {
		return view, err
	}

	view.Repairs, err = issueViews(layout, row.Repairs)

	return view, err
}

func issueViews(layout batch.Layout, encoded json.RawMessage) ([]IssueView, error) {
	if len(encoded) == 0 {
		return nil, nil
	}

	var issues []batch.Issue
	if err := json.Unmarshal(encoded, &issues); err != nil {
		return nil, fmt.Errorf("reading a row's issues: %w", err)
	}

	views := make([]IssueView, len(issues))
	for i, issue := range issues {
		views[i] = IssueView{Issue: issue, ColumnName: columnName(layout, issue.Column)}
		views[i].Message, views[i].Messaggio = batch.Text(issue.Code)
	}

	return views, nil
}

// columnName is the header of a column, from 1, or else its letter; empty where the whole row is meant.
func columnName(layout batch.Layout, column int) string {
	if column < 1 {
		return ""
	}

	if column <= len(layout.Columns) && layout.Header {
		if header := layout.Columns[column-1].Header; header != "" {
			return header
		}
	}

	return columnLetters(column)
}

// columnLetters is what spreadsheets call a column: A to Z, then AA.
func columnLetters(column int) string {
	const alphabet = 26

	var letters []byte

	for ; column > 0; column = (column - 1) / alphabet {
		letters = append(letters, 'A'+byte((column-1)%alphabet))
	}

	slices.Reverse(letters)

	return string(letters)
}

// BatchPreview shows a row as its citizen will see it; number 0 is the first good row. A bad row cannot be shown.
func (g *Gateway) BatchPreview(ctx context.Context, actor Actor, id string, number int) (RowPreview, error) {
	stored, err := g.visibleBatch(ctx, actor, id)
	if err != nil {
		return RowPreview{}, err
	}

	row, err := g.previewedRow(ctx, id, number)
	if err != nil {
		return RowPreview{}, err
	}

	payload, err := batch.DecodePayload(row.Payload)
	if err != nil {
		return RowPreview{}, fmt.Errorf("reading row %d: %w", row.Number, err)
	}

	maker, err := g.maker(ctx, stored.Batch)
	if err != nil {
		return RowPreview{}, err
	}

	preview, err := previewOf(maker, row, payload)
	if err != nil {
		return RowPreview{}, err
	}

	preview.Previous, preview.Following, err = g.Store.Neighbours(ctx, id, row.Number, good())

	return preview, storeError("looking for the rows around it", err)
}

func good() []notification.RowState { return []notification.RowState{notification.RowGood} }

func (g *Gateway) previewedRow(ctx context.Context, id string, number int) (db.BatchRow, error) {
	if number > 0 {
		row, err := g.Store.BatchRow(ctx, id, number)

		switch {
		case err != nil:
			return row, storeError("reading a row", err)
		case row.State == notification.RowBad:
			return row, ErrState
		}

		return row, nil
	}

	rows, err := g.Store.BatchRows(ctx, id, db.RowFilter{States: good()}, 0, 1)

	switch {
	case err != nil:
		return db.BatchRow{}, storeError("reading the first good row", err)
	case len(rows) == 0:
		return db.BatchRow{}, ErrNotFound
	}

	return rows[0], nil
}

// maker makes the notifications of the batch's rows.
func (g *Gateway) maker(ctx context.Context, b notification.Batch) (*batch.Maker, error) {
	ente, err := g.Store.Ente(ctx, b.EnteID)
	if err != nil {
		return nil, storeError("reading the Ente", err)
	}

	service, err := g.Store.Service(ctx, b.ServiceID)
	if err != nil {
		return nil, storeError("reading the service", err)
	}

	template, err := g.Store.Template(ctx, b.TemplateID, b.TemplateVersion)
	if err != nil {
		return nil, storeError("reading the template", err)
	}

	maker, err := batch.NewMaker(b, service, ente, template)
	if err != nil {
		return nil, fmt.Errorf("preparing the template: %w", err)
	}

	return maker, nil
}

func previewOf(maker *batch.Maker, row db.BatchRow, payload batch.RowPayload) (RowPreview, error) {
	n, err := maker.Notification(row.NotificationID, payload)
	if err != nil {
		// Not wrapped: these are no fields of what was asked.
		return RowPreview{}, fmt.Errorf("filling the template for row %d: %s", row.Number, err.Error())
	}

	preview := RowPreview{
		Number:           row.Number,
		MaskedFiscalCode: fiscalcode.Mask(n.Recipient.FiscalCode),
		Content:          n.Content,
		SMS:              smsPreview(n.Content.SMSText),
	}

	if n.Recipient.Phone != "" {
		preview.MaskedPhone = sms.MaskPhone(n.Recipient.Phone)
	}

	return preview, nil
}
