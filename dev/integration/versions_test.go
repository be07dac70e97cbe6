package integration_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

// sample is how many workflows of a kind a release tries out here.
const sample = 3

// versions is the release of p's workers.
func (p *pieces) versions(t *testing.T) worker.Versions {
	t.Helper()

	temporal, err := p.engine.Connect(zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(temporal.Close)

	return worker.Versions{Temporal: temporal, Namespace: namespace}
}

// within bounds what a release waits for.
func within(t *testing.T, patience time.Duration) context.Context {
	t.Helper()

	ctx, done := context.WithTimeout(t.Context(), patience)
	t.Cleanup(done)

	return ctx
}

// ranOn tells the build ids on which a notification's workflow ran, in their order.
func ranOn(t *testing.T, temporal client.Client, notificationID string) []string {
	t.Helper()

	var builds []string

	events := temporal.GetWorkflowHistory(t.Context(), workflows.NotificationID(notificationID), "", false,
		enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)

		if completed := event.GetWorkflowTaskCompletedEventAttributes(); completed != nil {
			builds = append(builds, completed.GetDeploymentVersion().GetBuildId())
		}
	}

	return slices.Compact(builds)
}

// TestRelease: workers of a version get work once it is released; what waits goes on with the next version, and with the one
// before when somebody goes back.
//
//nolint:paralleltest // as TestQuotaHoldsThroughARollOut.
func TestRelease(t *testing.T) {
	p := layOut(t)
	versions := p.versions(t)
	service := p.tenant.service(t, "standard", notification.DefaultPolicy())

	_, err := versions.Release(within(t, 2*time.Second), "one", sample)
	require.ErrorContains(t, err, "no worker of version one")

	stopOne := p.startVersion(t, "one")

	waiting := p.tenant.submit(t, orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 1), ""))
	overview := p.awaitVersion(t, versions, "one")
	require.Empty(t, overview.Current)
	require.Equal(t, worker.VersionWaiting, overview.Versions[0].Status)
	require.False(t, p.tenant.read(t, waiting).final(), "nothing was released")

	_, err = versions.GoBack(within(t, 3*patience), "one")
	require.ErrorIs(t, err, worker.ErrNeverReleased)

	process := wiring.Process{Store: p.store, Temporal: versions.Temporal, Namespace: namespace, Life: &wiring.Life{}}
	told := process.Status(t.Context())
	require.True(t, told.Temporal.Reachable)
	require.Empty(t, told.Temporal.CurrentVersion)
	require.Contains(t, told.Temporal.Advice, "genio admin release")
	require.Positive(t, told.Temporal.Queues[0].Workers["one"])

	released, err := versions.Release(within(t, 3*patience), "one", sample)
	require.NoError(t, err)
	require.Empty(t, released.Before)
	require.Equal(t, "delivered", p.tenant.await(t, waiting, notice.final).Status)
	require.Equal(t, []string{"one"}, ranOn(t, versions.Temporal, waiting))

	again, err := versions.Release(within(t, 3*patience), "one", sample)
	require.NoError(t, err)
	require.Equal(t, worker.Released{Before: "one"}, again, "a second release does nothing")

	require.Eventually(t, func() bool { return len(process.Status(t.Context()).Temporal.Schedules) >= 2 }, patience, glance)

	told = process.Status(t.Context())
	require.Equal(t, "one", told.Temporal.CurrentVersion)
	require.Empty(t, told.Temporal.Advice)
	require.False(t, told.Temporal.Schedules[0].Next.IsZero())

	// What waits for its hour lives longer than a version.
	later := orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 2), "")
	later.SendAt = time.Now().Add(soon)
	scheduled := p.tenant.submit(t, later)
	held := p.hold(t, service)

	p.tenant.awaitTimeline(t, scheduled, timeline.tellsSchedule)
	p.startVersion(t, "two")

	released, err = versions.Release(within(t, 3*patience), "two", sample)
	require.NoError(t, err)
	require.Equal(t, "one", released.Before)
	require.Positive(t, released.Rehearsal.Replayed)
	require.LessOrEqual(t, released.Rehearsal.Replayed, released.Rehearsal.Open)

	// Its hour comes before or after the release, as fast as the machine is: either way it ends.
	require.Equal(t, "delivered", p.tenant.await(t, scheduled, notice.final).Status)

	// Back, while the workers of the version before are still there.
	released, err = versions.GoBack(within(t, 3*patience), "one")
	require.NoError(t, err)
	require.Equal(t, "two", released.Before)

	first := p.tenant.submit(t, orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 3), ""))
	require.Equal(t, "delivered", p.tenant.await(t, first, notice.final).Status)
	require.Equal(t, []string{"one"}, ranOn(t, versions.Temporal, first))

	_, err = versions.Release(within(t, 3*patience), "two", sample)
	require.NoError(t, err)
	stopOne()

	// Nobody is left to whom one could go back.
	_, err = versions.GoBack(within(t, 2*time.Second), "one")
	require.ErrorContains(t, err, "no worker of version one asks for work")

	require.Equal(t, 202, p.tenant.act(t, held, "resume", nil))
	require.Equal(t, "delivered", p.tenant.await(t, held, notice.final).Status)
	require.Equal(t, []string{"one", "two"}, ranOn(t, versions.Temporal, held))
}

