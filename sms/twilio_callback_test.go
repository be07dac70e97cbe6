package sms_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

const callbackURL = "https://genio.example.org/webhooks/twilio?attempt=0190a1b2&ente=1"

// sign computes the signature from Twilio's description, independently of its library.
func sign(token, address string, form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}

	sort.Strings(names)

	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))

	for _, name := range names {
		mac.Write([]byte(name + form.Get(name)))
	}

	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func callbackForm(status, code string) url.Values {
	form := url.Values{
		"MessageSid": {"SM00000000000000000000000000000001"}, "SmsSid": {"SM00000000000000000000000000000001"},
		"AccountSid": {accountSID}, "From": {alias}, "To": {citizen}, "MessageStatus": {status}, "SmsStatus": {status},
		"ApiVersion": {"2010-04-01"}, "SomethingNew": {"perché no"},
	}
	if code != "" {
		form.Set("ErrorCode", code)
	}

	return form
}

// The vector of Twilio's own library: a valid signature over a form that is no status callback.
func TestParseStatusCallbackVector(t *testing.T) {
	t.Parallel()

	const (
		address   = "https://mycompany.com/myapp.php?foo=1&bar=2"
		signature = "vOEb5UThFn24KEfnOFLQY2AE5FY="
	)

	form := url.Values{
		"Digits": {"1234"}, "CallSid": {"CA1234567890ABCDE"}, "To": {"+18005551212"}, "Caller": {"+14158675309"},
		"From": {"+14158675309"}, "ReasonConferenceEnded": {"test"}, "Reason": {"Participant"},
	}
	require.Equal(t, signature, sign("12345", address, form))

	_, err := sms.ParseStatusCallback(address, form, signature, "12345")
	require.ErrorIs(t, err, sms.ErrCallbackIncomplete)

	_, err = sms.ParseStatusCallback(address, form, signature, "12346")
	require.ErrorIs(t, err, sms.ErrCallbackSignature)
}

func TestParseStatusCallback(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		status, code string
		want         sms.Delivery
	}{
		"accepted":            {"accepted", "", sms.Delivery{Status: notification.AttemptSent}},
		"scheduled":           {"scheduled", "", sms.Delivery{Status: notification.AttemptSent}},
		"queued":              {"queued", "", sms.Delivery{Status: notification.AttemptSent}},
		"sending":             {"sending", "", sms.Delivery{Status: notification.AttemptSent}},
		"sent":                {"sent", "", sms.Delivery{Status: notification.AttemptSent}},
		"partially delivered": {"partially_delivered", "", sms.Delivery{Status: notification.AttemptSent}},
		"a word to come":      {"teleported", "", sms.Delivery{Status: notification.AttemptSent}},
		"delivered":           {"delivered", "", sms.Delivery{Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered}},
		"read":                {"read", "", sms.Delivery{Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered}},
		"queue full":          {"failed", "30001", failed(notification.ReasonSMSQueueFull, true)},
		"suspended":           {"failed", "30002", failed(notification.ReasonSMSCredentialsRejected, false)},
		"unreachable":         {"undelivered", "30003", failed(notification.ReasonSMSUnreachable, true)},
		"blocked":             {"undelivered", "30004", failed(notification.ReasonSMSBlocked, false)},
		"unknown number":      {"undelivered", "30005", failed(notification.ReasonSMSUnknownNumber, false)},
		"landline":            {"undelivered", "30006", failed(notification.ReasonSMSPhoneNotMobile, false)},
		"filtered":            {"undelivered", "30007", failed(notification.ReasonSMSBlocked, false)},
		"unknown error":       {"undelivered", "30008", failed(notification.ReasonSMSUndelivered, true)},
		"expired":             {"failed", "30036", failed(notification.ReasonSMSValidityExpired, true)},
		"carrier timed out":   {"undelivered", "30410", failed(notification.ReasonSMSUndelivered, true)},
		"fraud guard":         {"failed", "30450", failed(notification.ReasonSMSBlocked, true)},
		"opted out, late":     {"failed", "21610", failed(notification.ReasonSMSOptedOut, false)},
		"a code to come":      {"failed", "39999", failed(notification.ReasonSMSUndelivered, false)},
		"no code":             {"undelivered", "", failed(notification.ReasonSMSUndelivered, false)},
		"canceled":            {"canceled", "", failed(notification.ReasonSMSUndelivered, false)},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			form := callbackForm(c.status, c.code)

			callback, err := sms.ParseStatusCallback(callbackURL, form, sign(authToken, callbackURL, form), authToken)

			c.want.ProviderStatus, c.want.ProviderCode = c.status, c.code

			require.NoError(t, err)
			require.Equal(t, sms.StatusCallback{
				ProviderID: "SM00000000000000000000000000000001", ProviderStatus: c.status, ErrorCode: c.code, Delivery: c.want,
			}, callback)
		})
	}
}

