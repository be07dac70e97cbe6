package integration_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

const (
	serialOfRows = 700_000
	// rowsOfFile are some pages of what is encrypted again at once, and endlessRow is in the middle of one of them.
	rowsOfFile = 1000
	endlessRow = 500
	// firstRow is the number of a file's first row: the header's is 1.
	firstRow = 2
)

// TestReencryptionOutlivesItsWorker: the worker is killed while it brings a table under the new keys. Another one goes on, in the
// end nothing needs the old keys any more, and nothing was lost.
func TestReencryptionOutlivesItsWorker(t *testing.T) {
	t.Parallel()

	d := layOutDisorder(t)
	told := d.webhook(t, d.tenant, "told")
	stop := d.startWorker(t)
	held := d.hold(t, d.service)
	delivered := orderFor(d.service, simulator.FiscalCode(simulator.CitizenDelivered, serialOfRows), reached.number(serialOfRows%1000))
	ids := []string{held, d.tenant.submit(t, delivered)}
	d.tenant.await(t, ids[1], notice.final)

	outcomes := make([]simulator.CitizenOutcome, rowsOfFile)
	for i := range outcomes {
		outcomes[i] = simulator.CitizenDelivered
	}

	draft := d.tenant.upload(t, d.service, d.tenant.cards(serialOfRows, true, outcomes...))
	require.EqualValues(t, rowsOfFile, draft.Counts["good"])
	stop()

	before := everything(t, d.store, ids, draft.ID)
	old := d.rotate(t)

	// As the command line does it: with the keys that are in the file now.
	rotated := d.opened(t)
	does := gateway.New(gateway.Config{Store: rotated, Temporal: d.temporal, Log: zap.NewNop()})
	dies := d.startWorkerProcess(t)

	d.endless(t, endlessRow)
	require.NoError(t, does.Reencrypt(t.Context(), governor()))
	require.Eventually(t, func() bool {
		return under(t, rotated, old)["batch_rows.payload"] == rowsOfFile-(endlessRow-firstRow)
	}, patience, glance)
	dies.kill()
	d.meddle(t, "DROP TRIGGER endless")
	require.NotZero(t, under(t, rotated, old)["notifications.content"], "there is work left in other tables as well")

	d.startWorkerProcess(t)

	var done workflows.Reencrypted

	require.NoError(t, d.temporal.GetWorkflow(t.Context(), workflows.ReencryptionID, "").Get(within(t, 2*patience), &done))
	require.Zero(t, done.Unreadable)
	require.GreaterOrEqual(t, done.Rows, rowsOfFile-(endlessRow-firstRow))
	require.Greater(t, mostTries(t, d.temporal, workflows.ReencryptionID), 1, "the kill struck it")
	require.Empty(t, under(t, rotated, old))

	// The old keys go, and everything can be read, found and used as before.
	d.remove(t, old)

	left := d.opened(t)
	encryption, index := left.Primary()
	require.NotContains(t, slices.Collect(maps.Values(old)), encryption)
	require.NotContains(t, slices.Collect(maps.Values(old)), index)
	require.Equal(t, before, everything(t, left, ids, draft.ID))

	found, _, err := left.List(t.Context(), db.Filter{EnteID: d.tenant.id, FiscalCode: delivered.Recipient.FiscalCode}, db.Cursor{}, 10)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, ids[1], found[0].ID)

	require.Equal(t, 202, d.tenant.act(t, held, "resume", nil))
	require.Equal(t, "delivered", d.tenant.await(t, held, notice.final).Status)
	d.awaitTold(t, held, notification.WebhookDelivered)
	require.Len(t, d.got(t, told)[held], 1)
}

// opened opens the database with the keys that are in their file now.
func (d *disorder) opened(t *testing.T) *db.Store {
	t.Helper()

	keys, err := db.LoadKeys(d.database.KeysFile)
	require.NoError(t, err)

	store, err := d.database.OpenWith(t.Context(), keys, zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })

	return store
}

// everything is what is held in clear of notifications, and of a batch's rows.
func everything(t *testing.T, store *db.Store, ids []string, batchID string) []string {
	t.Helper()

	var all []string

	for _, id := range ids {
		n, err := store.Notification(t.Context(), id)
		require.NoError(t, err)

		all = append(all, fmt.Sprint(n.ID, n.Recipient, n.Content))
	}

	rows, err := store.BatchRows(t.Context(), batchID, db.RowFilter{}, 0, 2*rowsOfFile)
	require.NoError(t, err)
	require.Len(t, rows, rowsOfFile)

	for _, row := range rows {
		all = append(all, fmt.Sprintf("%d %s %s %x", row.Number, row.NotificationID, row.Payload, row.ContentHash))
	}

	return all
}

// rotate lets new keys do everything new, and gives the ids of those before.
func (d *disorder) rotate(t *testing.T) map[db.KeySet]uint32 {
	t.Helper()

	old := make(map[db.KeySet]uint32)

	require.NoError(t, db.ReplaceKeys(d.database.KeysFile, func(keys *db.Keys) (*db.Keys, error) {
		for _, set := range db.KeySets() {
			old[set] = keys.Primary(set)

			added, id, err := keys.Add(set)
			if err != nil {
				return nil, err
			}

			if keys, err = added.Promote(set, id); err != nil {
				return nil, err
			}
		}

		return keys, nil
	}))

	return old
}

// remove takes keys away for good.
func (d *disorder) remove(t *testing.T, ids map[db.KeySet]uint32) {
	t.Helper()

	require.NoError(t, db.ReplaceKeys(d.database.KeysFile, func(keys *db.Keys) (*db.Keys, error) {
		for set, id := range ids {
			retired, err := keys.Retire(set, id)
			if err != nil {
				return nil, err
			}

			if keys, err = retired.Remove(set, id); err != nil {
				return nil, err
			}
		}

		return keys, nil
	}))
}

// endless makes the change of one row of a batch last until whoever makes it is killed.
func (d *disorder) endless(t *testing.T, number int) {
	t.Helper()

	d.meddle(t, fmt.Sprintf(`CREATE TRIGGER endless BEFORE UPDATE ON batch_rows WHEN OLD.number = %d BEGIN
		SELECT count(*) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n);
	END`, number))
}

// under counts what is under some keys still, by column, hashes included.
func under(t *testing.T, store *db.Store, keys map[db.KeySet]uint32) map[string]int {
	t.Helper()

	uses, err := store.KeyUses(t.Context(), true)
	require.NoError(t, err)

	still := make(map[string]int)

	for _, use := range uses {
		if use.Key == keys[use.Set] {
			still[use.Table+"."+use.Column] += use.Values
		}
	}

	return still
}

// mostTries is how many tries the activity needed that needed most.
func mostTries(t *testing.T, temporal client.Client, workflowID string) int {
	t.Helper()

	most := 0
	events := temporal.GetWorkflowHistory(t.Context(), workflowID, "", false,
		enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)

	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)

		most = max(most, int(event.GetActivityTaskStartedEventAttributes().GetAttempt()))
	}

	return most
}
