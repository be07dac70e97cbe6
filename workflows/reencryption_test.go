package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

var _ workflows.ReencryptionActivities = (*reencryption)(nil)

// reencryption stands where activities encrypt again.
type reencryption struct{}

// ProtectedTables is only asked through the environment's expectations.
func (*reencryption) ProtectedTables(context.Context) ([]string, error) { return nil, nil }

// Reencrypt is only asked through the environment's expectations.
func (*reencryption) Reencrypt(context.Context, workflows.ReencryptionStep) (workflows.Reencrypted, error) {
	return workflows.Reencrypted{}, nil
}

func TestReencryption(t *testing.T) {
	t.Parallel()

	options := map[string]workflow.ActivityOptions{}
	in := workflows.ReencryptionInput{Encryption: 1, Index: 2}

	v := newVoyage(t)
	v.env.RegisterActivity(&reencryption{})
	v.observe(options)
	v.env.OnActivity(workflows.ActivityProtectedTables, mock.Anything).Return([]string{"services", "notifications"}, nil).Once()

	for table, done := range map[string]workflows.Reencrypted{
		"services": {Rows: 1, Values: 1}, "notifications": {Rows: 20, Values: 30, Hashes: 40, Unreadable: 1},
	} {
		v.env.OnActivity(workflows.ActivityReencrypt, mock.Anything, workflows.ReencryptionStep{ReencryptionInput: in, Table: table}).
			Return(done, nil).Once()
	}

	v.env.ExecuteWorkflow(workflows.Reencryption, in)

	var total workflows.Reencrypted

	require.NoError(t, v.env.GetWorkflowError())
	require.NoError(t, v.env.GetWorkflowResult(&total))
	require.Equal(t, workflows.Reencrypted{Rows: 21, Values: 31, Hashes: 40, Unreadable: 1}, total)
	require.NotZero(t, options[workflows.ActivityReencrypt].HeartbeatTimeout)
}

func TestReencryptionThatCannotBeDoneFails(t *testing.T) {
	t.Parallel()

	v := newVoyage(t)
	v.env.RegisterActivity(&reencryption{})
	v.env.OnActivity(workflows.ActivityProtectedTables, mock.Anything).Return([]string{"services"}, nil)
	v.env.OnActivity(workflows.ActivityReencrypt, mock.Anything, mock.Anything).
		Return(workflows.Reencrypted{}, temporal.NewNonRetryableApplicationError("", string(notification.ReasonInternalError), nil))
	v.env.ExecuteWorkflow(workflows.Reencryption, workflows.ReencryptionInput{})

	require.Error(t, v.env.GetWorkflowError())
}