func failed(reason notification.Reason, retryable bool) sms.Delivery {
	return sms.Delivery{Status: notification.AttemptFailed, Reason: reason, Retryable: retryable}
}

func TestParseStatusCallbackRefuses(t *testing.T) {
	t.Parallel()

	form := callbackForm("delivered", "")
	signature := sign(authToken, callbackURL, form)
	forged := callbackForm("delivered", "")
	forged.Set("MessageSid", "SM00000000000000000000000000000002")

	extended := callbackForm("delivered", "")
	extended.Set("Extra", "1")

	cases := map[string]struct {
		address   string
		form      url.Values
		signature string
		token     string
	}{
		"another message":    {callbackURL, forged, signature, authToken},
		"one field more":     {callbackURL, extended, signature, authToken},
		"another attempt":    {callbackURL + "0", form, signature, authToken},
		"another host":       {"https://genio.example.com/webhooks/twilio?attempt=0190a1b2&ente=1", form, signature, authToken},
		"no query":           {"https://genio.example.org/webhooks/twilio", form, signature, authToken},
		"no signature":       {callbackURL, form, "", authToken},
		"another account":    {callbackURL, form, signature, accountSID},
		"no token":           {callbackURL, form, signature, ""},
		"signed by nobody":   {callbackURL, form, sign("", callbackURL, form), ""},
		"unreadable address": {"https://[", form, signature, authToken},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			callback, err := sms.ParseStatusCallback(c.address, c.form, c.signature, c.token)

			require.ErrorIs(t, err, sms.ErrCallbackSignature)
			require.Empty(t, callback)
		})
	}

	for _, missing := range []string{"MessageSid", "MessageStatus"} {
		incomplete := callbackForm("delivered", "")
		incomplete.Del(missing)

		_, err := sms.ParseStatusCallback(callbackURL, incomplete, sign(authToken, callbackURL, incomplete), authToken)
		require.ErrorIs(t, err, sms.ErrCallbackIncomplete)
	}
}

func FuzzParseStatusCallback(f *testing.F) {
	f.Add(callbackForm("delivered", "").Encode(), sign(authToken, callbackURL, callbackForm("delivered", "")))
	f.Add("", "")
	f.Add("MessageSid=SM1&MessageSid=SM2&MessageStatus=failed&ErrorCode=x", "")

	f.Fuzz(func(t *testing.T, body, signature string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}

		_, err = sms.ParseStatusCallback(callbackURL, form, signature, authToken)
		if err != nil {
			require.NotErrorIs(t, err, sms.ErrCallbackIncomplete, "an unsigned form was read")
		} else {
			require.Equal(t, sign(authToken, callbackURL, form), signature)
		}

		signed, err := sms.ParseStatusCallback(callbackURL, form, sign(authToken, callbackURL, form), authToken)
		if err != nil {
			require.ErrorIs(t, err, sms.ErrCallbackIncomplete)
		} else {
			require.Equal(t, form.Get("MessageSid"), signed.ProviderID)
		}
	})
}
