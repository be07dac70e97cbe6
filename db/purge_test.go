package db_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

// fillOld adds sessions, idempotency keys, recipient checks and bulk requests, one a second from a notification's
// acceptance on.
func fillOld(t *testing.T, f tenant, id string, rows int) {
	t.Helper()

	made := seriesOn(f.store)

	for _, insert := range []string{
		"INSERT INTO sessions (token_hash, data, expires_at) SELECT %[2]s, recipient, %[3]s",
		"INSERT INTO idempotency_keys (ente_id, key_hash, request_hash, notification_id, created_at) " +
			"SELECT ente_id, %[2]s, recipient, id, %[3]s",
		"INSERT INTO recipient_checks (id, ente_id, service_id, fiscal_code, created_at) " +
			"SELECT %[1]s, ente_id, service_id, recipient, %[3]s",
		"INSERT INTO bulk_requests (ente_id, key_hash, request_hash, answer, created_at) " +
			"SELECT ente_id, %[2]s, recipient, content, %[3]s",
	} {
		selected := fmt.Sprintf(insert+" FROM notifications, %[4]s WHERE id = ?", made.id, made.blob, made.later, made.rows(rows))
		require.NoError(t, f.store.ORM().Exec(selected, id).Error)
	}
}

func TestPurgesWorkInBatches(t *testing.T) {
	t.Parallel()

	const (
		full = 2 * db.PurgeBatch // not one row is left over after the full batches
		part = full + 1
	)

	for _, rows := range []int{0, 1, full, part} {
		t.Run(fmt.Sprintf("%d rows", rows), func(t *testing.T) {
			t.Parallel()
			dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
				now := moment(1)
				store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
				f := newTenant(t, store)
				fillOld(t, f, f.accepted(t), rows+2)

				now = moment(1).Add(time.Duration(rows) * time.Second) // when the last of these sessions expires
				purged, err := store.Sessions().DeleteExpired(t.Context())
				require.NoError(t, err)
				require.Equal(t, rows, purged)

				before := now.Add(time.Second)
				purged, err = store.PurgeIdempotencyKeys(t.Context(), before)
				require.NoError(t, err)
				require.Equal(t, rows, purged)

				purged, err = store.PurgeRecipientChecks(t.Context(), before)
				require.NoError(t, err)
				require.Equal(t, rows, purged)

				purged, err = store.PurgeBulkRequests(t.Context(), before)
				require.NoError(t, err)
				require.Equal(t, rows, purged)

				for _, table := range []string{"sessions", "idempotency_keys", "recipient_checks", "bulk_requests"} {
					var left int64

					require.NoError(t, store.ORM().Table(table).Count(&left).Error)
					require.EqualValues(t, 2, left, table)
				}
			})
		})
	}
}

// TestPurgeOfOneMoment: more rows than a batch has, which no time tells apart.
func TestPurgeOfOneMoment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const rows = db.PurgeBatch + 1

		f := newTenant(t, store)
		fillOld(t, f, f.accepted(t), rows)
		require.NoError(t, store.ORM().Exec("UPDATE recipient_checks SET created_at = ?", moment(1)).Error)

		purged, err := store.PurgeRecipientChecks(t.Context(), moment(1))
		require.NoError(t, err)
		require.Zero(t, purged)

		purged, err = store.PurgeRecipientChecks(t.Context(), moment(2))
		require.NoError(t, err)
		require.Equal(t, rows, purged)
	})
}

func TestPurgeRecipientChecks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		left := db.RecipientCheck{ID: newID(t), EnteID: f.ente.ID, ServiceID: f.service.ID, FiscalCode: fiscalCode, CreatedAt: moment(1)}
		asked := left
		asked.ID, asked.CreatedAt = newID(t), moment(2)

		require.NoError(t, store.CreateRecipientCheck(t.Context(), left))
		require.NoError(t, store.CreateRecipientCheck(t.Context(), asked))

		purged, err := store.PurgeRecipientChecks(t.Context(), moment(2))
		require.NoError(t, err)
		require.Equal(t, 1, purged)

		_, err = store.RecipientCheck(t.Context(), left.ID)
		require.ErrorIs(t, err, db.ErrNotFound)

		found, err := store.RecipientCheck(t.Context(), asked.ID)
		require.NoError(t, err)
		require.Equal(t, asked, found)
	})
}
