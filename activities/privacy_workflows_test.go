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

// past is a clock that its test turns back.
type past struct{ days int }

func (p *past) now() time.Time { return time.Now().AddDate(0, 0, -p.days) }

// inThePast is a bench whose database lives on the clock.
func inThePast(t *testing.T, engine dbtest.Engine) (bench, *past) {
	t.Helper()

	clock := &past{}

	return newBench(t, dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clock.now})), clock
}

// endedAgo is a settled notification whose end was so many days ago.
func (b bench) endedAgo(t *testing.T, clock *past, days int) string {
	t.Helper()

	id := b.accepted(t, notification.Recipient{
		FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, days), Phone: simulator.Phone(simulator.PhoneDelivered, days),
	})
	clock.days = days

	require.NoError(t, b.store.Settle(t.Context(), id, db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
	}))

	clock.days = 0

	return id
}

func TestRetentionRemovesWhatIsDue(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		b, clock := inThePast(t, engine)
		store := b.store
		require.NoError(t, store.CreateWebhook(t.Context(), notification.Webhook{
			ID: newID(t), EnteID: b.service.EnteID, URL: "https://app.example/genio", Secret: []byte("a secret of 32 bytes, for a test"),
			SecretSetAt: time.Now(), State: notification.WebhookOn, StateSince: time.Now(), Version: 1, CreatedAt: time.Now(),
		}))

		young, old, ancient := b.endedAgo(t, clock, 89), b.endedAgo(t, clock, 91), b.endedAgo(t, clock, 731)
		open := b.accepted(t, notification.Recipient{FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, 1)})

		require.NoError(t, store.CreateRecipientCheck(t.Context(), db.RecipientCheck{
			ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID, FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, 1),
			CreatedAt: time.Now().Add(-25 * time.Hour),
		}))

		before, err := store.Figures(t.Context(), db.FigureFilter{})
		require.NoError(t, err)

		removal := workflows.RetentionRemoval{RunID: newID(t), EnteID: b.service.EnteID}
		enti, err := run[[]string](b.task(t, workflows.ActivityBeginRetention), workflows.RetentionInput{RunID: removal.RunID})
		require.NoError(t, err)
		require.Equal(t, []string{b.service.EnteID}, enti)

		for range 2 { // trying again removes, and counts, nothing twice
			result, err := run[workflows.RetentionResult](b.task(t, workflows.ActivityRemoveOfEnte), removal)
			require.NoError(t, err)
			require.True(t, result.Done)
		}

		shared := workflows.RetentionRemoval{RunID: removal.RunID}
		_, err = run[any](b.task(t, workflows.ActivityRemoveShared), shared)
		require.NoError(t, err)
		_, err = run[any](b.task(t, workflows.ActivityFinishRetention), shared)
		require.NoError(t, err)

		_, err = store.Head(t.Context(), ancient)
		require.ErrorIs(t, err, db.ErrNotFound)

		for id, removed := range map[string]bool{young: false, open: false, old: true} {
			n, err := store.Notification(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, removed, !n.ContentRemovedAt.IsZero())
			require.Equal(t, removed, n.Content.Subject == "")
		}

		report, err := store.RetentionRun(t.Context(), removal.RunID, "")
		require.NoError(t, err)
		require.Equal(t, notification.RetentionCompleted, report.Status)
		require.Equal(t, 2, report.Total(notification.RemovedContent))
		require.Equal(t, 1, report.Total(notification.RemovedNotifications))
		require.Equal(t, 1, report.Total(notification.RemovedChecks))
		require.Equal(t, 2, report.Total(notification.RemovedDeliveries))

		after, err := store.Figures(t.Context(), db.FigureFilter{})
		require.NoError(t, err)
		require.ElementsMatch(t, before, after)
	})
}

func TestRetentionNotesWhatItCouldNotRemove(t *testing.T) {
	t.Parallel()

	store := dbtest.Open(t, dbtest.EngineSQLite)
	b := newBench(t, store)
	removal := workflows.RetentionRemoval{RunID: newID(t), EnteID: b.service.EnteID}

	_, err := run[any](b.task(t, workflows.ActivityBeginRetention), workflows.RetentionInput{RunID: removal.RunID})
	require.NoError(t, err)
	_, err = run[any](b.task(t, workflows.ActivityNoteRetentionFault), removal)
	require.NoError(t, err)
	_, err = run[any](b.task(t, workflows.ActivityFinishRetention), removal)
	require.NoError(t, err)

	latest, found, err := store.LatestRetention(t.Context())
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, notification.RetentionFailed, latest.Status)

	gone := workflows.RetentionRemoval{RunID: removal.RunID, EnteID: newID(t)}
	_, err = run[any](b.task(t, workflows.ActivityRemoveOfEnte), gone)
	require.True(t, requireFailure(t, err).NonRetryable())
}

