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

		for name, one := range store.ReconciliationStatements(t.Context(), moment(30), newID(t)) {
			plan := explain(t, store, one.SQL, one.Parameters...)
			require.Contains(t, plan, one.Index, name)

			for _, slow := range []string{"Seq Scan on notifications", "Seq Scan on attempts", "SCAN notifications\n", "SCAN attempts\n"} {
				require.NotContains(t, plan, slow, name)
			}
		}
	})
}
