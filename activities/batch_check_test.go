package activities_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

const (
	goodRow      = notification.RowGood
	badRow       = notification.RowBad
	duplicateRow = notification.RowDuplicate
)

func TestCheckBatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		phone := simulator.Phone(simulator.PhoneDelivered, 1)
		id := b.uploaded(t, fileOf(columns,
			citizenRow(simulator.CitizenDelivered, 1, phone),
			citizenRow(simulator.CitizenDelivered, 2, ""),
			"",
			"RSSMRA80A01H501A;;"+addressee, // not its check character
			citizenRow(simulator.CitizenDelivered, 1, phone),
		))

		k := b.task(t, workflows.ActivityCheckBatch)
		_, err := run[any](k, b.reading(id, 1))
		require.NoError(t, err)
		require.GreaterOrEqual(t, k.beats, 2, "before the rows, and with them")

		stored := b.batch(t, id)
		require.Equal(t, notification.BatchDraft, stored.Status)
		require.Equal(t, notification.BatchCounts{Rows: 4, Good: 2, Bad: 1, Duplicates: 1, WithPhone: 1, SMSParts: 1}, stored.Counts)
		require.NotZero(t, stored.CheckedAt)

		var layout batch.Layout

		require.NoError(t, json.Unmarshal(stored.Layout, &layout))
		require.Equal(t, 2, layout.Column(batch.Value("nome")))

		rows := b.rows(t, id)
		require.Len(t, rows, 4)

		for i, want := range []struct {
			number, duplicateOf, parts int
			state                      notification.RowState
		}{{2, 0, 1, goodRow}, {3, 0, 0, goodRow}, {5, 0, 0, badRow}, {6, 2, 1, duplicateRow}} {
			require.Equal(t, want.number, rows[i].Number)
			require.Equal(t, want.state, rows[i].State)
			require.Equal(t, want.duplicateOf, rows[i].DuplicateOf)
			require.Equal(t, want.parts, rows[i].SMSParts)
		}

		require.Empty(t, rows[2].NotificationID)
		require.JSONEq(t, `[{"column": 1, "field": "fiscal_code", "code": "check_character"}]`, string(rows[2].Issues))
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(idsOf(rows)))), 4, "each has an id of its own")

		payload, err := batch.DecodePayload(rows[0].Payload)
		require.NoError(t, err)
		require.Equal(t, simulator.FiscalCode(simulator.CitizenDelivered, 1), payload.Recipient.FiscalCode)
		require.Equal(t, phone, payload.Recipient.Phone)
		require.Equal(t, []string{addressee}, payload.Values)
	})
}

func TestCheckBatchEndsOtherwise(t *testing.T) {
	t.Parallel()

	// As many good rows as are stored before what is wrong comes.
	many := fileOf(columns, citizenRows(600)...)

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)

		for name, test := range map[string]struct {
			file    string
			columns []batch.Column
			status  notification.BatchStatus
			problem string
		}{
			"unknown columns":  {fileOf("A;B;C", citizenRows(2)...), nil, notification.BatchMapping, ""},
			"a column missing": {fileOf("Codice fiscale;Cellulare;B", citizenRows(2)...), nil, notification.BatchMapping, ""},
			"no table at all":  {"%PDF-1.7\n1 0 obj", nil, notification.BatchUnreadable, "file_pdf"},
			"nothing in it":    {fileOf(columns), nil, notification.BatchUnreadable, "file_no_rows"},
			"unreadable from some row on": {
				many + `"` + strings.Repeat("x", 300<<10), nil, notification.BatchUnreadable, "file_row_too_long",
			},
			"an application's column that is not there": {
				fileOf(columns, citizenRows(2)...),
				[]batch.Column{{Header: "Altro", Field: batch.FieldFiscalCode}},
				notification.BatchUnreadable, "file_unknown_column",
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.uploaded(t, test.file, test.columns...)
				b.check(t, id)

				stored := b.batch(t, id)
				require.Equal(t, test.status, stored.Status)
				require.Equal(t, test.problem, stored.Problem)
				require.Zero(t, stored.Counts)
			})
		}
	})
}