func TestDatabaseAwayIsRetriedForPrivacy(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	require.NoError(t, b.store.Close())

	for name, input := range map[string]any{
		workflows.ActivityBeginRetention:     workflows.RetentionInput{RunID: newID(t)},
		workflows.ActivityRemoveOfEnte:       workflows.RetentionRemoval{RunID: newID(t), EnteID: b.service.EnteID},
		workflows.ActivityRemoveShared:       workflows.RetentionRemoval{RunID: newID(t)},
		workflows.ActivityNoteRetentionFault: workflows.RetentionRemoval{RunID: newID(t)},
		workflows.ActivityFinishRetention:    workflows.RetentionRemoval{RunID: newID(t)},
		workflows.ActivityCancelForErasure:   workflows.ErasureInput{ID: newID(t)},
		workflows.ActivityEraseCitizen:       workflows.ErasureInput{ID: newID(t)},
		workflows.ActivityFinishErasure:      workflows.ErasureInput{ID: newID(t)},
	} {
		_, err := run[any](b.task(t, name), input)
		require.Zero(t, requireRetry(t, err, string(notification.ReasonInternalError)), name)
	}
}

// asked keeps a request to erase a citizen.
func (b bench) asked(t *testing.T, citizen string, open notification.OpenChoice) notification.Erasure {
	t.Helper()

	wanted := notification.Erasure{
		ID: newID(t), EnteID: b.service.EnteID, Why: "Protocollo 4711 del 2026", OpenOnes: open, ByID: newID(t), ByName: "Olga",
		CreatedAt: time.Now().Add(time.Minute),
	}
	require.NoError(t, b.store.CreateErasure(t.Context(), wanted, citizen))

	return wanted
}

func TestErasureCancelsWaitsAndErases(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		b, clock := inThePast(t, engine)
		store := b.store
		cancels := &breakingCanceller{}
		b.does.Canceller = cancels
		citizen := simulator.FiscalCode(simulator.CitizenDelivered, 91)
		settled := b.endedAgo(t, clock, 91)
		open := b.accepted(t, notification.Recipient{FiscalCode: citizen})

		waits := b.asked(t, citizen, notification.OpenWait)
		_, err := run[any](b.task(t, workflows.ActivityCancelForErasure), workflows.ErasureInput{ID: waits.ID})
		require.NoError(t, err)
		require.Empty(t, cancels.asked)

		cancelling := b.asked(t, citizen, notification.OpenCancel)
		in := workflows.ErasureInput{ID: cancelling.ID}
		_, err = run[any](b.task(t, workflows.ActivityCancelForErasure), in)
		require.NoError(t, err)
		require.Equal(t, []string{open}, cancels.asked)

		k := b.task(t, workflows.ActivityEraseCitizen)
		_, err = run[any](k, in)
		require.Equal(t, 10*time.Second, requireRetry(t, err, workflows.FailureStillWaiting))

		half, err := store.Erasure(t.Context(), cancelling.ID)
		require.NoError(t, err)
		require.Equal(t, 1, half.Erased.Notifications)
		require.Equal(t, 1, half.Waiting)

		require.NoError(t, store.Settle(t.Context(), open, db.Settlement{
			Status: notification.StatusCancelled, Reason: notification.ReasonCancelledByEnte,
		}))

		_, err = run[any](k, in)
		require.NoError(t, err)
		_, err = run[any](b.task(t, workflows.ActivityFinishErasure), in)
		require.NoError(t, err)

		for _, id := range []string{settled, open} {
			n, err := store.Notification(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, notification.Recipient{}, n.Recipient)
		}

		ended, code, err := store.ErasureSubject(t.Context(), cancelling.ID)
		require.NoError(t, err)
		require.Empty(t, code)
		require.Equal(t, notification.ErasedCounts{Notifications: 2}, ended.Erased)

		left, _, err := store.List(t.Context(), db.Filter{FiscalCode: citizen}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Empty(t, left)

		// A try that comes after the end does nothing.
		_, err = run[any](k, in)
		require.NoError(t, err)

		for _, told := range k.told {
			require.NotContains(t, told, citizen)
		}
	})
}

func TestErasureLooksThroughTheRowsOfBatches(t *testing.T) {
	t.Parallel()

	b := newBatchBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	citizen := simulator.FiscalCode(simulator.CitizenDelivered, 0)
	rows := citizenRows(2)
	sending := b.sending(t, rows...)
	of := b.asked(t, citizen, notification.OpenCancel)

	// Nothing of it was handed to delivery yet: the row goes at once.
	_, err := run[any](b.task(t, workflows.ActivityEraseCitizen), workflows.ErasureInput{ID: of.ID})
	require.NoError(t, err)

	erased, err := b.store.Erasure(t.Context(), of.ID)
	require.NoError(t, err)
	require.Equal(t, 1, erased.Erased.BatchRows)

	left, err := b.store.BatchRows(t.Context(), sending, db.RowFilter{}, 0, 10)
	require.NoError(t, err)
	require.Len(t, left, 2)
	require.JSONEq(t, "{}", string(left[0].Payload))
	require.Equal(t, notification.RowBad, left[0].State)
	require.NotEqual(t, "{}", string(left[1].Payload))
}
