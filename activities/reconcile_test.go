package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

// inspection is a bench of reconciliations: whatever was done before it is old enough to be looked at.
type inspection struct {
	bench

	engine *engine
	run    string
}

// inspect runs a test over both databases.
func inspect(t *testing.T, test func(t *testing.T, i *inspection)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		i := &inspection{bench: newBench(t, store), engine: &engine{
			store: store, known: map[string]workflows.Execution{}, numbers: map[string]int{},
			results: map[string]workflows.NotificationResult{},
		}}
		i.does.Executions, i.does.Reporter, i.does.Starter = i.engine, i.engine, i.engine
		i.does.Grace = activities.Grace{Start: time.Nanosecond, Call: time.Nanosecond, Message: time.Nanosecond}
		i.begin(t)
		test(t, i)
	})
}

func (i *inspection) begin(t *testing.T) {
	t.Helper()

	i.run = newID(t)
	_, err := run[any](i.task(t, workflows.ActivityBeginReconciliation), i.run)
	require.NoError(t, err)
}

// check makes all pages of a check.
func (i *inspection) check(t *testing.T, check notification.Check) notification.CheckResult {
	t.Helper()

	var sum notification.CheckResult

	page := workflows.ReconciliationPage{ID: i.run, Check: check}

	for {
		result, err := run[workflows.ReconciliationPageResult](i.task(t, workflows.ActivityReconcilePage), page)
		require.NoError(t, err)

		sum = sum.Add(result.CheckResult)

		for _, question := range result.Ask {
			answer, err := run[notification.CheckResult](i.task(t, workflows.ActivityCompareWithIO), question)
			require.NoError(t, err)

			sum = sum.Add(answer)
		}

		if page.Cursor = result.Next; page.Cursor == "" {
			sum.Check = check

			return sum
		}
	}
}

func (i *inspection) end(t *testing.T, results ...notification.CheckResult) {
	t.Helper()

	_, err := run[any](i.task(t, workflows.ActivityEndReconciliation), workflows.ReconciliationEnd{ID: i.run, Results: results})
	require.NoError(t, err)
}

func (i *inspection) open(t *testing.T) []notification.Finding {
	t.Helper()

	open, _, err := i.store.Findings(t.Context(), db.FindingFilter{Open: true}, db.Cursor{}, 100)
	require.NoError(t, err)

	return open
}

func (i *inspection) head(t *testing.T, id string) notification.Notification {
	t.Helper()

	head, err := i.store.Head(t.Context(), id)
	require.NoError(t, err)

	return head
}

// working is a notification whose workflow is at work, as far as the database knows.
func (i *inspection) working(t *testing.T, n int) string {
	t.Helper()

	id := i.toPhone(t, simulator.PhoneDelivered, n)
	_, err := i.store.Begin(t.Context(), id, db.Run{Number: 1, TemporalID: "run-1"})
	require.NoError(t, err)

	return id
}

func (i *inspection) runs(id string, state workflows.ExecutionState, pending ...string) {
	i.engine.known[workflows.NotificationID(id)] = workflows.Execution{
		State: state, RunID: "run-1", Pending: pending, ClosedAt: time.Now().Add(-time.Hour),
	}
}

func TestWhatNobodyStartedIsStarted(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		id := i.toCitizen(t, simulator.CitizenDelivered, 1)

		result := i.check(t, notification.CheckUnstarted)
		require.Equal(t, notification.CheckResult{Check: notification.CheckUnstarted, Looked: 1, Found: 1, Repaired: 1}, result)
		require.Equal(t, []string{id}, i.engine.started)
		require.Zero(t, i.check(t, notification.CheckUnstarted).Found)
		require.Empty(t, i.open(t))
	})
}

func TestWhatCannotBeStartedIsForAPerson(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		i.toCitizen(t, simulator.CitizenDelivered, 1)
		i.engine.away = true

		result := i.check(t, notification.CheckUnstarted)
		require.Equal(t, []int{1, 1}, []int{result.Person, result.Difference})
		require.Equal(t, notification.FindingNotStarted, i.open(t)[0].Code)

		i.engine.away = false
		require.Equal(t, 1, i.check(t, notification.CheckUnstarted).Repaired)
		require.Empty(t, i.open(t), "it was repaired in the end")
	})
}

