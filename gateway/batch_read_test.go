package gateway_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func batchStatuses() []notification.BatchStatus {
	return []notification.BatchStatus{
		notification.BatchChecking, notification.BatchMapping, notification.BatchUnreadable, notification.BatchDraft,
		notification.BatchScheduled, notification.BatchSending, notification.BatchPaused, notification.BatchCompleted,
		notification.BatchCancelled, notification.BatchDiscarded,
	}
}

func TestADraftTellsWhatWasFound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.draft(t, threeRows(t)...)

		view, err := b.Batch(t.Context(), b.application(), id)

		require.NoError(t, err)
		require.Equal(t, notification.BatchCounts{Rows: 3, Good: 1, Bad: 1, Duplicates: 1, WithPhone: 1, SMSParts: 1}, view.Counts)
		require.Equal(t, taxLayout(), view.Layout)
		require.Empty(t, view.Unmapped)
		require.Equal(t, 1, view.Progress.ToSend)
		require.Equal(t, 1, view.Forecast.ToSend)
		require.Equal(t, time.Second, view.Forecast.Duration)
		require.Equal(t, 1, view.Forecast.SMS)
		require.Equal(t, 1, view.Forecast.SMSParts)
		require.Zero(t, view.Forecast.CostMicros)
	})
}

func TestADraftTellsWhatWouldNotDoubleItsSMS(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.draft(t, goodRow(t, 2, "Ada"))
		check := 1

		for character, expected := range map[string]gateway.Substitution{
			"’": {Character: "’", Instead: "'"}, "★": {Character: "★"}, "": {},
		} {
			// The file is read again, and this is what most of its SMS have.
			stored, err := store.Batch(t.Context(), id)
			require.NoError(t, err)
			require.NoError(t, store.RemapBatch(t.Context(), id, check, stored.Layout))

			check++

			require.NoError(t, store.BeginCheck(t.Context(), id, check))
			require.NoError(t, store.AddBatchRows(t.Context(), id, check, []db.BatchRow{goodRow(t, 2, "Ada")}))
			require.NoError(t, store.FinishCheck(t.Context(), id, check, db.CheckOutcome{
				Status: notification.BatchDraft, Layout: stored.Layout,
				Counts: notification.BatchCounts{Rows: 1, Good: 1, Doubled: 1, Doubling: character},
			}))

			view, err := b.Batch(t.Context(), b.application(), id)
			require.NoError(t, err)
			require.Equal(t, expected, view.Doubling)
		}
	})
}

func TestAForecastKnowsThePriceAndTheQuota(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.SMSPartPriceMicros = 70_000
		id := b.draft(t, goodRow(t, 2, "Ada"), goodRow(t, 3, "Ugo"))

		slow := b.ente
		slow.IOCalls = 1
		require.NoError(t, store.UpdateEnte(t.Context(), slow))

		view, err := b.Batch(t.Context(), b.application(), id)

		require.NoError(t, err)
		require.EqualValues(t, 140_000, view.Forecast.CostMicros)
		require.Equal(t, 31*time.Second, view.Forecast.Duration, "6 calls at 98 % of one in 5 seconds")
	})
}

func TestABatchThatNeedsAMappingTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		layout := taxLayout()
		layout.Columns[0].Field, layout.Columns[2].Field = "", ""
		id := b.checked(t, notification.BatchMapping, layout)

		view, err := b.Batch(t.Context(), b.application(), id)

		require.NoError(t, err)
		require.Equal(t, []batch.Field{batch.FieldFiscalCode, batch.Value("nome")}, view.Unmapped)
		require.Zero(t, view.Forecast)
	})
}

func TestWhatIsPossibleForABatch(t *testing.T) {
	t.Parallel()

	want := map[notification.BatchStatus]gateway.BatchPossible{
		notification.BatchChecking:   {Discard: true},
		notification.BatchMapping:    {Remap: true, Discard: true},
		notification.BatchUnreadable: {Discard: true},
		notification.BatchDraft:      {Remap: true, Sample: true, Confirm: true, Discard: true},
		notification.BatchScheduled:  {Cancel: true},
		notification.BatchSending:    {Pause: true, Cancel: true},
		notification.BatchPaused:     {Resume: true, Cancel: true},
		notification.BatchCompleted:  {},
		notification.BatchCancelled:  {},
		notification.BatchDiscarded:  {},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		for _, status := range batchStatuses() {
			t.Run(string(status), func(t *testing.T) {
				t.Parallel()

				id := b.batchIn(t, status)

				view, err := b.Batch(t.Context(), b.user(gateway.RoleOperator), id)
				require.NoError(t, err)
				require.Equal(t, status, view.Status)
				require.Equal(t, want[status], view.Possible)

				view, err = b.Batch(t.Context(), b.user(gateway.RoleAuditor), id)
				require.NoError(t, err)
				require.Equal(t, gateway.BatchPossible{}, view.Possible, "an auditor only looks")
			})
		}
	})
}

func TestABatchOfAnInactiveServiceCanOnlyBeStopped(t *testing.T) {
	t.Parallel()

	want := map[notification.BatchStatus]gateway.BatchPossible{
		notification.BatchDraft:   {Remap: true, Discard: true},
		notification.BatchSending: {Pause: true, Cancel: true},
		notification.BatchPaused:  {Cancel: true},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ids := map[notification.BatchStatus]string{}

		for status := range want {
			ids[status] = b.batchIn(t, status)
		}

		disabled := b.service
		disabled.Active = false
		require.NoError(t, store.UpdateService(t.Context(), disabled))

		for status, possible := range want {
			view, err := b.Batch(t.Context(), b.application(), ids[status])
			require.NoError(t, err)
			require.Equal(t, possible, view.Possible, status)
		}
	})
}

func TestADraftWithoutGoodRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		view, err := b.Batch(t.Context(), b.application(), b.draft(t, badRow(t, 2)))
		require.NoError(t, err)
		require.Equal(t, gateway.BatchPossible{Remap: true, Discard: true}, view.Possible)

		view, err = b.Batch(t.Context(), b.application(), b.draft(t, duplicateRow(t, 2, 0, "Ada")))
		require.NoError(t, err)
		require.Equal(t, gateway.BatchPossible{Remap: true, Confirm: true, Discard: true}, view.Possible)
	})
}

func TestABatchOfOthersIsNotFound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		elsewhere := b.application()
		elsewhere.ServiceIDs = []string{newService(t, store, b.ente.ID).ID}
		id := b.batchIn(t, notification.BatchDraft)

		for _, actor := range []gateway.Actor{foreign.application(), foreign.user(gateway.RoleAdministrator), elsewhere, {}} {
			_, err := b.Batch(t.Context(), actor, id)
			require.ErrorIs(t, err, gateway.ErrNotFound)

			_, err = b.BatchRows(t.Context(), actor, id, gateway.RowQuery{})
			require.ErrorIs(t, err, gateway.ErrNotFound)

			_, err = b.BatchPreview(t.Context(), actor, id, 0)
			require.ErrorIs(t, err, gateway.ErrNotFound)

			page, err := b.Batches(t.Context(), actor, gateway.BatchQuery{})
			require.NoError(t, err)
			require.Empty(t, page.Items)
		}

		for _, id := range []string{uuid.NewString(), "tari"} {
			_, err := b.Batch(t.Context(), b.application(), id)
			require.ErrorIs(t, err, gateway.ErrNotFound)
		}
	})
}

func (b bundle) listedBatches(t *testing.T, actor gateway.Actor, query gateway.BatchQuery) []string {
	t.Helper()

	ids := []string{}

	for {
		page, err := b.Batches(t.Context(), actor, query)
		require.NoError(t, err)

		for _, view := range page.Items {
			ids = append(ids, view.ID)
		}

		if query.Cursor = page.Next; query.Cursor == "" {
			return ids
		}
	}
}

func TestAListOfBatches(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		theirs := bundle{Gateway: b.Gateway, tenant: foreign, store: store}

		draft := b.batchIn(t, notification.BatchDraft)
		sending := b.batchIn(t, notification.BatchSending)
		foreignDraft := theirs.batchIn(t, notification.BatchDraft)

		require.Equal(t, []string{sending, draft}, b.listedBatches(t, b.application(), gateway.BatchQuery{}))
		require.Equal(t, []string{sending, draft}, b.listedBatches(t, b.application(), gateway.BatchQuery{Limit: 1}))
		require.Equal(t, []string{foreignDraft, sending, draft}, b.listedBatches(t, support(), gateway.BatchQuery{}))
		require.Equal(t, []string{foreignDraft}, b.listedBatches(t, support(), gateway.BatchQuery{EnteID: foreign.ente.ID}))
		require.Empty(t, b.listedBatches(t, b.application(), gateway.BatchQuery{EnteID: foreign.ente.ID}))
		require.Empty(t, b.listedBatches(t, support(), gateway.BatchQuery{EnteID: "comune"}))
		require.Equal(t, []string{draft}, b.listedBatches(t, b.application(), gateway.BatchQuery{
			Statuses: []notification.BatchStatus{notification.BatchDraft},
		}))
		require.Empty(t, b.listedBatches(t, b.application(), gateway.BatchQuery{ServiceIDs: []string{foreign.service.ID}}))

		_, err := b.Batches(t.Context(), b.application(), gateway.BatchQuery{Limit: 101})
		requireFields(t, err, map[string]string{"limit": "range"})

		_, err = b.Batches(t.Context(), b.application(), gateway.BatchQuery{Cursor: "next"})
		requireFields(t, err, map[string]string{"cursor": "invalid"})
	})
}

func TestABatchUnderWayTellsItsProgress(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.draft(t, goodRow(t, 2, "Ada"), goodRow(t, 3, "Ugo"), goodRow(t, 4, "Eva"), duplicateRow(t, 5, 2, "Ada"))
		require.NoError(t, store.ConfirmBatch(t.Context(), id, 1, time.Time{}, true))
		require.NoError(t, store.MoveBatch(t.Context(), id,
			[]notification.BatchStatus{notification.BatchSending}, notification.BatchSending))
		b.handOver(t, id, 2, 3)
		b.settleRow(t, id, 2, notification.StatusDelivered, notification.ReasonIODelivered)

		view, err := b.Batch(t.Context(), b.application(), id)

		require.NoError(t, err)
		require.Equal(t, 4, view.Progress.ToSend, "duplicates were included")
		require.Equal(t, 2, view.Progress.Queued)
		require.Equal(t, 1, view.Progress.InProgress)
		require.Equal(t, 1, view.Progress.Ended())
		require.False(t, view.Forecast.EndsAt.IsZero())
	})
}