// awaitVersion waits until workers of a version ask for work.
func (p *pieces) awaitVersion(t *testing.T, versions worker.Versions, buildID string) worker.Overview {
	t.Helper()

	var overview worker.Overview

	require.Eventually(t, func() bool {
		found, err := versions.Overview(t.Context())
		overview = found

		return err == nil && slices.ContainsFunc(found.Versions, func(v worker.Version) bool { return v.BuildID == buildID })
	}, patience, glance)

	return overview
}

// hold submits a notification and holds it.
func (p *pieces) hold(t *testing.T, service service) string {
	t.Helper()

	order := orderFor(service, simulator.FiscalCode(simulator.CitizenDelivered, 9), "")
	order.SendAt = time.Now().Add(soon)
	id := p.tenant.submit(t, order)
	p.tenant.awaitTimeline(t, id, timeline.tellsSchedule)
	require.Equal(t, 202, p.tenant.act(t, id, "hold", nil))
	p.tenant.await(t, id, func(n notice) bool { return n.Status == "on_hold" })

	return id
}

// TestReleaseIsRefused: a version that could not go on with what is open is not released, and the refusal names what is open
// and nothing that it is about.
func TestReleaseIsRefused(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	versions := p.versions(t)

	p.strange(t, versions.Temporal)
	p.startVersion(t, "one")

	refused, err := versions.Release(within(t, 3*patience), "one", sample)
	require.ErrorIs(t, err, worker.ErrNotRehearsed)

	told := map[string]string{}
	for _, refusal := range refused.Rehearsal.Refused {
		told[refusal.ID] = refusal.Why
		require.NotEmpty(t, refusal.RunID)
		require.NotContains(t, fmt.Sprint(refusal), "secret")
	}

	require.Equal(t, map[string]string{
		"oldest": "the code takes other steps than the history", "newest": "the code takes other steps than the history",
		"stranger": "the code does not know this workflow",
	}, told, "of %d open ones, the newest and the oldest are tried", refused.Rehearsal.Open)
	// Scheduled ones may have come meanwhile, which nobody carries out yet.
	require.GreaterOrEqual(t, refused.Rehearsal.Open, 7)

	overview, err := versions.Overview(t.Context())
	require.NoError(t, err)
	require.Empty(t, overview.Current, "nothing was changed")
}

// strange leaves workflows open that another program began: six under a name of ours, of which the ones in the middle have
// not been taken up by any worker, and one under a name that we do not know.
func (p *pieces) strange(t *testing.T, temporal client.Client) {
	t.Helper()

	works := sdk.New(temporal, workflows.TaskQueue, sdk.Options{})
	waits := func(ctx workflow.Context, _ string) error { return workflow.Sleep(ctx, time.Hour) }

	works.RegisterWorkflowWithOptions(waits, workflow.RegisterOptions{Name: workflows.RecipientCheckWorkflow})
	works.RegisterWorkflowWithOptions(waits, workflow.RegisterOptions{Name: "Stranger"})
	require.NoError(t, works.Start())
	t.Cleanup(works.Stop)

	begin := func(id, kind, queue string) {
		_, err := temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, kind, "secret")
		require.NoError(t, err)
	}

	begin("oldest", workflows.RecipientCheckWorkflow, workflows.TaskQueue)

	for range 4 {
		begin(uuid.NewString(), workflows.RecipientCheckWorkflow, "nobody")
	}

	begin("newest", workflows.RecipientCheckWorkflow, workflows.TaskQueue)
	begin("stranger", "Stranger", workflows.TaskQueue)

	require.Eventually(t, func() bool {
		begun := 0

		for _, id := range []string{"oldest", "newest", "stranger"} {
			described, err := temporal.DescribeWorkflowExecution(t.Context(), id, "")
			if err == nil && described.GetWorkflowExecutionInfo().GetHistoryLength() >= 5 {
				begun++
			}
		}

		return begun == 3
	}, patience, glance)

	// The lists follow a moment later.
	require.Eventually(t, func() bool {
		counted, err := temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: namespace, Query: "ExecutionStatus = 'Running'",
		})

		return err == nil && counted.GetCount() == 7
	}, patience, glance)
}

