package worker_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/worker"
)

// deafClient is that of a Temporal which does not answer: it would wait as long as it is let.
type deafClient struct {
	client.Client

	patience time.Duration
}

// SignalWithStartWorkflow notes how long it may take.
//
//nolint:revive // The arguments are the SDK's.
func (c *deafClient) SignalWithStartWorkflow(
	ctx context.Context, _, _ string, _ any, _ client.StartWorkflowOptions, _ any, _ ...any,
) (client.WorkflowRun, error) {
	if deadline, bounded := ctx.Deadline(); bounded {
		c.patience = time.Until(deadline)
	}

	return nil, context.DeadlineExceeded
}

// The call that IO refused waits meanwhile to have its outcome recorded.
func TestBrakeDoesNotWaitForTemporal(t *testing.T) {
	t.Parallel()

	temporal := &deafClient{}

	require.Error(t, worker.Brake{Temporal: temporal}.Refused(context.WithoutCancel(t.Context()), "ente"))
	require.Positive(t, temporal.patience)
	require.LessOrEqual(t, temporal.patience, time.Second)
}
