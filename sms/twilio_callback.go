package sms

import (
	"errors"
	"net/url"
	"strconv"

	"github.com/twilio/twilio-go/client"
)

// TwilioSignatureHeader is the header in which Twilio signs its requests.
const TwilioSignatureHeader = "X-Twilio-Signature"

// What may be wrong with a status callback.
var (
	// ErrCallbackSignature: not signed by the account, or for another URL. Answer 403 and change nothing.
	ErrCallbackSignature = errors.New("the signature of the status callback is not valid")
	// ErrCallbackIncomplete: signed, but it names no message or no status.
	ErrCallbackIncomplete = errors.New("the status callback names no message or no status")
)

// StatusCallback is Twilio's news of one message. Callbacks come in any order and more than once: a final
// status wins over any other, see notification.AttemptStatus.Final.
type StatusCallback struct {
	ProviderID     string
	ProviderStatus string
	// ErrorCode is Twilio's code, raw; empty where nothing failed.
	ErrorCode string
	// Delivery is what both mean. Its Segments are 0: a callback does not tell them.
	Delivery Delivery
}

// ParseStatusCallback checks and reads a status callback. publicURL is the address that Twilio called, with
// its query, built from the configured public URL and never from the request's Host header. The signature
// covers that address and every field of the form, so an attempt id in the query can be trusted. form holds the
// fields of the body alone (http.Request.PostForm).
// Source: Twilio, "Webhooks security" and "Message status callback".
func ParseStatusCallback(publicURL string, form url.Values, signature, authToken string) (StatusCallback, error) {
	// Without a token the signature could be computed by anybody.
	if authToken == "" {
		return StatusCallback{}, ErrCallbackSignature
	}

	fields := make(map[string]string, len(form))
	for name := range form {
		fields[name] = form.Get(name)
	}

	validator := client.NewRequestValidator(authToken)
	if !validator.Validate(publicURL, fields, signature) {
		return StatusCallback{}, ErrCallbackSignature
	}

	callback := StatusCallback{
		ProviderID:     fields["MessageSid"],
		ProviderStatus: fields["MessageStatus"],
		ErrorCode:      fields["ErrorCode"],
	}
	if callback.ProviderID == "" || callback.ProviderStatus == "" {
		return StatusCallback{}, ErrCallbackIncomplete
	}

	// A code that is no number explains nothing; it is kept raw above.
	code, err := strconv.Atoi(callback.ErrorCode)
	if err != nil {
		code = 0
	}

	callback.Delivery = twilioDelivery(callback.ProviderStatus, code, 0)

	return callback, nil
}
