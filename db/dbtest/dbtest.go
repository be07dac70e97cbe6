// Package dbtest gives tests their own migrated databases, on SQLite and on PostgreSQL. Product code must
// not import it.
//
// PostgreSQL is the server that GENIO_TEST_POSTGRES names (a postgres:// URL of a role that may create
// databases), or one that the test binary starts from the machine's own PostgreSQL programs and that ends
// with it. Where there is neither, tests on PostgreSQL are skipped, or fail if GENIO_TEST_REQUIRE is "all".
package dbtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
)

// Engine is one of the databases the product runs on.
type Engine string

// The engines.
const (
	EngineSQLite   Engine = "sqlite"
	EnginePostgres Engine = "postgres"
)

// Engines lists every engine.
func Engines() []Engine { return []Engine{EngineSQLite, EnginePostgres} }

// Each runs a test once on each engine, as parallel subtests, with a store of its own.
func Each(t *testing.T, test func(t *testing.T, store *db.Store)) {
	t.Helper()

	EachEngine(t, func(t *testing.T, engine Engine) {
		t.Helper()
		test(t, Open(t, engine))
	})
}

// EachEngine runs a test once for each engine, as parallel subtests.
func EachEngine(t *testing.T, test func(t *testing.T, engine Engine)) {
	t.Helper()

	for _, engine := range Engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			test(t, engine)
		})
	}
}

// Open gives a store on a fresh database, with keys of its own.
func Open(tb testing.TB, engine Engine) *db.Store {
	tb.Helper()

	return OpenWith(tb, db.Config{URL: URL(tb, engine)})
}

// OpenWith gives a store as configured. Keys are made where there are none.
func OpenWith(tb testing.TB, cfg db.Config) *db.Store {
	tb.Helper()

	if cfg.Keys == nil {
		keys, err := db.NewKeys()
		require.NoError(tb, err)

		cfg.Keys = keys
	}

	store, err := db.Open(tb.Context(), cfg)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, store.Close()) })

	return store
}

// URL is that of a fresh migrated database.
func URL(tb testing.TB, engine Engine) string {
	tb.Helper()

	if engine == EnginePostgres {
		return Postgres(tb)
	}

	return SQLite(tb)
}
