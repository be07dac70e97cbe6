package sms_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/sms"
)

// A watch hears of each call once, by its operation: the list's address names the recipient.
func TestWatchHearsOfEachCallToTwilio(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		answer http.HandlerFunc
		status int
	}{
		"answered": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, 503},
		"cut":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := httptest.NewServer(test.answer)
			t.Cleanup(server.Close)

			var heard []string

			twilio, err := sms.NewTwilio(sms.TwilioConfig{
				BaseURL: server.URL, AccountSID: accountSID, AuthToken: authToken,
				Watch: func(ctx context.Context, operation string) (context.Context, func(int)) {
					return ctx, func(status int) { heard = append(heard, fmt.Sprintf("%s %d", operation, status)) }
				},
			})
			require.NoError(t, err)

			_, err = twilio.Send(t.Context(), sms.Message{To: citizen, Sender: alias, Text: "prova"})
			require.Error(t, err)

			_, err = twilio.Status(t.Context(), "SM1")
			require.Error(t, err)

			_, err = twilio.Find(t.Context(), sms.Search{To: citizen, Text: "prova"})
			require.Error(t, err)

			require.Equal(t, []string{
				fmt.Sprintf("create_message %d", test.status), fmt.Sprintf("fetch_message %d", test.status),
				fmt.Sprintf("list_messages %d", test.status),
			}, heard)
		})
	}
}
