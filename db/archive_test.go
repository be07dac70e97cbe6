package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestTimelines(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(10)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		f.begun(t)
		id := f.begun(t)
		f.settle(t, id, notification.StatusFailed, notification.ReasonIOUnavailable)

		now = moment(20)
		later := f.begun(t)
		f.settle(t, later, notification.StatusDelivered, notification.ReasonIODelivered)

		requireUnarchived := func(want ...string) {
			got, err := store.Unarchived(t.Context(), moment(25), 10)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		requireUnarchived(id, later)

		limited, err := store.Unarchived(t.Context(), moment(15), 10)
		require.NoError(t, err)
		require.Equal(t, []string{id}, limited)

		_, err = store.Timeline(t.Context(), id)
		require.ErrorIs(t, err, db.ErrNotFound)

		require.NoError(t, store.SaveTimeline(t.Context(), id, []byte(`{"run":1}`)))
		requireUnarchived(later)

		// A retry adds to the story, so it has to be stored again.
		_, err = store.ResetForRetry(t.Context(), id)
		require.NoError(t, err)
		requireUnarchived(later)
		f.settle(t, id, notification.StatusDelivered, notification.ReasonIODelivered)
		require.NoError(t, store.SaveTimeline(t.Context(), later, []byte(`{}`)))
		requireUnarchived(id)

		require.NoError(t, store.SaveTimeline(t.Context(), id, []byte(`{"run":2}`)))
		timeline, err := store.Timeline(t.Context(), id)
		require.NoError(t, err)
		require.JSONEq(t, `{"run":2}`, string(timeline))

		require.ErrorIs(t, store.SaveTimeline(t.Context(), newID(t), []byte(`{}`)), db.ErrNotFound)
	})
}

func TestRecipientChecks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)
		check := db.RecipientCheck{
			ID: newID(t), EnteID: f.ente.ID, ServiceID: f.service.ID, FiscalCode: fiscalCode, CreatedAt: moment(1),
		}
		require.NoError(t, store.CreateRecipientCheck(t.Context(), check))

		got, err := store.RecipientCheck(t.Context(), check.ID)
		require.NoError(t, err)
		require.Equal(t, check, got)

		foreign := check
		foreign.ID, foreign.ServiceID = newID(t), neighbour.service.ID
		require.ErrorIs(t, store.CreateRecipientCheck(t.Context(), foreign), db.ErrNotFound)

		require.NoError(t, store.DeleteRecipientCheck(t.Context(), check.ID))
		require.NoError(t, store.DeleteRecipientCheck(t.Context(), check.ID))
		_, err = store.RecipientCheck(t.Context(), check.ID)
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}
