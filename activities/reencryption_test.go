package activities_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// exchanged gives a store with another primary key of each kind on the same database.
func exchanged(t *testing.T, url string, keys *db.Keys) *db.Store {
	t.Helper()

	for _, set := range db.KeySets() {
		with, id, err := keys.Add(set)
		require.NoError(t, err)
		keys, err = with.Promote(set, id)
		require.NoError(t, err)
	}

	return dbtest.OpenWith(t, db.Config{URL: url, Keys: keys})
}

func ofTable(store *db.Store, table string) workflows.ReencryptionStep {
	encryption, index := store.Primary()

	return workflows.ReencryptionStep{
		Table: table, ReencryptionInput: workflows.ReencryptionInput{Encryption: encryption, Index: index},
	}
}

func TestReencrypt(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		keys, err := db.NewKeys()
		require.NoError(t, err)

		url := dbtest.URL(t, engine)
		b := newBench(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: keys}))
		b.toCitizen(t, simulator.CitizenDelivered, 1)

		changed := exchanged(t, url, keys)
		step := ofTable(changed, "notifications")

		// A worker that does not follow the file yet would bring everything back under the old keys.
		_, err = run[workflows.Reencrypted](b.task(t, workflows.ActivityReencrypt), step)
		failure := new(temporal.ApplicationError)
		require.ErrorAs(t, err, &failure)
		require.Equal(t, workflows.FailureOtherKeys, failure.Type())
		require.False(t, failure.NonRetryable())

		b.does.Store = changed
		tables, err := run[[]string](b.task(t, workflows.ActivityProtectedTables))
		require.NoError(t, err)
		require.Contains(t, tables, "notifications")

		k := b.task(t, workflows.ActivityReencrypt)
		done, err := run[workflows.Reencrypted](k, step)
		require.NoError(t, err)
		require.Equal(t, 1, done.Rows)
		require.Equal(t, 2, done.Values)
		require.Zero(t, done.Unreadable)
		require.NotNil(t, k.heartbeat)

		// A second try goes on behind the last row.
		again, err := run[workflows.Reencrypted](k, step)
		require.NoError(t, err)
		require.Equal(t, done, again)

		_, err = run[workflows.Reencrypted](b.task(t, workflows.ActivityReencrypt), ofTable(changed, "enti"))
		require.Error(t, err)
	})
}

func TestReencryptEndsWithItsWorker(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	k := b.task(t, workflows.ActivityReencrypt)

	ctx, stop := context.WithCancel(t.Context())
	stop()

	k.ctx = ctx
	_, err := run[workflows.Reencrypted](k, ofTable(b.does.Store, "services"))
	require.Error(t, err)
}
