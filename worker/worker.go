// Package worker runs workflows and activities: one worker for each task queue.
package worker

import (
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// stopTimeout lets a call to a provider end and be recorded before the process goes: a call cut short has
	// an uncertain outcome.
	stopTimeout = workflows.HandOverTimeout

	// Bounds of the work under way in one process. Pace comes from Temporal, these only protect memory.
	ioCallsAtOnce  = 100
	smsCallsAtOnce = 50
	// webhookCallsAtOnce are shared by the Enti's applications, of which some may hang until the time-out.
	webhookCallsAtOnce = 64

	// stickyTimeout is how long a workflow waits for the worker that has it in memory, before any other one plays its history again. In a
	// crowd that costs all of them more than they wait; and it is how long those of a worker that was killed wait.
	stickyTimeout = 20 * time.Second

	minPollers     = 2
	initialPollers = 4
	maxPollers     = 16
)

// Workers are the workers of one process.
type Workers []sdk.Worker

// New builds the workers of every task queue. They get work once their build id is the deployment's current version
// ([Versions.Release]); without a build id they have no version, as where everything runs in one process.
func New(temporal client.Client, does *activities.Activities, buildID string) Workers {
	stories := sdk.New(temporal, workflows.TaskQueue, Options(workflows.TaskQueue, buildID))
	registerWorkflows(stories)

	workers := Workers{stories}
	for _, queue := range []string{workflows.TaskQueueIO, workflows.TaskQueueSMS, workflows.TaskQueueWebhooks} {
		workers = append(workers, sdk.New(temporal, queue, Options(queue, buildID)))
	}

	for _, one := range workers {
		one.RegisterActivity(does)
	}

	return workers
}

// Options are those of the worker of one of GeNIO's task queues: how it asks for work, how much it does at once, and its
// version. A benchmark gives them to the workers that it compares with.
func Options(taskQueue, buildID string) sdk.Options {
	switch taskQueue {
	case workflows.TaskQueueIO:
		return paced(buildID, ioCallsAtOnce)
	case workflows.TaskQueueSMS:
		return paced(buildID, smsCallsAtOnce)
	case workflows.TaskQueueWebhooks:
		return paced(buildID, webhookCallsAtOnce)
	}

	return options(buildID)
}

func registerWorkflows(registry sdk.WorkflowRegistry) {
	registry.RegisterWorkflowWithOptions(workflows.Notification,
		workflow.RegisterOptions{Name: workflows.NotificationWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.RecipientCheck,
		workflow.RegisterOptions{Name: workflows.RecipientCheckWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.KeyTest, workflow.RegisterOptions{Name: workflows.KeyTestWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.ArchiveTimelines,
		workflow.RegisterOptions{Name: workflows.ArchiveTimelinesWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.FoldFigures,
		workflow.RegisterOptions{Name: workflows.FoldFiguresWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.Reencryption,
		workflow.RegisterOptions{Name: workflows.ReencryptionWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.BatchCheck,
		workflow.RegisterOptions{Name: workflows.BatchCheckWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.BatchSample,
		workflow.RegisterOptions{Name: workflows.BatchSampleWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.Batch, workflow.RegisterOptions{Name: workflows.BatchWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.ServiceImport,
		workflow.RegisterOptions{Name: workflows.ServiceImportWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.Intervention,
		workflow.RegisterOptions{Name: workflows.InterventionWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.Reconciliation,
		workflow.RegisterOptions{Name: workflows.ReconciliationWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.Webhook, workflow.RegisterOptions{Name: workflows.WebhookWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.Retention, workflow.RegisterOptions{Name: workflows.RetentionWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.Erasure, workflow.RegisterOptions{Name: workflows.ErasureWorkflow})
	registry.RegisterWorkflowWithOptions(workflows.Pace, workflow.RegisterOptions{Name: workflows.PaceWorkflow})
}

// paced is for the task queues of calls to providers and to the Enti's applications. No workflow runs there, so none is asked for.
func paced(buildID string, callsAtOnce int) sdk.Options {
	chosen := options(buildID)
	chosen.MaxConcurrentActivityExecutionSize = callsAtOnce
	chosen.DisableWorkflowWorker = true

	return chosen
}

func options(buildID string) sdk.Options {
	pollers := sdk.NewPollerBehaviorAutoscaling(sdk.PollerBehaviorAutoscalingOptions{
		MinimumNumberOfPollers: minPollers, InitialNumberOfPollers: initialPollers, MaximumNumberOfPollers: maxPollers,
	})

	return sdk.Options{
		Interceptors:      []interceptor.WorkerInterceptor{&panics{}},
		WorkerStopTimeout: stopTimeout,

		StickyScheduleToStartTimeout: stickyTimeout,

		WorkflowTaskPollerBehavior: pollers,
		ActivityTaskPollerBehavior: pollers,
		DeploymentOptions:          versioned(buildID),
	}
}

// versioned has every workflow go on with the version that is released next. Notifications wait for weeks: pinned to the
// version with which they began, they would keep its workers, and its mistakes, for as long, and the calls of each version
// would wait for their turn in a queue of their own.
func versioned(buildID string) sdk.DeploymentOptions {
	if buildID == "" {
		return sdk.DeploymentOptions{}
	}

	return sdk.DeploymentOptions{
		UseVersioning:             true,
		Version:                   sdk.WorkerDeploymentVersion{DeploymentName: Deployment, BuildID: buildID},
		DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	}
}

// Start starts every worker, or none.
func (w Workers) Start() error {
	for i, one := range w {
		if err := one.Start(); err != nil {
			w[:i].Stop()

			return fmt.Errorf("starting a worker: %w", err)
		}
	}

	return nil
}

// Stop takes no more work, lets the work under way end, and then stops.
func (w Workers) Stop() {
	var group sync.WaitGroup

	for _, one := range w {
		group.Go(one.Stop)
	}

	group.Wait()
}
