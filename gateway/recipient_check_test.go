package gateway_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// answering is a Temporal whose worker answers every workflow so.
func (b bundle) answering(tb testing.TB, answer any) {
	tb.Helper()

	done := event(&historypb.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{
				Result: payloads(tb, answer),
			},
		},
	}, time.Now())

	b.temporal.onHistory = func(context.Context, *historyRequest) (*historyResponse, error) {
		return &historyResponse{History: &historypb.History{Events: []*historypb.HistoryEvent{done}}}, nil
	}
}

// checkOf is the check that Temporal was last asked for.
func (b bundle) checkOf(tb testing.TB) workflows.RecipientCheckInput {
	tb.Helper()

	starts := b.temporal.started()
	require.NotEmpty(tb, starts)

	var input workflows.RecipientCheckInput

	decode(tb, starts[len(starts)-1].GetInput(), &input)

	return input
}

func (b bundle) requireForgotten(tb testing.TB) {
	tb.Helper()

	_, err := b.store.RecipientCheck(tb.Context(), b.checkOf(tb).CheckID)
	require.ErrorIs(tb, err, db.ErrNotFound, "the fiscal code does not stay")
}

func TestCheckRecipientAnswers(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		answer workflows.ProfileResult
		want   gateway.Reachability
		err    error
	}{
		"reachable": {
			answer: workflows.ProfileResult{Reachable: true}, want: gateway.Reachability{ReachableOnIO: true},
		},
		"not on IO": {
			answer: workflows.ProfileResult{Reason: notification.ReasonIOProfileNotFound},
			want:   gateway.Reachability{Reason: notification.ReasonIOProfileNotFound},
		},
		"service switched off": {
			answer: workflows.ProfileResult{Reason: notification.ReasonIOSenderNotAllowed},
			want:   gateway.Reachability{Reason: notification.ReasonIOSenderNotAllowed},
		},
		"IO is away": {
			answer: workflows.ProfileResult{Reason: notification.ReasonIOUnavailable}, err: gateway.ErrUnavailable,
		},
		"key revoked": {
			answer: workflows.ProfileResult{Reason: notification.ReasonIOKeyRejected}, err: gateway.ErrUnavailable,
		},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				b := withTemporal(t, store)
				b.answering(t, test.answer)

				got, err := b.CheckRecipient(t.Context(), b.application(), b.service.ID, " rss mra 80a01 h501u ")

				require.ErrorIs(t, err, test.err)
				require.Equal(t, test.want, got)
				b.requireForgotten(t)
			})
		}
	})
}

func TestCheckRecipientAsksThroughThePacedQueue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.answering(t, workflows.ProfileResult{Reachable: true})

		var asked db.RecipientCheck

		b.temporal.onStart = func(request *startRequest) (*startResponse, error) {
			var input workflows.RecipientCheckInput

			decode(t, request.GetInput(), &input)

			var err error

			asked, err = store.RecipientCheck(t.Context(), input.CheckID)

			return &startResponse{RunId: firstRun}, err
		}

		_, err := b.CheckRecipient(t.Context(), b.application(), b.service.ID, fiscalCode)
		require.NoError(t, err)
		require.Equal(t, fiscalCode, asked.FiscalCode, "the worker finds it in the database")
		require.Equal(t, b.service.ID, asked.ServiceID)

		request := b.temporal.started()[0]
		require.Equal(t, workflows.RecipientCheckWorkflow, request.GetWorkflowType().GetName())
		require.Equal(t, workflows.RecipientCheckID(asked.ID), request.GetWorkflowId())
		require.Equal(t, b.ente.ID, request.GetPriority().GetFairnessKey())
		require.EqualValues(t, 1, request.GetPriority().GetPriorityKey(), "an application waits for it")
		require.NotZero(t, request.GetWorkflowExecutionTimeout().AsDuration())
		requireNoPersonalData(t, request)
		b.requireForgotten(t)
	})
}

func TestCheckRecipientOfAProvisionalCodeAsksNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		got, err := b.CheckRecipient(t.Context(), b.application(), b.service.ID, provisionalCode)

		require.NoError(t, err)
		require.Equal(t, gateway.Reachability{Reason: notification.ReasonFiscalCodeProvisional}, got)
		require.Empty(t, b.temporal.started())
	})
}

func TestCheckRecipientRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		ctx := t.Context()

		_, err := b.CheckRecipient(ctx, b.user(gateway.RoleAuditor), b.service.ID, fiscalCode)
		require.ErrorIs(t, err, gateway.ErrForbidden)

		_, err = b.CheckRecipient(ctx, newTenant(t, store).application(), b.service.ID, fiscalCode)
		requireFields(t, err, map[string]string{"service_id": "unknown"})

		_, err = b.CheckRecipient(ctx, b.application(), b.service.ID, "RSSMRA80A01H501A")
		requireFields(t, err, map[string]string{"fiscal_code": "check_character"}, "RSSMRA80A01H501A")

		disabled := b.service
		disabled.Active = false
		require.NoError(t, store.UpdateService(ctx, disabled))

		_, err = b.CheckRecipient(ctx, b.application(), b.service.ID, fiscalCode)
		requireFields(t, err, map[string]string{"service_id": "inactive"})
		require.Empty(t, b.temporal.started())
	})
}

func TestCheckRecipientDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		ctx, giveUp := context.WithCancel(t.Context())

		var asked atomic.Bool

		b.temporal.onHistory = func(ctx context.Context, _ *historyRequest) (*historyResponse, error) {
			asked.Store(true)
			giveUp()
			<-ctx.Done()

			return nil, ctx.Err()
		}

		_, err := b.CheckRecipient(ctx, b.application(), b.service.ID, fiscalCode)

		require.ErrorIs(t, err, gateway.ErrUnavailable)
		require.True(t, asked.Load())
		b.requireForgotten(t)
	})
}

func TestCheckRecipientWhoseWorkflowFailed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		failed := event(&historypb.HistoryEvent{
			EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
			Attributes: &historypb.HistoryEvent_WorkflowExecutionFailedEventAttributes{
				WorkflowExecutionFailedEventAttributes: &historypb.WorkflowExecutionFailedEventAttributes{
					Failure: &failurepb.Failure{Message: "no"},
				},
			},
		}, time.Now())
		b.temporal.onHistory = func(context.Context, *historyRequest) (*historyResponse, error) {
			return &historyResponse{History: &historypb.History{Events: []*historypb.HistoryEvent{failed}}}, nil
		}

		_, err := b.CheckRecipient(t.Context(), b.application(), b.service.ID, fiscalCode)
		require.ErrorIs(t, err, gateway.ErrUnavailable)
		b.requireForgotten(t)
	})
}

func TestCheckRecipientWhileAPartIsAway(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	_, err := b.CheckRecipient(shortly(t), b.application(), b.service.ID, fiscalCode)
	require.ErrorIs(t, err, gateway.ErrUnavailable)

	b = withoutDatabase(t)
	_, err = b.CheckRecipient(t.Context(), b.application(), b.service.ID, fiscalCode)
	require.ErrorIs(t, err, gateway.ErrUnavailable)
}
