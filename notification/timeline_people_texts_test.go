package notification_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func TestActsOfPeopleNameThem(t *testing.T) {
	t.Parallel()

	for _, kind := range entryKinds() {
		for _, state := range []notification.EntryState{notification.EntryDone, notification.EntryNegative, notification.EntryRunning} {
			entry := notification.Entry{Kind: kind, State: state, By: "Olga Operatrice"}

			italian, english := entry.Sentence(notification.Italian), entry.Sentence(notification.English)
			require.Contains(t, italian, "Olga Operatrice", kind)
			require.Contains(t, english, "Olga Operatrice", kind)
			require.NotEqual(t, italian, english, kind)
		}
	}

	for want, entry := range map[string]notification.Entry{
		"Messa in sospeso da Olga":    {Kind: notification.EntryHoldAsked, State: notification.EntryDone},
		"Sospensione chiesta da Olga": {Kind: notification.EntryHoldAsked, State: notification.EntryRunning},
		"Annullata da Olga: il pagamento è avvenuto": {
			Kind: notification.EntryCancelAsked, State: notification.EntryDone, Reason: notification.ReasonPaid,
		},
		"Olga ha deciso di passare all'SMS":            {Kind: notification.EntryDecided, State: notification.EntryDone, Detail: "sms"},
		"Olga ha deciso di inviare di nuovo su app IO": {Kind: notification.EntryDecided, State: notification.EntryDone, Detail: "resend"},
		"Olga ha deciso di chiudere la notifica":       {Kind: notification.EntryDecided, State: notification.EntryDone, Detail: "close"},
		"Destinatario mostrato in chiaro a Olga":       {Kind: notification.EntryRevealed, State: notification.EntryDone},
	} {
		entry.By = "Olga"
		require.Equal(t, want, entry.Sentence(notification.Italian))
	}
}

func TestWordsOfProvidersAreTranslated(t *testing.T) {
	t.Parallel()

	for channel, words := range map[notification.Channel][]string{
		notification.ChannelIO: {"ACCEPTED", "THROTTLED", "PROCESSED", "REJECTED", "FAILED"},
		notification.ChannelSMS: {
			"accepted", "scheduled", "queued", "sending", "sent", "delivered", "undelivered", "failed", "canceled", "read",
		},
	} {
		heard := map[string]string{}

		for _, word := range words {
			italian := notification.ProviderWord(channel, word, notification.Italian)
			require.NotEmpty(t, italian, word)
			require.NotEmpty(t, notification.ProviderWord(channel, word, notification.English), word)
			require.NotContains(t, heard, italian, word)
			heard[italian] = word
		}

		require.Empty(t, notification.ProviderWord(channel, "unheard_of", notification.Italian))
	}

	require.Empty(t, notification.ProviderWord("pigeon", "ACCEPTED", notification.Italian))
}
