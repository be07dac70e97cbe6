package frontendtest

import (
	"fmt"
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// MarioRossi is an invented person's codice fiscale.
const MarioRossi = "RSSMRA80A01H501U"

const (
	sampleText = "Gentile cittadina, gentile cittadino,\n\nle ricordiamo che la rata della **tassa sui rifiuti** scade il " +
		"16 dicembre.\n\nPuò pagare con l'avviso allegato oppure allo sportello.\n\nUfficio Tributi"
	sampleCents = 12_345
	bulkCount   = 60
)

// RetryReference is the external reference of a notification that failed and that a retry delivers.
const RetryReference = "demo-retry"

// Sample makes one notification of the service in the status, accepted at the time. Fields that are not
// given are those of a payment reminder for MarioRossi.
func Sample(number int, serviceID string, status notification.Status, reason notification.Reason, accepted time.Time) Entry {
	sender := service(serviceID)
	due := accepted.AddDate(0, 0, 20)
	view := gateway.View{
		Notification: notification.Notification{
			ID: fmt.Sprintf("01936f6e-0000-7000-9000-%012d", number), EnteID: sender.EnteID, ServiceID: serviceID,
			ExternalReference: fmt.Sprintf("TARI-2026-%05d", number),
			Content: notification.Content{
				Subject: "Promemoria: seconda rata della tassa sui rifiuti", Markdown: sampleText, DueDate: &due,
				Payment: &notification.Payment{NoticeNumber: "302000100000009421", AmountCents: sampleCents},
			},
			Priority: notification.PriorityNormal, Status: status, Reason: reason, AcceptedAt: accepted, Run: 1,
		},
		EnteName: enteName(sender.EnteID), ServiceName: sender.Name, MaskedFiscalCode: mask(MarioRossi), MaskedPhone: "+39 ••• ••• ••67",
	}

	switch {
	case status == notification.StatusFailed:
		view.Possible = gateway.Possible{Retry: true}
	case !status.Final():
		view.Possible = gateway.Possible{Hold: true, Cancel: true}
	}

	if status.Final() {
		view.SettledAt = accepted.Add(time.Minute)
	}

	return Entry{View: view, FiscalCode: MarioRossi, Timeline: notification.Timeline{
		Source: notification.TimelineFromHistory,
		Entries: []notification.Entry{
			{At: accepted, Kind: notification.EntryAccepted, State: notification.EntryDone},
			{At: accepted.Add(time.Second), Kind: notification.EntryStarted, State: notification.EntryDone, Run: 1},
			{At: accepted.Add(time.Second), Kind: notification.EntryValidated, State: notification.EntryDone},
		},
	}}
}

// Samples is a gateway's worth of notifications in every state, the latest first.
func Samples(now time.Time) []Entry {
	at := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }
	samples := []Entry{
		waiting(1, at(1)), retrying(2, at(2)), failed(3, at(4)), bySMS(4, at(9)), uncertain(5, at(16)), notOnIO(6, at(25)),
		Sample(7, ScuolaID, notification.StatusScheduled, "", at(30)),
		Sample(8, TributiID, notification.StatusCancelled, notification.ReasonPaid, at(45)),
		Sample(9, SaluteID, notification.StatusExpired, notification.ReasonExpired, at(60)),
	}

	for i := range bulkCount {
		number := len(samples) + 1
		sample := Sample(number, TributiID, notification.StatusDelivered, notification.ReasonIODelivered, at(90+i*17))
		sample.View.Channel = notification.ChannelIO
		samples = append(samples, sample)
	}

	return samples
}

func waiting(number int, accepted time.Time) Entry {
	return Sample(number, SaluteID, notification.StatusAccepted, "", accepted)
}

func retrying(number int, accepted time.Time) Entry {
	sample := Sample(number, ScuolaID, notification.StatusInProgress, "", accepted)
	sample.Timeline.Entries = append(sample.Timeline.Entries,
		notification.Entry{At: accepted.Add(2 * time.Second), Kind: notification.EntryProfile, State: notification.EntryDone},
		notification.Entry{
			At: accepted.Add(3 * time.Second), Kind: notification.EntrySentIO, State: notification.EntryRunning,
			Tries: 3, LastReason: notification.ReasonIOUnavailable, NextTry: accepted.Add(2 * time.Minute),
		})
	sample.View.Attempts = []notification.Attempt{{
		ID: "t1", Channel: notification.ChannelIO, Ordinal: 1, Status: notification.AttemptPending,
		Reason: notification.ReasonIOUnavailable, Calls: 3, StartedAt: accepted.Add(3 * time.Second),
	}}

	return sample
}

