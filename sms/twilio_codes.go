package sms

import (
	"net/http"
	"strconv"

	"github.com/genio-gateway/genio/notification"
)

// meaning is what a code of the provider's is to us.
type meaning struct {
	reason    notification.Reason
	retryable bool
}

// twilioRefusals maps the error codes with which Twilio answers a request. Twilio warns that causes move between
// codes, so a code that is not here falls back to the HTTP status. Source: Twilio's error and warning dictionary.
func twilioRefusals() map[int]meaning {
	permanent := func(reason notification.Reason) meaning { return meaning{reason: reason} }
	later := func(reason notification.Reason) meaning { return meaning{reason: reason, retryable: true} }

	return map[int]meaning{
		10001: permanent(notification.ReasonSMSCredentialsRejected), // account not active
		20003: permanent(notification.ReasonSMSCredentialsRejected),
		20403: permanent(notification.ReasonSMSCredentialsRejected), // account suspended or closed
		70051: permanent(notification.ReasonSMSCredentialsRejected),

		20429: later(notification.ReasonSMSRateLimited), // too many concurrent requests: never processed
		21611: later(notification.ReasonSMSQueueFull),   // more than ten hours queued for this sender

		21211: permanent(notification.ReasonSMSPhoneInvalid),
		21217: permanent(notification.ReasonSMSPhoneInvalid),
		21265: permanent(notification.ReasonSMSPhoneNotMobile), // short code
		21614: permanent(notification.ReasonSMSPhoneNotMobile),
		21635: permanent(notification.ReasonSMSPhoneNotMobile), // landline
		21408: permanent(notification.ReasonSMSCountryNotEnabled),
		21610: permanent(notification.ReasonSMSOptedOut),
		21612: permanent(notification.ReasonSMSUnroutable),

		21212: permanent(notification.ReasonSMSSenderInvalid),
		21601: permanent(notification.ReasonSMSSenderInvalid),
		21603: permanent(notification.ReasonSMSSenderInvalid), // missing
		21606: permanent(notification.ReasonSMSSenderInvalid),
		21660: permanent(notification.ReasonSMSSenderInvalid), // belongs to another account
		21661: permanent(notification.ReasonSMSSenderInvalid), // cannot send SMS

		21605: permanent(notification.ReasonSMSTextTooLong),
		21617: permanent(notification.ReasonSMSTextTooLong),
		21658: permanent(notification.ReasonSMSTextTooLong),
	}
}

// twilioFailures maps the error codes of messages that Twilio took and could not deliver. Source: as above.
func twilioFailures() map[int]meaning {
	permanent := func(reason notification.Reason) meaning { return meaning{reason: reason} }
	later := func(reason notification.Reason) meaning { return meaning{reason: reason, retryable: true} }

	return map[int]meaning{
		30001: later(notification.ReasonSMSQueueFull),
		30002: permanent(notification.ReasonSMSCredentialsRejected), // account suspended meanwhile
		30003: later(notification.ReasonSMSUnreachable),
		30004: permanent(notification.ReasonSMSBlocked),
		30005: permanent(notification.ReasonSMSUnknownNumber),
		30006: permanent(notification.ReasonSMSPhoneNotMobile),
		30007: permanent(notification.ReasonSMSBlocked),
		30008: later(notification.ReasonSMSUndelivered), // the carrier gave no cause
		30036: later(notification.ReasonSMSValidityExpired),
		30410: later(notification.ReasonSMSUndelivered), // the carrier timed out; Twilio itself does not retry
		30450: later(notification.ReasonSMSBlocked),     // fraud guard, for 15 to 30 minutes
	}
}

// refusal explains an answer of status 4xx. Code is 0 where the answer held none.
func refusal(status, code int) meaning {
	if known, found := twilioRefusals()[code]; found {
		return known
	}

	if known, found := twilioFailures()[code]; found {
		return known
	}

	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return meaning{reason: notification.ReasonSMSCredentialsRejected}
	case http.StatusTooManyRequests:
		return meaning{reason: notification.ReasonSMSRateLimited, retryable: true}
	case http.StatusRequestTimeout:
		return meaning{reason: notification.ReasonSMSUnavailable, retryable: true}
	default:
		return meaning{reason: notification.ReasonSMSRequestRefused}
	}
}

// The words of Twilio's message status that mean more than "under way".
const (
	twilioDelivered   = "delivered"
	twilioRead        = "read"
	twilioUndelivered = "undelivered"
	twilioFailed      = "failed"
	twilioCanceled    = "canceled"
)

// twilioDelivery explains a message's status. Any word but the final ones, also one that Twilio may add, leaves
// the message sent: the deadline decides then, never a guess. Source: Twilio, "Message resource", status values.
func twilioDelivery(status string, code, segments int) Delivery {
	delivery := Delivery{Status: notification.AttemptSent, ProviderStatus: status, ProviderCode: codeText(code), Segments: segments}

	switch status {
	case twilioDelivered, twilioRead:
		delivery.Status = notification.AttemptDelivered
		delivery.Reason = notification.ReasonSMSDelivered
	case twilioUndelivered, twilioFailed, twilioCanceled:
		explained := failure(code)
		delivery.Status = notification.AttemptFailed
		delivery.Reason = explained.reason
		delivery.Retryable = explained.retryable
	}

	return delivery
}

func failure(code int) meaning {
	if known, found := twilioFailures()[code]; found {
		return known
	}

	if known, found := twilioRefusals()[code]; found {
		return known
	}

	return meaning{reason: notification.ReasonSMSUndelivered}
}

func codeText(code int) string {
	if code == 0 {
		return ""
	}

	return strconv.Itoa(code)
}
