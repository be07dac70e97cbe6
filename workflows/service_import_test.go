package workflows_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// clerk stands where the activities of a service import would, and plays an IO with some services.
type clerk struct {
	services int
	refused  notification.Reason // of the list
	revoked  string              // the service at which the manage key is revoked
	forbids  string              // the service whose keys IO does not give
	broken   string              // the service at which our own side fails

	offsets   []int
	keys      []string
	published []string
	finished  []workflows.ServiceImportEnd
	forgotten []time.Time

	env     *testsuite.TestWorkflowEnvironment
	options map[string]workflow.ActivityOptions
}

const servicesOfAPage = 2

func (c *clerk) ListServices(_ context.Context, listing workflows.ServiceListing) (workflows.ServiceList, error) {
	c.offsets = append(c.offsets, listing.Offset)

	if len(c.offsets) == 1 {
		return workflows.ServiceList{}, temporal.NewApplicationError("", string(notification.ReasonIOUnavailable))
	}

	list := workflows.ServiceList{Reason: c.refused}
	for i := listing.Offset; i < min(listing.Offset+servicesOfAPage, c.services); i++ {
		list.ServiceIDs = append(list.ServiceIDs, "S"+strconv.Itoa(i))
	}

	if len(list.ServiceIDs) > 0 {
		list.Next = listing.Offset + servicesOfAPage
	}

	return list, nil
}

func (c *clerk) FetchServiceKeys(_ context.Context, service workflows.ListedService) (workflows.ServiceFetched, error) {
	c.keys = append(c.keys, service.ServiceID)

	switch service.ServiceID {
	case c.revoked:
		return workflows.ServiceFetched{Reason: notification.ReasonIOKeyRejected}, nil
	case c.forbids:
		return workflows.ServiceFetched{Reason: notification.ReasonIOForbidden}, nil
	case c.broken:
		return workflows.ServiceFetched{}, temporal.NewNonRetryableApplicationError("", string(notification.ReasonInternalError), nil)
	}

	return workflows.ServiceFetched{}, nil
}

func (c *clerk) FetchPublication(_ context.Context, service workflows.ListedService) (workflows.ServiceFetched, error) {
	c.published = append(c.published, service.ServiceID)

	return workflows.ServiceFetched{}, nil
}

func (c *clerk) FinishServiceImport(_ context.Context, end workflows.ServiceImportEnd) error {
	c.finished = append(c.finished, end)

	return nil
}

func (c *clerk) ForgetServiceImport(context.Context, workflows.ServiceImportEnd) error {
	c.forgotten = append(c.forgotten, c.env.Now())

	return nil
}

// read plays a reading; a person chooses after a while, where chosenAfter is not 0.
func (c *clerk) read(t *testing.T, chosenAfter time.Duration) error {
	t.Helper()

	v := newVoyage(t)
	c.env, c.options = v.env, map[string]workflow.ActivityOptions{}
	v.observe(c.options)
	c.env.SetOnLocalActivityStartedListener(nil)
	c.env.SetOnActivityStartedListener(nil)
	c.env.RegisterActivity(c)

	if chosenAfter > 0 {
		c.env.RegisterDelayedCallback(func() { c.env.SignalWorkflow(workflows.SignalServicesImported, nil) }, chosenAfter)
	}

	c.env.ExecuteWorkflow(workflows.ServiceImport, workflows.ServiceImportInput{ImportID: "import-1", EnteID: "ente-1"})
	require.True(t, c.env.IsWorkflowCompleted())

	return c.env.GetWorkflowError()
}

func TestServiceImportReadsEveryService(t *testing.T) {
	t.Parallel()

	c := &clerk{services: 5, forbids: "S3"}
	require.NoError(t, c.read(t, time.Hour))

	require.Equal(t, []int{0, 0, 2, 4, 6}, c.offsets, "the first failed; the last is empty")
	require.ElementsMatch(t, []string{"S0", "S1", "S2", "S3", "S4"}, c.keys)
	require.ElementsMatch(t, c.keys, c.published)
	require.Equal(t, []workflows.ServiceImportEnd{{ImportID: "import-1"}}, c.finished, "one service without keys is no failure")
	require.Len(t, c.forgotten, 1)
	require.Less(t, c.forgotten[0].Sub(departure()), 2*time.Hour)

	for _, activity := range []string{
		workflows.ActivityListServices, workflows.ActivityFetchServiceKeys, workflows.ActivityFetchPublication,
	} {
		require.Equal(t, workflows.TaskQueueIO, c.options[activity].TaskQueue, "paced like every other call")
		require.True(t, c.options[activity].DisableEagerExecution)
	}
}

func TestServiceImportWaitsADayForAChoice(t *testing.T) {
	t.Parallel()

	c := &clerk{services: 1}
	require.NoError(t, c.read(t, 0))
	require.Len(t, c.forgotten, 1)
	require.WithinDuration(t, departure().Add(workflows.StagedFor), c.forgotten[0], time.Minute)
}

func TestServiceImportThatIORefuses(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		clerk clerk
		want  notification.Reason
		asked int
	}{
		"the key is not in force":      {clerk{services: 9, refused: notification.ReasonIOKeyRejected}, notification.ReasonIOKeyRejected, 2},
		"the key is no manage key":     {clerk{services: 9, refused: notification.ReasonIOForbidden}, notification.ReasonIOForbidden, 2},
		"the key is revoked meanwhile": {clerk{services: 9, revoked: "S1"}, notification.ReasonIOKeyRejected, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := test.clerk
			require.NoError(t, c.read(t, 0))
			require.Len(t, c.offsets, test.asked)
			require.Equal(t, []workflows.ServiceImportEnd{{ImportID: "import-1", Reason: test.want}}, c.finished)
			require.Empty(t, c.forgotten, "what failed is not there to be chosen from")
		})
	}
}

func TestServiceImportThatOurOwnSideFails(t *testing.T) {
	t.Parallel()

	c := &clerk{services: 9, broken: "S0"}
	require.Error(t, c.read(t, 0))
	require.Equal(t, []workflows.ServiceImportEnd{{ImportID: "import-1", Reason: notification.ReasonInternalError}}, c.finished)
}
