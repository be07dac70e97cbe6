package workflows_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// namesDeclared reads the string constants of a contract's file whose names begin with prefix.
func namesDeclared(t *testing.T, contract, prefix string) []string {
	t.Helper()

	file, err := parser.ParseFile(token.NewFileSet(), contract, nil, parser.SkipObjectResolution)
	require.NoError(t, err)

	var values []string

	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}

		literal, ok := spec.Values[0].(*ast.BasicLit)
		require.True(t, ok, spec.Names[0].Name)

		value, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)

		values = append(values, value)

		return true
	})

	return values
}

// A name that no method has would be asked for in vain, for ever.
func TestActivityNamesAreTheMethods(t *testing.T) {
	t.Parallel()

	for file, contract := range map[string]reflect.Type{
		"contract.go":       reflect.TypeFor[workflows.Activities](),
		"batch_contract.go": reflect.TypeFor[workflows.BatchActivities](),
		"pace.go":           reflect.TypeFor[workflows.PaceActivities](),
		"webhook.go":        reflect.TypeFor[workflows.WebhookActivities](),

		"intervention_contract.go": reflect.TypeFor[workflows.InterventionActivities](),
		"privacy_contract.go":      reflect.TypeFor[workflows.PrivacyActivities](),
	} {
		var methods []string
		for method := range contract.Methods() {
			methods = append(methods, method.Name)
		}

		require.ElementsMatch(t, methods, namesDeclared(t, file, "Activity"), file)
	}
}

func TestEverySignalHasAnEffect(t *testing.T) {
	t.Parallel()

	effects := map[string]func(*testing.T, *voyage){
		workflows.SignalCancel: func(t *testing.T, v *voyage) {
			v.cancel(time.Minute, notification.ReasonPaid)
			v.run()
			v.requireSettled(t, notification.StatusCancelled, notification.ReasonPaid, "")
		},
		workflows.SignalHold: func(t *testing.T, v *voyage) {
			v.signal(time.Minute, workflows.SignalHold, nil)
			v.cancel(time.Hour, notification.ReasonPaid)
			v.run()
			require.Len(t, v.of(workflows.ActivityHold), 2)
		},
		workflows.SignalResume: func(t *testing.T, v *voyage) {
			v.signal(time.Minute, workflows.SignalHold, nil)
			v.signal(2*time.Minute, workflows.SignalResume, nil)
			v.decide(3*time.Minute, workflows.DecisionSMS)
			v.smsTakes()
			v.smsDelivers()
			v.run()
			require.Len(t, v.of(workflows.ActivityHold), 1)
		},
		workflows.SignalDecide: func(t *testing.T, v *voyage) {
			v.decide(time.Minute, workflows.DecisionClose)
			v.run()
			v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonClosedByOperator, "")
		},
		workflows.SignalSMSStatus: func(t *testing.T, v *voyage) {
			v.decide(time.Minute, workflows.DecisionSMS)
			v.smsTakes()
			v.smsDelivers().After(time.Hour)
			v.report(2*time.Minute, notification.AttemptFailed, notification.ReasonSMSBlocked)
			v.run()
			v.requireSettled(t, notification.StatusNotDelivered, notification.ReasonSMSBlocked, "")
		},
	}

	declared := namesDeclared(t, "contract.go", "Signal")
	require.Len(t, declared, len(effects))

	for _, name := range declared {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, effects, name)

			v := inDoubt(t, notification.UncertainHold, withPhone())
			if name == workflows.SignalHold {
				v.decide(2*time.Minute, workflows.DecisionSMS)
			}

			effects[name](t, v)
		})
	}
}

func TestWorkflowIDs(t *testing.T) {
	t.Parallel()

	require.Equal(t, "notification/abc", workflows.NotificationID("abc"))
	require.Equal(t, "recipient-check/abc", workflows.RecipientCheckID("abc"))

	id, ok := workflows.IDOfNotification(workflows.NotificationID("abc"))
	require.True(t, ok)
	require.Equal(t, "abc", id)

	_, ok = workflows.IDOfNotification(workflows.RecipientCheckID("abc"))
	require.False(t, ok)
}

func TestPriorities(t *testing.T) {
	t.Parallel()

	for priority, key := range map[notification.Priority]int{
		notification.PriorityUrgent: 1, notification.PriorityNormal: 3, notification.PriorityBulk: 5, "": 3,
	} {
		require.Equal(t, temporal.Priority{PriorityKey: key, FairnessKey: "ente-1"},
			workflows.PriorityOf("ente-1", priority))
	}
}

// Calls that hand over are waited for, and every call to a provider goes through its paced queue: an eager activity
// would pass it by.
func TestActivityOptions(t *testing.T) {
	t.Parallel()

	options := map[string]workflow.ActivityOptions{}

	v := newVoyage(t)
	v.observe(options)
	v.prepared(withPhone())
	v.onIO()
	v.ioTakes()
	v.ioEnds(notification.AttemptFailed, notification.ReasonIORejected)
	v.bySMS()
	v.run()

	v.requireSettled(t, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)

	want := map[string]struct {
		queue   string
		handing bool
	}{
		workflows.ActivityCheckProfile:     {workflows.TaskQueueIO, false},
		workflows.ActivitySendToIO:         {workflows.TaskQueueIO, true},
		workflows.ActivityAwaitIODelivery:  {workflows.TaskQueueIO, false},
		workflows.ActivitySendSMS:          {workflows.TaskQueueSMS, true},
		workflows.ActivityAwaitSMSDelivery: {workflows.TaskQueueSMS, false},
	}
	require.Len(t, options, len(want))

	for name, w := range want {
		got := options[name]
		require.Equal(t, w.queue, got.TaskQueue, name)
		require.Equal(t, w.handing, got.WaitForCancellation, name)
		require.True(t, got.DisableEagerExecution, name)

		timeout := 30 * time.Second
		if w.handing {
			timeout = workflows.HandOverTimeout
		}

		require.Equal(t, timeout, got.StartToCloseTimeout, name)
		require.Zero(t, got.ScheduleToCloseTimeout, name)
		require.Zero(t, got.RetryPolicy.MaximumAttempts, name)
		require.NotEmpty(t, got.Summary, name)
	}
}
