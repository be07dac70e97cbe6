package server_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
)

const callbackForm = "MessageSid=SM0123&MessageStatus=delivered"

func TestTwilioStatusCallbacks(t *testing.T) {
	t.Parallel()

	form := "application/x-www-form-urlencoded"

	for name, test := range map[string]struct {
		body, signature, mediaType string
		failure                    error
		status                     int
		code                       string
	}{
		"delivered":       {body: callbackForm, signature: validSignature, mediaType: form, status: 204},
		"with a charset":  {body: callbackForm, signature: validSignature, mediaType: form + "; charset=UTF-8", status: 204},
		"unknown attempt": {body: "MessageStatus=sent", signature: validSignature, mediaType: form, status: 204},
		"wrong signature": {body: callbackForm, signature: "forged", mediaType: form, status: 403, code: "signature_invalid"},
		"no signature":    {body: callbackForm, mediaType: form, status: 403, code: "signature_invalid"},
		"JSON":            {body: "{}", signature: validSignature, mediaType: "application/json", status: 415, code: "unsupported_media_type"},
		"broken form":     {body: "%zz", signature: validSignature, mediaType: form, status: 400, code: "bad_request"},
		"big body": {
			body: "a=" + strings.Repeat("a", 64<<10), signature: validSignature, mediaType: form, status: 413, code: "body_too_large",
		},
		"database away": {
			body: callbackForm, signature: validSignature, mediaType: form, failure: gateway.ErrUnavailable, status: 503, code: "unavailable",
		},
		"fault": {
			body: callbackForm, signature: validSignature, mediaType: form, failure: errors.New("a fault"), status: 500, code: "internal_error",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			site.gateway.failure = test.failure

			got := site.send(call{
				method: http.MethodPost, path: "/webhooks/twilio/status?attempt=" + knownID + "&b=%2F", body: test.body, anonymous: true,
				header: map[string]string{"Content-Type": test.mediaType, "X-Twilio-Signature": test.signature},
			})
			require.Equal(t, test.status, got.status, got.body)

			if test.code != "" {
				require.Equal(t, test.code, got.json(t)["code"])

				return
			}

			require.Empty(t, got.body)

			if test.body == callbackForm {
				require.Equal(t, "/webhooks/twilio/status?attempt="+knownID+"&b=%2F delivered", site.gateway.callback)
			} else {
				require.Len(t, site.logs.FilterMessageSnippet("names no attempt").All(), 1)
			}
		})
	}
}
