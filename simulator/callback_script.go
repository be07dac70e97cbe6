package simulator

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// callback is one status callback to make.
type callback struct {
	sid       string
	url       string
	at        time.Time
	form      url.Values
	signature string
	// token is the same over the retries of one callback.
	token string
}

// callbacksOf is the script of a message's callbacks, if it asked for any.
func (s *Simulator) callbacksOf(message sms, authToken string) []callback {
	if message.form.callback == "" || message.outcome == PhoneNoCallback {
		return nil
	}

	script := callbackPerStatus(message, authToken)

	if message.outcome == PhoneCallbacksReordered || s.strikes(faultCallbackReorder) {
		script = lastFirst(script)
	}

	if message.outcome == PhoneCallbacksDuplicated || s.strikes(faultCallbackDuplicate) {
		script = eachTwice(script)
	}

	return script
}

// callbackPerStatus makes one callback per status after the initial one, which Twilio never announces.
func callbackPerStatus(message sms, authToken string) []callback {
	// The fragment holds connection settings for Twilio and is not sent.
	target, _, _ := strings.Cut(message.form.callback, "#")

	script := make([]callback, 0, len(message.steps)-1)
	for _, step := range message.steps[1:] {
		form := callbackForm(message, step)
		script = append(script, callback{
			sid: message.sid, url: target, at: step.at, form: form,
			signature: SignTwilioCallback(authToken, target, form), token: newSID(""),
		})
	}

	return script
}

func callbackForm(message sms, step smsStep) url.Values {
	form := url.Values{
		"MessageSid": {message.sid}, "SmsSid": {message.sid}, "AccountSid": {message.account}, "ApiVersion": {twilioAPIVersion},
		"To": {message.form.to}, "MessageStatus": {step.status}, "SmsStatus": {step.status},
	}

	if message.form.from != "" {
		form.Set("From", message.form.from)
	}

	if message.form.messagingService != "" {
		form.Set("MessagingServiceSid", message.form.messagingService)
	}

	if step.errorCode != 0 {
		form.Set("ErrorCode", strconv.Itoa(step.errorCode))
	}

	if step.status == smsDelivered {
		form.Set("RawDlrDoneDate", step.at.UTC().Format("0601021504"))
	}

	return form
}

// lastFirst reverses the callbacks. They go one after another, so all wait for the last status and none is early.
func lastFirst(script []callback) []callback {
	reversed := slices.Clone(script)
	slices.Reverse(reversed)

	return reversed
}

func eachTwice(script []callback) []callback {
	doubled := make([]callback, 0, 2*len(script))
	for _, once := range script {
		doubled = append(doubled, once, once)
	}

	return doubled
}
