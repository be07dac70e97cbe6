package demo

import (
	"fmt"
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

const (
	demoAmountCents = 12_345
	dueInDays       = 30
	scheduledIn     = 2 * time.Hour
)

// scenes cover every outcome. Those that need a phone have one; the reference names the outcome.
func scenes(setting Setting) []gateway.Submission {
	delivered := simulator.Phone(simulator.PhoneDelivered, 1)

	scenes := []gateway.Submission{
		scene("demo-io", setting.Service, simulator.CitizenDelivered, ""),
		scene("demo-sms", setting.Service, simulator.CitizenNotOnIO, delivered),
		scene("demo-sender-not-allowed", setting.Service, simulator.CitizenSenderNotAllowed, delivered),
		scene("demo-not-reachable", setting.Service, simulator.CitizenNotOnIO, ""),
		scene("demo-rejected", setting.Service, simulator.CitizenRejected, delivered),
		scene("demo-never-processed", setting.Hasty, simulator.CitizenNeverProcessed, delivered),
		scene("demo-slow", setting.Service, simulator.CitizenSlow, ""),
		scene("demo-rate-limited", setting.Service, simulator.CitizenRateLimitedFirst, ""),
		scene("demo-profile-error", setting.Service, simulator.CitizenProfileErrorFirst, ""),
		scene("demo-processing-failed", setting.Service, simulator.CitizenFailed, delivered),
		scene("demo-uncertain-sms", setting.Service, simulator.CitizenTimeoutAfterAccepting, delivered),
		scene("demo-uncertain-hold", setting.Careful, simulator.CitizenTimeoutAfterAccepting, delivered),
		scene("demo-server-error-hold", setting.Careful, simulator.CitizenServerError, ""),
		scene("demo-forbidden", setting.Service, simulator.CitizenForbidden, delivered),
		scene("demo-key-revoked", setting.Service, simulator.CitizenKeyRevoked, delivered),
		scene(RetryReference, setting.Renewed, simulator.CitizenDelivered, ""),
	}

	scenes = append(scenes, smsScenes(setting)...)

	return append(scenes, specialScenes(setting)...)
}

// smsScenes are citizens who are not on IO, with phones of every outcome.
func smsScenes(setting Setting) []gateway.Submission {
	outcomes := map[string]simulator.PhoneOutcome{
		"demo-sms-unreachable":  simulator.PhoneUnreachable,
		"demo-sms-unknown":      simulator.PhoneUnknown,
		"demo-sms-filtered":     simulator.PhoneFiltered,
		"demo-sms-unconfirmed":  simulator.PhoneUnconfirmed,
		"demo-sms-opted-out":    simulator.PhoneOptedOut,
		"demo-sms-rate-limited": simulator.PhoneRateLimitedFirst,
		"demo-sms-timeout":      simulator.PhoneTimeoutAfterAccepting,
		"demo-sms-no-callback":  simulator.PhoneNoCallback,
	}

	scenes := make([]gateway.Submission, 0, len(outcomes))
	for reference, outcome := range outcomes {
		scenes = append(scenes, scene(reference, setting.Hasty, simulator.CitizenNotOnIO, simulator.Phone(outcome, 1)))
	}

	return scenes
}

func specialScenes(setting Setting) []gateway.Submission {
	payment := scene("demo-payment", setting.Service, simulator.CitizenDelivered, "")
	due := time.Now().AddDate(0, 0, dueInDays).UTC().Truncate(time.Second)
	payment.Content.DueDate = &due
	payment.Content.Payment = &notification.Payment{
		NoticeNumber: "302000100000009421", AmountCents: demoAmountCents,
	}

	provisional := scene("demo-provisional", setting.Service, simulator.CitizenDelivered,
		simulator.Phone(simulator.PhoneDelivered, 2))
	provisional.FiscalCode = "61492729001"

	scheduled := scene("demo-scheduled", setting.Service, simulator.CitizenDelivered, "")
	scheduled.SendAt = time.Now().Add(scheduledIn).UTC().Truncate(time.Second)

	return []gateway.Submission{payment, provisional, scheduled}
}

// scene is a notification to an invented citizen. Each reference has a citizen of its own.
func scene(reference string, service Service, citizen simulator.CitizenOutcome, phone string) gateway.Submission {
	return gateway.Submission{
		ServiceID:         service.ID,
		ExternalReference: reference,
		FiscalCode:        simulator.FiscalCode(citizen, numberOf(reference)),
		Phone:             phone,
		Content: notification.Content{
			Subject: "Avviso dimostrativo del Comune",
			Markdown: fmt.Sprintf("Gentile cittadina, gentile cittadino,\n\nquesto è un avviso **dimostrativo** (%s) "+
				"del Comune di Borgo Esempio. Tutti i dati sono inventati e non occorre fare nulla.", reference),
		},
		IdempotencyKey: reference,
	}
}

// numberOf tells citizens apart by the reference they stand in.
func numberOf(reference string) int {
	number := 0
	for _, letter := range reference {
		number = (number*31 + int(letter)) % 100_000 //nolint:mnd // any spread will do.
	}

	return number
}
