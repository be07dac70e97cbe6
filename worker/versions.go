package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/workflows"
)

// Deployment is the name under which Temporal knows GeNIO's workers.
const Deployment = "genio"

// pollerMemory is how long ago a worker may have asked for work and still count as one that is there. Temporal remembers those
// that were killed for five minutes; a worker that waits asks again every minute.
const pollerMemory = 2 * time.Minute

// ServedQueue is one kind of work on one task queue.
type ServedQueue struct {
	Name string
	Kind enumspb.TaskQueueType
}

// String is the queue's name, with the kind of work.
func (q ServedQueue) String() string {
	if q.Kind == enumspb.TASK_QUEUE_TYPE_WORKFLOW {
		return q.Name + " (workflows)"
	}

	return q.Name + " (activities)"
}

// Served are all that the workers of one version serve together.
func Served() []ServedQueue {
	return []ServedQueue{
		{workflows.TaskQueue, enumspb.TASK_QUEUE_TYPE_WORKFLOW},
		{workflows.TaskQueue, enumspb.TASK_QUEUE_TYPE_ACTIVITY},
		{workflows.TaskQueueIO, enumspb.TASK_QUEUE_TYPE_ACTIVITY},
		{workflows.TaskQueueSMS, enumspb.TASK_QUEUE_TYPE_ACTIVITY},
		{workflows.TaskQueueWebhooks, enumspb.TASK_QUEUE_TYPE_ACTIVITY},
	}
}

// VersionStatus is what Temporal does with a version.
type VersionStatus string

// The statuses of a version.
const (
	VersionWaiting  VersionStatus = "waiting"  // it asks for work, and was never released
	VersionCurrent  VersionStatus = "current"  // it gets everything
	VersionDraining VersionStatus = "draining" // Temporal has not found out yet whether anything still needs it
	VersionDrained  VersionStatus = "drained"  // nothing needs it any more
)

// Version is one version of the workers.
type Version struct {
	BuildID string
	Status  VersionStatus
	// Since is when it became what it is; zero: not known.
	Since time.Time
	// Released tells whether it has been current at any time.
	Released bool
}

// Overview is what Temporal knows of the workers' versions.
type Overview struct {
	// Current is the build id that gets everything; empty: none was released yet, and versioned workers get nothing.
	Current string
	// Versions are sorted by their making, the newest first.
	Versions []Version

	// settled tells whether each part of Temporal has heard of the current version.
	settled bool
	token   []byte
}

// of finds a version by its build id.
func (o Overview) of(buildID string) (Version, bool) {
	i := slices.IndexFunc(o.Versions, func(version Version) bool { return version.BuildID == buildID })
	if i < 0 {
		return Version{}, false
	}

	return o.Versions[i], true
}

// Versions asks Temporal about the versions of the workers.
type Versions struct {
	Temporal  client.Client
	Namespace string
}

// Overview tells which versions there are. Before the first versioned worker has asked for work there are none.
func (v Versions) Overview(ctx context.Context) (Overview, error) {
	described, err := v.Temporal.WorkflowService().DescribeWorkerDeployment(ctx, &workflowservice.DescribeWorkerDeploymentRequest{
		Namespace: v.Namespace, DeploymentName: Deployment,
	})

	if _, unknown := errors.AsType[*serviceerror.NotFound](err); unknown {
		return Overview{}, nil
	}

	if err != nil {
		return Overview{}, fmt.Errorf("asking for the workers' versions: %w", err)
	}

	info := described.GetWorkerDeploymentInfo()
	overview := Overview{
		Current: info.GetRoutingConfig().GetCurrentDeploymentVersion().GetBuildId(),
		settled: info.GetRoutingConfigUpdateState() != enumspb.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS,
		token:   described.GetConflictToken(),
	}

	summaries := info.GetVersionSummaries()
	slices.SortStableFunc(summaries, func(a, b *workerVersion) int {
		return cmp.Compare(b.GetCreateTime().AsTime().UnixNano(), a.GetCreateTime().AsTime().UnixNano())
	})

	for _, summary := range summaries {
		overview.Versions = append(overview.Versions, versionOf(summary))
	}

	return overview, nil
}

func versionOf(summary *workerVersion) Version {
	version := Version{
		BuildID: summary.GetDeploymentVersion().GetBuildId(), Status: VersionWaiting, Released: summary.GetFirstActivationTime() != nil,
	}
	since := summary.GetCreateTime()

	switch summary.GetStatus() {
	case enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT, enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING:
		version.Status, since = VersionCurrent, summary.GetCurrentSinceTime()
	case enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING:
		version.Status, since = VersionDraining, summary.GetLastDeactivationTime()
	case enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED:
		version.Status, since = VersionDrained, summary.GetLastDeactivationTime()
	default: // it has done nothing yet
	}

	if since != nil {
		version.Since = since.AsTime()
	}

	return version
}

// Pollers counts the workers that ask for work, by queue and by build id; the empty one stands for workers without a version.
func (v Versions) Pollers(ctx context.Context) (map[ServedQueue]map[string]int, error) {
	counts := make(map[ServedQueue]map[string]int)

	for _, queue := range Served() {
		described, err := v.Temporal.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
			Namespace: v.Namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: queue.Name}, TaskQueueType: queue.Kind,
		})
		if err != nil {
			return nil, fmt.Errorf("asking for the workers of %s: %w", queue, err)
		}

		counts[queue] = make(map[string]int)

		for _, poller := range described.GetPollers() {
			if time.Since(poller.GetLastAccessTime().AsTime()) < pollerMemory {
				counts[queue][buildOf(poller)]++
			}
		}
	}

	return counts, nil
}

// buildOf is the build id of a worker; a version of another deployment is none of ours.
func buildOf(poller *taskqueuepb.PollerInfo) string {
	if options := poller.GetDeploymentOptions(); options.GetWorkerVersioningMode() == enumspb.WORKER_VERSIONING_MODE_VERSIONED {
		return options.GetBuildId()
	}

	return ""
}

// unserved are the queues on which no worker of the version asks for work.
func (v Versions) unserved(ctx context.Context, buildID string) ([]ServedQueue, error) {
	counts, err := v.Pollers(ctx)
	if err != nil {
		return nil, err
	}

	return slices.DeleteFunc(Served(), func(queue ServedQueue) bool { return counts[queue][buildID] > 0 }), nil
}
