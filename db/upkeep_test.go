package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestUpkeep(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})

		reads := func(wanted notification.Upkeep, why string) {
			t.Helper()

			done, err := store.Upkeep(t.Context())
			require.NoError(t, err)
			require.Equal(t, wanted, done, why)
		}

		reads(notification.Upkeep{}, "there is no Ente")

		f := newTenant(t, store)

		reads(notification.Upkeep{Retention: moment(0), Reconciliation: moment(0)}, "nothing ran since the first Ente is there")

		now = moment(1)
		run := begunRetention(t, store)
		compared := notification.Reconciliation{ID: newID(t), Results: []notification.CheckResult{}}
		require.NoError(t, store.BeginReconciliation(t.Context(), compared))
		reads(notification.Upkeep{Retention: moment(0), Reconciliation: moment(0)}, "both are under way")

		now = moment(2)

		require.NoError(t, store.FinishRetention(t.Context(), run))
		require.NoError(t, store.EndReconciliation(t.Context(), compared))
		reads(notification.Upkeep{Retention: moment(2), Reconciliation: moment(2)}, "both have ended")

		now = moment(3)
		faulty := begunRetention(t, store)
		require.NoError(t, store.NoteNotRemoved(t.Context(), faulty, f.ente.ID, notification.RemovedContent))
		require.NoError(t, store.FinishRetention(t.Context(), faulty))
		reads(notification.Upkeep{Retention: moment(2), Reconciliation: moment(2)}, "the last retention left something")
	})
}
