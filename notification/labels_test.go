package notification_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func TestStatusLabels(t *testing.T) {
	t.Parallel()

	labels := map[string]bool{}

	for _, status := range notification.Statuses() {
		for _, lang := range languages() {
			label := status.Label(lang)
			require.NotEmpty(t, label)
			require.NotEqual(t, string(status), label, "a code is no label")
			require.False(t, labels[string(lang)+label], "two statuses called %q", label)
			labels[string(lang)+label] = true
		}
	}

	require.Equal(t, "Consegnata", notification.StatusDelivered.Label(notification.Italian))
	require.Equal(t, "Non consegnata", notification.StatusNotDelivered.Label(notification.Italian))
	require.Equal(t, "Not delivered", notification.StatusNotDelivered.Label(notification.English))
}

func TestAttemptStatusLabels(t *testing.T) {
	t.Parallel()

	for _, status := range []notification.AttemptStatus{
		notification.AttemptPending, notification.AttemptSending, notification.AttemptSent, notification.AttemptDelivered,
		notification.AttemptFailed, notification.AttemptSkipped, notification.AttemptUncertain,
	} {
		for _, lang := range languages() {
			require.NotEmpty(t, status.Label(lang))
			require.NotEqual(t, string(status), status.Label(lang))
		}
	}

	require.Equal(t, "Non usato", notification.AttemptSkipped.Label(notification.Italian))
}

func TestOtherLabels(t *testing.T) {
	t.Parallel()

	require.Equal(t, "App IO", notification.ChannelIO.Label(notification.Italian))
	require.Equal(t, "App IO", notification.ChannelIO.Label(notification.English))
	require.Equal(t, "SMS", notification.ChannelSMS.Label(notification.Italian))
	require.Equal(t, "Urgente", notification.PriorityUrgent.Label(notification.Italian))
	require.Equal(t, "Normal", notification.PriorityNormal.Label(notification.English))
	require.Equal(t, "Massiva", notification.PriorityBulk.Label(notification.Italian))
}

func TestLabelsOfUnknownCodesAreTheCodes(t *testing.T) {
	t.Parallel()

	require.Equal(t, "lost", notification.Status("lost").Label(notification.Italian))
	require.Equal(t, "lost", notification.AttemptStatus("lost").Label(notification.English))
	require.Equal(t, "pigeon", notification.Channel("pigeon").Label(notification.Italian))
	require.Empty(t, notification.Channel("").Label(notification.Italian))
	require.Equal(t, "odd", notification.Priority("odd").Label(notification.Italian))
}

func TestUnknownLanguagesGetItalian(t *testing.T) {
	t.Parallel()

	require.False(t, notification.Lang("fr").Valid())
	require.Equal(t, "Non riuscita", notification.StatusFailed.Label("fr"))
}

func languages() []notification.Lang {
	return []notification.Lang{notification.Italian, notification.English}
}
