package activities

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	callsCompared = 200
	// callsKept is how far back hand-overs are looked at: each was looked at many times by then.
	callsKept = 3 * 24 * time.Hour
)

// calls looks for hand-overs that are still "sending" although no call can be under way any more. While an activity minds
// one, as it does for as long as the provider's list does not tell, all is well.
func (c *comparison) calls(ctx context.Context) error {
	now := time.Now()
	filter := db.CallFilter{
		From: now.Add(-callsKept), To: now.Add(-c.Grace.call()), Statuses: []notification.AttemptStatus{notification.AttemptSending},
	}

	rows, err := c.Store.Calls(ctx, filter, readCallCursor(c.page.Cursor), callsCompared)
	if err != nil {
		return storeFault("listing hand-overs", err)
	}

	for _, call := range rows {
		c.looked(ctx)

		if call.Ended {
			err = c.endedCall(ctx, call)
		} else {
			err = c.openCall(ctx, call)
		}

		if err != nil {
			return err
		}
	}

	if len(rows) == callsCompared {
		c.result.Next = callCursor(rows[len(rows)-1])
	}

	return nil
}

func callCursor(last db.Call) string {
	return last.CalledAt.UTC().Format(time.RFC3339Nano) + " " + last.AttemptID
}

func readCallCursor(text string) db.Cursor {
	at, id, _ := strings.Cut(text, " ")

	moment, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return db.Cursor{}
	}

	return db.Cursor{AcceptedAt: moment, ID: id}
}

func callFinding(call db.Call, code notification.FindingCode, action notification.FindingAction) notification.Finding {
	return notification.Finding{
		Code: code, Subject: notification.SubjectAttempt, SubjectID: call.AttemptID,
		NotificationID: call.NotificationID, EnteID: call.EnteID, Action: action,
	}
}

// openCall is for a person where the workflow runs and does something else. Where it does not run, that is another check's.
func (c *comparison) openCall(ctx context.Context, call db.Call) error {
	seen, err := c.Executions.Look(ctx, workflows.NotificationID(call.NotificationID))
	if err != nil {
		return engineFault(ctx, "looking at a workflow", err)
	}

	minding := []string{workflows.ActivitySendToIO, workflows.ActivitySendSMS}
	minded := slices.ContainsFunc(seen.Pending, func(name string) bool { return slices.Contains(minding, name) })

	if seen.State != workflows.ExecutionRunning || minded {
		return nil
	}

	// Its activity may have ended since the row was read, and has recorded the outcome then.
	attempt, err := c.Store.Attempt(ctx, call.AttemptID)
	if err != nil {
		return storeFault("reading an attempt", err)
	}

	if attempt.Status != notification.AttemptSending {
		return nil
	}

	return c.found(ctx, callFinding(call, notification.FindingCallOpen, notification.ActionPerson))
}

// endedCall records what can be known of a hand-over whose notification has ended: what the SMS provider's list says, or else
// that nobody knows. A retry then follows the service's policy.
func (c *comparison) endedCall(ctx context.Context, call db.Call) error {
	n, err := c.Store.Notification(ctx, call.NotificationID)
	if err != nil {
		return storeFault("reading the notification", err)
	}

	attempt, there := attemptByID(n.Attempts, call.AttemptID)
	if !there || attempt.Status != notification.AttemptSending {
		return nil
	}

	known := uncertain(attempt)

	if call.Channel == notification.ChannelSMS {
		if found, ok := c.lookUp(ctx, n, attempt); ok {
			known = found
			// Nobody is going to call again.
			known.Retryable = false
		}
	}

	change := db.AttemptChange{
		Status: attemptStatus(known), Reason: known.Reason, ProviderID: known.ProviderID,
		ProviderStatus: known.ProviderStatus, Segments: known.Segments,
	}
	if _, err := c.Store.RecordAttempt(ctx, attempt.ID, change); err != nil {
		return storeFault("recording the outcome", err)
	}

	return c.found(ctx, callFinding(call, notification.FindingCallOpen, notification.ActionRepaired))
}
