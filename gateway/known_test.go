package gateway_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// TestWhatIsRememberedEndsWithAChange: an acceptance looks nothing up for a while, and yet a change counts at once.
func TestWhatIsRememberedEndsWithAChange(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		change func(t *testing.T, b bundle, keyID string)
		// refused is what the next use of the key gives, and what the next submission does.
		key, submission bool
	}{
		"the key is revoked": {
			change: func(t *testing.T, b bundle, keyID string) {
				t.Helper()
				require.NoError(t, b.RevokeAPIKey(t.Context(), system(), b.ente.ID, keyID))
			},
			key: true,
		},
		"the Ente is suspended": {
			change: func(t *testing.T, b bundle, _ string) {
				t.Helper()

				view, err := b.Ente(t.Context(), governor(), b.ente.ID)
				require.NoError(t, err)
				require.NoError(t, b.MoveEnte(t.Context(), governor(), b.ente.ID, view.Version,
					gateway.EnteMove{To: notification.EnteSuspended, Reason: "Prova"}))
			},
			key: true, submission: true,
		},
		"the service is switched off": {
			change: func(t *testing.T, b bundle, _ string) {
				t.Helper()
				require.NoError(t, b.SwitchService(t.Context(), system(), b.service.ID, false))
			},
			submission: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				b := newBundle(t, store)
				b.Remember = time.Hour

				key, secret, err := b.CreateAPIKey(t.Context(), system(), b.ente.ID, "gestionale", nil, time.Time{})
				require.NoError(t, err)

				actor, err := b.AuthenticateKey(t.Context(), secret, "")
				require.NoError(t, err)

				_, err = b.Submit(t.Context(), actor, b.submission())
				require.NoError(t, err)

				test.change(t, b, key.ID)

				_, err = b.AuthenticateKey(t.Context(), secret, "")
				require.Equal(t, test.key, err != nil, err)

				_, err = b.Submit(t.Context(), actor, b.submission())
				require.Equal(t, test.submission, err != nil, err)
			})
		})
	}
}
