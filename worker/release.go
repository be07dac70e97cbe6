package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	deploymentpb "go.temporal.io/api/deployment/v1"
	"go.temporal.io/api/workflowservice/v1"
)

type workerVersion = deploymentpb.WorkerDeploymentInfo_WorkerDeploymentVersionSummary

// askAgain is how often a release looks whether what it waits for has come.
const askAgain = 500 * time.Millisecond

// ErrNotRehearsed refuses a version whose code cannot go on with what is open.
var ErrNotRehearsed = errors.New("open workflows cannot go on with this version")

// ErrNeverReleased refuses to go back to a version that was never current.
var ErrNeverReleased = errors.New("this version was never current, so that there is no way back to it")

// Released is what a release did.
type Released struct {
	// Before is the build id that was current before; empty: none was.
	Before string
	// Rehearsal is what was tried out first.
	Rehearsal Rehearsal
	// WentBack tells that it was to a version before, and nothing was tried out.
	WentBack bool
}

// Release makes this program's version the current one: from then on its workers get everything, what is open included. It
// waits until workers of the version ask for work on every queue, replays a sample of what is open with this program's code,
// and fails with ErrNotRehearsed, having changed nothing, where that code would take other steps. Patience is ctx's.
func (v Versions) Release(ctx context.Context, buildID string, sample int) (Released, error) {
	before, err := v.ready(ctx, buildID)
	if err != nil || before.Current == buildID {
		return Released{Before: before.Current}, err
	}

	released := Released{Before: before.Current}

	if released.Rehearsal, err = v.Rehearse(ctx, sample); err != nil {
		return released, err
	}

	if len(released.Rehearsal.Refused) > 0 {
		return released, fmt.Errorf("releasing %s: %w", buildID, ErrNotRehearsed)
	}

	return released, v.set(ctx, buildID, before.token)
}

// GoBack makes a version current again that was so before. Its own program has to judge whether it can go on with what is open,
// which this one cannot; its workers must ask for work on every queue.
func (v Versions) GoBack(ctx context.Context, buildID string) (Released, error) {
	before, err := v.ready(ctx, buildID)
	if err != nil || before.Current == buildID {
		return Released{Before: before.Current}, err
	}

	if version, _ := before.of(buildID); !version.Released {
		return Released{Before: before.Current}, fmt.Errorf("going back to %s: %w", buildID, ErrNeverReleased)
	}

	return Released{Before: before.Current, WentBack: true}, v.set(ctx, buildID, before.token)
}

// ready waits until the version is there and its workers ask for work on every queue.
func (v Versions) ready(ctx context.Context, buildID string) (Overview, error) {
	missing := Served()

	for {
		unserved, err := v.unserved(ctx, buildID)
		if err == nil {
			missing = unserved
		}

		if err == nil && len(missing) == 0 {
			var overview Overview

			overview, err = v.Overview(ctx)
			if _, known := overview.of(buildID); known {
				return overview, nil
			}
		}

		select {
		case <-ctx.Done():
			return Overview{}, errors.Join(notThere(buildID, missing), err)
		case <-time.After(askAgain):
		}
	}
}

func notThere(buildID string, missing []ServedQueue) error {
	if len(missing) == 0 {
		return fmt.Errorf("no worker of version %s has asked for work within the time", buildID)
	}

	names := make([]string, len(missing))
	for i, queue := range missing {
		names[i] = queue.String()
	}

	return fmt.Errorf("no worker of version %s asks for work on: %s", buildID, strings.Join(names, ", "))
}

// set makes the version current, unless somebody changed anything since the token was given, and waits until every part of
// Temporal has heard of it.
func (v Versions) set(ctx context.Context, buildID string, token []byte) error {
	if err := v.propose(ctx, buildID, token); err != nil {
		return fmt.Errorf("making %s the current version: %w", buildID, err)
	}

	for {
		overview, err := v.Overview(ctx)
		if err == nil && overview.settled && overview.Current == buildID {
			return nil
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until Temporal uses %s: %w", buildID, errors.Join(err, ctx.Err()))
		case <-time.After(askAgain):
		}
	}
}

// unregistered is what Temporal says of a version whose workers ask for work already, while it still writes down on which
// queues: FailedPrecondition has no detail that would tell it from others.
const unregistered = "missing active task queues"

func (v Versions) propose(ctx context.Context, buildID string, token []byte) error {
	for {
		_, err := v.Temporal.WorkflowService().SetWorkerDeploymentCurrentVersion(ctx,
			&workflowservice.SetWorkerDeploymentCurrentVersionRequest{
				Namespace: v.Namespace, DeploymentName: Deployment, BuildId: buildID, ConflictToken: token, Identity: "genio admin release",
			})
		if err == nil || !strings.Contains(err.Error(), unregistered) {
			return err //nolint:wrapcheck // the caller says what was being done.
		}

		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(askAgain):
		}
	}
}
