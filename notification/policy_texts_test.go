package notification_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func TestPolicyInWords(t *testing.T) {
	t.Parallel()

	usual := notification.DefaultPolicy()

	onlyIO := usual
	onlyIO.Fallback, onlyIO.IODeadline = nil, 36*time.Hour
	onlyIO.Quiet = notification.QuietHours{From: nine, Until: eight}

	careful := usual
	careful.OnUncertain, careful.IODeadline = notification.UncertainHold, 90*time.Minute
	careful.Quiet = notification.QuietHours{From: nine, Until: eight, Holidays: true}

	insistent := usual
	insistent.OnUncertain, insistent.SMSDeadline = notification.UncertainResend, 24*time.Hour
	insistent.Quiet = notification.QuietHours{Holidays: true, UrgentToo: true}

	for name, test := range map[string]struct {
		policy           notification.Policy
		italian, english string
	}{
		"usual": {
			usual,
			"Se app IO non consegna entro 1 ora, parte un SMS, che ha 12 ore per arrivare. " +
				"Se non si sa se app IO ha preso il messaggio, parte l'SMS.",
			"If app IO does not deliver within 1 hour, an SMS goes out, which has 12 hours to arrive. " +
				"If nobody knows whether app IO took the message, the SMS goes out.",
		},
		"only IO": {
			onlyIO,
			"Solo app IO, che ha 1 giorno e 12 ore per consegnare: nessun SMS. " +
				"Se non si sa se app IO ha preso il messaggio, decide una persona.",
			"App IO only, which has 1 day and 12 hours to deliver: no SMS. If nobody knows whether app IO took the message, a person decides.",
		},
		"careful": {
			careful,
			"Se app IO non consegna entro 1 ora e 30 minuti, parte un SMS, che ha 12 ore per arrivare. " +
				"Gli SMS non partono tra le 21:00 e le 8:00 né la domenica e nei giorni festivi, tranne quelli urgenti. " +
				"Se non si sa se app IO ha preso il messaggio, decide una persona.",
			"If app IO does not deliver within 1 hour and 30 minutes, an SMS goes out, which has 12 hours to arrive. " +
				"No SMS goes out between 21:00 and 8:00 nor on Sundays and public holidays, but for urgent ones. " +
				"If nobody knows whether app IO took the message, a person decides.",
		},
		"insistent": {
			insistent,
			"Se app IO non consegna entro 1 ora, parte un SMS, che ha 1 giorno per arrivare. " +
				"Gli SMS non partono la domenica e nei giorni festivi. Se non si sa se app IO ha preso il messaggio, si invia di nuovo.",
			"If app IO does not deliver within 1 hour, an SMS goes out, which has 1 day to arrive. " +
				"No SMS goes out on Sundays and public holidays. If nobody knows whether app IO took the message, it is sent again.",
		},
	} {
		require.Equal(t, test.italian, test.policy.Sentence(notification.Italian), name)
		require.Equal(t, test.english, test.policy.Sentence(notification.English), name)
	}
}

func TestCheckPolicy(t *testing.T) {
	t.Parallel()

	require.Empty(t, notification.CheckPolicy(notification.DefaultPolicy()))

	for field, broken := range map[string]func(*notification.Policy){
		"policy.io_deadline":  func(p *notification.Policy) { p.IODeadline = 59 * time.Second },
		"policy.sms_deadline": func(p *notification.Policy) { p.SMSDeadline = 7*24*time.Hour + time.Second },
		"policy.on_uncertain": func(p *notification.Policy) { p.OnUncertain = "dice" },
		"policy.fallback":     func(p *notification.Policy) { p.Fallback = []notification.Channel{"pigeon", "raven"} },
		"policy.quiet.from":   func(p *notification.Policy) { p.Quiet.From = 1440 },
		"policy.quiet.until":  func(p *notification.Policy) { p.Quiet = notification.QuietHours{From: 480, Until: 479} },
	} {
		policy := notification.DefaultPolicy()
		broken(&policy)

		fields := notification.CheckPolicy(policy)
		require.Len(t, fields, 1, field)
		require.Equal(t, field, fields[0].Field)
	}
}

