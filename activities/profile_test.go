package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

func TestCheckProfile(t *testing.T) {
	t.Parallel()

	reachable := workflows.ProfileResult{Reachable: true}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			citizen simulator.CitizenOutcome
			want    workflows.ProfileResult
		}{
			"on IO":           {simulator.CitizenDelivered, reachable},
			"not on IO":       {simulator.CitizenNotOnIO, workflows.ProfileResult{Reason: notification.ReasonIOProfileNotFound}},
			"service off":     {simulator.CitizenSenderNotAllowed, workflows.ProfileResult{Reason: notification.ReasonIOSenderNotAllowed}},
			"key revoked":     {simulator.CitizenKeyRevoked, workflows.ProfileResult{Reason: notification.ReasonIOKeyRejected}},
			"forbidden":       {simulator.CitizenForbidden, workflows.ProfileResult{Reason: notification.ReasonIORecipientForbidden}},
			"rejected later":  {simulator.CitizenRejected, reachable},
			"throttled later": {simulator.CitizenThrottled, reachable},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.toCitizen(t, test.citizen, 1)
				k := b.task(t, workflows.ActivityCheckProfile)

				// Twice, since a worker may die before its answer arrives.
				for range 2 {
					got, err := run[workflows.ProfileResult](k, stepOf(id))
					require.NoError(t, err)
					require.Equal(t, test.want, got)
				}

				if test.want.Reachable {
					require.Empty(t, b.attempts(t, id))

					return
				}

				skipped := b.onlyAttempt(t, id)
				require.Equal(t, notification.AttemptSkipped, skipped.Status)
				require.Equal(t, test.want.Reason, skipped.Reason)
				require.Equal(t, notification.ChannelIO, skipped.Channel)
			})
		}
	})
}

func TestCheckProfileRetriesWhatMayPass(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))

	for name, test := range map[string]struct {
		citizen simulator.CitizenOutcome
		reason  notification.Reason
	}{
		"too many calls": {simulator.CitizenRateLimitedFirst, notification.ReasonIORateLimited},
		"server error":   {simulator.CitizenProfileErrorFirst, notification.ReasonIOUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			id := b.toCitizen(t, test.citizen, 1)
			k := b.task(t, workflows.ActivityCheckProfile)

			_, err := run[workflows.ProfileResult](k, stepOf(id))
			require.Equal(t, time.Second, requireRetry(t, err, string(test.reason)))
			require.Empty(t, b.attempts(t, id))

			got, err := run[workflows.ProfileResult](k, stepOf(id))
			require.NoError(t, err)
			require.True(t, got.Reachable)
		})
	}
}

func TestPauseIsIOsWishOrDoublesAndEndsAtTheDeadline(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		faults simulator.Faults
		tries  int
		within time.Duration
		want   time.Duration
	}{
		"IO's header":          {simulator.Faults{IO429: 1}, 5, time.Hour, time.Second},
		"ours, fourth try":     {simulator.Faults{IO500: 1}, 4, time.Hour, 8 * time.Second},
		"ours, hundredth try":  {simulator.Faults{IO500: 1}, 100, time.Hour, 2 * time.Minute},
		"the deadline's, ours": {simulator.Faults{IO500: 1}, 100, time.Minute, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite), func(s *setting) { s.simulator.Faults = test.faults })
			k := b.task(t, workflows.ActivityCheckProfile)
			k.tries = test.tries - 1
			deadline := time.Now().Add(test.within)

			_, err := run[workflows.ProfileResult](k, workflows.Step{
				NotificationID: b.toCitizen(t, simulator.CitizenDelivered, 1), Deadline: deadline,
			})
			pause := requireFailure(t, err).NextRetryDelay()

			require.LessOrEqual(t, pause, test.want)
			require.True(t, pause == test.want || !time.Now().Add(pause).Before(deadline), "cut at the deadline alone")
		})
	}
}

// The first question is always asked: its turn may have come late because of the Ente's own quota.
func TestCheckProfilePastItsDeadlineAsksOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenProfileErrorFirst, 1)
		late := workflows.Step{NotificationID: id, Deadline: overdue()}
		k := b.task(t, workflows.ActivityCheckProfile)

		_, err := run[workflows.ProfileResult](k, late)
		require.NotNil(t, requireFailure(t, err))
		require.Len(t, b.sim.Counters().ProfileCalls, 1)

		got, err := run[workflows.ProfileResult](k, late)
		require.NoError(t, err)
		require.Equal(t, workflows.ProfileResult{Reason: notification.ReasonIOUnavailable}, got)
		require.Equal(t, notification.AttemptSkipped, b.onlyAttempt(t, id).Status)

		for _, calls := range b.sim.Counters().ProfileCalls {
			require.Equal(t, 1, calls)
		}
	})
}

func TestCheckProfileOfAnExpiredNotificationAsksNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)

		got, err := run[workflows.ProfileResult](b.task(t, workflows.ActivityCheckProfile),
			workflows.Step{NotificationID: id, Deadline: overdue(), ExpiresAt: overdue()})
		require.NoError(t, err)
		require.Equal(t, workflows.ProfileResult{Reason: notification.ReasonExpired}, got)
		require.Empty(t, b.sim.Counters().ProfileCalls)
	})
}

func TestCheckProfileNeverHidesAMessageThatMayBeSent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toCitizen(t, simulator.CitizenNotOnIO, 1)
		b.begun(t, id, notification.ChannelIO)

		_, err := run[workflows.ProfileResult](b.task(t, workflows.ActivityCheckProfile), stepOf(id))
		requireFinal(t, err)
		require.Equal(t, notification.AttemptSending, b.onlyAttempt(t, id).Status)
	})
}

func TestCheckRecipient(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			citizen simulator.CitizenOutcome
			age     time.Duration
			want    workflows.ProfileResult
		}{
			"on IO":     {simulator.CitizenDelivered, 0, workflows.ProfileResult{Reachable: true}},
			"not on IO": {simulator.CitizenNotOnIO, 0, workflows.ProfileResult{Reason: notification.ReasonIOProfileNotFound}},
			"too late": {
				simulator.CitizenDelivered, time.Minute, workflows.ProfileResult{Reason: notification.ReasonIOUnavailable},
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				check := db.RecipientCheck{
					ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID,
					FiscalCode: simulator.FiscalCode(test.citizen, 2), CreatedAt: time.Now().Add(-test.age),
				}
				require.NoError(t, store.CreateRecipientCheck(t.Context(), check))

				got, err := run[workflows.ProfileResult](b.task(t, workflows.ActivityCheckRecipient),
					workflows.RecipientCheckInput{CheckID: check.ID, EnteID: check.EnteID})
				require.NoError(t, err)
				require.Equal(t, test.want, got)
			})
		}
	})
}
