package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// claimBudget is how long reading the notification and claiming the call may take, and callBudget how long
	// the call and its record. Together they stay below workflows.HandOverTimeout, so that Temporal never starts a
	// second try beside a call.
	claimBudget = 10 * time.Second
	callBudget  = 28 * time.Second
	// recordPatience is how long a finished call's outcome is offered to a database that does not answer.
	recordPatience = 5 * time.Second
	recordPause    = 200 * time.Millisecond
)

// outcome is what a hand-over is known to have done. Where the database went away right after the call it travels in the
// activity's heartbeat, so that a retry can still record it: identifiers and codes only.
type outcome struct {
	AttemptID string
	// attempt is as it was read before the call. Temporal need not know it.
	attempt notification.Attempt
	// Call is the ordinal of the attempt's call. Temporal hands out the latest heartbeat however old it is, and
	// the outcome of one call says nothing of a later one.
	Call           int
	HandOver       notification.HandOver
	Reason         notification.Reason
	ProviderID     string
	ProviderStatus string
	Segments       int
	Retryable      bool
	RetryAfter     time.Duration
}

// troubled is the outcome of a call that failed.
func troubled(attempt notification.Attempt, err error) outcome {
	trouble := deliveryError(attempt.Channel, err)
	if trouble.HandOver == notification.HandOverUncertain {
		return uncertain(attempt)
	}

	return outcome{
		AttemptID:  attempt.ID,
		attempt:    attempt,
		Call:       attempt.Calls,
		HandOver:   trouble.HandOver,
		Reason:     trouble.Reason,
		Retryable:  trouble.Retryable,
		RetryAfter: trouble.RetryAfter,
	}
}

// uncertain is the outcome of a call of which nobody knows whether it reached the provider.
func uncertain(attempt notification.Attempt) outcome {
	result := outcome{
		AttemptID: attempt.ID,
		attempt:   attempt,
		Call:      attempt.Calls,
		HandOver:  notification.HandOverUncertain,
		Reason:    notification.ReasonIOOutcomeUncertain,
	}

	if attempt.Channel == notification.ChannelSMS {
		result.Reason = notification.ReasonSMSOutcomeUncertain
	}

	return result
}

// uncut is a context for a call that must not be interrupted once it has begun: neither by a worker that
// shuts down nor by a cancellation. A cut call would have an uncertain outcome.
func uncut(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), callBudget)
}

// remembered is the outcome of the attempt's latest call, if an earlier try of this activity learnt it and could
// not record it.
func remembered(ctx context.Context, attempt notification.Attempt) (outcome, bool) {
	var known outcome

	if !activity.HasHeartbeatDetails(ctx) || activity.GetHeartbeatDetails(ctx, &known) != nil {
		return outcome{}, false
	}

	known.attempt = attempt

	return known, known.AttemptID == attempt.ID && known.Call == attempt.Calls
}

// conclude records the outcome of a hand-over, tells of it, and turns it into the activity's answer.
func (a *Activities) conclude(
	ctx context.Context, n notification.Notification, known outcome, deadline time.Time,
) (workflows.SendResult, error) {
	change := db.AttemptChange{
		Status:         attemptStatus(known),
		Reason:         known.Reason,
		ProviderID:     known.ProviderID,
		ProviderStatus: known.ProviderStatus,
		Segments:       known.Segments,
	}

	recorded, err := a.recordPatiently(ctx, known, change)
	if err != nil {
		return workflows.SendResult{}, storeFault("recording the outcome", err)
	}

	a.tellHandOver(n, known)

	if known.HandOver == notification.HandOverNotSent && known.Retryable {
		trouble := &notification.DeliveryError{Reason: known.Reason, RetryAfter: known.RetryAfter}

		return workflows.SendResult{}, retryLater(known.Reason, pauseAfter(ctx, trouble, deadline))
	}

	result := workflows.SendResult{AttemptID: known.AttemptID, HandOver: known.HandOver, Reason: known.Reason}
	result.SentAt = sentToIO(recorded)

	return result, nil
}

// sentToIO is when IO took the attempt over; zero: it did not.
func sentToIO(attempt notification.Attempt) time.Time {
	if attempt.Channel != notification.ChannelIO {
		return time.Time{}
	}

	return attempt.SentAt
}

func attemptStatus(known outcome) notification.AttemptStatus {
	switch {
	case known.HandOver == notification.HandOverSent:
		return notification.AttemptSent
	case known.HandOver == notification.HandOverUncertain:
		return notification.AttemptUncertain
	case known.Retryable:
		return notification.AttemptPending
	}

	return notification.AttemptFailed
}

// recordPatiently offers the outcome to the database for a few seconds: losing it would turn a message that
// is known to be sent into an uncertain one. Where it is not recorded at once Temporal keeps it, for a further try: to tell
// Temporal of each outcome would take longer than to record it, and help only those that were recorded anyway.
func (a *Activities) recordPatiently(
	ctx context.Context, known outcome, change db.AttemptChange,
) (recorded notification.Attempt, err error) {
	giveUp := time.Now().Add(recordPatience)
	remember := sync.OnceFunc(func() { activity.RecordHeartbeat(ctx, known) })

	late := time.AfterFunc(recordPause, remember)

	defer func() {
		if !late.Stop() {
			remember() // what is being told is told before the activity ends.
		}
	}()

	for {
		recorded, err = a.Store.RecordNews(ctx, known.attempt, change)
		if err == nil || finalFault(err) != nil || time.Now().After(giveUp) {
			return recorded, err //nolint:wrapcheck // the caller maps it.
		}

		remember()

		select {
		case <-ctx.Done():
			return recorded, err //nolint:wrapcheck // the caller maps it.
		case <-time.After(recordPause):
		}
	}
}

// known answers from the attempt's row, where this activity does not own a call to make.
func known(attempt notification.Attempt) workflows.SendResult {
	result := workflows.SendResult{
		AttemptID: attempt.ID, Reason: attempt.Reason, HandOver: notification.HandOverNotSent, SentAt: sentToIO(attempt),
	}

	switch attempt.Status {
	case notification.AttemptSent, notification.AttemptDelivered:
		result.HandOver = notification.HandOverSent
	case notification.AttemptUncertain, notification.AttemptSending:
		result.HandOver = notification.HandOverUncertain
	case notification.AttemptPending, notification.AttemptFailed, notification.AttemptSkipped:
		if attempt.ProviderID != "" {
			// Taken over and then not delivered: the wait that follows will find the final state in the row.
			result.HandOver = notification.HandOverSent
		}
	}

	return result
}
