package gateway_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// batchAct is something that a person does to a batch.
type batchAct func(ctx context.Context, actor gateway.Actor, id string) error

func (b bundle) batchActs() map[string]batchAct {
	return map[string]batchAct{
		"remap": func(ctx context.Context, actor gateway.Actor, id string) error {
			return b.RemapBatch(ctx, actor, id, 1, nil, nil)
		},
		"sample": b.SampleBatch,
		"confirm": func(ctx context.Context, actor gateway.Actor, id string) error {
			return b.ConfirmBatch(ctx, actor, id, gateway.Confirmation{Check: 1})
		},
		"pause":   b.PauseBatch,
		"resume":  b.ResumeBatch,
		"cancel":  b.CancelBatch,
		"discard": b.DiscardBatch,
	}
}

func TestABatchAllowsWhatItsStateAllows(t *testing.T) {
	t.Parallel()

	allowed := map[string][]notification.BatchStatus{
		"remap":   {notification.BatchMapping, notification.BatchDraft},
		"sample":  {notification.BatchDraft},
		"confirm": {notification.BatchDraft},
		"pause":   {notification.BatchSending},
		"resume":  {notification.BatchPaused},
		"cancel":  {notification.BatchScheduled, notification.BatchSending, notification.BatchPaused},
		"discard": {
			notification.BatchChecking, notification.BatchMapping, notification.BatchUnreadable, notification.BatchDraft,
		},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		for name, act := range b.batchActs() {
			for _, status := range batchStatuses() {
				t.Run(name+" "+string(status), func(t *testing.T) {
					t.Parallel()

					id := b.batchIn(t, status)
					err := act(t.Context(), b.user(gateway.RoleOperator), id)

					if slices.Contains(allowed[name], status) {
						require.NoError(t, err)

						return
					}

					require.ErrorIs(t, err, gateway.ErrState)
					require.Equal(t, status, b.storedBatch(t, id).Status)
				})
			}
		}
	})
}

func TestWhoMayActOnABatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		foreign := newTenant(t, store)
		elsewhere := b.application()
		elsewhere.ServiceIDs = []string{newService(t, store, b.ente.ID).ID}
		id := b.batchIn(t, notification.BatchDraft)

		for name, act := range b.batchActs() {
			require.ErrorIs(t, act(t.Context(), b.user(gateway.RoleAuditor), id), gateway.ErrForbidden, name)
			require.ErrorIs(t, act(t.Context(), foreign.application(), id), gateway.ErrNotFound, name)
			require.ErrorIs(t, act(t.Context(), elsewhere, id), gateway.ErrNotFound, name)
		}

		require.Equal(t, notification.BatchDraft, b.storedBatch(t, id).Status)
	})
}

func TestAConfirmedBatchIsSent(t *testing.T) {
	t.Parallel()

	now := time.Now()
	cases := map[string]struct {
		sendAt time.Time
		want   notification.BatchStatus
	}{
		"at once":     {time.Time{}, notification.BatchSending},
		"a past time": {now.Add(-time.Hour), notification.BatchSending},
		"later":       {now.Add(time.Hour), notification.BatchScheduled},
		"in a year":   {now.AddDate(0, 0, 365), notification.BatchScheduled},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.run(t)

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.draft(t, threeRows(t)...)
				confirmation := gateway.Confirmation{SendAt: test.sendAt, Check: 1}
				require.NoError(t, b.ConfirmBatch(t.Context(), b.user(gateway.RoleOperator), id, confirmation))

				stored := b.storedBatch(t, id)
				require.Equal(t, test.want, stored.Status)
				require.False(t, stored.ConfirmedAt.IsZero())
				require.False(t, stored.IncludeDuplicates)

				until(t, func() bool { return len(b.temporal.startsOf(workflows.BatchID(id))) == 1 })

				var input workflows.BatchInput

				decode(t, b.temporal.startsOf(workflows.BatchID(id))[0].GetInput(), &input)
				require.Equal(t, id, input.BatchID)
				require.Equal(t, b.ente.ID, input.EnteID)
				require.True(t, input.SendAt.Equal(stored.SendAt), "%s, not %s", input.SendAt, stored.SendAt)
			})
		}
	})
}

func TestAConfirmationThatCannotBe(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.draft(t, duplicateRow(t, 2, 0, "Ada"))

		err := b.ConfirmBatch(t.Context(), b.application(), id, gateway.Confirmation{
			SendAt: time.Now().AddDate(2, 0, 0), Check: 1,
		})
		requireFields(t, err, map[string]string{"send_at": "too_late"})

		err = b.ConfirmBatch(t.Context(), b.application(), id, gateway.Confirmation{Check: 1})
		require.ErrorIs(t, err, gateway.ErrState, "without its duplicates there is nothing to send")

		err = b.ConfirmBatch(t.Context(), b.application(), id, gateway.Confirmation{Check: 2, IncludeDuplicates: true})
		require.ErrorIs(t, err, gateway.ErrState, "not the reading that the person saw")

		require.NoError(t, b.ConfirmBatch(t.Context(), b.application(), id, gateway.Confirmation{
			Check: 1, IncludeDuplicates: true,
		}))
		require.True(t, b.storedBatch(t, id).IncludeDuplicates)

		err = b.ConfirmBatch(t.Context(), b.application(), id, gateway.Confirmation{Check: 1})
		require.ErrorIs(t, err, gateway.ErrState, "only once")
	})
}

func TestASampleIsAskedForOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.run(t)
		id := b.batchIn(t, notification.BatchDraft)

		require.NoError(t, b.SampleBatch(t.Context(), b.application(), id))
		require.Equal(t, notification.SampleWanted, b.storedBatch(t, id).Sample.State)
		until(t, func() bool { return len(b.temporal.startsOf(workflows.BatchSampleID(id, 1))) == 1 })

		require.ErrorIs(t, b.SampleBatch(t.Context(), b.application(), id), gateway.ErrState)

		done := notification.BatchSample{State: notification.SampleDone, Asked: 1, OnIO: 1}
		require.NoError(t, store.RecordSample(t.Context(), id, 1, done))

		view, err := b.Batch(t.Context(), b.application(), id)
		require.NoError(t, err)
		require.True(t, view.Forecast.Sampled)
		require.Zero(t, view.Forecast.SMS)
		require.NoError(t, b.SampleBatch(t.Context(), b.application(), id), "another one may be asked for")
	})
}

func TestPauseResumeAndCancelTellTheWorkflow(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		from, to notification.BatchStatus
		signal   string
	}{
		"pause":  {notification.BatchSending, notification.BatchPaused, workflows.SignalPauseBatch},
		"resume": {notification.BatchPaused, notification.BatchSending, workflows.SignalResumeBatch},
		"cancel": {notification.BatchSending, notification.BatchCancelled, workflows.SignalCancelBatch},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				b := withTemporal(t, store)
				id := b.batchIn(t, test.from)

				require.NoError(t, b.batchActs()[name](t.Context(), b.user(gateway.RoleOperator), id))

				require.Equal(t, test.to, b.storedBatch(t, id).Status)

				signals := b.temporal.signalled()
				require.Len(t, signals, 1)
				require.Equal(t, workflows.BatchID(id), signals[0].GetWorkflowExecution().GetWorkflowId())
				require.Equal(t, test.signal, signals[0].GetSignalName())
				require.Empty(t, b.temporal.started(), "it is there")
			})
		}
	})
}

func TestABatchWhoseWorkflowHasNotBegunIsStartedFirst(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.batchIn(t, notification.BatchScheduled)

		b.temporal.onSignal = func(*signalRequest) (*signalResponse, error) {
			// Temporal's mutex is held here.
			if len(b.temporal.starts) == 0 {
				return nil, workflowGone()
			}

			return &signalResponse{}, nil
		}

		require.NoError(t, b.CancelBatch(t.Context(), b.application(), id))

		starts := b.temporal.startsOf(workflows.BatchID(id))
		require.Len(t, starts, 1)
		require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY, starts[0].GetWorkflowIdReusePolicy())
		require.Len(t, b.temporal.signalled(), 2)
		require.Equal(t, notification.BatchCancelled, b.storedBatch(t, id).Status)
	})
}

// What counts is the status in the database, which the workflow reads.
func TestAWishForABatchNeedsNoTemporal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.batchIn(t, notification.BatchSending)

		require.NoError(t, b.PauseBatch(t.Context(), b.application(), id))
		require.Equal(t, notification.BatchPaused, b.storedBatch(t, id).Status)
		require.Len(t, b.logs.FilterMessage("workflow of a batch not told").All(), 1)
	})
}

func TestADiscardedBatchLosesItsRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.batchIn(t, notification.BatchDraft)

		require.NoError(t, b.DiscardBatch(t.Context(), b.application(), id))

		view, err := b.Batch(t.Context(), b.application(), id)
		require.NoError(t, err)
		require.Equal(t, notification.BatchDiscarded, view.Status)

		page, err := b.BatchRows(t.Context(), b.application(), id, gateway.RowQuery{})
		require.NoError(t, err)
		require.Empty(t, page.Items)
	})
}

func TestBatchesWithoutADatabase(t *testing.T) {
	t.Parallel()

	b := withoutDatabase(t)

	_, err := b.UploadBatch(t.Context(), b.application(), gateway.BatchUpload{ServiceID: b.service.ID})
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	_, err = b.Batches(t.Context(), b.application(), gateway.BatchQuery{})
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	for name, act := range b.batchActs() {
		require.ErrorIs(t, act(t.Context(), b.application(), newID(t)), gateway.ErrUnavailable, name)
	}
}
