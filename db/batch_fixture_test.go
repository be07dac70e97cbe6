package db_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	draft    = notification.BatchDraft
	mapping  = notification.BatchMapping
	checking = notification.BatchChecking

	good      = notification.RowGood
	bad       = notification.RowBad
	duplicate = notification.RowDuplicate
)

// upload is a valid new batch, without an idempotency key.
func (f tenant) upload(tb testing.TB) db.NewBatch {
	tb.Helper()

	return db.NewBatch{
		Layout:      json.RawMessage(`{"header": true}`),
		RequestHash: []byte("upload"),
		Batch: notification.Batch{
			ID: newID(tb), EnteID: f.ente.ID, ServiceID: f.service.ID, TemplateID: newID(tb), TemplateVersion: 3,
			Name: "TARI 2026", FileName: "tari.csv", Priority: notification.PriorityNormal, CreatedBy: newID(tb), CreatedAt: moment(1),
		},
	}
}

// batch creates one, whose file is not whole yet, and gives its id.
func (f tenant) batch(tb testing.TB, change ...func(*notification.Batch)) string {
	tb.Helper()

	upload := f.upload(tb)
	for _, c := range change {
		c(&upload.Batch)
	}

	id, replayed, err := f.store.CreateBatch(tb.Context(), upload)
	require.NoError(tb, err)
	require.False(tb, replayed)

	return id
}

// uploaded creates a batch with a file of two pieces, which waits for its check.
func (f tenant) uploaded(tb testing.TB) string {
	tb.Helper()

	id := f.batch(tb)
	file := "codice_fiscale\n" + fiscalCode + "\n"

	require.NoError(tb, f.store.AddBatchChunk(tb.Context(), id, 0, []byte(file[:20])))
	require.NoError(tb, f.store.AddBatchChunk(tb.Context(), id, 1, []byte(file[20:])))
	require.NoError(tb, f.store.UploadedBatch(tb.Context(), id, int64(len(file))))

	return id
}

// row is one of these states. Rows of different numbers say different things.
func row(tb testing.TB, number int, state notification.RowState) db.BatchRow {
	tb.Helper()

	r := db.BatchRow{Number: number, State: state, Payload: fmt.Appendf(nil, `{"fiscal_code":%q,"n":%d}`, fiscalCode, number)}

	if state == bad {
		r.Issues = json.RawMessage(`[{"code": "fiscal_code", "column": 1}]`)

		return r
	}

	r.NotificationID, r.ContentHash, r.SMSParts = newID(tb), fmt.Appendf(nil, "content %d", number), 2

	return r
}

// drafted is a batch that was checked, with rows of these states from number 2 on.
func (f tenant) drafted(tb testing.TB, states ...notification.RowState) (id string, rows []db.BatchRow) {
	tb.Helper()

	id = f.uploaded(tb)

	for i, state := range states {
		rows = append(rows, row(tb, i+2, state))
	}

	outcome := db.CheckOutcome{Status: draft, Counts: countsOf(rows)}

	require.NoError(tb, f.store.AddBatchRows(tb.Context(), id, 1, rows))
	require.NoError(tb, f.store.FinishCheck(tb.Context(), id, 1, outcome))

	return id, rows
}

// countsOf are the rows by state, as a reading counts them.
func countsOf(rows []db.BatchRow) notification.BatchCounts {
	counts := notification.BatchCounts{Rows: len(rows)}

	for _, r := range rows {
		switch r.State {
		case good:
			counts.Good++
		case bad:
			counts.Bad++
		case duplicate:
			counts.Duplicates++
		}
	}

	return counts
}

// confirmed is a batch that is being sent.
func (f tenant) confirmed(tb testing.TB, includeDuplicates bool, states ...notification.RowState) (id string, rows []db.BatchRow) {
	tb.Helper()

	id, rows = f.drafted(tb, states...)
	require.NoError(tb, f.store.ConfirmBatch(tb.Context(), id, 1, moment(0), includeDuplicates))

	return id, rows
}

// notificationOf is what a row of a batch becomes.
func (f tenant) notificationOf(tb testing.TB, batchID string, r db.BatchRow) notification.Notification {
	tb.Helper()

	n := f.submission(tb).Notification
	n.ID, n.BatchID, n.ContentHash, n.Priority = r.NotificationID, batchID, r.ContentHash, notification.PriorityBulk

	return n
}

func (f tenant) accept(tb testing.TB, batchID string, rows ...db.BatchRow) {
	tb.Helper()

	notifications := make([]notification.Notification, len(rows))
	for i, r := range rows {
		notifications[i] = f.notificationOf(tb, batchID, r)
	}

	_, err := f.store.AcceptRows(tb.Context(), notifications)
	require.NoError(tb, err)
}

func (f tenant) stored(tb testing.TB, id string) db.StoredBatch {
	tb.Helper()

	batch, err := f.store.Batch(tb.Context(), id)
	require.NoError(tb, err)

	return batch
}

func (f tenant) move(tb testing.TB, id string, to notification.BatchStatus) {
	tb.Helper()
	require.NoError(tb, f.store.MoveBatch(tb.Context(), id, []notification.BatchStatus{f.stored(tb, id).Status}, to))
}

func numbersOf(rows []db.BatchRow) []int {
	numbers := make([]int, len(rows))
	for i, r := range rows {
		numbers[i] = r.Number
	}

	return numbers
}

func states(of ...notification.RowState) []notification.RowState { return of }
