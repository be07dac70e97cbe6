package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

// SendSMS hands the text to the SMS provider, once. Where the outcome of the call is unclear the provider is
// asked for the messages to that number before anything is sent again.
func (a *Activities) SendSMS(ctx context.Context, step workflows.Step) (workflows.SendResult, error) {
	n, err := a.Store.Notification(ctx, step.NotificationID)
	if err != nil {
		return workflows.SendResult{}, storeFault("reading the notification", err)
	}

	service, err := a.Store.Service(ctx, n.ServiceID)
	if err != nil {
		return workflows.SendResult{}, storeFault("reading the service", err)
	}

	if past(step.Deadline) {
		return a.giveUpSending(ctx, n, notification.ChannelSMS, step.Supersedes)
	}

	claim, err := a.Store.BeginAttempt(ctx, n.ID, notification.ChannelSMS, step.Supersedes)
	if err != nil {
		return workflows.SendResult{}, storeFault("beginning the attempt", err)
	}

	ctx, done := uncut(ctx)
	defer done()

	if !claim.Call {
		return a.withoutSMSCall(ctx, n, claim, step.Deadline)
	}

	receipt, err := a.SMS.Send(ctx, a.message(n, service, claim.Attempt.ID))
	sent := outcomeOfSMS(claim.Attempt.ID, receipt, err)

	if sent.HandOver == notification.HandOverUncertain {
		// The attempt stays "sending"; the next try finds it so, and looks at the provider's list first.
		return workflows.SendResult{}, retryLater(sent.Reason, firstReconcile)
	}

	activity.RecordHeartbeat(ctx, sent)

	return a.conclude(ctx, sent, step.Deadline)
}

const (
	firstReconcile = 2 * time.Second
	nextReconcile  = 20 * time.Second
)

func (a *Activities) message(
	n notification.Notification, service notification.Service, attemptID string,
) sms.Message {
	message := sms.Message{
		AttemptID: attemptID, To: n.Recipient.Phone, Sender: service.SMSSender, Text: n.Content.SMSText,
	}

	if a.StatusCallback != nil {
		message.StatusCallback = a.StatusCallback(attemptID)
	}

	return message
}

// withoutSMSCall answers for an attempt that an earlier try began. One that is still "sending" is looked up
// in the provider's own list.
func (a *Activities) withoutSMSCall(
	ctx context.Context, n notification.Notification, claim db.Claim, deadline time.Time,
) (workflows.SendResult, error) {
	if claim.Attempt.Status != notification.AttemptSending {
		return known(claim.Attempt), nil
	}

	if earlier, ok := remembered(ctx, claim.Attempt.ID); ok {
		return a.conclude(ctx, earlier, deadline)
	}

	// Any sender: the service's alias may have been changed since the call.
	search := sms.Search{
		To: n.Recipient.Phone, Text: n.Content.SMSText,
		Since: claim.Attempt.StartedAt, CalledAt: claim.Attempt.CalledAt,
	}

	found, err := sms.Reconcile(ctx, a.SMS, search, a.ownedByOther(claim.Attempt.ID))
	if err != nil {
		return workflows.SendResult{}, retryLater(
			notification.ReasonSMSOutcomeUncertain, until(deadline, nextReconcile, time.Now()))
	}

	switch found.Finding {
	case sms.FindingSent:
		return a.conclude(ctx, outcomeOfSMS(claim.Attempt.ID, found.Receipt, nil), deadline)
	case sms.FindingNotSent:
		return a.conclude(ctx, outcome{
			AttemptID: claim.Attempt.ID,
			HandOver:  notification.HandOverNotSent,
			Reason:    notification.ReasonSMSUnavailable,
			Retryable: true,
		}, deadline)
	case sms.FindingUnknown:
	}

	return workflows.SendResult{}, retryLater(
		notification.ReasonSMSOutcomeUncertain, until(deadline, nextReconcile, time.Now()))
}

// ownedByOther tells whether a message of the provider's list belongs to another attempt. One that belongs to this
// attempt already, because its callback was faster, is what the search is for.
func (a *Activities) ownedByOther(attemptID string) sms.UsedFunc {
	return func(ctx context.Context, providerID string) (bool, error) {
		owner, err := a.Store.AttemptByProviderID(ctx, notification.ChannelSMS, providerID)
		if errors.Is(err, db.ErrNotFound) {
			return false, nil
		}

		return err == nil && owner.ID != attemptID, err //nolint:wrapcheck // the caller says what it was looking for.
	}
}

func outcomeOfSMS(attemptID string, receipt sms.Receipt, err error) outcome {
	if err == nil {
		return outcome{
			AttemptID:      attemptID,
			HandOver:       notification.HandOverSent,
			ProviderID:     receipt.ProviderID,
			ProviderStatus: receipt.ProviderStatus,
			Segments:       receipt.Segments,
		}
	}

	trouble := deliveryError(notification.ChannelSMS, err)
	result := outcome{
		AttemptID:  attemptID,
		HandOver:   trouble.HandOver,
		Reason:     trouble.Reason,
		Retryable:  trouble.Retryable,
		RetryAfter: trouble.RetryAfter,
	}

	if trouble.HandOver == notification.HandOverUncertain {
		result.Reason = notification.ReasonSMSOutcomeUncertain
	}

	return result
}