func TestSMSSender(t *testing.T) {
	t.Parallel()

	for sender, code := range map[string]string{
		"": "", "Comune": "", "ComuneDiRom": "", "A1b": "", "+393331234567": "", "MG0123456789abcdef0123456789abcdef": "",
		"Comune di": "characters", "Citt\u00e0": "characters", "Com.": "characters", "a-b-c": "characters", "<b>": "characters",
		"ComuneDiRoma": "length", "AB": "length", "MG0123456789abcdef0123456789abcdeX": "length",
		"3Comune": "first_character", "123456": "first_character",
		"+": "number", "+39": "number", "+39 333 1234567": "number", "+0393331234567": "number", "+3933312345678901": "number",
	} {
		problem := notification.CheckSMSSender("sms_sender", sender)
		if code == "" {
			require.Nil(t, problem, sender)

			continue
		}

		require.NotNil(t, problem, sender)
		require.Equal(t, "sms_sender", problem.Field)
		require.Equal(t, code, problem.Code, sender)
	}
}

func FuzzSMSSender(f *testing.F) {
	f.Add("Comune")
	f.Add("+393331234567")
	f.Add("MG0123456789abcdef0123456789abcdef")
	f.Fuzz(func(t *testing.T, sender string) {
		problem := notification.CheckSMSSender("x", sender)
		if problem != nil || sender == "" {
			return
		}

		require.LessOrEqual(t, len(sender), 34)

		for _, r := range sender {
			require.True(t, r == '+' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z', sender)
		}
	})
}

func TestParseEuro(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]int64{
		"0": 0, "1": 100, "1500": 150_000, "1500,5": 150_050, "1500,50": 150_050, "1.500,50": 150_050, " 10 € ": 1000, "€ 0,01": 1,
		"99.999.999,99": 9_999_999_999, "10.50": 1050, "1.234.567": 123_456_700, "000,10": 10, "0,1": 10,
	} {
		got, ok := notification.ParseEuro(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}

	for _, text := range []string{
		"", "€", ",5", "1,", "1,234", "1.234", "1.5", "1.2345", "12.34.567,00", "1234.567,00", ".500,00", "1,2,3", "-1", "+1", "1e3", "1 000",
		"1.500.50", "9999999999999", "uno", "1,5x", "０",
	} {
		_, ok := notification.ParseEuro(text)
		require.False(t, ok, text)
	}
}

func FuzzParseEuro(f *testing.F) {
	f.Add("1.234,56")
	f.Add("10 €")
	f.Fuzz(func(t *testing.T, text string) {
		cents, ok := notification.ParseEuro(text)
		if !ok {
			return
		}

		require.GreaterOrEqual(t, cents, int64(0))

		again, ok := notification.ParseEuro(notification.EuroInput(cents))
		require.True(t, ok)
		require.Equal(t, cents, again)
	})
}

func TestLifeOfAnEnte(t *testing.T) {
	t.Parallel()

	states := []notification.EnteState{
		notification.EnteRequested, notification.EnteAdhering, notification.EnteActive, notification.EnteSuspended, notification.EnteLeft,
	}

	for _, state := range states {
		require.NotEqual(t, string(state), state.Label(notification.Italian))
		require.NotEqual(t, string(state), state.Label(notification.English))
		require.False(t, state.MayBecome(state))
		require.Equal(t, state != notification.EnteLeft, state.MayBecome(notification.EnteLeft))
	}

	require.True(t, notification.EnteAdhering.MayBecome(notification.EnteActive))
	require.False(t, notification.EnteRequested.MayBecome(notification.EnteActive), "the agreement comes first")
	require.Equal(t, notification.EnteSuspended, notification.Ente{State: notification.EnteActive}.Settled().State)
	require.Equal(t, notification.EnteActive, notification.Ente{Active: true}.Settled().State)
	require.Equal(t, notification.EnteLeft, notification.Ente{State: notification.EnteLeft}.Settled().State)
}

func TestQuietHoursInTheTimeline(t *testing.T) {
	t.Parallel()

	at := rome(t, "2026-04-03 22:00:00")
	entry := notification.Entry{Kind: notification.EntryQuietHours, At: at, Until: rome(t, "2026-04-04 08:00:00").UTC()}
	require.Equal(t, "In attesa: l'SMS parte dopo le 8:00", entry.Sentence(notification.Italian))
	require.Equal(t, "Waiting: the SMS goes out after 8:00", entry.Sentence(notification.English))

	entry.Until = rome(t, "2026-04-07 08:00:00")
	require.Equal(t, "In attesa: l'SMS parte dopo le 8:00 del 07/04/2026", entry.Sentence(notification.Italian))
	require.Equal(t, "Waiting: the SMS goes out after 8:00 on 7 Apr 2026", entry.Sentence(notification.English))
}
