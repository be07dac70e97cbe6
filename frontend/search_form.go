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
	Channels  []choice
	Enti      []choice // none for readers of one Ente
	Reference string
	From, To  string
	Person    string // the masked codice fiscale of the current search
	ByPerson  bool
	BatchID   string
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
		BatchID:   wanted.BatchID,
	}

	for _, status := range notification.Statuses() {
		form.Statuses = append(form.Statuses, choice{
			Value: string(status), Label: status.Label(p.Lang), Chosen: slices.Contains(wanted.Statuses, status),
		})
	}

	if reader.EnteID == "" {
		known, err := f.gateway.Enti(ctx, reader)
		if err != nil {
			return searchForm{}, fmt.Errorf("listing the Enti: %w", err)
		}

		for _, ente := range known {
			form.Enti = append(form.Enti, choice{Value: ente.ID, Label: ente.Name, Chosen: ente.ID == wanted.EnteID})
		}
	}

	services, err := f.serviceChoices(ctx, reader, wanted.ServiceID, everyService)
	if err != nil {
		return searchForm{}, err
	}

	form.Services = services

	for _, channel := range channels() {
		form.Channels = append(form.Channels, choice{
			Value: string(channel), Label: channel.Label(p.Lang), Chosen: channel == wanted.Channel,
		})
	}

	return form, nil
}
