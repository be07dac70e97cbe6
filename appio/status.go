package appio

import (
	"context"
	"net/http"
	"regexp"

	"github.com/genio-gateway/genio/notification"
)

// MessageStatusValue is IO's word for the state of a message (MessageStatusValue in its specification).
type MessageStatusValue string

// The states of a message on IO.
const (
	// MessageStatusUnknown: a word that the specification does not have. IO's list is an open one.
	MessageStatusUnknown MessageStatusValue = ""
	// MessageAccepted: received and queued.
	MessageAccepted MessageStatusValue = "ACCEPTED"
	// MessageThrottled: delayed by IO for a time.
	MessageThrottled MessageStatusValue = "THROTTLED"
	// MessageProcessed: in the citizen's inbox. Push notices and e-mails are not reported.
	MessageProcessed MessageStatusValue = "PROCESSED"
	// MessageRejected: the citizen is not on IO any more, or wants no messages of this service. IO does not
	// say which.
	MessageRejected MessageStatusValue = "REJECTED"
	// MessageFailed: IO gave up. Nothing reached the citizen.
	MessageFailed MessageStatusValue = "FAILED"
)

// Final tells whether the state will not change any more.
func (v MessageStatusValue) Final() bool {
	switch v {
	case MessageProcessed, MessageRejected, MessageFailed:
		return true
	case MessageStatusUnknown, MessageAccepted, MessageThrottled:
		return false
	}

	return false
}

// MessageStatus is what became of a message.
type MessageStatus struct {
	State MessageStatusValue
	// Raw is IO's own word, upper case letters and underscores only, for the record; it says more than State
	// where that is MessageStatusUnknown.
	Raw string
}

var (
	wellFormedFiscalCode = regexp.MustCompile(`^[0-9A-Z]{16}$`)
	statusWord           = regexp.MustCompile(`^[A-Z_]{1,40}$`)
)

// externalMessageResponseWithContent is read for its status alone: the message it repeats is known.
type externalMessageResponseWithContent struct {
	Status string `json:"status"`
}

// Status asks what became of a message (GET /messages/{fiscal_code}/{id}), with a key of the service that sent
// it. IO offers it in this form only, with the codice fiscale in the URL: keep URLs of outgoing calls out of
// the logs of proxies on the way. Errors are *notification.DeliveryError, always with HandOverNotSent. IO's
// "not found" is retryable, for a message whose id IO gave must turn up.
func (c *Client) Status(ctx context.Context, key, fiscalCode, messageID string) (MessageStatus, error) {
	// Both become parts of the path, where anything else could address something else.
	if !wellFormedFiscalCode.MatchString(fiscalCode) {
		return MessageStatus{}, refusedBeforeCall(notification.ReasonFiscalCodeInvalid, ErrFiscalCodeMalformed)
	}

	if !wellFormedMessageID.MatchString(messageID) {
		return MessageStatus{}, refusedBeforeCall(notification.ReasonIONotFound, ErrMessageIDMalformed)
	}

	reply, err := c.exchange(ctx, call{
		operation: getMessage, method: http.MethodGet, path: "/messages/" + fiscalCode + "/" + messageID, key: key,
	})
	if err != nil {
		return MessageStatus{}, err
	}

	if reply.status != http.StatusOK {
		return MessageStatus{}, reply.refusal()
	}

	return reply.messageStatus()
}

func (a answer) messageStatus() (MessageStatus, error) {
	var response externalMessageResponseWithContent

	err := a.decode(&response)
	if err == nil && !statusWord.MatchString(response.Status) {
		err = ErrAnswerMalformed
	}

	if err != nil {
		return MessageStatus{}, a.unusable(err)
	}

	return MessageStatus{State: statusValue(response.Status), Raw: response.Status}, nil
}

func statusValue(raw string) MessageStatusValue {
	switch value := MessageStatusValue(raw); value {
	case MessageAccepted, MessageThrottled, MessageProcessed, MessageRejected, MessageFailed:
		return value
	case MessageStatusUnknown:
	}

	return MessageStatusUnknown
}
