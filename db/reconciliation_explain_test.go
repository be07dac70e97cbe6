package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

// TestReconciliationReadsOnlySuspects: it runs each hour, over millions of notifications that have ended.
func TestReconciliationReadsOnlySuspects(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		fill(t, f)

		attempts := "INSERT INTO attempts (id, notification_id, channel, ordinal, status, reason, provider_status, calls, segments, " +
			"started_at, called_at) SELECT " + seriesOn(store).id + ", id, 'io', 1, 'sent', '', '', 1, 0, accepted_at, accepted_at " +
			"FROM notifications"
		require.NoError(t, store.ORM().Exec(attempts).Error)
		require.NoError(t, store.ORM().Exec("ANALYZE").Error)

		for name, one := range store.ReconciliationStatements(t.Context(), moment(30), newID(t)) {
			plan := explain(t, store, one.SQL, one.Parameters...)
			require.Contains(t, plan, one.Index, name)

			for _, slow := range []string{"Seq Scan on notifications", "Seq Scan on attempts", "SCAN notifications\n", "SCAN attempts\n"} {
				require.NotContains(t, plan, slow, name)
			}
		}
	})
}