// TestLostWorkflows: what becomes of an open notification whose workflow does not run.
func TestLostWorkflows(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		prepare func(t *testing.T, i *inspection, id string)
		status  notification.Status
		reason  notification.Reason
		run     int
		result  notification.CheckResult
	}{
		"running": {
			func(_ *testing.T, i *inspection, id string) { i.runs(id, workflows.ExecutionRunning) },
			notification.StatusInProgress, "", 1,
			notification.CheckResult{},
		},
		"missing": {
			func(*testing.T, *inspection, string) {},
			notification.StatusAccepted, "", 2,
			notification.CheckResult{Found: 1, Repaired: 1},
		},
		"missing, uncertain": {
			func(t *testing.T, i *inspection, id string) {
				attempt := i.begun(t, id, notification.ChannelIO)
				i.recorded(t, attempt.ID, db.AttemptChange{Status: notification.AttemptUncertain})
				require.NoError(t, i.store.SetHold(t.Context(), id, notification.ReasonIOOutcomeUncertain))
			},
			notification.StatusAccepted, "", 2,
			notification.CheckResult{Found: 1, Repaired: 1},
		},
		"missing, a call may be under way": {
			func(t *testing.T, i *inspection, id string) {
				i.begun(t, id, notification.ChannelIO)
				i.does.Grace.Call = time.Hour
			},
			notification.StatusInProgress, "", 1,
			notification.CheckResult{},
		},
		"missing, held": {
			func(t *testing.T, i *inspection, id string) {
				require.NoError(t, i.store.SetHold(t.Context(), id, notification.ReasonHeldByOperator))
			},
			notification.StatusFailed, notification.ReasonWorkInterrupted, 1,
			notification.CheckResult{Found: 1, Person: 1},
		},
		"restored to an earlier run": {
			func(_ *testing.T, i *inspection, id string) {
				i.runs(id, workflows.ExecutionEnded)
				i.engine.numbers[id] = 0
			},
			notification.StatusAccepted, "", 2,
			notification.CheckResult{Found: 1, Repaired: 1},
		},
		"ended, and says how": {
			func(_ *testing.T, i *inspection, id string) {
				i.runs(id, workflows.ExecutionEnded)
				i.engine.results[id] = workflows.NotificationResult{
					Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
				}
			},
			notification.StatusDelivered, notification.ReasonIODelivered, 1,
			notification.CheckResult{Found: 1, Repaired: 1},
		},
		"ended, and does not say how": {
			func(_ *testing.T, i *inspection, id string) { i.runs(id, workflows.ExecutionEnded) },
			notification.StatusFailed, notification.ReasonWorkInterrupted, 1,
			notification.CheckResult{Found: 1, Person: 1},
		},
		"terminated": {
			func(_ *testing.T, i *inspection, id string) { i.runs(id, workflows.ExecutionStopped) },
			notification.StatusFailed, notification.ReasonWorkInterrupted, 1,
			notification.CheckResult{Found: 1, Person: 1},
		},
		"terminated just now": {
			func(_ *testing.T, i *inspection, id string) {
				i.runs(id, workflows.ExecutionStopped)
				i.does.Grace.Call = 2 * time.Hour
			},
			notification.StatusInProgress, "", 1,
			notification.CheckResult{},
		},
		"settled meanwhile": {
			func(t *testing.T, i *inspection, id string) {
				i.engine.onLook = func() {
					require.NoError(t, i.store.Settle(t.Context(), id,
						db.Settlement{Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered}))
				}
			},
			notification.StatusDelivered, notification.ReasonIODelivered, 1,
			notification.CheckResult{},
		},
	}

	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inspect(t, func(t *testing.T, i *inspection) {
				id := i.working(t, 1)
				test.prepare(t, i, id)

				want := test.result
				want.Check = notification.CheckLost
				got := i.check(t, notification.CheckLost)
				require.NotZero(t, got.Looked)

				got.Looked = 0
				require.Equal(t, want, got)

				head := i.head(t, id)
				require.Equal(t, []any{test.status, test.reason, test.run}, []any{head.Status, head.Reason, head.Run})
				require.Len(t, i.engine.started, test.run-1)
				require.Len(t, i.open(t), want.Person)

				if want.Found > 0 {
					i.engine.onLook = nil
					require.Zero(t, i.check(t, notification.CheckLost).Found, "it is found once")
				}
			})
		})
	}
}

