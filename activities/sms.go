package activities

import (
	"context"
	"errors"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

// SendSMS hands the text to the SMS provider, once. Where the outcome of the call is unclear the provider is
// asked for the messages to that number before anything is sent again.
func (a *Activities) SendSMS(ctx context.Context, step workflows.Step) (workflows.SendResult, error) {
	preparing, done := context.WithTimeout(ctx, claimBudget)
	defer done()

	n, err := a.Store.Notification(preparing, step.NotificationID)
	if err != nil {
		return workflows.SendResult{}, storeFault("reading the notification", err)
	}

	step, err = a.passed(preparing, n, notification.ChannelSMS, step)
	if err != nil {
		return workflows.SendResult{}, err
	}

	service, err := a.Store.Service(preparing, n.ServiceID)
	if err != nil {
		return workflows.SendResult{}, storeFault("reading the service", err)
	}

	if over(ctx, step) {
		return a.giveUpSending(ctx, n, notification.ChannelSMS, step)
	}

	if opens := quietUntil(n, step.Supersedes, time.Now()); !opens.IsZero() {
		return workflows.SendResult{HandOver: notification.HandOverNotSent, NotBefore: opens}, nil
	}

	claim, err := a.Store.BeginAttempt(preparing, n.ID, notification.ChannelSMS, step.Supersedes)
	if err != nil {
		return workflows.SendResult{}, storeFault("beginning the attempt", err)
	}

	ctx, ended := uncut(ctx)
	defer ended()

	if !claim.Call {
		return a.withoutSMSCall(ctx, n, claim, step.Deadline)
	}

	receipt, err := a.SMS.Send(ctx, a.message(n, service, claim.Attempt.ID))
	sent := outcomeOfSMS(claim.Attempt, receipt, err)

	if sent.HandOver == notification.HandOverUncertain {
		a.tellDoubt(n, sent)

		// The attempt stays "sending"; the next try finds it so, and looks at the provider's list first.
		return workflows.SendResult{}, retryLater(sent.Reason, firstReconcile)
	}

	return a.conclude(ctx, n, sent, step.Deadline)
}

// quietUntil is when the SMS may be sent, where the service's quiet hours keep it back; zero otherwise. What an earlier try
// may have sent is looked for at any hour.
func quietUntil(n notification.Notification, supersedes string, now time.Time) time.Time {
	last := notification.LastAttempt(n.Attempts, notification.ChannelSMS)
	if last != nil && last.ID != supersedes && last.Status != notification.AttemptPending {
		return time.Time{}
	}

	if opens := n.Policy.Quiet.Opens(now, n.Priority); opens.After(now) {
		return opens
	}

	return time.Time{}
}

const (
	firstReconcile = 2 * time.Second
	nextReconcile  = 20 * time.Second

	// shortestValidity: Twilio advises more than five seconds.
	shortestValidity = 6 * time.Second
)

func (a *Activities) message(
	n notification.Notification, service notification.Service, attemptID string,
) sms.Message {
	message := sms.Message{
		AttemptID: attemptID, To: n.Recipient.Phone, Sender: service.SMSSender, Text: n.Content.In(n.Language).SMSText,
	}

	if !n.ExpiresAt.IsZero() {
		// Nor may the carrier deliver it after the appointment has passed.
		message.Validity = max(time.Until(n.ExpiresAt), shortestValidity)
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

	if earlier, ok := remembered(ctx, claim.Attempt); ok {
		return a.conclude(ctx, n, earlier, deadline)
	}

	if found, ok := a.lookUp(ctx, n, claim.Attempt); ok {
		return a.conclude(ctx, n, found, deadline)
	}

	return workflows.SendResult{}, retryLater(
		notification.ReasonSMSOutcomeUncertain, until(deadline, nextReconcile, time.Now()))
}

// lookUp finds out in the provider's own list what became of the attempt's latest call; ok is false as long as
// the list does not tell, or cannot be asked.
func (a *Activities) lookUp(
	ctx context.Context, n notification.Notification, attempt notification.Attempt,
) (found outcome, ok bool) {
	// Any sender: the service's alias may have been changed since the call.
	search := sms.Search{
		To: n.Recipient.Phone, Text: n.Content.In(n.Language).SMSText, Since: attempt.StartedAt, CalledAt: attempt.CalledAt,
	}

	reconciled, err := sms.Reconcile(ctx, a.SMS, search, a.ownedByOther(attempt.ID))
	if err != nil {
		return outcome{}, false
	}

	switch reconciled.Finding {
	case sms.FindingSent:
		return outcomeOfSMS(attempt, reconciled.Receipt, nil), true
	case sms.FindingNotSent:
		return outcome{
			AttemptID: attempt.ID,
			attempt:   attempt,
			Call:      attempt.Calls,
			HandOver:  notification.HandOverNotSent,
			Reason:    notification.ReasonSMSUnavailable,
			Retryable: true,
			// The doubt has cost time enough.
			RetryAfter: firstReconcile,
		}, true
	case sms.FindingUnknown:
	}

	return outcome{}, false
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

func outcomeOfSMS(attempt notification.Attempt, receipt sms.Receipt, err error) outcome {
	if err != nil {
		return troubled(attempt, err)
	}

	return outcome{
		AttemptID:      attempt.ID,
		attempt:        attempt,
		Call:           attempt.Calls,
		HandOver:       notification.HandOverSent,
		ProviderID:     receipt.ProviderID,
		ProviderStatus: receipt.ProviderStatus,
		Segments:       receipt.Segments,
	}
}
