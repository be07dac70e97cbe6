package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func (f tenant) intervention(t *testing.T, change ...func(*notification.Intervention)) notification.Intervention {
	t.Helper()

	wanted := notification.Intervention{
		ID: newID(t), EnteID: f.ente.ID, Act: notification.InterventionRetry, Why: "chiave rinnovata, si riprova",
		Filter: notification.InterventionFilter{EnteID: f.ente.ID}, ByID: "user-1", ByName: "Anna", ByRole: "support",
		Matched: 9, Expected: 5, CreatedAt: moment(10),
	}
	for _, c := range change {
		c(&wanted)
	}

	require.NoError(t, f.store.CreateIntervention(t.Context(), wanted))

	return wanted
}

// failed makes that many notifications that a retry may help, the last one first.
func (f tenant) failed(t *testing.T, count int) []string {
	t.Helper()

	ids := make([]string, count)
	for i := range ids {
		ids[count-1-i] = f.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(1).Add(time.Duration(i) * time.Second) })
		f.settle(t, ids[count-1-i], notification.StatusFailed, notification.ReasonIOKeyRejected)
	}

	return ids
}

func (f tenant) collect(t *testing.T, wanted notification.Intervention, page, most int) (tries int) {
	t.Helper()

	for {
		tries++

		done, err := f.store.CollectItems(t.Context(), wanted.ID, db.FilterOf(wanted), page, most)
		require.NoError(t, err)

		if done {
			return tries
		}
	}
}

func TestAnInterventionListsWhatItIsAboutOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, other := newTenant(t, store), newTenant(t, store)
		ids := f.failed(t, 5)
		other.failed(t, 1)
		f.accepted(t) // a retry makes no sense for it

		later := f.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(11) })
		f.settle(t, later, notification.StatusFailed, notification.ReasonIOKeyRejected)

		wanted := f.intervention(t)
		require.Equal(t, 3, f.collect(t, wanted, 2, 100))
		f.collect(t, wanted, 2, 100) // a second time changes nothing

		items, err := store.ItemsToDo(t.Context(), wanted.ID, 0, 10)
		require.NoError(t, err)

		listed := make([]string, len(items))
		for i, item := range items {
			listed[i] = item.NotificationID
			require.Equal(t, i+1, item.Number)
		}

		require.Equal(t, ids, listed)

		read, err := store.Intervention(t.Context(), wanted.ID)
		require.NoError(t, err)
		require.Equal(t, 5, read.Total)
		require.Equal(t, notification.InterventionRunning, read.Status)
		require.Equal(t, wanted.Filter, read.Filter)

		bounded := f.intervention(t)
		f.collect(t, bounded, 2, 3)

		read, err = store.Intervention(t.Context(), bounded.ID)
		require.NoError(t, err)
		require.Equal(t, 3, read.Total)

		nothing := f.intervention(t, func(i *notification.Intervention) {
			i.Filter.Statuses = []notification.Status{notification.StatusDelivered}
		})
		f.collect(t, nothing, 2, 3)

		read, err = store.Intervention(t.Context(), nothing.ID)
		require.NoError(t, err)
		require.Zero(t, read.Total)
	})
}

func TestItemsAreSeenToOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		ids := f.failed(t, 4)
		wanted := f.intervention(t)
		f.collect(t, wanted, 10, 100)

		begin := func(number int) error { return store.BeginItem(t.Context(), wanted.ID, number) }
		end := func(number int, state notification.ItemState, code string) {
			require.NoError(t, store.EndItem(t.Context(), wanted.ID, number, state, code))
		}

		require.NoError(t, begin(1))
		end(1, notification.ItemDone, "")
		require.ErrorIs(t, begin(1), db.ErrConflict)
		require.NoError(t, begin(2))
		end(2, notification.ItemSkipped, notification.ItemCodeState)
		require.NoError(t, begin(3)) // and its worker dies

		todo, err := store.ItemsToDo(t.Context(), wanted.ID, 0, 10)
		require.NoError(t, err)
		require.Equal(t, []db.InterventionItem{
			{Number: 3, NotificationID: ids[2], Begun: true}, {Number: 4, NotificationID: ids[3]},
		}, todo)

		counts, err := store.CountItems(t.Context(), wanted.ID)
		require.NoError(t, err)
		require.ElementsMatch(t, []db.ItemCount{
			{State: notification.ItemDone, Total: 1},
			{State: notification.ItemActing, Total: 1},
			{State: notification.ItemWaiting, Total: 1},
			{State: notification.ItemSkipped, Code: notification.ItemCodeState, Total: 1},
		}, counts)

		told, err := store.InterventionsOn(t.Context(), ids[0])
		require.NoError(t, err)
		require.Len(t, told, 1)
		require.Equal(t, wanted.Why, told[0].Why)
		require.Equal(t, "Anna", told[0].ByName)
		require.WithinDuration(t, time.Now(), told[0].At, time.Minute)

		untouched, err := store.InterventionsOn(t.Context(), ids[1])
		require.NoError(t, err)
		require.Empty(t, untouched)

		require.NoError(t, store.StopIntervention(t.Context(), wanted.ID, "user-2", "Bruno"))
		require.ErrorIs(t, store.StopIntervention(t.Context(), wanted.ID, "user-2", "Bruno"), db.ErrConflict)
		require.ErrorIs(t, begin(4), db.ErrConflict, "nothing more is begun")
		require.NoError(t, store.FinishIntervention(t.Context(), wanted.ID))

		read, err := store.Intervention(t.Context(), wanted.ID)
		require.NoError(t, err)
		require.Equal(t, notification.InterventionStopped, read.Status)
		require.Equal(t, "Bruno", read.StoppedByName)
	})
}

func TestInterventionsAreListedAndStarted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, other := newTenant(t, store), newTenant(t, store)
		first := f.intervention(t)
		second := f.intervention(t, func(i *notification.Intervention) { i.CreatedAt = moment(20) })
		other.intervention(t)

		require.NoError(t, store.MarkInterventionStarted(t.Context(), first.ID))
		require.NoError(t, store.FinishIntervention(t.Context(), first.ID))

		waiting, err := store.UnstartedInterventions(t.Context(), moment(30), 10)
		require.NoError(t, err)
		require.Len(t, waiting, 2)

		page, more, err := store.Interventions(t.Context(), db.InterventionFilter{EnteID: f.ente.ID}, db.Cursor{}, 1)
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, second.ID, page[0].ID)

		page, more, err = store.Interventions(t.Context(), db.InterventionFilter{EnteID: f.ente.ID},
			db.Cursor{AcceptedAt: page[0].CreatedAt, ID: page[0].ID}, 1)
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, first.ID, page[0].ID)

		page, _, err = store.Interventions(t.Context(),
			db.InterventionFilter{Statuses: []notification.InterventionStatus{notification.InterventionCompleted}}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Len(t, page, 1)
	})
}

func TestCountStates(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		f.failed(t, 3)
		f.accepted(t, func(n *notification.Notification) { n.Recipient.Phone = "" })

		counts, err := store.CountStates(t.Context(), db.Filter{EnteID: f.ente.ID})
		require.NoError(t, err)
		require.Equal(t, []db.StateCount{
			{
				Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected, EnteID: f.ente.ID, ServiceID: f.service.ID,
				Total: 3, Phones: 3,
			},
			{Status: notification.StatusAccepted, EnteID: f.ente.ID, ServiceID: f.service.ID, Total: 1},
		}, counts)

		_, err = store.RemoveContent(t.Context(), db.Removal{RunID: begunRetention(t, store), EnteID: f.ente.ID, Before: moment(1_000_000)})
		require.NoError(t, err)

		counts, err = store.CountStates(t.Context(), db.Filter{EnteID: f.ente.ID, Statuses: []notification.Status{notification.StatusFailed}})
		require.NoError(t, err)
		require.Len(t, counts, 1)
		require.Equal(t, 3, counts[0].ContentRemoved)
		require.Zero(t, counts[0].Phones)

		counts, err = store.CountStates(t.Context(), db.Filter{EnteID: f.ente.ID, WithContent: true})
		require.NoError(t, err)
		require.Len(t, counts, 1)
		require.Equal(t, notification.StatusAccepted, counts[0].Status)
	})
}
