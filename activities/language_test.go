package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// english is the bench's content in English.
func english() *notification.Translation {
	return &notification.Translation{
		Subject:  "Renewal of your identity card",
		Markdown: "Your identity card expires in thirty days. Please book an appointment at the town hall to renew it.",
		SMSText:  "Comune di Prova: your identity card expires in thirty days.",
	}
}

func TestCitizensAreAddressedInTheLanguageTheyPrefer(t *testing.T) {
	t.Parallel()

	italian := notification.Content{Subject: subject, Markdown: markdown, SMSText: smsText}
	both := italian
	both.English = english()

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			citizen  simulator.CitizenOutcome
			content  notification.Content
			language notification.Lang
			io, sms  string
		}{
			"in English":              {simulator.CitizenPrefersEnglish, both, notification.English, both.English.Subject, both.English.SMSText},
			"Italian":                 {simulator.CitizenDelivered, both, notification.Italian, subject, smsText},
			"English there is none":   {simulator.CitizenPrefersEnglish, italian, "", subject, smsText},
			"Italian, nothing to say": {simulator.CitizenDelivered, italian, "", subject, smsText},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				recipient := notification.Recipient{
					FiscalCode: simulator.FiscalCode(test.citizen, len(name)), Phone: simulator.Phone(simulator.PhoneDelivered, len(name)),
				}
				id, _, err := store.Submit(t.Context(), db.Submission{Notification: notification.Notification{
					ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID, Recipient: recipient, Content: test.content,
					Policy: notification.DefaultPolicy(), Priority: notification.PriorityNormal,
				}})
				require.NoError(t, err)

				twice[workflows.ProfileResult](t, b.task(t, workflows.ActivityCheckProfile), stepOf(id))
				require.Equal(t, test.language, b.head(t, id).Language)

				for channel, want := range map[simulator.Channel]string{
					simulator.ChannelIO: test.io, simulator.ChannelTwilio: test.sms,
				} {
					activity := workflows.ActivitySendToIO
					if channel == simulator.ChannelTwilio {
						activity = workflows.ActivitySendSMS
					}

					_, err := run[workflows.SendResult](b.task(t, activity), stepOf(id))
					require.NoError(t, err)

					received := b.received(t, id, channel)
					require.Len(t, received, 1)
					require.Equal(t, want, received[0].Text)
				}
			})
		}
	})
}

func TestWhoSwitchedTheServiceOffGetsTheSMSInTheirLanguage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		content := notification.Content{Subject: subject, Markdown: markdown, SMSText: smsText, English: english()}

		id, _, err := store.Submit(t.Context(), db.Submission{Notification: notification.Notification{
			ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID, Content: content,
			Recipient: notification.Recipient{
				FiscalCode: simulator.FiscalCode(simulator.CitizenPrefersEnglishNotAllowed, 1), Phone: simulator.Phone(simulator.PhoneDelivered, 77),
			},
			Policy: notification.DefaultPolicy(), Priority: notification.PriorityNormal,
		}})
		require.NoError(t, err)

		answer, err := run[workflows.ProfileResult](b.task(t, workflows.ActivityCheckProfile), stepOf(id))
		require.NoError(t, err)
		require.Equal(t, workflows.ProfileResult{Reason: notification.ReasonIOSenderNotAllowed}, answer)

		_, err = run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS), stepOf(id))
		require.NoError(t, err)

		received := b.received(t, id, simulator.ChannelTwilio)
		require.Len(t, received, 1)
		require.Equal(t, content.English.SMSText, received[0].Text)
	})
}
