package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

// CheckRecipient asks whether a citizen can be reached on IO.
func (a *operations) CheckRecipient(
	ctx context.Context, request api.CheckRecipientRequestObject,
) (api.CheckRecipientResponseObject, error) {
	found, err := a.gateway.CheckRecipient(ctx, actorOf(ctx), strings.ToLower(request.Body.ServiceID), request.Body.FiscalCode)
	if err != nil {
		return nil, fmt.Errorf("checking a recipient: %w", err)
	}

	return api.CheckRecipient200JSONResponse{
		ReachableOnIo: found.ReachableOnIO,
		Reason:        string(found.Reason),
		ReasonText:    reasonTextOf(found.Reason),
	}, nil
}

// ListServices lists what the key may send for.
func (a *operations) ListServices(ctx context.Context, _ api.ListServicesRequestObject) (api.ListServicesResponseObject, error) {
	services, err := a.gateway.Services(ctx, actorOf(ctx))
	if err != nil {
		return nil, fmt.Errorf("listing services: %w", err)
	}

	items := make([]api.Service, len(services))
	for i, service := range services {
		items[i] = serviceOf(service)
	}

	return api.ListServices200JSONResponse{Items: items}, nil
}

func serviceOf(service notification.Service) api.Service {
	fallback := make([]api.Channel, len(service.Policy.Fallback))
	for i, channel := range service.Policy.Fallback {
		fallback[i] = api.Channel(channel)
	}

	return api.Service{
		ID:              service.ID,
		Name:            service.Name,
		Active:          service.Active,
		Fallback:        fallback,
		OnUncertain:     api.ServiceOnUncertain(service.Policy.OnUncertain),
		MaxPaymentCents: service.MaxPaymentCents,
	}
}

// ListReasons publishes the catalogue of reason codes.
func (a *operations) ListReasons(context.Context, api.ListReasonsRequestObject) (api.ListReasonsResponseObject, error) {
	catalogue := notification.Catalogue()
	items := make([]api.Reason, len(catalogue))

	for i, text := range catalogue {
		items[i] = api.Reason{
			Code:      string(text.Reason),
			Class:     api.ReasonClass(text.Class),
			Meaning:   api.Text{It: text.Messaggio, En: text.Message},
			Action:    api.Text{It: text.Azione, En: text.Action},
			Ending:    api.ReasonEnding(text.Reason.Ending()),
			FallsBack: text.Reason.AllowsFallback(),
			Retryable: text.Retryable,
		}
	}

	return api.ListReasons200JSONResponse{Items: items}, nil
}

// GetStatus tells whether notifications are accepted, and whether they are being delivered.
func (a *operations) GetStatus(ctx context.Context, _ api.GetStatusRequestObject) (api.GetStatusResponseObject, error) {
	health := a.gateway.Health(ctx)
	if !health.Database {
		return nil, fmt.Errorf("looking at the database: %w", gateway.ErrUnavailable)
	}

	status := api.ServiceStatusStatusOk
	if !health.Temporal {
		status = api.ServiceStatusStatusDegraded
	}

	return api.GetStatus200JSONResponse{
		Status:         status,
		Database:       health.Database,
		WorkflowEngine: health.Temporal,
		Waiting:        int64(health.Waiting),
	}, nil
}