// TestWhatIsLostAgainAndAgainIsForAPerson: another run does not mend what loses workflows.
func TestWhatIsLostAgainAndAgainIsForAPerson(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		id := i.working(t, 1)

		for range 3 {
			require.Equal(t, 1, i.check(t, notification.CheckLost).Repaired)
			clear(i.engine.known)
			i.begin(t)
		}

		require.Equal(t, 1, i.check(t, notification.CheckLost).Person)
		require.Equal(t, notification.ReasonWorkInterrupted, i.head(t, id).Reason)
	})
}

func TestTemporalAwayMakesNoFindings(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		i.working(t, 1)
		i.engine.away = true

		_, err := run[workflows.ReconciliationPageResult](i.task(t, workflows.ActivityReconcilePage),
			workflows.ReconciliationPage{ID: i.run, Check: notification.CheckLost})
		requireRetry(t, err, string(notification.ReasonInternalError))
		require.Empty(t, i.open(t))

		_, err = run[workflows.ReconciliationPageResult](i.task(t, workflows.ActivityReconcilePage),
			workflows.ReconciliationPage{ID: i.run, Check: "weather"})
		requireFinal(t, err)
	})
}

func TestStrayWorkflows(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		healthy, settled, nobodys := i.working(t, 1), i.working(t, 2), newID(t)
		for _, id := range []string{healthy, settled, nobodys} {
			i.runs(id, workflows.ExecutionRunning)
		}

		require.NoError(t, i.store.Settle(t.Context(), settled,
			db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonInternalError}))

		result := i.check(t, notification.CheckStray)
		require.Equal(t, notification.CheckResult{
			Check: notification.CheckStray, Looked: 3, Found: 2, Repaired: 1, Person: 1, Difference: 1,
		}, result)
		require.Equal(t, []string{settled}, i.engine.stopped)
		require.Equal(t, []any{notification.FindingWithoutRow, nobodys}, []any{i.open(t)[0].Code, i.open(t)[0].SubjectID})

		i.end(t, result)
		i.begin(t)
		require.Equal(t, 2, i.check(t, notification.CheckStray).Person, "it was asked to end once")
		require.Len(t, i.engine.stopped, 1)

		clear(i.engine.known)
		i.begin(t)
		i.end(t, i.check(t, notification.CheckStray))
		require.Empty(t, i.open(t), "they are gone")
	})
}

func TestCallsWithoutOutcome(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		minded, idle, ended := i.working(t, 1), i.working(t, 2), i.working(t, 3)
		i.runs(minded, workflows.ExecutionRunning, workflows.ActivitySendToIO)
		i.runs(idle, workflows.ExecutionRunning, workflows.ActivityAwaitSMSDelivery)

		for _, id := range []string{minded, idle, ended} {
			i.begun(t, id, notification.ChannelIO)
		}

		require.NoError(t, i.store.Settle(t.Context(), ended,
			db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonInternalError}))

		result := i.check(t, notification.CheckCalls)
		require.Equal(t, notification.CheckResult{
			Check: notification.CheckCalls, Looked: 3, Found: 2, Repaired: 1, Person: 1, Difference: 1,
		}, result)
		require.Equal(t, notification.AttemptUncertain, i.onlyAttempt(t, ended).Status)
		require.Equal(t, notification.AttemptSending, i.onlyAttempt(t, minded).Status)
		require.Equal(t, idle, i.open(t)[0].NotificationID)
		require.Empty(t, i.received(t, idle, simulator.ChannelIO), "nothing is sent")
	})
}

// TestCallsOfSMSAreLookedUp: the provider's list knows what became of the call of a worker that died.
func TestCallsOfSMSAreLookedUp(t *testing.T) {
	t.Parallel()
	inspect(t, func(t *testing.T, i *inspection) {
		id := i.working(t, 1)
		attempt := i.begun(t, id, notification.ChannelSMS)
		n, err := i.store.Notification(t.Context(), id)
		require.NoError(t, err)

		receipt, err := i.does.SMS.Send(t.Context(), sms.Message{
			AttemptID: attempt.ID, To: n.Recipient.Phone, Sender: i.service.SMSSender, Text: smsText,
		})
		require.NoError(t, err)
		require.NoError(t, i.store.Settle(t.Context(), id,
			db.Settlement{Status: notification.StatusFailed, Reason: notification.ReasonInternalError}))

		require.Equal(t, 1, i.check(t, notification.CheckCalls).Repaired)
		require.Equal(t, []any{notification.AttemptSent, receipt.ProviderID},
			[]any{i.onlyAttempt(t, id).Status, i.onlyAttempt(t, id).ProviderID})
		require.Len(t, i.received(t, id, simulator.ChannelTwilio), 1)
	})
}
