package gateway_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// shortly bounds a call to a Temporal that is away, which the client would repeat for longer.
func shortly(t *testing.T) context.Context {
	t.Helper()

	ctx, done := context.WithTimeout(t.Context(), 8*time.Second)
	t.Cleanup(done)

	return ctx
}

// act is one of the use cases that change a notification.
type act func(ctx context.Context, b bundle, actor gateway.Actor, id string) error

func acts() map[string]act {
	return map[string]act{
		workflows.SignalCancel: func(ctx context.Context, b bundle, actor gateway.Actor, id string) error {
			return b.Cancel(ctx, actor, id, notification.ReasonPaid)
		},
		workflows.SignalHold: func(ctx context.Context, b bundle, actor gateway.Actor, id string) error {
			return b.Hold(ctx, actor, id)
		},
		workflows.SignalResume: func(ctx context.Context, b bundle, actor gateway.Actor, id string) error {
			return b.Resume(ctx, actor, id)
		},
		workflows.SignalDecide: func(ctx context.Context, b bundle, actor gateway.Actor, id string) error {
			return b.Decide(ctx, actor, id, gateway.DecisionSMS)
		},
		"retry": func(ctx context.Context, b bundle, actor gateway.Actor, id string) error {
			return b.Retry(ctx, actor, id)
		},
	}
}

// ready is a notification to which the act makes sense.
func (b bundle) ready(tb testing.TB, name string) string {
	tb.Helper()

	switch name {
	case workflows.SignalDecide:
		return b.in(tb, notification.StatusOnHold, notification.ReasonIOOutcomeUncertain)
	case workflows.SignalResume:
		return b.in(tb, notification.StatusOnHold, notification.ReasonHeldByOperator)
	case "retry":
		return b.in(tb, notification.StatusFailed, notification.ReasonIOUnavailable)
	default:
		return b.in(tb, notification.StatusInProgress, "")
	}
}

func TestWhoMayAct(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		foreign := newTenant(t, store)
		other := newService(t, store, b.ente.ID)

		bound, elsewhere := b.application(), b.application()
		bound.ServiceIDs, elsewhere.ServiceIDs = []string{b.service.ID}, []string{other.ID}

		actors := map[string]struct {
			actor gateway.Actor
			want  error
		}{
			"application":              {b.application(), nil},
			"key of the service":       {bound, nil},
			"operator":                 {b.user(gateway.RoleOperator), nil},
			"administrator":            {b.user(gateway.RoleAdministrator), nil},
			"support":                  {support(), nil},
			"system":                   {system(), nil},
			"auditor":                  {b.user(gateway.RoleAuditor), gateway.ErrForbidden},
			"auditor of all Enti":      {gateway.Actor{Kind: gateway.ActorUser, Role: gateway.RoleAuditor}, gateway.ErrForbidden},
			"key of another service":   {elsewhere, gateway.ErrNotFound},
			"application of another":   {foreign.application(), gateway.ErrNotFound},
			"operator of another":      {foreign.user(gateway.RoleOperator), gateway.ErrNotFound},
			"auditor of another":       {foreign.user(gateway.RoleAuditor), gateway.ErrNotFound},
			"nobody":                   {gateway.Actor{}, gateway.ErrNotFound},
			"application without Ente": {gateway.Actor{Kind: gateway.ActorApplication}, gateway.ErrNotFound},
		}

		for doing, does := range acts() {
			for name, test := range actors {
				t.Run(doing+" by "+name, func(t *testing.T) {
					t.Parallel()

					id := b.ready(t, doing)
					require.ErrorIs(t, does(t.Context(), b, test.actor, id), test.want)
					require.ErrorIs(t, does(t.Context(), b, system(), newID(t)), gateway.ErrNotFound)
					require.ErrorIs(t, does(t.Context(), b, system(), "no id"), gateway.ErrNotFound)
				})
			}
		}
	})
}