func failed(number int, accepted time.Time) Entry {
	sample := Sample(number, TributiID, notification.StatusFailed, notification.ReasonIOKeyRejected, accepted)
	sample.View.ExternalReference = RetryReference
	sample.Timeline.Entries = append(sample.Timeline.Entries,
		notification.Entry{At: accepted.Add(2 * time.Second), Kind: notification.EntryProfile, State: notification.EntryDone},
		notification.Entry{
			At: accepted.Add(3 * time.Second), Kind: notification.EntrySentIO, State: notification.EntryFault,
			Reason: notification.ReasonIOKeyRejected, Tries: 1,
		},
		notification.Entry{
			At: accepted.Add(4 * time.Second), Kind: notification.EntrySettled, State: notification.EntryFault,
			Reason: notification.ReasonIOKeyRejected, Status: notification.StatusFailed,
		})
	sample.View.Attempts = []notification.Attempt{{
		ID: "t2", Channel: notification.ChannelIO, Ordinal: 1, Status: notification.AttemptFailed,
		Reason: notification.ReasonIOKeyRejected, Calls: 1, StartedAt: accepted.Add(3 * time.Second), SettledAt: accepted.Add(3 * time.Second),
	}}

	return sample
}

func bySMS(number int, accepted time.Time) Entry {
	sample := Sample(number, TributiID, notification.StatusDelivered, notification.ReasonSMSDelivered, accepted)
	sample.View.Channel = notification.ChannelSMS
	sample.View.Content.SMSText = "Comune di Esempio: la rata TARI scade il 16/12. Info allo sportello."
	sample.Timeline.Entries = append(sample.Timeline.Entries,
		notification.Entry{
			At: accepted.Add(2 * time.Second), Kind: notification.EntryProfile, State: notification.EntryNegative,
			Reason: notification.ReasonIOProfileNotFound,
		},
		notification.Entry{
			At: accepted.Add(2 * time.Second), Kind: notification.EntrySkipped, State: notification.EntryNegative,
			Channel: notification.ChannelIO, Reason: notification.ReasonIOProfileNotFound,
		},
		notification.Entry{
			At: accepted.Add(4 * time.Second), Kind: notification.EntrySentSMS, State: notification.EntryDone,
			Tries: 2, LastReason: notification.ReasonSMSUnavailable,
		},
		notification.Entry{At: accepted.Add(9 * time.Second), Kind: notification.EntryDeliveredSMS, State: notification.EntryDone},
		notification.Entry{
			At: accepted.Add(9 * time.Second), Kind: notification.EntrySettled, State: notification.EntryDone,
			Status: notification.StatusDelivered, Channel: notification.ChannelSMS,
		})
	sample.View.Attempts = []notification.Attempt{
		{
			ID: "t3", Channel: notification.ChannelIO, Ordinal: 1, Status: notification.AttemptSkipped,
			Reason: notification.ReasonIOProfileNotFound, StartedAt: accepted.Add(2 * time.Second), SettledAt: accepted.Add(2 * time.Second),
		},
		{
			ID: "t4", Channel: notification.ChannelSMS, Ordinal: 1, Status: notification.AttemptDelivered,
			Reason: notification.ReasonSMSDelivered, ProviderID: "SM0123456789abcdef0123456789abcdef", ProviderStatus: "delivered",
			Calls: 2, Segments: 1, StartedAt: accepted.Add(3 * time.Second), SettledAt: accepted.Add(9 * time.Second),
		},
	}

	return sample
}

func uncertain(number int, accepted time.Time) Entry {
	sample := Sample(number, TributiID, notification.StatusOnHold, notification.ReasonIOOutcomeUncertain, accepted)
	sample.View.Possible = gateway.Possible{Decide: true, Cancel: true}
	sample.Timeline.Entries = append(sample.Timeline.Entries,
		notification.Entry{
			At: accepted.Add(3 * time.Second), Kind: notification.EntrySentIO, State: notification.EntryFault,
			Reason: notification.ReasonIOOutcomeUncertain,
		},
		notification.Entry{
			At: accepted.Add(4 * time.Second), Kind: notification.EntryOnHold, State: notification.EntryNegative,
			Reason: notification.ReasonIOOutcomeUncertain,
		})
	sample.View.Attempts = []notification.Attempt{{
		ID: "t5", Channel: notification.ChannelIO, Ordinal: 1, Status: notification.AttemptUncertain,
		Reason: notification.ReasonIOOutcomeUncertain, Calls: 1, StartedAt: accepted.Add(3 * time.Second),
	}}

	return sample
}

func notOnIO(number int, accepted time.Time) Entry {
	sample := Sample(number, ScuolaID, notification.StatusNotDelivered, notification.ReasonSMSNoPhone, accepted)
	sample.View.MaskedPhone = ""
	sample.Timeline.Source = notification.TimelineFromDatabase

	return sample
}
