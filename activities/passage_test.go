package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// pausing is a bench whose activities look at the pauses each time.
func pausing(t *testing.T, store *db.Store) bench {
	t.Helper()

	b := newBench(t, store)
	b.does.Pauses = &activities.Pauses{Store: store}

	return b
}

// pauses begins a pause of this kind, of the bench's Ente and service where it is about one.
func (b bench) pauses(t *testing.T, scope notification.PauseScope, channel notification.Channel) notification.Pause {
	t.Helper()

	pause := notification.Pause{ID: newID(t), Scope: scope, Channel: channel, Why: "manutenzione programmata", ByID: "user-1", ByName: "Anna"}
	if scope != notification.PauseChannel {
		pause.EnteID = b.service.EnteID
	}

	if scope == notification.PauseService {
		pause.ServiceID = b.service.ID
	}

	begun, err := b.store.Pause(t.Context(), pause)
	require.NoError(t, err)

	return begun
}

func (b bench) lifts(t *testing.T, pause notification.Pause) {
	t.Helper()
	require.NoError(t, b.store.LiftPause(t.Context(), pause.ID, "user-1", "Anna"))
}

func TestNothingIsHandedOverDuringAPause(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		scope   notification.PauseScope
		channel notification.Channel
		stops   map[string]bool
		reason  notification.Reason
	}{
		"IO": {
			notification.PauseChannel, notification.ChannelIO,
			map[string]bool{workflows.ActivityCheckProfile: true, workflows.ActivitySendToIO: true},
			notification.ReasonIOPaused,
		},
		"IO of the Ente": {
			notification.PauseEnteChannel, notification.ChannelIO,
			map[string]bool{workflows.ActivityCheckProfile: true, workflows.ActivitySendToIO: true},
			notification.ReasonIOPaused,
		},
		"SMS": {
			notification.PauseChannel, notification.ChannelSMS,
			map[string]bool{workflows.ActivitySendSMS: true},
			notification.ReasonSMSPaused,
		},
		"the Ente": {notification.PauseEnte, "", map[string]bool{
			workflows.ActivityCheckProfile: true, workflows.ActivitySendToIO: true, workflows.ActivitySendSMS: true,
		}, notification.ReasonEntePaused},
		"the service": {notification.PauseService, "", map[string]bool{
			workflows.ActivityCheckProfile: true, workflows.ActivitySendToIO: true, workflows.ActivitySendSMS: true,
		}, notification.ReasonServicePaused},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				b := pausing(t, store)
				pause := b.pauses(t, c.scope, c.channel)

				for i, activity := range []string{workflows.ActivityCheckProfile, workflows.ActivitySendToIO, workflows.ActivitySendSMS} {
					id := b.accepted(t, notification.Recipient{
						FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, i+1), Phone: simulator.Phone(simulator.PhoneDelivered, i+1),
					})
					task := b.task(t, activity)

					_, err := run[workflows.SendResult](task, stepOf(id))
					if !c.stops[activity] {
						require.NoError(t, err, activity)

						continue
					}

					failure := requireFailure(t, err)
					require.Equal(t, workflows.FailurePaused, failure.Type())
					require.True(t, failure.NonRetryable())

					var why notification.Reason

					require.NoError(t, failure.Details(&why))
					require.Equal(t, c.reason, why)
					require.Empty(t, b.attempts(t, id), "nothing was begun")
				}

				b.lifts(t, pause)

				id := b.toCitizen(t, simulator.CitizenDelivered, 9)
				_, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO), stepOf(id))
				require.NoError(t, err)
			})
		})
	}
}

// A maintenance of IO must not be paid for with SMS; but who is not on IO needs one whatever becomes of IO.
func TestAnSMSInThePlaceOfIOWaitsForIO(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		why   notification.Reason
		waits bool
	}{
		"IO did not answer":   {notification.ReasonIOUnavailable, true},
		"not on IO":           {notification.ReasonIOProfileNotFound, false},
		"switched it off":     {notification.ReasonIOSenderNotAllowed, false},
		"nobody can know":     {notification.ReasonIOOutcomeUncertain, true},
		"not in time":         {notification.ReasonIONotProcessedInTime, true},
		"IO refused too many": {notification.ReasonIORateLimited, true},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := pausing(t, store)
		b.pauses(t, notification.PauseChannel, notification.ChannelIO)

		n := 0
		for name, c := range cases {
			n++
			id := b.toPhone(t, simulator.PhoneDelivered, n)
			require.NoError(t, store.SkipAttempt(t.Context(), id, notification.ChannelIO, c.why))

			_, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendSMS), stepOf(id))
			if c.waits {
				require.Equal(t, workflows.FailurePaused, requireFailure(t, err).Type(), name)
				require.Empty(t, b.received(t, id, simulator.ChannelTwilio), name)
			} else {
				require.NoError(t, err, name)
			}

			if c.waits {
				_, err = run[any](b.task(t, workflows.ActivityAwaitPassage), workflows.Passage{
					NotificationID: id, EnteID: b.service.EnteID, ServiceID: b.service.ID, Channel: notification.ChannelSMS,
					Reason: notification.ReasonIOPaused,
				})
				require.Equal(t, workflows.FailureStillWaiting, requireFailure(t, err).Type(), name)
			}
		}
	})
}

func TestACallThatWasBegunIsSettledDuringAPause(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := pausing(t, store)
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)
		attempt := b.begun(t, id, notification.ChannelIO)
		b.pauses(t, notification.PauseChannel, notification.ChannelIO)

		got, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO), stepOf(id))
		require.NoError(t, err)
		require.Equal(t, workflows.SendResult{
			AttemptID: attempt.ID, HandOver: notification.HandOverUncertain, Reason: notification.ReasonIOOutcomeUncertain,
		}, got)
	})
}

