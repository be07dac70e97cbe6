package server

import (
	"math"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

// notificationOf is a notification as the API shows it: masked, without content and attempts.
func notificationOf(view gateway.View) api.Notification {
	return api.Notification{
		ID:                view.ID,
		ServiceID:         view.ServiceID,
		ServiceName:       view.ServiceName,
		BatchID:           view.BatchID,
		ExternalReference: view.ExternalReference,
		Recipient:         api.MaskedRecipient{MaskedFiscalCode: view.MaskedFiscalCode, MaskedPhone: view.MaskedPhone},
		Priority:          api.Priority(view.Priority),
		Status:            api.NotificationStatus(view.Status),
		Reason:            string(view.Reason),
		ReasonText:        reasonTextOf(view.Reason),
		Channel:           api.Channel(view.Channel),
		AcceptedAt:        utc(view.AcceptedAt),
		SendAt:            utc(view.SendAt),
		ExpiresAt:         utc(view.ExpiresAt),
		SettledAt:         utc(view.SettledAt),
		ContentRemovedAt:  utc(view.ContentRemovedAt),
		ErasedAt:          utc(view.ErasedAt),
		Run:               count(view.Run),
		Actions:           actionsOf(view.Possible),
		Links:             linksOf(view.ID),
	}
}

func attemptOf(attempt notification.Attempt) api.Attempt {
	return api.Attempt{
		ID:             attempt.ID,
		Channel:        api.Channel(attempt.Channel),
		Ordinal:        count(attempt.Ordinal),
		Status:         api.AttemptStatus(attempt.Status),
		Reason:         string(attempt.Reason),
		ProviderID:     attempt.ProviderID,
		ProviderStatus: attempt.ProviderStatus,
		Calls:          count(attempt.Calls),
		Segments:       count(attempt.Segments),
		StartedAt:      utc(attempt.StartedAt),
		SentAt:         utc(attempt.SentAt),
		SettledAt:      utc(attempt.SettledAt),
	}
}

func entryOf(entry notification.Entry) api.TimelineEntry {
	return api.TimelineEntry{
		At:         utc(entry.At),
		Code:       string(entry.Kind),
		State:      api.TimelineEntryState(entry.State),
		Text:       api.Text{It: entry.Sentence(notification.Italian), En: entry.Sentence(notification.English)},
		Reason:     string(entry.Reason),
		Channel:    api.Channel(entry.Channel),
		Status:     api.NotificationStatus(entry.Status),
		Tries:      count(entry.Tries),
		LastReason: string(entry.LastReason),
		NextTry:    utc(entry.NextTry),
		Until:      utc(entry.Until),
		Detail:     entry.Detail,
		Run:        count(entry.Run),
	}
}

func reasonTextOf(reason notification.Reason) api.Text {
	if reason == "" {
		return api.Text{}
	}

	text := reason.Describe()

	return api.Text{It: text.Messaggio, En: text.Message}
}

func actionsOf(possible gateway.Possible) []api.NotificationActions {
	actions := []api.NotificationActions{}

	for _, action := range []struct {
		name     api.NotificationActions
		possible bool
	}{
		{api.NotificationActionsCancel, possible.Cancel},
		{api.NotificationActionsHold, possible.Hold},
		{api.NotificationActionsResume, possible.Resume},
		{api.NotificationActionsRetry, possible.Retry},
		{api.NotificationActionsDecide, possible.Decide},
	} {
		if action.possible {
			actions = append(actions, action.name)
		}
	}

	return actions
}

func linksOf(id string) api.Links {
	self := apiPath + "/notifications/" + id

	return api.Links{Self: self, Timeline: self + "/timeline"}
}

// count is a small number within the contract's bounds.
func count(n int) int32 {
	return int32(min(max(n, 0), math.MaxInt32))
}
