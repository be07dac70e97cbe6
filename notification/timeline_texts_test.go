package notification_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func TestEveryEntryHasASentence(t *testing.T) {
	t.Parallel()

	unknown := notification.Entry{Kind: "unheard_of"}

	for _, kind := range entryKinds() {
		for _, state := range []notification.EntryState{
			notification.EntryDone, notification.EntryNegative, notification.EntryFault, notification.EntryRunning,
		} {
			entry := notification.Entry{Kind: kind, State: state}
			italian, english := entry.Sentence(notification.Italian), entry.Sentence(notification.English)

			for _, sentence := range []string{italian, english} {
				require.NotEmpty(t, sentence, "%s, %s", kind, state)
				require.False(t, strings.HasSuffix(sentence, "."), sentence)
			}

			require.NotEqual(t, unknown.Sentence(notification.Italian), italian, "%s, %s", kind, state)
			require.NotEqual(t, italian, english, "%s, %s", kind, state)
		}
	}
}

func TestStatesSoundDifferent(t *testing.T) {
	t.Parallel()

	for _, kind := range []notification.EntryKind{
		notification.EntryValidated, notification.EntryProfile, notification.EntrySentIO, notification.EntryDeliveredIO,
		notification.EntrySentSMS, notification.EntryDeliveredSMS,
	} {
		heard := map[string]notification.EntryState{}

		for _, state := range []notification.EntryState{
			notification.EntryDone, notification.EntryNegative, notification.EntryFault, notification.EntryRunning,
		} {
			sentence := notification.Entry{Kind: kind, State: state}.Sentence(notification.Italian)
			require.NotContains(t, heard, sentence, "%s: %s sounds like %s", kind, state, heard[sentence])
			heard[sentence] = state
		}
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()

	for want, entry := range map[string]notification.Entry{
		"Consegnata nella casella di app IO": {Kind: notification.EntryDeliveredIO, State: notification.EntryDone},
		"Il cittadino non è su app IO": {
			Kind: notification.EntryProfile, State: notification.EntryNegative, Reason: notification.ReasonIOProfileNotFound,
		},
		"Il cittadino ha disattivato questo servizio su app IO": {
			Kind: notification.EntryProfile, State: notification.EntryNegative, Reason: notification.ReasonIOSenderNotAllowed,
		},
		"Non si sa se app IO ha ricevuto il messaggio: la risposta non è arrivata": {
			Kind: notification.EntrySentIO, State: notification.EntryFault, Reason: notification.ReasonIOOutcomeUncertain,
		},
		"App IO non ha confermato la consegna entro il tempo previsto": {
			Kind: notification.EntryDeliveredIO, State: notification.EntryFault, Reason: notification.ReasonIONotProcessedInTime,
		},
		"App IO ha respinto il messaggio dopo averlo ricevuto": {
			Kind: notification.EntryDeliveredIO, State: notification.EntryNegative, Reason: notification.ReasonIORejected,
		},
		"App IO non è riuscita a consegnare il messaggio": {
			Kind: notification.EntryDeliveredIO, State: notification.EntryFault, Reason: notification.ReasonIOProcessingFailed,
		},
		"Si passa all'SMS: invio al gestore telefonico": {Kind: notification.EntrySentSMS, State: notification.EntryRunning},
		"Nessun SMS: non c'è un numero di telefono": {
			Kind: notification.EntrySkipped, State: notification.EntryNegative, Channel: notification.ChannelSMS,
			Reason: notification.ReasonSMSNoPhone,
		},
		"Invio su app IO saltato": {
			Kind: notification.EntrySkipped, Channel: notification.ChannelIO, Reason: notification.ReasonFiscalCodeProvisional,
		},
		"SMS non consegnato: telefono spento o senza campo": {
			Kind: notification.EntryDeliveredSMS, State: notification.EntryNegative, Reason: notification.ReasonSMSUnreachable,
		},
		"Nuova lavorazione avviata: riparte dal passo che non era riuscito": {
			Kind: notification.EntryStarted, State: notification.EntryDone, Run: 2,
		},
		"Un operatore ha deciso di passare all'SMS":        {Kind: notification.EntryDecided, Detail: "sms"},
		"L'Ente ha comunicato che il pagamento è avvenuto": {Kind: notification.EntryCancelAsked, Reason: notification.ReasonPaid},
		"Conclusa: consegnata per SMS": {
			Kind: notification.EntrySettled, Status: notification.StatusDelivered, Channel: notification.ChannelSMS,
		},
		"Interrotta da un problema tecnico o di configurazione": {
			Kind: notification.EntrySettled, Status: notification.StatusFailed,
		},
	} {
		require.Equal(t, want, entry.Sentence(notification.Italian))
	}
}

func entryKinds() []notification.EntryKind {
	return []notification.EntryKind{
		notification.EntryAccepted, notification.EntryStarted, notification.EntryScheduled, notification.EntryValidated,
		notification.EntryProfile, notification.EntrySentIO, notification.EntryDeliveredIO, notification.EntrySkipped,
		notification.EntrySentSMS, notification.EntryDeliveredSMS, notification.EntrySMSReport, notification.EntryCancelAsked,
		notification.EntryHoldAsked, notification.EntryOnHold, notification.EntryResumeAsked, notification.EntryResumed,
		notification.EntryDecided, notification.EntrySettled,
		notification.EntryRetryAsked, notification.EntryRevealed, notification.EntryToldApplication,
	}
}

func TestAnInterventionIsToldAsSuchWhoeverDidIt(t *testing.T) {
	t.Parallel()

	entry := notification.Entry{
		Kind: notification.EntryIntervened, State: notification.EntryDone, Detail: string(notification.InterventionRetry), By: "Olga",
	}
	require.Equal(t, "Intervento su più notifiche: nuovo tentativo", entry.Sentence(notification.Italian))
}
