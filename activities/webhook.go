package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/outbound"
)

const (
	// webhookTimeout is for one call: an application that takes longer has to note the event first, and act on it later.
	webhookTimeout = 10 * time.Second
	// webhookAnswer is read of an answer, which means nothing but its status; none of it is kept, since it may hold anything.
	webhookAnswer = 4 << 10

	webhookAgent = "GeNIO-Webhook/1"
)

// webhookBody is what an application is told. There is nothing of a citizen in it: it asks the API for more.
type webhookBody struct {
	Type      notification.WebhookEvent `json:"type"`
	Timestamp time.Time                 `json:"timestamp"` // of the event
	Data      webhookData               `json:"data"`
}

type webhookData struct {
	EnteID            string               `json:"ente_id"`
	NotificationID    string               `json:"notification_id,omitempty"`
	ServiceID         string               `json:"service_id,omitempty"`
	BatchID           string               `json:"batch_id,omitempty"`
	ExternalReference string               `json:"external_reference,omitempty"`
	Status            notification.Status  `json:"status,omitempty"`
	Reason            notification.Reason  `json:"reason,omitempty"`
	Channel           notification.Channel `json:"channel,omitempty"`
	SettledAt         time.Time            `json:"settled_at,omitzero"`
	// Run is 1, and one more after each retry.
	Run int `json:"run,omitempty"`
}

// webhookBodyOf is the same for each repetition: a receiver may compare. Of a notification that is removed, the head is empty.
func webhookBodyOf(delivery notification.WebhookDelivery, head notification.Notification) ([]byte, error) {
	body := webhookBody{Type: delivery.Event, Timestamp: delivery.CreatedAt, Data: webhookData{
		EnteID: delivery.EnteID, NotificationID: delivery.NotificationID, ServiceID: head.ServiceID, BatchID: head.BatchID,
		ExternalReference: head.ExternalReference, Status: delivery.Status, Reason: delivery.Reason, Channel: delivery.Channel,
		SettledAt: delivery.SettledAt, Run: delivery.Run,
	}}

	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encoding an event: %w", err)
	}

	return encoded, nil
}

// signWebhook signs as Standard Webhooks has it (https://www.standardwebhooks.com): one signature for each secret in force,
// with a space in between. Now is the time of the call, which the receiver compares with its own.
func signWebhook(header http.Header, w notification.Webhook, id string, now time.Time, body []byte) error {
	secrets := [][]byte{w.Secret}
	if now.Before(w.PreviousUntil) {
		secrets = append(secrets, w.Previous)
	}

	var signatures []byte

	for _, secret := range secrets {
		signer, err := standardwebhooks.NewWebhookRaw(secret)
		if err != nil {
			return fmt.Errorf("preparing a signature: %w", err)
		}

		signature, err := signer.Sign(id, now, body)
		if err != nil {
			return fmt.Errorf("signing: %w", err)
		}

		signatures = fmt.Appendf(append(signatures, ' '), "%s", signature)
	}

	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, string(bytes.TrimSpace(signatures)))

	return nil
}

// webhookAnswered is how a call went.
type webhookAnswered struct {
	fault      notification.WebhookFault // empty: well
	status     int                       // 0: no answer
	duration   time.Duration
	retryAfter time.Duration // what the application asks for; 0: nothing
}

// final tells that the event need not be told again: it was taken, or the application wants no more.
func (w webhookAnswered) final() bool {
	return w.fault == "" || w.fault == notification.WebhookFaultGone
}

// callApplication makes one call. Its fault tells everything: an error's text would hold the address.
func (w *Webhooks) callApplication(ctx context.Context, to notification.Webhook, id string, body []byte) webhookAnswered {
	began := w.now()

	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return webhookAnswered{fault: notification.WebhookFault(outbound.FaultRefused)}
	}

	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", webhookAgent)

	if signWebhook(request.Header, to, id, began, body) != nil {
		return webhookAnswered{fault: notification.WebhookFaultUnknown}
	}

	answer, err := w.client.Do(request)
	if err != nil {
		return webhookAnswered{fault: notification.WebhookFault(outbound.FaultOf(err)), duration: w.now().Sub(began)}
	}

	defer func() { _ = answer.Body.Close() }()

	// So that the connection can be used again.
	_, _ = io.Copy(io.Discard, answer.Body)

	answered := webhookAnswered{status: answer.StatusCode, duration: w.now().Sub(began)}

	switch {
	case answer.StatusCode == http.StatusGone:
		answered.fault = notification.WebhookFaultGone
	case answer.StatusCode < http.StatusOK, answer.StatusCode >= http.StatusMultipleChoices:
		answered.fault = notification.WebhookFaultAnswer
		answered.retryAfter = retryAfter(answer.Header.Get("Retry-After"), w.now())
	}

	return answered
}

// retryAfter reads how long an application wants to be left alone (RFC 9110, 10.2.3): seconds, or a date. 0 where it says
// nothing that can be understood.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}

	date, err := http.ParseTime(header)
	if err != nil {
		return 0
	}

	return max(0, date.Sub(now))
}
