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
)

// StatusCallback is the address at which Twilio reports on an attempt.
func StatusCallback(publicURL, attemptID string) string {
	return publicURL + TwilioStatusPath + "?" + url.Values{attemptParameter: {attemptID}}.Encode()
}

// RecordTwilioStatus takes in a status callback. requestURI is the path with the query as it was called. The row
// comes first: a workflow that cannot be told now reads it there.
func (g *Gateway) RecordTwilioStatus(ctx context.Context, requestURI string, form url.Values, signature string) error {
	callback, err := sms.ParseStatusCallback(g.PublicURL+requestURI, form, signature, g.TwilioToken)

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

	if attempt.ProviderID != "" && attempt.ProviderID != callback.ProviderID {
		return attempt, ErrNotFound
	}

	return attempt, nil
}

func (g *Gateway) note(ctx context.Context, attempt notification.Attempt, callback sms.StatusCallback) error {
	if err := g.Store.RecordProviderEvent(ctx, attempt.ID, callback.ProviderStatus, time.Now().UTC()); err != nil {
		return storeError("recording the provider's word", err)
	}

	noted, err := g.Store.RecordAttempt(ctx, attempt.ID, db.AttemptChange{
		Status: callback.Delivery.Status, Reason: callback.Delivery.Reason,
		ProviderID: callback.ProviderID, ProviderStatus: callback.ProviderStatus,
	})
	if err != nil {
		return storeError("recording the delivery", err)
	}

	if !noted.Status.Final() {
		// Only a final word moves the workflow; telling it each step would only cost.
		return nil
	}

	return g.tell(ctx, noted)
}

// tell passes a final word on to the workflow. One that has ended already learns it in its row instead.
func (g *Gateway) tell(ctx context.Context, attempt notification.Attempt) error {
	report := workflows.SMSReport{AttemptID: attempt.ID, Status: attempt.Status, Reason: attempt.Reason}
	workflowID := workflows.NotificationID(attempt.NotificationID)

	err := g.Temporal.SignalWorkflow(ctx, workflowID, "", workflows.SignalSMSStatus, report)

	switch {
	case err == nil:
		return nil
	case !isNotFound(err):
		g.Log.Warn("workflow not told of the SMS status; it will find it in the database",
			zap.String("notification_id", attempt.NotificationID), zap.Error(err))

		return nil
	case attempt.Status != notification.AttemptDelivered:
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
