package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

// TwilioStatusPath is where Twilio reports on an SMS; the query names the attempt, and the signature covers it.
const (
	TwilioStatusPath = "/webhooks/twilio/status"
	attemptParameter = "attempt"

	// tellingPatience leaves the time to correct the outcome where Temporal does not answer: Twilio waits 15 seconds
	// for all of it, see https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
	tellingPatience = 5 * time.Second
)

// StatusCallback is the address at which Twilio reports on an attempt.
func StatusCallback(publicURL, attemptID string) string {
	return publicURL + TwilioStatusPath + "?" + url.Values{attemptParameter: {attemptID}}.Encode()
}

// RecordTwilioStatus takes in a status callback. requestURI is the path with the query as it was called. The row
// comes first: a workflow that cannot be told now reads it there.
func (g *Gateway) RecordTwilioStatus(ctx context.Context, requestURI string, form url.Values, signature string) error {
	address := g.PublicURL + requestURI

	callback, err := sms.ParseStatusCallback(address, form, signature, g.TwilioToken)
	if errors.Is(err, sms.ErrCallbackSignature) {
		callback, err = sms.ParseStatusCallback(address, form, signature, g.TwilioOtherToken)
	}

	switch {
	case errors.Is(err, sms.ErrCallbackSignature):
		return ErrUnauthenticated
	case err != nil:
		return invalid("MessageStatus", "required", "names no message or no status", "non indica messaggio o stato")
	}

	attempt, err := g.reportedAttempt(ctx, requestURI, callback)
	if err != nil {
		return err
	}

	return g.note(ctx, attempt, callback)
}

// reportedAttempt is the attempt that the callback is about. One whose hand-over was uncertain learns its
// provider's id from here.
func (g *Gateway) reportedAttempt(
	ctx context.Context, requestURI string, callback sms.StatusCallback,
) (notification.Attempt, error) {
	address, err := url.ParseRequestURI(requestURI)
	if err != nil {
		return notification.Attempt{}, ErrNotFound
	}

	attempt, err := g.Store.Attempt(ctx, address.Query().Get(attemptParameter))
	if err != nil {
		return attempt, storeError("reading the attempt", err)
	}

	if attempt.ProviderID == "" {
		return attempt, g.ownedByNobodyElse(ctx, attempt.ID, callback.ProviderID)
	}

	if attempt.ProviderID != callback.ProviderID {
		return attempt, ErrNotFound
	}

	return attempt, nil
}

// ownedByNobodyElse refuses a message that is known to be another attempt's.
func (g *Gateway) ownedByNobodyElse(ctx context.Context, attemptID, providerID string) error {
	owner, err := g.Store.AttemptByProviderID(ctx, notification.ChannelSMS, providerID)

	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil
	case err != nil:
		return storeError("reading the message's attempt", err)
	case owner.ID != attemptID:
		return ErrNotFound
	}

	return nil
}

// ReportSMS takes in what the provider's own list says of an attempt's message, as its callback would have told it.
func (g *Gateway) ReportSMS(ctx context.Context, attemptID, providerID string, delivery sms.Delivery) error {
	attempt, err := g.Store.Attempt(ctx, attemptID)
	if err != nil {
		return storeError("reading the attempt", err)
	}

	return g.note(ctx, attempt, sms.StatusCallback{
		ProviderID: providerID, ProviderStatus: delivery.ProviderStatus, Delivery: delivery,
	})
}

func (g *Gateway) note(ctx context.Context, attempt notification.Attempt, callback sms.StatusCallback) error {
	if err := g.Store.RecordProviderEvent(ctx, attempt.ID, callback.ProviderStatus, time.Now().UTC()); err != nil {
		return storeError("recording the provider's word", err)
	}

	noted, err := g.Store.RecordAttempt(ctx, attempt.ID, db.AttemptChange{
		Status: callback.Delivery.Status, Reason: callback.Delivery.Reason,
		ProviderID: callback.ProviderID, ProviderStatus: callback.ProviderStatus,
	})

	switch {
	case errors.Is(err, db.ErrDuplicate):
		// The message is another attempt's, as became known just now.
		return ErrNotFound
	case err != nil:
		return storeError("recording the delivery", err)
	case !moves(attempt.Status, noted.Status):
		return nil
	}

	return g.tell(ctx, noted)
}

// moves tells whether the workflow goes on by the news. A final word moves it, and so does one that ends a doubt
// which the workflow has put before a person; telling it each step would only cost.
func moves(before, now notification.AttemptStatus) bool {
	return now.Final() || before == notification.AttemptUncertain && now == notification.AttemptSent
}

// tell passes a report on to the workflow, and a delivery on to the notification's row as well: a workflow that is
// just ending takes the signal and does nothing with it. On a row that is still open, that changes nothing.
func (g *Gateway) tell(ctx context.Context, attempt notification.Attempt) error {
	if err := g.report(ctx, attempt); err != nil && !isNotFound(err) {
		g.Log.Warn("workflow not told of the SMS status; it will find it in the database",
			zap.String("notification_id", attempt.NotificationID), zap.Error(err))
	}

	if attempt.Status != notification.AttemptDelivered {
		return nil
	}

	settlement := db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS,
	}
	if err := g.Store.UpgradeSettlement(ctx, attempt.NotificationID, settlement); err != nil {
		return fmt.Errorf("correcting the outcome: %w", storeError("settling", err))
	}

	return nil
}

func (g *Gateway) report(ctx context.Context, attempt notification.Attempt) error {
	ctx, done := context.WithTimeout(ctx, tellingPatience)
	defer done()

	report := workflows.SMSReport{AttemptID: attempt.ID, Status: attempt.Status, Reason: attempt.Reason}

	err := g.Temporal.SignalWorkflow(
		ctx, workflows.NotificationID(attempt.NotificationID), "", workflows.SignalSMSStatus, report)
	if err != nil {
		return fmt.Errorf("signalling the workflow: %w", err)
	}

	return nil
}
