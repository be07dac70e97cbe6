package notification_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func TestDeadlinesArePutOffByPauses(t *testing.T) {
	t.Parallel()

	at := func(minutes int) time.Time {
		return time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
	}
	lasted := func(from, to int) notification.Pause { return notification.Pause{Since: at(from), LiftedAt: at(to)} }

	// A channel has an hour, from minute 0 on; it is minute 500.
	cases := map[string]struct {
		pauses []notification.Pause
		want   int
	}{
		"none":                         {nil, 60},
		"one within":                   {[]notification.Pause{lasted(10, 30)}, 80},
		"begun before":                 {[]notification.Pause{lasted(-20, 10)}, 70},
		"over before":                  {[]notification.Pause{lasted(-20, -10)}, 60},
		"after the deadline":           {[]notification.Pause{lasted(61, 90)}, 60},
		"within the time put off":      {[]notification.Pause{lasted(70, 80), lasted(10, 30)}, 90},
		"two that overlap":             {[]notification.Pause{lasted(10, 30), lasted(20, 40)}, 90},
		"one within another":           {[]notification.Pause{lasted(10, 50), lasted(20, 30)}, 100},
		"in force":                     {[]notification.Pause{{Since: at(30)}}, 530},
		"with an end that is to come":  {[]notification.Pause{{Since: at(30), Until: at(900)}}, 530},
		"with an end that has come":    {[]notification.Pause{{Since: at(30), Until: at(40)}}, 70},
		"lifted after its end":         {[]notification.Pause{{Since: at(30), Until: at(40), LiftedAt: at(50)}}, 70},
		"lifted before its end":        {[]notification.Pause{{Since: at(30), Until: at(50), LiftedAt: at(40)}}, 70},
		"many, one after the other":    {[]notification.Pause{lasted(1, 2), lasted(3, 4), lasted(5, 6)}, 63},
		"from the very beginning":      {[]notification.Pause{lasted(0, 60)}, 120},
		"that begins at the deadline":  {[]notification.Pause{lasted(60, 90)}, 60},
		"two that follow at one point": {[]notification.Pause{lasted(10, 20), lasted(20, 30)}, 80},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, at(c.want), notification.Extended(at(0), at(60), c.pauses, at(500)))
		})
	}
}

func TestWhatAPauseStops(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		pause  notification.Pause
		io     bool // of Ente e, service s
		sms    bool
		other  bool // IO of another service of the Ente
		abroad bool // IO of another Ente
		reason notification.Reason
	}{
		"IO": {
			notification.Pause{Scope: notification.PauseChannel, Channel: notification.ChannelIO},
			true, false, true, true, notification.ReasonIOPaused,
		},
		"SMS": {
			notification.Pause{Scope: notification.PauseChannel, Channel: notification.ChannelSMS},
			false, true, false, false, notification.ReasonSMSPaused,
		},
		"IO of an Ente": {
			notification.Pause{Scope: notification.PauseEnteChannel, Channel: notification.ChannelIO, EnteID: "e"},
			true, false, true, false, notification.ReasonIOPaused,
		},
		"an Ente": {
			notification.Pause{Scope: notification.PauseEnte, EnteID: "e"}, true, true, true, false, notification.ReasonEntePaused,
		},
		"a service": {
			notification.Pause{Scope: notification.PauseService, EnteID: "e", ServiceID: "s"},
			true, true, false, false, notification.ReasonServicePaused,
		},
		"nothing": {notification.Pause{}, false, false, false, false, notification.ReasonIOPaused},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.io, c.pause.Stops("e", "s", notification.ChannelIO))
			require.Equal(t, c.sms, c.pause.Stops("e", "s", notification.ChannelSMS))
			require.Equal(t, c.other, c.pause.Stops("e", "other", notification.ChannelIO))
			require.Equal(t, c.abroad, c.pause.Stops("abroad", "there", notification.ChannelIO))
			require.Equal(t, c.reason, c.pause.Reason())
			require.True(t, c.pause.Reason().Paused())
		})
	}
}

func TestWaitsAreExplainedInWords(t *testing.T) {
	t.Parallel()

	entry := notification.Entry{
		Kind: notification.EntryOnHold, Reason: notification.ReasonIOPaused, Why: "manutenzione di app IO",
		Since: time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC),
	}
	require.Equal(t, "In attesa: app IO è in pausa dal 02/03/2026 09:00 per: manutenzione di app IO", entry.Sentence(notification.Italian))
	require.Equal(t, "Waiting: app IO is paused since 2 Mar 2026 09:00 for: manutenzione di app IO", entry.Sentence(notification.English))

	for _, reason := range []notification.Reason{
		notification.ReasonSMSPaused, notification.ReasonServicePaused, notification.ReasonEntePaused,
	} {
		require.Contains(t, notification.Entry{Kind: notification.EntryOnHold, Reason: reason}.Sentence(notification.Italian), "in pausa", reason)
	}

	told := map[string]bool{}

	for _, act := range notification.InterventionActs() {
		sentence := notification.Entry{Kind: notification.EntryIntervened, Detail: string(act)}.Sentence(notification.Italian)
		require.Contains(t, sentence, "Intervento")
		require.False(t, told[sentence], sentence)
		told[sentence] = true
	}
}

func TestInterventionsActOnlyWhereItMakesSense(t *testing.T) {
	t.Parallel()

	cases := []struct {
		act    notification.InterventionAct
		status notification.Status
		reason notification.Reason
		want   bool
	}{
		{notification.InterventionRetry, notification.StatusFailed, notification.ReasonIOKeyRejected, true},
		{notification.InterventionRetry, notification.StatusDelivered, notification.ReasonIODelivered, false},
		{notification.InterventionDecide, notification.StatusOnHold, notification.ReasonIOOutcomeUncertain, true},
		{notification.InterventionDecide, notification.StatusOnHold, notification.ReasonHeldByOperator, false},
		{notification.InterventionDecide, notification.StatusFailed, notification.ReasonIOOutcomeUncertain, false},
		{notification.InterventionResume, notification.StatusOnHold, notification.ReasonHeldByOperator, true},
		{notification.InterventionResume, notification.StatusOnHold, notification.ReasonIOPaused, false},
		{notification.InterventionHold, notification.StatusInProgress, "", true},
		{notification.InterventionHold, notification.StatusOnHold, notification.ReasonHeldByOperator, false},
		{notification.InterventionCancel, notification.StatusOnHold, notification.ReasonIOPaused, true},
		{notification.InterventionCancel, notification.StatusExpired, notification.ReasonExpired, false},
		{"unknown", notification.StatusFailed, "", false},
	}
	for _, c := range cases {
		require.Equal(t, c.want, c.act.Possible(c.status, c.reason), "%s %s %s", c.act, c.status, c.reason)
	}
}
