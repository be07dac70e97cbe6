package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

// bulksAtOnce is how many bulks of an Ente a process works on at the same time: each may be 16 MiB, and is in memory.
const bulksAtOnce = 8

// boundBulks refuses what an Ente sends beyond that, before its body is read.
func (a *operations) boundBulks(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		end, err := a.bulks.Begin(actorOf(c.Request().Context()).EnteID)
		if err != nil {
			c.Response().Header().Set(echo.HeaderRetryAfter, "1")

			return fmt.Errorf("taking a bulk in: %w", err)
		}
		defer end()

		return next(c)
	}
}

var errItemsLost = errors.New("not every item of a bulk has its result")

// CreateNotifications hands many notifications in. Items that the contract does not allow are answered here; the
// gateway is given the others.
func (a *operations) CreateNotifications(
	ctx context.Context, request api.CreateNotificationsRequestObject,
) (api.CreateNotificationsResponseObject, error) {
	sorted, err := sortItems(rejectedItems(ctx), request.Body.Items)
	if err != nil {
		return nil, err
	}

	var receipt gateway.BulkReceipt

	if len(sorted.submissions) > 0 {
		bulk := gateway.Bulk{Items: sorted.submissions, IdempotencyKey: request.Params.IdempotencyKey}

		receipt, err = a.gateway.SubmitBulk(ctx, actorOf(ctx), bulk)
		if err != nil {
			return nil, fmt.Errorf("submitting a bulk: %w", err)
		}
	}

	body, err := sorted.answer(receipt.Items)
	if err != nil {
		return nil, err
	}

	return api.CreateNotifications202JSONResponse{
		Body:    body,
		Headers: api.CreateNotifications202ResponseHeaders{IdempotencyReplayed: receipt.Replayed},
	}, nil
}

// sortedItems are the items of a bulk: those for the gateway in their order, and what is wrong with each of the others.
type sortedItems struct {
	submissions []gateway.Submission
	rejected    []notification.FieldErrors // by the item's place; empty where it is among the submissions
}

func sortItems(rejected []notification.FieldErrors, valid []api.BulkItem) (sortedItems, error) {
	sorted := sortedItems{rejected: rejected}
	next := 0

	for i := range rejected {
		if len(rejected[i]) > 0 {
			continue
		}

		if next == len(valid) {
			return sortedItems{}, errItemsLost
		}

		item := valid[next]
		next++

		if sorted.rejected[i] = textErrors(requestOf(item)); len(sorted.rejected[i]) == 0 {
			sorted.submissions = append(sorted.submissions, submissionOf(requestOf(item), item.IdempotencyKey))
		}
	}

	return sorted, nil
}

func requestOf(item api.BulkItem) api.NotificationRequest {
	return api.NotificationRequest{
		ServiceID:         item.ServiceID,
		ExternalReference: item.ExternalReference,
		Recipient:         item.Recipient,
		Content:           item.Content,
		TemplateID:        item.TemplateID,
		TemplateVersion:   item.TemplateVersion,
		Personalisation:   item.Personalisation,
		Priority:          item.Priority,
		SendAt:            item.SendAt,
		ExpiresAt:         item.ExpiresAt,
	}
}

// answer puts what the gateway says of its items back to their places.
func (s sortedItems) answer(results []gateway.BulkResult) (api.BulkReceipt, error) {
	if len(results) != len(s.submissions) {
		return api.BulkReceipt{}, errItemsLost
	}

	receipt := api.BulkReceipt{Items: make([]api.BulkResult, len(s.rejected))}

	for i, broken := range s.rejected {
		result := gateway.BulkResult{Errors: broken}
		if len(broken) == 0 {
			result, results = results[0], results[1:]
		}

		receipt.Items[i] = itemResultOf(i, result)

		if receipt.Items[i].ID != "" {
			receipt.Accepted++
		} else {
			receipt.Rejected++
		}
	}

	return receipt, nil
}

func itemResultOf(index int, result gateway.BulkResult) api.BulkResult {
	answered := api.BulkResult{Index: count(index)}

	switch {
	case len(result.Errors) > 0:
		answered.Status = api.BulkResultStatusRejected
		answered.Errors = fieldErrorsOf(result.Errors[:min(len(result.Errors), maxItemErrors)])

		return answered
	case result.Conflict:
		answered.Status = api.BulkResultStatusConflict

		return answered
	case result.Replayed:
		answered.Status = api.BulkResultStatusReplayed
	default:
		answered.Status = api.BulkResultStatusAccepted
	}

	answered.ID, answered.Links = result.ID, linksOf(result.ID)

	return answered
}

func fieldErrorsOf(fields notification.FieldErrors) []api.FieldError {
	shown := make([]api.FieldError, len(fields))
	for i, field := range fields {
		shown[i] = api.FieldError{Field: field.Field, Code: field.Code, Message: field.Message, Messaggio: field.Messaggio}
	}

	return shown
}
