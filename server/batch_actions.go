package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/server/api"
)

// MapBatchColumns says what the columns of a file hold.
func (a *operations) MapBatchColumns(
	ctx context.Context, request api.MapBatchColumnsRequestObject,
) (api.MapBatchColumnsResponseObject, error) {
	columns, err := columnsOf(request.Body.Columns)
	if err != nil {
		return nil, err
	}

	id := strings.ToLower(request.ID)
	if err := a.gateway.RemapBatch(ctx, actorOf(ctx), id, int(request.Body.Check), columns, request.Body.Header); err != nil {
		return nil, fmt.Errorf("mapping the columns of a batch: %w", err)
	}

	return api.MapBatchColumns202JSONResponse{BatchActionAcceptedJSONResponse: batchAcknowledgement(id)}, nil
}

func columnsOf(mapped []api.ColumnMapping) (map[int]batch.Field, error) {
	columns := make(map[int]batch.Field, len(mapped))

	for i, column := range mapped {
		// People count columns from 1, and the use cases from 0.
		index := int(column.Number) - 1
		if _, isThere := columns[index]; isThere {
			return nil, fail(ProblemInvalidRequest, repeated(fmt.Sprintf("columns[%d].number", i)))
		}

		columns[index] = batch.Field(column.Field)
	}

	return columns, nil
}

// SampleBatch asks IO about some of a draft's citizens.
func (a *operations) SampleBatch(ctx context.Context, request api.SampleBatchRequestObject) (api.SampleBatchResponseObject, error) {
	id := strings.ToLower(request.ID)
	if err := a.gateway.SampleBatch(ctx, actorOf(ctx), id); err != nil {
		return nil, fmt.Errorf("sampling a batch: %w", err)
	}

	return api.SampleBatch202JSONResponse{BatchActionAcceptedJSONResponse: batchAcknowledgement(id)}, nil
}

// ConfirmBatch lets a draft be sent.
func (a *operations) ConfirmBatch(ctx context.Context, request api.ConfirmBatchRequestObject) (api.ConfirmBatchResponseObject, error) {
	id := strings.ToLower(request.ID)
	confirmation := gateway.Confirmation{
		SendAt:            request.Body.SendAt,
		IncludeDuplicates: request.Body.IncludeDuplicates,
		Check:             int(request.Body.Check),
	}

	if err := a.gateway.ConfirmBatch(ctx, actorOf(ctx), id, confirmation); err != nil {
		return nil, fmt.Errorf("confirming a batch: %w", err)
	}

	return api.ConfirmBatch202JSONResponse{BatchActionAcceptedJSONResponse: batchAcknowledgement(id)}, nil
}

// PauseBatch hands no more rows to delivery.
func (a *operations) PauseBatch(ctx context.Context, request api.PauseBatchRequestObject) (api.PauseBatchResponseObject, error) {
	id := strings.ToLower(request.ID)
	if err := a.gateway.PauseBatch(ctx, actorOf(ctx), id); err != nil {
		return nil, fmt.Errorf("pausing a batch: %w", err)
	}

	return api.PauseBatch202JSONResponse{BatchActionAcceptedJSONResponse: batchAcknowledgement(id)}, nil
}

// ResumeBatch ends a pause.
func (a *operations) ResumeBatch(ctx context.Context, request api.ResumeBatchRequestObject) (api.ResumeBatchResponseObject, error) {
	id := strings.ToLower(request.ID)
	if err := a.gateway.ResumeBatch(ctx, actorOf(ctx), id); err != nil {
		return nil, fmt.Errorf("resuming a batch: %w", err)
	}

	return api.ResumeBatch202JSONResponse{BatchActionAcceptedJSONResponse: batchAcknowledgement(id)}, nil
}

// CancelBatch stops what can still be stopped.
func (a *operations) CancelBatch(ctx context.Context, request api.CancelBatchRequestObject) (api.CancelBatchResponseObject, error) {
	id := strings.ToLower(request.ID)
	if err := a.gateway.CancelBatch(ctx, actorOf(ctx), id); err != nil {
		return nil, fmt.Errorf("cancelling a batch: %w", err)
	}

	return api.CancelBatch202JSONResponse{BatchActionAcceptedJSONResponse: batchAcknowledgement(id)}, nil
}

// DiscardBatch throws a batch away of which nothing was sent.
func (a *operations) DiscardBatch(ctx context.Context, request api.DiscardBatchRequestObject) (api.DiscardBatchResponseObject, error) {
	if err := a.gateway.DiscardBatch(ctx, actorOf(ctx), strings.ToLower(request.ID)); err != nil {
		return nil, fmt.Errorf("discarding a batch: %w", err)
	}

	return api.DiscardBatch204Response{}, nil
}

func batchAcknowledgement(id string) api.BatchActionAcceptedJSONResponse {
	return api.BatchActionAcceptedJSONResponse{ID: id, Links: batchLinksOf(id)}
}
