package frontend

import (
	"context"
	"fmt"
	"slices"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// searchForm narrows the list.
type searchForm struct {
	Open      bool // whether it shows at first sight
	Statuses  []choice
	Services  []choice
	Enti      []choice // none for readers of one Ente
	Reference string
	From, To  string
	Person    string // the masked codice fiscale of the current search
	ByPerson  bool
	// Problems are keys of messages, by parameter.
	Problems map[string]string
}

// choice is one option of a selection.
type choice struct {
	Value  string
	Label  string
	Chosen bool
}

func (f *Frontend) searchForm(ctx context.Context, reader gateway.Actor, wanted filter, p page) (searchForm, error) {
	form := searchForm{
		Open:      wanted.active() || len(wanted.Statuses) > 1,
		Reference: wanted.Reference,
		From:      wanted.From,
		To:        wanted.To,
		ByPerson:  wanted.Person,
	}

	for _, status := range notification.Statuses() {
		form.Statuses = append(form.Statuses, choice{
			Value: string(status), Label: status.Label(p.Lang), Chosen: slices.Contains(wanted.Statuses, status),
		})
	}

	enti := map[string]string{}

	if reader.EnteID == "" {
		known, err := f.gateway.Enti(ctx, reader)
		if err != nil {
			return searchForm{}, fmt.Errorf("listing the Enti: %w", err)
		}

		for _, ente := range known {
			enti[ente.ID] = ente.Name
			form.Enti = append(form.Enti, choice{Value: ente.ID, Label: ente.Name, Chosen: ente.ID == wanted.EnteID})
		}
	}

	services, err := f.gateway.Services(ctx, reader)
	if err != nil {
		return searchForm{}, fmt.Errorf("listing the services: %w", err)
	}

	for _, service := range services {
		label := service.Name
		if ente := enti[service.EnteID]; ente != "" {
			label = ente + " – " + label
		}

		form.Services = append(form.Services, choice{Value: service.ID, Label: label, Chosen: service.ID == wanted.ServiceID})
	}

	return form, nil
}