func TestWaitForTheEndOfAPause(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := pausing(t, store)
		id := b.toCitizen(t, simulator.CitizenDelivered, 1)
		passage := workflows.Passage{
			NotificationID: id, EnteID: b.service.EnteID, ServiceID: b.service.ID, Channel: notification.ChannelIO,
			Reason: notification.ReasonServicePaused,
		}
		pause := b.pauses(t, notification.PauseService, "")
		task := b.task(t, workflows.ActivityAwaitPassage)

		_, err := run[any](task, passage)
		failure := requireFailure(t, err)
		require.Equal(t, workflows.FailureStillWaiting, failure.Type())
		require.False(t, failure.NonRetryable())
		require.Equal(t, 2*time.Second, failure.NextRetryDelay(), "few look often")

		passage.ExpiresAt = time.Now().Add(time.Second)
		_, err = run[any](task, passage)
		require.LessOrEqual(t, requireFailure(t, err).NextRetryDelay(), time.Second)

		passage.ExpiresAt = overdue()
		_, err = run[any](task, passage)
		require.NoError(t, err, "an expired one has nothing to wait for")

		b.lifts(t, pause)

		passage.ExpiresAt = time.Time{}
		_, err = run[any](task, passage)
		require.NoError(t, err)
	})
}

// knownPauses are pauses that were in force at the time that a test wants.
type knownPauses []notification.Pause

func (k knownPauses) PausesSince(context.Context, time.Time) ([]notification.Pause, error) {
	return k, nil
}
func (k knownPauses) CountOnHold(context.Context, int) (int, error) { return 0, nil }

// The channel's time does not run during a pause: what was tried before it is tried again after it, not given up.
func TestThePausedTimeDoesNotCount(t *testing.T) {
	t.Parallel()

	ago := func(minutes int) time.Time { return time.Now().Add(-time.Duration(minutes) * time.Minute) }

	of := func(channel notification.Channel, from, to int) knownPauses {
		return knownPauses{{Scope: notification.PauseChannel, Channel: channel, Since: ago(from), LiftedAt: ago(to)}}
	}

	// IO has an hour, which began 150 minutes ago.
	cases := map[string]struct {
		pauses knownPauses
		want   notification.HandOver
	}{
		"no pause":     {nil, notification.HandOverNotSent},
		"a long pause": {of(notification.ChannelIO, 120, 10), notification.HandOverSent},
		"a short one":  {of(notification.ChannelIO, 120, 110), notification.HandOverNotSent},
		"of SMS":       {of(notification.ChannelSMS, 120, 10), notification.HandOverNotSent},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				b := newBench(t, store)
				b.does.Pauses = activities.NewPauses(c.pauses)
				id := b.toCitizen(t, simulator.CitizenDelivered, 1)

				got, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO).again(),
					workflows.Step{NotificationID: id, Deadline: ago(90)})
				require.NoError(t, err)
				require.Equal(t, c.want, got.HandOver)
			})
		})
	}
}

func TestIOIsNotAskedAndNotGivenUpDuringItsPause(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := pausing(t, store)
		id := b.toCitizen(t, simulator.CitizenNeverProcessed, 1)

		sent, err := run[workflows.SendResult](b.task(t, workflows.ActivitySendToIO), stepOf(id))
		require.NoError(t, err)

		pause := b.pauses(t, notification.PauseChannel, notification.ChannelIO)
		// Its time ends a moment after the pause began, and so not before the pause is over.
		step := workflows.Step{NotificationID: id, AttemptID: sent.AttemptID, Deadline: pause.Since.Add(time.Millisecond)}
		task := b.task(t, workflows.ActivityAwaitIODelivery)

		_, err = run[workflows.DeliveryResult](task, step)
		require.Equal(t, string(notification.ReasonIOPaused), requireFailure(t, err).Type())

		step.ExpiresAt = step.Deadline

		require.Eventually(t, func() bool { return time.Now().After(step.ExpiresAt) }, time.Minute, time.Millisecond)

		got, err := run[workflows.DeliveryResult](task, step)
		require.NoError(t, err, "only the notification's own end is hard")
		require.Equal(t, notification.ReasonIONotProcessedInTime, got.Reason)
	})
}

func TestABatchHandsNothingOverDuringAPause(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := pausing(t, store)
		id, _, err := store.CreateBatch(t.Context(), db.NewBatch{Batch: notification.Batch{
			ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID, TemplateID: newID(t), TemplateVersion: 1, Name: "TARI 2026",
		}})
		require.NoError(t, err)
		require.NoError(t, store.UploadedBatch(t.Context(), id, 0))
		require.NoError(t, store.FinishCheck(t.Context(), id, 1, db.CheckOutcome{Status: notification.BatchDraft}))
		require.NoError(t, store.ConfirmBatch(t.Context(), id, 1, time.Time{}, false))

		pause := b.pauses(t, notification.PauseService, "")
		task := b.task(t, workflows.ActivitySendBatchPage)

		_, err = run[workflows.BatchPageResult](task, workflows.BatchPage{BatchID: id})
		require.Equal(t, workflows.FailureStillWaiting, requireFailure(t, err).Type())

		b.lifts(t, pause)

		got, err := run[workflows.BatchPageResult](task, workflows.BatchPage{BatchID: id})
		require.NoError(t, err)
		require.True(t, got.Done)
	})
}
