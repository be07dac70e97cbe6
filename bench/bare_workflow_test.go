package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// TestBareWorkflow: it comes to its end as GeNIO's does, asks in vain once, and says so.
func TestBareWorkflow(t *testing.T) {
	t.Parallel()

	var (
		suite testsuite.WorkflowTestSuite
		told  strings.Builder
		asked []string
	)

	environment := suite.NewTestWorkflowEnvironment()
	(&bareActivities{tells: &told}).register(environment)
	environment.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		asked = append(asked, info.ActivityType.Name)
	})

	began := environment.Now()
	environment.ExecuteWorkflow(bareWorkflow, workflows.NotificationInput{ID: "some-id", Run: 1, Policy: notification.DefaultPolicy()})
	require.True(t, environment.IsWorkflowCompleted())
	require.NoError(t, environment.GetWorkflowError())
	require.Equal(t, []string{bareProfile, bareSend, bareAwait, bareAwait}, asked)
	require.GreaterOrEqual(t, environment.Now().Sub(began), 3*time.Second, "IO is given its time")

	one, err := parseBareSettled(strings.TrimSpace(told.String()))
	require.NoError(t, err)
	require.Equal(t, "some-id", one.ID)
}

func TestBareSettled(t *testing.T) {
	t.Parallel()

	one := bareSettled{ID: "some-id", At: time.Unix(1_790_000_000, 123_456_789)}

	read, err := parseBareSettled(one.String())
	require.NoError(t, err)
	require.Equal(t, one.ID, read.ID)
	require.True(t, one.At.Equal(read.At))

	for _, line := range []string{"", "some-id", "some-id now", "some-id 1 2"} {
		_, err := parseBareSettled(line)
		require.Error(t, err, line)
	}
}
