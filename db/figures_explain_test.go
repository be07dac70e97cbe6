package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

// TestFiguresLookAtWhatIsOpenOnly: of notifications that have ended there are ever more.
func TestFiguresLookAtWhatIsOpenOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		fillBatches(t, f, 1000)
		fillBatches(t, newTenant(t, store), 10_000)

		for folded := 1; folded > 0; {
			var err error

			folded, err = store.FoldFigures(t.Context(), 5000)
			require.NoError(t, err)
		}

		// PostgreSQL gathers statistics and cleans up by itself; nobody has SQLite gather any.
		if store.ORM().Name() == "postgres" {
			require.NoError(t, store.ORM().Exec("VACUUM ANALYZE").Error)
		}

		for name, statement := range store.FigureStatements(t.Context(), f.ente.ID, f.service.ID, moment(-600), moment(15)) {
			plan := explain(t, store, statement.SQL, statement.Parameters...)
			require.Contains(t, plan, "notifications_open", name)
			require.NotRegexp(t, `Seq Scan on notifications|SCAN notifications\n|notifications_(newest|status|ente|service)\b`, plan, name)
		}
	})
}
