package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

// TestTheProvidersListIsCompared: news whose callback was lost, a message of nobody, and one that the provider lacks.
func TestTheProvidersListIsCompared(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		id := i.working(t, 1)
		attempt := i.begun(t, id, notification.ChannelSMS)
		n, err := i.store.Notification(t.Context(), id)
		require.NoError(t, err)

		message := sms.Message{To: n.Recipient.Phone, Sender: i.service.SMSSender, Text: smsText}
		receipt, err := i.does.SMS.Send(t.Context(), message)
		require.NoError(t, err)
		i.recorded(t, attempt.ID, db.AttemptChange{Status: notification.AttemptSent, ProviderID: receipt.ProviderID})

		nobodys, err := i.does.SMS.Send(t.Context(), message)
		require.NoError(t, err)

		lacking := i.working(t, 2)
		unknown := i.begun(t, lacking, notification.ChannelSMS)
		i.recorded(t, unknown.ID, db.AttemptChange{Status: notification.AttemptSent, ProviderID: "SM00000000000000000000000000000000"})

		// The list names whole seconds, and the period ends a moment ago.
		i.does.Grace.Message = time.Nanosecond

		require.Eventually(t, func() bool {
			i.check(t, notification.CheckSMS)

			return i.onlyAttempt(t, id).Status == notification.AttemptDelivered
		}, time.Minute, 200*time.Millisecond)

		codes := map[string]notification.FindingCode{}
		for _, open := range i.open(t) {
			codes[open.SubjectID] = open.Code
		}

		require.Equal(t, notification.FindingUnknownHere, codes[nobodys.ProviderID])
	})
}

func TestIOIsAskedAboutASample(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		id := i.toCitizen(t, simulator.CitizenDelivered, 1)
		sent, err := run[workflows.SendResult](i.task(t, workflows.ActivitySendToIO), stepOf(id))
		require.NoError(t, err)
		require.Equal(t, notification.HandOverSent, sent.HandOver)
		require.NoError(t, i.store.Settle(t.Context(), id,
			db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonIONotProcessedInTime}))

		require.Eventually(t, func() bool {
			return i.check(t, notification.CheckIO).Repaired == 1
		}, time.Minute, 200*time.Millisecond)
		require.Equal(t, notification.AttemptDelivered, i.onlyAttempt(t, id).Status)
		require.Equal(t, notification.StatusDelivered, i.head(t, id).Status, "the late word corrects the outcome")
	})
}

func TestTheEndIsKept(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		id := i.working(t, 1)
		i.working(t, 2)
		require.NoError(t, i.store.Settle(t.Context(), id,
			db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonInternalError}))

		_, err := run[int](i.task(t, workflows.ActivityFoldFigures))
		require.NoError(t, err)

		result := i.check(t, notification.CheckSums)
		require.Equal(t, notification.CheckResult{Check: notification.CheckSums, Looked: 2}, result)

		result.Difference = 2
		i.end(t, result, notification.CheckResult{Check: notification.CheckSMS, Failed: true})
		require.Len(t, i.open(t), 1, "a check that could not be made is a finding, too")
		require.Equal(t, notification.FindingCheckNotMade, i.open(t)[0].Code)

		runs, err := i.store.Reconciliations(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, []notification.Check{notification.CheckSMS}, runs[0].Failed())
		require.Equal(t, 2, runs[0].Difference())
	})
}
