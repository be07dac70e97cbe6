package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/workflow"
)

const (
	// PaceWorkflow is the name of the workflow that minds an Ente's rate.
	PaceWorkflow = "Pace"
	// SignalRefused tells that IO refused a call of the Ente. No payload.
	SignalRefused = "refused"
	// SignalQuota tells that the Ente's quota was changed. No payload.
	SignalQuota = "quota"
	// ActivityApplyPace is the method of PaceActivities.
	ActivityApplyPace = "ApplyPace"
)

// PaceActivities is what the workflow asks of the outside world.
type PaceActivities interface {
	// ApplyPace puts a share of an Ente's quota of calls to IO into force.
	ApplyPace(ctx context.Context, step PaceStep) error
}

// How the rate of an Ente follows IO's refusals: down at once, up again in small steps while all is calm (the additive
// increase and multiplicative decrease of networks).
const (
	wholeShare    = 100
	smallestShare = 10
	// afterRefusal is what is left of a share, in percent.
	afterRefusal = 70
	calmStep     = 10
	// settling is how long refusals still belong to calls that were given out at the rate before, and calm how long it
	// takes for the rate to be raised a step.
	settling = 5 * time.Second
	calm     = 15 * time.Second
	// stepsOfOneRun keeps the history of an Ente that is refused all day short.
	stepsOfOneRun = 200
)

// PaceID is the workflow ID of an Ente's pace.
func PaceID(enteID string) string { return "pace/" + enteID }

// PaceInput starts, or goes on with, minding an Ente's rate.
type PaceInput struct {
	EnteID string `json:"ente_id"`
	// Share of its quota that the Ente uses at present, in percent; 0: all of it.
	Share int `json:"share,omitempty"`
}

// PaceStep is a share of the quota to put into force.
type PaceStep struct {
	EnteID string `json:"ente_id"`
	Share  int    `json:"share"` // in percent
}

// Pace minds the rate of one Ente's calls to IO. It is started by whoever changes the quota or meets a refusal (429),
// lowers the rate, raises it again while IO is calm, and ends when the whole quota is in use. IO counts what other
// applications of the Ente send too, so that it may refuse although we keep to the quota.
func Pace(ctx workflow.Context, in PaceInput) error {
	share := in.Share
	if share == 0 {
		share = wholeShare
	}

	for range stepsOfOneRun {
		drain(ctx, SignalQuota) // whatever it is now is read in this step

		if refusedSince(ctx) {
			share = max(smallestShare, share*afterRefusal/wholeShare)
		}

		step := PaceStep{EnteID: in.EnteID, Share: share}
		if err := workflow.ExecuteLocalActivity(recording(ctx), ActivityApplyPace, step).Get(ctx, nil); err != nil {
			return err //nolint:wrapcheck // Temporal's own error tells the step.
		}

		if share == wholeShare {
			if toldAnything(ctx) {
				continue
			}

			return nil
		}

		refused, err := awaitCalm(ctx)
		if err != nil {
			return err
		}

		if !refused {
			share = min(wholeShare, share+calmStep)
		}
	}

	in.Share = share

	return workflow.NewContinueAsNewError(ctx, Pace, in) //nolint:wrapcheck // it has to stay what it is.
}

// awaitCalm waits until it is time to raise the rate, or to lower it once more. What is refused right after a change
// still belongs to the rate before.
func awaitCalm(ctx workflow.Context) (refused bool, err error) {
	if err := workflow.Sleep(ctx, settling); err != nil {
		return false, err //nolint:wrapcheck // a cancellation, which has to stay one.
	}

	refusedSince(ctx)

	channel := workflow.GetSignalChannel(ctx, SignalRefused)
	options := workflow.AwaitOptions{Timeout: calm, TimerOptions: workflow.TimerOptions{Summary: "calm before the next step"}}

	return workflow.AwaitWithOptions(ctx, options, func() bool { return channel.Len() > 0 }) //nolint:wrapcheck // as above.
}

// refusedSince takes in all refusals told so far.
func refusedSince(ctx workflow.Context) bool {
	return drain(ctx, SignalRefused)
}

// toldAnything tells whether there is news, and leaves the refusals for the next step.
func toldAnything(ctx workflow.Context) bool {
	changed := drain(ctx, SignalQuota)

	return changed || workflow.GetSignalChannel(ctx, SignalRefused).Len() > 0
}

func drain(ctx workflow.Context, signal string) bool {
	channel, some := workflow.GetSignalChannel(ctx, signal), false
	for channel.ReceiveAsync(nil) {
		some = true
	}

	return some
}
