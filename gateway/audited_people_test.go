package gateway_test

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
)

// TestWhatIsDoneWithAccountsIsNoted: who came in, with which role, and who let them.
func TestWhatIsDoneWithAccountsIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx, ada := t.Context(), b.administrator(t, "ada@comune.example")
		olga := b.account(t, "olga@comune.example")

		invited, err := b.Invite(ctx, ada, b.wish("ines@comune.example"))
		require.NoError(t, err)
		_, err = b.RenewInvitation(ctx, ada, invited.AccountID)
		require.NoError(t, err)
		require.NoError(t, b.WithdrawInvitation(ctx, ada, invited.AccountID))

		require.NoError(t, b.AddMembership(ctx, ada, olga.ID, gateway.RoleAuditor, b.ente.ID))
		now, err := b.Account(ctx, olga.ID)
		require.NoError(t, err)
		require.NoError(t, b.RemoveMembership(ctx, ada, olga.ID, now.Memberships[1].ID))
		require.NoError(t, b.SetPersonActive(ctx, ada, olga.ID, false))
		require.NoError(t, b.SetPersonActive(ctx, ada, olga.ID, true))
		require.NoError(t, b.EndSessionsOf(ctx, ada, olga.ID))

		require.Equal(t, []string{
			"account.end_sessions", "account.reactivate", "account.deactivate", "account.remove_membership", "account.add_membership",
			"account.withdraw_invitation", "account.renew_invitation", "account.invite",
		}, b.doneBy(t, ada.ID))
	})
}

func TestWhatPeopleDoWithTheirOwnAccountIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx, ada := t.Context(), b.administrator(t, "ada@comune.example")

		key, err := b.NewSecondFactorKey("ada@comune.example")
		require.NoError(t, err)
		code, err := totp.GenerateCode(key.Secret, time.Now())
		require.NoError(t, err)
		_, err = b.SetSecondFactor(ctx, ada, key.Secret, code)
		require.NoError(t, err)
		_, err = b.RenewRecoveryCodes(ctx, ada)
		require.NoError(t, err)

		require.NoError(t, b.ChangePassword(ctx, ada, password, "another "+password, ""))
		require.NoError(t, b.EndOtherSessions(ctx, ada, ""))
		require.NoError(t, b.RemoveSecondFactor(ctx, system(), ada.ID))

		require.Equal(t, []string{
			"account.end_sessions", "account.change_password", "account.renew_recovery_codes", "account.set_second_factor",
		}, b.doneBy(t, ada.ID))
		require.Equal(t, "account.remove_second_factor", b.doneBy(t, system().ID)[0])
	})
}

func TestWhatIsDoneWithKeysIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ada := b.administrator(t, "ada@comune.example")

		key, _, err := b.IssueAPIKey(t.Context(), ada, gateway.KeyWish{EnteID: b.ente.ID, Name: "gestionale"})
		require.NoError(t, err)
		_, _, err = b.RotateAPIKey(t.Context(), ada, key.ID, time.Hour)
		require.NoError(t, err)
		require.NoError(t, b.RevokeAPIKey(t.Context(), ada, b.ente.ID, key.ID))

		require.Equal(t, []string{"api_key.revoke", "api_key.rotate", "api_key.create"}, b.doneBy(t, ada.ID))
	})
}

// doneBy are the names of what somebody did, the latest first.
func (b bundle) doneBy(t *testing.T, actorID string) []string {
	t.Helper()

	entries, _, err := b.store.AuditLog(t.Context(), db.AuditFilter{ActorIDs: []string{actorID}}, db.Cursor{}, 50)
	require.NoError(t, err)

	var names []string
	for _, entry := range entries {
		names = append(names, entry.Action)
	}

	return names
}