func TestSignalsCarryTheWish(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		uncertain := b.in(t, notification.StatusOnHold, notification.ReasonSMSOutcomeUncertain)
		running := b.in(t, notification.StatusInProgress, "")
		held := b.in(t, notification.StatusOnHold, notification.ReasonHeldByOperator)
		ctx, actor := t.Context(), b.application()

		require.NoError(t, b.Cancel(ctx, actor, running, notification.ReasonCancelledByEnte))
		require.NoError(t, b.Hold(ctx, actor, running))
		require.NoError(t, b.Resume(ctx, actor, held))
		require.NoError(t, b.Decide(ctx, actor, uncertain, gateway.DecisionResend))

		signals := b.temporal.signalled()
		require.Len(t, signals, 4)

		for i, want := range []string{"cancel", "hold", "resume", "decide"} {
			require.Equal(t, want, signals[i].GetSignalName())
			require.Empty(t, signals[i].GetWorkflowExecution().GetRunId(), "the run that is under way")
		}

		var (
			cancellation workflows.Cancellation
			decision     workflows.Decision
		)

		require.Equal(t, "notification/"+running, signals[0].GetWorkflowExecution().GetWorkflowId())
		decode(t, signals[0].GetInput(), &cancellation)
		require.Equal(t, notification.ReasonCancelledByEnte, cancellation.Reason)
		require.Equal(t, "notification/"+uncertain, signals[3].GetWorkflowExecution().GetWorkflowId())
		decode(t, signals[3].GetInput(), &decision)
		require.Equal(t, workflows.DecisionResend, decision)
	})
}

func TestWishesThatDoNotExist(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.in(t, notification.StatusOnHold, notification.ReasonIOOutcomeUncertain)

		for _, reason := range []notification.Reason{"", "changed my mind", notification.ReasonExpired} {
			err := b.Cancel(t.Context(), b.application(), id, reason)
			requireFields(t, err, map[string]string{"reason": "unknown"}, "mind")
		}

		err := b.Decide(t.Context(), b.application(), id, "ask my boss")
		requireFields(t, err, map[string]string{"decision": "unknown"}, "boss")
		require.Empty(t, b.temporal.signalled())
	})
}

func TestWhatTheStateAllows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		for _, status := range notification.Statuses() {
			t.Run(string(status), func(t *testing.T) {
				t.Parallel()

				for doing, does := range acts() {
					id := b.in(t, status, notification.ReasonHeldByOperator)
					err := does(t.Context(), b, b.application(), id)

					allowed := map[string]bool{
						workflows.SignalCancel: !status.Final(),
						workflows.SignalHold:   !status.Final() && status != notification.StatusOnHold,
						workflows.SignalResume: status == notification.StatusOnHold,
						"retry":                status == notification.StatusFailed,
					}
					if allowed[doing] {
						require.NoError(t, err, doing)
					} else {
						require.ErrorIs(t, err, gateway.ErrState, doing)
					}
				}
			})
		}
	})
}

func TestAWorkflowThatWasTerminatedCanBeRetried(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.temporal.onSignal = func(*signalRequest) (*signalResponse, error) { return nil, workflowGone() }

		for _, id := range []string{b.begun(t), b.ready(t, workflows.SignalResume)} {
			require.ErrorIs(t, b.Cancel(t.Context(), b.application(), id, notification.ReasonPaid), gateway.ErrState)

			n := b.stored(t, id)
			require.Equal(t, notification.StatusFailed, n.Status)
			require.Equal(t, notification.ReasonInternalError, n.Reason)
			require.NoError(t, b.Retry(t.Context(), b.application(), id))
		}
	})
}

func TestAWorkflowThatCameToItsEndMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		settled, retried := b.begun(t), b.begun(t)

		b.temporal.onSignal = func(request *signalRequest) (*signalResponse, error) {
			for _, id := range []string{settled, retried} {
				if request.GetWorkflowExecution().GetWorkflowId() == workflows.NotificationID(id) {
					b.settle(t, id, notification.StatusFailed, notification.ReasonIOUnavailable)
				}
			}

			if request.GetWorkflowExecution().GetWorkflowId() == workflows.NotificationID(retried) {
				if _, err := store.ResetForRetry(context.Background(), retried); err != nil {
					return nil, err
				}
			}

			return nil, workflowGone()
		}

		require.ErrorIs(t, b.Hold(t.Context(), b.application(), retried), gateway.ErrState)
		require.ErrorIs(t, b.Hold(t.Context(), b.application(), settled), gateway.ErrState)
		require.Equal(t, notification.ReasonIOUnavailable, b.stored(t, settled).Reason)
		require.Equal(t, notification.StatusAccepted, b.stored(t, retried).Status)
	})
}