func TestCheckBatchKnowsTheColumnsBeforehand(t *testing.T) {
	t.Parallel()

	known := []batch.Column{
		{Header: "A", Field: batch.FieldFiscalCode}, {Header: "B", Field: batch.FieldPhone}, {Header: "C", Field: batch.Value("nome")},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		file := fileOf("A;B;C", citizenRows(3)...)

		// An application has said so.
		id := b.uploaded(t, file, known...)
		b.check(t, id)
		require.Equal(t, notification.BatchDraft, b.batch(t, id).Status)
		require.Equal(t, 3, b.batch(t, id).Counts.Good)

		// A person puts it right.
		id = b.uploaded(t, file)
		b.check(t, id)

		stored := b.batch(t, id)
		require.Equal(t, notification.BatchMapping, stored.Status)

		var layout batch.Layout

		require.NoError(t, json.Unmarshal(stored.Layout, &layout))

		layout.Columns = known
		put, err := json.Marshal(layout)
		require.NoError(t, err)
		require.NoError(t, store.RemapBatch(t.Context(), id, 1, put))

		_, err = run[any](b.task(t, workflows.ActivityCheckBatch), b.reading(id, 2))
		require.NoError(t, err)

		stored = b.batch(t, id)
		require.Equal(t, notification.BatchDraft, stored.Status)
		require.Equal(t, 3, stored.Counts.Good)
		require.JSONEq(t, string(put), string(stored.Layout))
	})
}

func TestCheckBatchAgainForgetsWhatAnEarlierTryFound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		id := b.uploaded(t, fileOf(columns, citizenRows(2)...))
		k := b.task(t, workflows.ActivityCheckBatch)

		// The first try dies with its worker, and leaves a row behind.
		var dies context.CancelFunc

		k.ctx, dies = context.WithCancel(k.ctx)
		k.onBeat = func() {
			left := db.BatchRow{Number: 900, State: goodRow, NotificationID: newID(t), ContentHash: []byte("x")}
			require.NoError(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{left}))
			dies()
		}

		_, err := run[any](k, b.reading(id, 1))
		require.Error(t, err)
		require.Equal(t, notification.BatchChecking, b.batch(t, id).Status)
		require.NotEmpty(t, b.rows(t, id))

		k.ctx, k.onBeat = context.WithoutCancel(t.Context()), nil
		_, err = run[any](k, b.reading(id, 1))
		require.NoError(t, err)
		require.Equal(t, notification.BatchDraft, b.batch(t, id).Status)
		require.Len(t, b.rows(t, id), 2)
	})
}

// What overtakes a reading may come at any time; the reading then changes nothing, and nobody has to look at it.
func TestOvertakenCheckEndsQuietly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)

		otherTry := func(t *testing.T, id string) {
			t.Helper()

			found := db.CheckOutcome{Status: notification.BatchDraft, Layout: json.RawMessage(`{"header":true}`)}
			// It forgets what the one before found, and finds a file without rows.
			require.NoError(t, store.BeginCheck(t.Context(), id, 1))
			require.NoError(t, store.FinishCheck(t.Context(), id, 1, found))
		}
		remapped := func(t *testing.T, id string) {
			t.Helper()
			otherTry(t, id)
			require.NoError(t, store.RemapBatch(t.Context(), id, 1, nil))
		}
		discarded := func(t *testing.T, id string) {
			t.Helper()
			require.NoError(t, store.DiscardBatch(t.Context(), id))
		}

		for name, test := range map[string]struct {
			overtake func(*testing.T, string)
			beat     int // at which it comes; 0: before the reading
			status   notification.BatchStatus
		}{
			"by another try":                         {otherTry, 1, notification.BatchDraft},
			"by another try, at the end":             {otherTry, 3, notification.BatchDraft},
			"by another try, before":                 {otherTry, 0, notification.BatchDraft},
			"by another layout":                      {remapped, 1, notification.BatchChecking},
			"by another layout, before":              {remapped, 0, notification.BatchChecking},
			"by another layout, at the end":          {remapped, 3, notification.BatchChecking},
			"by whoever throws it away":              {discarded, 1, notification.BatchDiscarded},
			"by whoever throws it away, in between":  {discarded, 2, notification.BatchDiscarded},
			"by whoever throws it away, at the end":  {discarded, 3, notification.BatchDiscarded},
			"by whoever has thrown it away, earlier": {discarded, 0, notification.BatchDiscarded},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.uploaded(t, fileOf(columns, citizenRows(501)...))
				k := b.task(t, workflows.ActivityCheckBatch)
				k.onBeat = func() {
					if k.beats == test.beat {
						test.overtake(t, id)
					}
				}

				if test.beat == 0 {
					test.overtake(t, id)
				}

				_, err := run[any](k, b.reading(id, 1))
				require.NoError(t, err)

				stored := b.batch(t, id)
				require.Equal(t, test.status, stored.Status)
				require.Zero(t, stored.Counts)

				// Of the layout that was put right since, no row has come back.
				if rows := b.rows(t, id); test.beat <= 1 {
					require.Empty(t, rows)
				}
			})
		}
	})
}

