package activities_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// intervener plays the use cases of single acts.
type intervener struct {
	acted []string
	away  bool
	stop  func()
	ends  map[string]string // codes of those that are skipped, by notification
}

func (i *intervener) Intervene(_ context.Context, _ notification.Intervention, id string) (notification.ItemState, string, error) {
	if i.away {
		return "", "", errors.New("Temporal is away")
	}

	i.acted = append(i.acted, id)

	if i.stop != nil {
		i.stop()
	}

	if code := i.ends[id]; code != "" {
		return notification.ItemSkipped, code, nil
	}

	return notification.ItemDone, "", nil
}

// interventionOn keeps an intervention on that many notifications, which are listed.
func (b bench) interventionOn(t *testing.T, act notification.InterventionAct, count int) (string, *intervener) {
	t.Helper()

	for i := range count {
		notificationID := b.toCitizen(t, simulator.CitizenKeyRevoked, i+1)

		if act == notification.InterventionRetry {
			require.NoError(t, b.store.Settle(t.Context(), notificationID,
				db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected}))
		} else {
			require.NoError(t, b.store.SetHold(t.Context(), notificationID, notification.ReasonIOOutcomeUncertain))
		}
	}

	wanted := notification.Intervention{
		ID: newID(t), Act: act, Why: "chiave rinnovata, si riprova", CreatedAt: time.Now().Add(time.Minute),
		Filter: notification.InterventionFilter{EnteID: b.service.EnteID}, Expected: count,
	}
	require.NoError(t, b.store.CreateIntervention(t.Context(), wanted))

	does := &intervener{ends: map[string]string{}}
	b.does.Intervener = does

	_, err := run[any](b.task(t, workflows.ActivityCollectItems), workflows.InterventionInput{ID: wanted.ID})
	require.NoError(t, err)

	return wanted.ID, does
}

func (b bench) outcomes(t *testing.T, id string) map[notification.ItemState]int {
	t.Helper()

	counts, err := b.store.CountItems(t.Context(), id)
	require.NoError(t, err)

	found := map[notification.ItemState]int{}
	for _, count := range counts {
		found[count.State] += count.Total
	}

	return found
}

func TestAnInterventionActsOnEachOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id, does := b.interventionOn(t, notification.InterventionRetry, 4)
		task := b.task(t, workflows.ActivityActOnItems)

		items, err := store.ItemsToDo(t.Context(), id, 0, 10)
		require.NoError(t, err)
		require.Len(t, items, 4)

		does.ends[items[1].NotificationID] = notification.ItemCodeState

		got, err := run[workflows.InterventionPageResult](task, workflows.InterventionPage{ID: id})
		require.NoError(t, err)
		require.Equal(t, workflows.InterventionPageResult{Last: 4, Done: true}, got)

		// The page is given out again, as after a crash of the worker right before its answer.
		got, err = run[workflows.InterventionPageResult](task, workflows.InterventionPage{ID: id})
		require.NoError(t, err)
		require.True(t, got.Done)
		require.Len(t, does.acted, 4)
		require.Equal(t, map[notification.ItemState]int{notification.ItemDone: 3, notification.ItemSkipped: 1}, b.outcomes(t, id))

		_, err = run[any](b.task(t, workflows.ActivityFinishIntervention), workflows.InterventionInput{ID: id})
		require.NoError(t, err)

		read, err := store.Intervention(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, notification.InterventionCompleted, read.Status)
	})
}

func TestAnInterventionWaitsWhileNothingCanBeDone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id, does := b.interventionOn(t, notification.InterventionRetry, 2)
		does.away = true
		task := b.task(t, workflows.ActivityActOnItems)

		_, err := run[workflows.InterventionPageResult](task, workflows.InterventionPage{ID: id})
		require.False(t, requireFailure(t, err).NonRetryable())
		require.Equal(t, map[notification.ItemState]int{notification.ItemWaiting: 2}, b.outcomes(t, id))

		does.away = false
		_, err = run[workflows.InterventionPageResult](task, workflows.InterventionPage{ID: id})
		require.NoError(t, err)
		require.Equal(t, map[notification.ItemState]int{notification.ItemDone: 2}, b.outcomes(t, id))
	})
}

func TestAnInterventionThatIsStoppedActsOnNoMore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id, does := b.interventionOn(t, notification.InterventionRetry, 3)
		does.stop = func() { require.NoError(t, store.StopIntervention(t.Context(), id, "user-1", "Anna")) }

		got, err := run[workflows.InterventionPageResult](b.task(t, workflows.ActivityActOnItems), workflows.InterventionPage{ID: id})
		require.NoError(t, err)
		require.True(t, got.Done)
		require.Len(t, does.acted, 1)
		require.Equal(t, map[notification.ItemState]int{notification.ItemDone: 1, notification.ItemWaiting: 2}, b.outcomes(t, id))
	})
}

// Of a decision that was begun by a worker that died, nobody knows whether it was made: it is not made twice.
func TestADecisionIsNeverMadeTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for act, want := range map[notification.InterventionAct]notification.ItemState{
			notification.InterventionDecide: notification.ItemFailed,
			notification.InterventionRetry:  notification.ItemDone,
		} {
			id, _ := b.interventionOn(t, act, 1)
			require.NoError(t, store.BeginItem(t.Context(), id, 1))

			_, err := run[workflows.InterventionPageResult](b.task(t, workflows.ActivityActOnItems), workflows.InterventionPage{ID: id})
			require.NoError(t, err)
			require.Equal(t, map[notification.ItemState]int{want: 1}, b.outcomes(t, id), act)
		}
	})
}
