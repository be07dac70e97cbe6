package db_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// fillBatches adds, by copying within the database, many batches that have ended, and to one that is being sent as many
// rows, of which one in a hundred is bad and one in fifty repaired, and notifications, of which a tenth is open.
func fillBatches(t *testing.T, f tenant, rows int) (id string) {
	t.Helper()

	id, first := f.confirmed(t, false, good)
	f.accept(t, id, first...)
	f.claim(t, first[0].NotificationID, "")

	ended := f.batch(t)
	require.NoError(t, f.store.DiscardBatch(t.Context(), ended))

	made := seriesOn(f.store)
	copied := func(table, own, ownValues, columns string, id any) {
		statement := fmt.Sprintf("INSERT INTO %[1]s (%[2]s, %[4]s) SELECT %[3]s, %[4]s FROM %[1]s, %[5]s WHERE id = ?",
			table, own, ownValues, columns, made.rows(rows))
		require.NoError(t, f.store.ORM().Exec(statement, id).Error)
	}

	copied("batches", "id", made.id, "ente_id, service_id, template_id, template_version, name, file_name, file_size, status, "+
		"problem, priority, check_number, counts, sample, include_duplicates, created_by, created_at, ended_at, check_due, sample_due, "+
		"send_due, emptied", ended)
	copied("notifications", "id, accepted_at, settled_at, status", made.id+", "+made.later+
		", CASE WHEN i % 10 > 0 THEN "+made.later+" END, CASE WHEN i % 10 > 0 THEN 'delivered' ELSE status END",
		"ente_id, service_id, batch_id, recipient, content, fiscal_code_hash, policy, priority, reason, channel, queued_at, run, "+
			"started_run, archived", first[0].NotificationID)
	require.NoError(t, f.store.ORM().Exec("UPDATE notifications SET content_hash = recipient").Error)
	require.NoError(t, f.store.ORM().Exec(fmt.Sprintf("INSERT INTO attempts (id, notification_id, channel, ordinal, status, reason, "+
		"provider_status, calls, segments, started_at) SELECT %s, id, 'sms', 1, 'sent', '', '', 1, 1, accepted_at FROM notifications "+
		"WHERE batch_id = ?", made.id), id).Error)
	require.NoError(t, f.store.ORM().Exec(fmt.Sprintf("INSERT INTO batch_rows (batch_id, number, state, notification_id, payload, "+
		"repairs, duplicate_of, content_hash, sms_parts) SELECT batch_id, i + 2, CASE WHEN i %% 100 = 0 THEN 'bad' ELSE 'good' END, %s, "+
		"payload, CASE WHEN i %% 50 = 0 THEN '[1]' ELSE repairs END, 0, content_hash, 1 FROM batch_rows, %s WHERE batch_id = ?",
		made.id, made.rows(rows)), id).Error)

	return id
}

func TestBatchesUseTheirIndexes(t *testing.T) {
	t.Parallel()

	indexes := map[string]string{
		"due":      "batches_unstarted",
		"kept":     "batches_kept",
		"newest":   "batches_newest",
		"of Ente":  "batches_ente",
		"next":     "batches_ente",
		"keys":     "batches_keys",
		"load":     "notifications_batch_open",
		"progress": "notifications_batch_progress",
		"settled":  "notifications_batch_settled",
		"open":     "notifications_batch_open",
		"all rows": "batch_rows_pkey|sqlite_autoindex_batch_rows_2",
		"bad rows": "batch_rows_state",
		"repaired": "batch_rows_repaired",
		"by state": "batch_rows_state|batch_rows_pkey",
		"repeated": "notifications_content|notifications_ente",
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := fillBatches(t, f, 1000)
		fillBatches(t, newTenant(t, store), 10_000)

		// PostgreSQL gathers statistics and cleans up by itself; nobody has SQLite gather any.
		if store.ORM().Name() == "postgres" {
			require.NoError(t, store.ORM().Exec("VACUUM ANALYZE").Error)
		}

		statements := store.BatchStatements(t.Context(), f.ente.ID, id, moment(-600), moment(15))
		require.Len(t, statements, len(indexes))

		for name, statement := range statements {
			plan := explain(t, store, statement.SQL, statement.Parameters...)
			require.Regexp(t, indexes[name], plan, name)

			slow := `Seq Scan|Sort|TEMP B-TREE|SCAN \w+\n`
			if name == "repeated" {
				// The batch itself is read from one end to the other anyway.
				slow = `Seq Scan on notifications|SCAN notifications`
			}

			require.NotRegexp(t, slow, plan, name)
		}
	})
}

// TestFilledBatchesAreWhatTheyLookLike: the plans above are about rows that the store itself could have written.
func TestFilledBatchesAreWhatTheyLookLike(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := fillBatches(t, f, 1000)

		load, err := store.BatchLoad(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, db.BatchLoad{Open: 101}, load)

		progress, err := store.BatchProgress(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, 900, progress.Ended())

		counts, err := store.CountRows(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, map[notification.RowState]int{good: 991, bad: 10}, counts)
	})
}
