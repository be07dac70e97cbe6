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
	Person    string // the masked codice fiscale or phone of the current search
	ByPerson  bool
	BatchID   string
	Batches   []choice
	Codes     []notification.Reason // those that the address asks for
	Why       string
	Reasons   []string // in plain words, those that are found
	AnyReason string   // the address without the conditions on the reason
	Period    string
	Periods   []periodLink
	// Problems are keys of messages, by parameter.
	Problems map[string]string
}

// periodLink leads to the same filter for another period.
type periodLink struct {
	Label   string
	Address string
	Current bool
}

// choice is one option of a selection.
type choice struct {
	Value  string
	Label  string
	Chosen bool
}

func (f *Frontend) searchForm(ctx context.Context, reader gateway.Actor, wanted filter, p page) (searchForm, error) {
	var form searchForm

	for _, status := range notification.Statuses() {
		form.Statuses = append(form.Statuses, choice{Value: string(status), Label: status.Label(p.Lang)})
	}

	if reader.EnteID == "" {
		known, err := f.gateway.Enti(ctx, reader)
		if err != nil {
			return searchForm{}, fmt.Errorf("listing the Enti: %w", err)
		}

		for _, ente := range known {
			form.Enti = append(form.Enti, choice{Value: ente.ID, Label: ente.Name})
		}
	}

	services, err := f.serviceChoices(ctx, reader, wanted.ServiceID, everyService)
	if err != nil {
		return searchForm{}, err
	}

	form.Services = services

	for _, channel := range channels() {
		form.Channels = append(form.Channels, choice{Value: string(channel), Label: channel.Label(p.Lang)})
	}

	if form.Batches, err = f.batchChoices(ctx, reader, wanted.EnteID, p); err != nil {
		return searchForm{}, err
	}

	return form.about(wanted, p), nil
}

// about is the form with the same choices, filled in with a filter.
func (s searchForm) about(wanted filter, p page) searchForm {
	s.Open = wanted.active() || len(wanted.Statuses) > 1
	s.Reference, s.From, s.To, s.ByPerson = wanted.Reference, wanted.From, wanted.To, wanted.Person
	s.BatchID, s.Codes, s.Why, s.Period = wanted.BatchID, wanted.Reasons, wanted.Why, wanted.Period
	s.AnyReason, s.Periods = wanted.withoutReason().address(), periodLinks(wanted, p)
	s.Reasons = nil

	found, _ := wanted.reasons(p.Lang)
	for _, reason := range found {
		s.Reasons = append(s.Reasons, explain(reason, p.Lang).Message)
	}

	s.Statuses = rechoose(s.Statuses, func(value string) bool { return slices.Contains(wanted.Statuses, notification.Status(value)) })
	s.Enti = rechoose(s.Enti, isOne(wanted.EnteID))
	s.Services = rechoose(s.Services, isOne(wanted.ServiceID))
	s.Channels = rechoose(s.Channels, isOne(string(wanted.Channel)))
	s.Batches = rechoose(s.Batches, isOne(wanted.BatchID))

	if wanted.BatchID != "" && chosen(s.Batches) == "" {
		// It is not among the latest ones.
		s.Batches = append(s.Batches, choice{Value: wanted.BatchID, Label: p.T("search.batch.present"), Chosen: true})
	}

	return s
}

// rechoose is a selection with other options chosen.
func rechoose(choices []choice, wanted func(value string) bool) []choice {
	again := slices.Clone(choices)
	for i := range again {
		again[i].Chosen = wanted(again[i].Value)
	}

	return again
}

func isOne(wanted string) func(string) bool {
	return func(value string) bool { return value == wanted }
}

func periodLinks(wanted filter, p page) []periodLink {
	links := []periodLink{{
		Label: p.T("search.period.any"), Address: wanted.during("").address(),
		Current: wanted.Period == "" && wanted.From == "" && wanted.To == "",
	}}

	for _, period := range periods() {
		links = append(links, periodLink{
			Label: p.T("search.period." + period), Address: wanted.during(period).address(), Current: wanted.Period == period,
		})
	}

	return links
}

// batchChoices are the latest batches.
func (f *Frontend) batchChoices(ctx context.Context, reader gateway.Actor, enteID string, p page) ([]choice, error) {
	batches, err := f.gateway.RecentBatches(ctx, reader, enteID)
	if err != nil {
		return nil, fmt.Errorf("listing the latest batches: %w", err)
	}

	choices := make([]choice, len(batches))
	for i, batch := range batches {
		choices[i] = choice{Value: batch.ID, Label: batch.Name + " – " + f.moment(batch.CreatedAt, p.Lang).Date}
	}

	return choices, nil
}