func TestAWishIsNeverTooEarly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		accepted, scheduled := b.accepted(t), b.in(t, notification.StatusScheduled, "")

		b.temporal.onSignal = func(request *signalRequest) (*signalResponse, error) {
			for _, start := range b.temporal.starts {
				if start.GetWorkflowId() == request.GetWorkflowExecution().GetWorkflowId() {
					return &signalResponse{}, nil
				}
			}

			return nil, workflowGone()
		}

		for _, id := range []string{accepted, scheduled} {
			require.NoError(t, b.Cancel(t.Context(), b.application(), id, notification.ReasonPaid))
			require.Len(t, b.temporal.startsOf(workflows.NotificationID(id)), 1)
			require.False(t, b.waiting(t, id))
		}
	})
}

func TestAWishThatComesTooLate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.temporal.onSignal = func(*signalRequest) (*signalResponse, error) { return nil, workflowGone() }

		ended, retried := b.begun(t), b.retried(t)
		b.began(t, retried, 2, "run-2")

		require.ErrorIs(t, b.Hold(t.Context(), b.application(), ended), gateway.ErrState)
		require.ErrorIs(t, b.Hold(t.Context(), b.application(), retried), gateway.ErrState)
		require.Empty(t, b.temporal.started(), "what came to its end meanwhile is not run again")

		finished := b.accepted(t)
		b.temporal.onStart = func(*startRequest) (*startResponse, error) { return nil, alreadyStarted(firstRun) }
		b.temporal.historyOf(map[string][]*historypb.HistoryEvent{firstRun: beginning(t, finished, 1)})

		require.ErrorIs(t, b.Hold(t.Context(), b.application(), finished), gateway.ErrState)
	})
}

func TestActsWithoutTemporal(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))

	for doing, does := range acts() {
		t.Run(doing, func(t *testing.T) {
			t.Parallel()

			id := b.ready(t, doing)
			err := does(shortly(t), b, b.application(), id)

			if doing == "retry" {
				require.NoError(t, err, "the row waits for the sweep")
				require.True(t, b.waiting(t, id))

				return
			}

			require.ErrorIs(t, err, gateway.ErrUnavailable)
		})
	}
}

func TestAStartThatTemporalRefusesNow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.temporal.onSignal = func(*signalRequest) (*signalResponse, error) { return nil, workflowGone() }
		b.temporal.onStart = func(*startRequest) (*startResponse, error) {
			return nil, serviceerror.NewUnavailable("not now")
		}

		err := b.Cancel(shortly(t), b.application(), b.accepted(t), notification.ReasonPaid)
		require.ErrorIs(t, err, gateway.ErrUnavailable)
	})
}

func TestActsWithoutADatabase(t *testing.T) {
	t.Parallel()

	b := withoutDatabase(t)
	for doing, does := range acts() {
		require.ErrorIs(t, does(t.Context(), b, b.application(), newID(t)), gateway.ErrUnavailable, doing)
	}
}

func TestARetryGoesOnAsTheNextRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.run(t)

		id := b.in(t, notification.StatusFailed, notification.ReasonIOUnavailable)
		require.NoError(t, b.Retry(t.Context(), b.user(gateway.RoleOperator), id))

		until(t, func() bool { return len(b.runs(t, id)) == 2 })

		n := b.stored(t, id)
		require.Equal(t, 2, n.Run)
		require.Equal(t, notification.StatusAccepted, n.Status)
		require.Empty(t, n.Reason)
		require.Zero(t, n.SettledAt)
	})
}

func TestTwoRetriesAtOnceAreOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const people = 8

		b := newBundle(t, store)
		id := b.in(t, notification.StatusFailed, notification.ReasonIOUnavailable)
		errs := make([]error, people)

		var group sync.WaitGroup
		for i := range people {
			group.Go(func() { errs[i] = b.Retry(t.Context(), support(), id) })
		}

		group.Wait()

		done := 0

		for _, err := range errs {
			if err == nil {
				done++
			} else {
				require.ErrorIs(t, err, gateway.ErrState)
			}
		}

		require.Equal(t, 1, done)
		require.Equal(t, 2, b.stored(t, id).Run)
	})
}