// A file that is gone although the batch is being read is a fault: somebody has to look at it.
func TestCheckOfAnUnknownBatchIsAFault(t *testing.T) {
	t.Parallel()

	b := newBatchBench(t, dbtest.Open(t, dbtest.EngineSQLite))

	_, err := run[any](b.task(t, workflows.ActivityCheckBatch), b.reading(newID(t), 1))
	requireFinal(t, err)
}

func TestCheckBatchFindsWhatWasSentOfLate(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		ago    time.Duration
		counts notification.BatchCounts
	}{
		"within a day": {23 * time.Hour, notification.BatchCounts{Rows: 2, Good: 1, Duplicates: 1, WithPhone: 1, SMSParts: 1}},
		"before":       {25 * time.Hour, notification.BatchCounts{Rows: 2, Good: 2, WithPhone: 2, SMSParts: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				b := newBatchBench(t, store)
				rows := []string{
					citizenRow(simulator.CitizenDelivered, 1, simulator.Phone(simulator.PhoneDelivered, 1)),
					citizenRow(simulator.CitizenDelivered, 2, simulator.Phone(simulator.PhoneDelivered, 2)),
				}

				// The first citizen of another file was sent the same.
				earlier := b.sending(t, rows[0])
				sent := b.made(t, earlier)
				sent.AcceptedAt = time.Now().Add(-test.ago)
				_, err := store.AcceptRows(t.Context(), []notification.Notification{sent})
				require.NoError(t, err)

				id := b.draft(t, rows...)
				require.Equal(t, test.counts, b.batch(t, id).Counts)
				require.Len(t, b.rows(t, id, duplicateRow), test.counts.Duplicates)
			})
		})
	}
}

// made is what the first row of a batch becomes.
func (b batchBench) made(t *testing.T, id string) notification.Notification {
	t.Helper()

	row := b.rows(t, id)[0]
	payload, err := batch.DecodePayload(row.Payload)
	require.NoError(t, err)

	maker, err := batch.NewMaker(
		b.batch(t, id).Batch, b.service, notification.Ente{ID: b.service.EnteID, Name: "Comune di Prova"}, b.template)
	require.NoError(t, err)

	made, err := maker.Notification(row.NotificationID, payload)
	require.NoError(t, err)

	return made
}

// The rules for templates may become stricter while one is kept.
func TestCheckWithATemplateThatNoLongerFitsEnds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		b.template = notification.Template{
			ID: newID(t), EnteID: b.service.EnteID, Name: "Da prima", Version: 1,
			Italian: notification.TemplateText{Subject: "Avviso per ((nome))", Markdown: "Senza chiusura: ((nome"},
		}
		require.NoError(t, store.CreateTemplate(t.Context(), b.template))

		id := b.uploaded(t, fileOf(columns, citizenRows(1)...))
		b.check(t, id)

		read := b.batch(t, id)
		require.Equal(t, notification.BatchUnreadable, read.Status)
		require.Equal(t, batch.ProblemTemplate, read.Problem)
	})
}
