package sms

import (
	"fmt"
	"net/http"

	"github.com/genio-gateway/genio/notification"
)

// notSent reports what the adapter refuses before any call.
func notSent(reason notification.Reason) error {
	return &notification.DeliveryError{Channel: notification.ChannelSMS, Reason: reason, HandOver: notification.HandOverNotSent}
}

// handOverError says of a failed creation what is known of the message.
func (c *twilioCall) handOverError(err error) error {
	failed := c.answered(err)

	switch {
	case c.refused():
		failed.HandOver = notification.HandOverNotSent
	case c.status == 0 && !c.leftUs.Load():
		failed.HandOver = notification.HandOverNotSent
		failed.Reason = notification.ReasonSMSUnavailable
		failed.Retryable = true
	default:
		failed.HandOver = notification.HandOverUncertain
		failed.Reason = notification.ReasonSMSOutcomeUncertain
	}

	return failed
}

// readError reports a call that only read: nothing can have been handed over by it.
func (c *twilioCall) readError(err error) error {
	failed := c.answered(err)
	failed.HandOver = notification.HandOverNotSent

	if !c.refused() {
		failed.Reason = notification.ReasonSMSUnavailable
		failed.Retryable = true
	}

	return failed
}

// answered is what the answer itself says, without its text.
func (c *twilioCall) answered(err error) *notification.DeliveryError {
	failed := &notification.DeliveryError{
		Channel:      notification.ChannelSMS,
		RetryAfter:   c.retryAfter,
		HTTPStatus:   c.status,
		ProviderCode: codeText(c.code),
		Cause:        c.technicalCause(err),
	}

	if c.refused() {
		explained := refusal(c.status, c.code)
		failed.Reason = explained.reason
		failed.Retryable = explained.retryable
	}

	return failed
}

func (c *twilioCall) refused() bool {
	return c.status >= http.StatusBadRequest && c.status < http.StatusInternalServerError
}

// technicalCause keeps the network's errors and the context's. A decoder's error may quote the answer.
func (c *twilioCall) technicalCause(err error) error {
	switch {
	case c.status == 0:
		return err
	case c.ctx.Err() != nil:
		return fmt.Errorf("reading the answer: %w", c.ctx.Err())
	case c.status >= http.StatusOK && c.status < http.StatusMultipleChoices:
		return errUndecodable
	default:
		return nil
	}
}
