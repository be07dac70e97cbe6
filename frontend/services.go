package frontend

import (
	"context"
	"fmt"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// entiNames are the names of the Enti by their ids, for readers of several; empty for readers of one.
func (f *Frontend) entiNames(ctx context.Context, reader gateway.Actor) (map[string]string, error) {
	names := map[string]string{}
	if reader.EnteID != "" {
		return names, nil
	}

	known, err := f.gateway.Enti(ctx, reader)
	if err != nil {
		return nil, fmt.Errorf("listing the Enti: %w", err)
	}

	for _, ente := range known {
		names[ente.ID] = ente.Name
	}

	return names, nil
}

// Which services a selection offers.
func everyService(notification.Service) bool     { return true }
func isActive(service notification.Service) bool { return service.Active }

// serviceChoices are the wanted services among those that the reader sees, with their Ente where there are several.
func (f *Frontend) serviceChoices(
	ctx context.Context, reader gateway.Actor, chosen string, wanted func(notification.Service) bool,
) ([]choice, error) {
	enti, err := f.entiNames(ctx, reader)
	if err != nil {
		return nil, err
	}

	services, err := f.gateway.Services(ctx, reader)
	if err != nil {
		return nil, fmt.Errorf("listing the services: %w", err)
	}

	var choices []choice

	for _, service := range services {
		if !wanted(service) {
			continue
		}

		choices = append(choices, choice{
			Value: service.ID, Label: withEnte(service.Name, enti[service.EnteID]), Chosen: service.ID == chosen,
		})
	}

	return choices, nil
}

// withEnte names whose a thing is, for readers of several Enti.
func withEnte(name, ente string) string {
	if ente == "" {
		return name
	}

	return ente + " – " + name
}
