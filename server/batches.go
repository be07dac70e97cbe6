package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

// CreateBatch hands a file in.
func (a *operations) CreateBatch(ctx context.Context, request api.CreateBatchRequestObject) (api.CreateBatchResponseObject, error) {
	upload, file, err := readBatchForm(request.Body, a.form)
	if err != nil {
		return nil, err
	}

	upload.IdempotencyKey = request.Params.IdempotencyKey

	view, err := a.gateway.UploadBatch(ctx, actorOf(ctx), upload)

	switch {
	case err != nil && file.failure != nil:
		return nil, fmt.Errorf("reading an uploaded file: %w", file.failure)
	case err != nil:
		return nil, fmt.Errorf("uploading a batch: %w", err)
	}

	body := batchOf(view)

	return api.CreateBatch202JSONResponse{
		Body: body, Headers: api.CreateBatch202ResponseHeaders{Location: body.Links.Self},
	}, nil
}

// ListBatches lists the newest first.
func (a *operations) ListBatches(ctx context.Context, request api.ListBatchesRequestObject) (api.ListBatchesResponseObject, error) {
	page, err := a.gateway.Batches(ctx, actorOf(ctx), batchQueryOf(request.Params))
	if err != nil {
		return nil, fmt.Errorf("listing batches: %w", err)
	}

	items := make([]api.Batch, len(page.Items))
	for i, view := range page.Items {
		items[i] = batchOf(view)
	}

	return api.ListBatches200JSONResponse{Items: items, NextCursor: page.Next}, nil
}

func batchQueryOf(filter api.ListBatchesParams) gateway.BatchQuery {
	query := gateway.BatchQuery{Cursor: filter.Cursor, Limit: int(filter.Limit)}

	if filter.ServiceID != "" {
		query.ServiceIDs = []string{strings.ToLower(filter.ServiceID)}
	}

	for _, status := range filter.Status {
		query.Statuses = append(query.Statuses, notification.BatchStatus(status))
	}

	return query
}

// GetBatch reads one batch.
func (a *operations) GetBatch(ctx context.Context, request api.GetBatchRequestObject) (api.GetBatchResponseObject, error) {
	view, err := a.gateway.Batch(ctx, actorOf(ctx), strings.ToLower(request.ID))
	if err != nil {
		return nil, fmt.Errorf("reading a batch: %w", err)
	}

	found := batchOf(view)
	found.Layout = layoutOf(view.Layout)
	found.Placeholders = view.Placeholders

	for _, field := range view.Unmapped {
		found.Unmapped = append(found.Unmapped, string(field))
	}

	return api.GetBatch200JSONResponse(found), nil
}

// ListBatchRows lists what the check found about the rows.
func (a *operations) ListBatchRows(
	ctx context.Context, request api.ListBatchRowsRequestObject,
) (api.ListBatchRowsResponseObject, error) {
	page, err := a.gateway.BatchRows(ctx, actorOf(ctx), strings.ToLower(request.ID), rowQueryOf(request.Params))
	if err != nil {
		return nil, fmt.Errorf("listing the rows of a batch: %w", err)
	}

	items := make([]api.BatchRow, len(page.Items))
	for i, row := range page.Items {
		items[i] = rowOf(row)
	}

	return api.ListBatchRows200JSONResponse{Items: items, NextAfter: count(page.Next)}, nil
}

func rowQueryOf(filter api.ListBatchRowsParams) gateway.RowQuery {
	query := gateway.RowQuery{Repaired: filter.Repaired, After: int(filter.After), Limit: int(filter.Limit)}

	for _, state := range filter.State {
		query.States = append(query.States, notification.RowState(state))
	}

	return query
}

// PreviewBatchRow shows a row as the citizen will see it.
func (a *operations) PreviewBatchRow(
	ctx context.Context, request api.PreviewBatchRowRequestObject,
) (api.PreviewBatchRowResponseObject, error) {
	preview, err := a.gateway.BatchPreview(ctx, actorOf(ctx), strings.ToLower(request.ID), int(request.Number))
	if err != nil {
		return nil, fmt.Errorf("previewing a row of a batch: %w", err)
	}

	return api.PreviewBatchRow200JSONResponse{
		Number:    count(preview.Number),
		Recipient: api.MaskedRecipient{MaskedFiscalCode: preview.MaskedFiscalCode, MaskedPhone: preview.MaskedPhone},
		Content:   filledOf(preview.Content),
		Sms:       smsPreviewOf(preview.SMS),
		Previous:  count(preview.Previous),
		Following: count(preview.Following),
	}, nil
}