// TestQuotaHoldsThroughARollOut: two versions of the workers, side by side and one after the other, call IO for an Ente no more
// often than one would, and an Ente with a large backlog does not delay another's few.
//
//nolint:paralleltest // it comes before the tests that are parallel: among a dozen of them Temporal takes minutes to spread a version.
func TestQuotaHoldsThroughARollOut(t *testing.T) {
	const (
		// pace is slow, so that the flood lasts longer than a roll-out does on a busy machine. Each notification costs two calls;
		// those that send come last, and are in the ledger.
		pace   = 8
		flood  = 120
		few    = 6
		window = 5 * time.Second
	)

	p := layOut(t)
	p.callsPerSecond = pace
	versions := p.versions(t)
	large := p.tenant
	small := foundTenant(t, large.does, p.plays, large.secrets, 2)
	floods, others := large.service(t, "flood", notification.DefaultPolicy()), small.service(t, "few", notification.DefaultPolicy())

	stopOne := p.startVersion(t, "one")
	_, err := versions.Release(within(t, 3*patience), "one", sample)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return paceOf(t.Context(), versions.Temporal) == pace }, patience, glance)

	p.startVersion(t, "two")

	ids := make([]string, flood)
	for i := range ids {
		ids[i] = large.submit(t, orderFor(floods, simulator.FiscalCode(simulator.CitizenDelivered, firstSerial+i), ""))
	}

	// The version changes while most of the flood waits for its turn, and the old workers go.
	_, err = versions.Release(within(t, 3*patience), "two", sample)
	require.NoError(t, err)
	require.Less(t, len(p.plays.Ledger()), flood, "released in the middle of the flood")

	fewIDs := make([]string, few)
	for i := range fewIDs {
		fewIDs[i] = small.submit(t, orderFor(others, simulator.FiscalCode(simulator.CitizenDelivered, 2*firstSerial+i), ""))
	}

	stopOne()

	for _, id := range fewIDs {
		require.Equal(t, "delivered", small.await(t, id, notice.final).Status)
	}

	require.Less(t, len(p.plays.Ledger()), flood, "the few did not wait for the flood")

	for _, id := range ids {
		require.Equal(t, "delivered", large.await(t, id, notice.final).Status)
	}

	entries := p.plays.Ledger()
	require.Len(t, entries, flood+few, "each was sent once")
	// Temporal lets a key that was idle begin with one second's calls at once.
	require.LessOrEqual(t, busiest(entries, large.id, window), pace*6)
	require.Equal(t, []string{"one", "two"}, ranOnAny(t, versions.Temporal, ids))
}

// busiest counts the messages of an Ente in the window that has most of them.
func busiest(entries []simulator.Entry, enteID string, window time.Duration) int {
	var times []time.Time

	for _, entry := range entries {
		if entry.EnteID == enteID {
			times = append(times, entry.At)
		}
	}

	slices.SortFunc(times, time.Time.Compare)

	most, first := 0, 0

	for i, at := range times {
		for at.Sub(times[first]) >= window {
			first++
		}

		most = max(most, i-first+1)
	}

	return most
}

// ranOnAny tells the build ids on which some of the notifications ran.
func ranOnAny(t *testing.T, temporal client.Client, ids []string) []string {
	t.Helper()

	var builds []string
	for _, id := range ids {
		builds = append(builds, ranOn(t, temporal, id)...)
	}

	slices.SortFunc(builds, strings.Compare)

	return slices.Compact(builds)
}
