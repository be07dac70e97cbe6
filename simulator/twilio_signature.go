package simulator

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signature is HMAC-SHA1
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// SignTwilioCallback computes the header X-Twilio-Signature of a form callback: HMAC-SHA1 with the auth token over
// the exact URL, followed by each parameter's name and value in order of name, in base 64 (Twilio, "Webhooks
// security").
func SignTwilioCallback(authToken, exactURL string, form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}

	slices.Sort(names)

	var signed strings.Builder

	signed.WriteString(exactURL)

	for _, name := range names {
		signed.WriteString(name + form.Get(name))
	}

	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(signed.String()))

	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
