package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

// CancelNotification stops what has not happened yet.
func (a *operations) CancelNotification(
	ctx context.Context, request api.CancelNotificationRequestObject,
) (api.CancelNotificationResponseObject, error) {
	reason := notification.ReasonCancelledByEnte
	if request.Body.Reason == api.CancelRequestReasonPaid {
		reason = notification.ReasonPaid
	}

	if err := a.gateway.Cancel(ctx, actorOf(ctx), strings.ToLower(request.ID), reason); err != nil {
		return nil, fmt.Errorf("cancelling a notification: %w", err)
	}

	return api.CancelNotification202JSONResponse{ActionAcceptedJSONResponse: acknowledgement(request.ID)}, nil
}

// HoldNotification sends nothing more until it is resumed.
func (a *operations) HoldNotification(
	ctx context.Context, request api.HoldNotificationRequestObject,
) (api.HoldNotificationResponseObject, error) {
	if err := a.gateway.Hold(ctx, actorOf(ctx), strings.ToLower(request.ID)); err != nil {
		return nil, fmt.Errorf("putting a notification on hold: %w", err)
	}

	return api.HoldNotification202JSONResponse{ActionAcceptedJSONResponse: acknowledgement(request.ID)}, nil
}

// ResumeNotification ends a hold.
func (a *operations) ResumeNotification(
	ctx context.Context, request api.ResumeNotificationRequestObject,
) (api.ResumeNotificationResponseObject, error) {
	if err := a.gateway.Resume(ctx, actorOf(ctx), strings.ToLower(request.ID)); err != nil {
		return nil, fmt.Errorf("resuming a notification: %w", err)
	}

	return api.ResumeNotification202JSONResponse{ActionAcceptedJSONResponse: acknowledgement(request.ID)}, nil
}

// DecideNotification answers an uncertain outcome.
func (a *operations) DecideNotification(
	ctx context.Context, request api.DecideNotificationRequestObject,
) (api.DecideNotificationResponseObject, error) {
	if err := a.gateway.Decide(ctx, actorOf(ctx), strings.ToLower(request.ID), gateway.Decision(request.Body.Decision)); err != nil {
		return nil, fmt.Errorf("deciding on a notification: %w", err)
	}

	return api.DecideNotification202JSONResponse{ActionAcceptedJSONResponse: acknowledgement(request.ID)}, nil
}

// RetryNotification starts a failed notification again.
func (a *operations) RetryNotification(
	ctx context.Context, request api.RetryNotificationRequestObject,
) (api.RetryNotificationResponseObject, error) {
	if err := a.gateway.Retry(ctx, actorOf(ctx), strings.ToLower(request.ID)); err != nil {
		return nil, fmt.Errorf("retrying a notification: %w", err)
	}

	return api.RetryNotification202JSONResponse{ActionAcceptedJSONResponse: acknowledgement(request.ID)}, nil
}

func acknowledgement(id string) api.ActionAcceptedJSONResponse {
	id = strings.ToLower(id)

	return api.ActionAcceptedJSONResponse{ID: id, Links: linksOf(id)}
}
