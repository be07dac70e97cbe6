package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const ioMessageID = "01JTESTMESSAGE00000000000A"

func TestAPastedIdentifierLeadsToItsNotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)

		bySMS := b.awaiting(t)
		onIO := b.begun(t)
		b.attempted(t, onIO, notification.ChannelIO, db.AttemptChange{Status: notification.AttemptSent, ProviderID: ioMessageID})

		reader := b.user(gateway.RoleAuditor)

		for name, test := range map[string]struct {
			identifier string
			want       string
		}{
			"its own":              {onIO, onIO},
			"in upper case":        {" " + strings.ToUpper(onIO) + "\n", onIO},
			"IO's":                 {ioMessageID, onIO},
			"Twilio's":             {bySMS.ProviderID, bySMS.NotificationID},
			"of nothing":           {newID(t), ""},
			"of no message of IO":  {"01JTESTMESSAGE00000000000Z", ""},
			"of no SMS":            {"SM" + strings.Repeat("0", 32), ""},
			"an Ente's reference":  {"pratica-42", ""},
			"nothing":              {"", ""},
			"a NUL":                {"\x00", ""},
			"a quote, for the SQL": {"' OR 1=1 --", ""},
		} {
			found, err := b.Find(t.Context(), reader, test.identifier)
			if test.want == "" {
				require.ErrorIs(t, err, gateway.ErrNotFound, name)
			} else {
				require.NoError(t, err, name)
				require.Equal(t, test.want, found, name)
			}

			_, err = b.Find(t.Context(), foreign.user(gateway.RoleAdministrator), test.identifier)
			require.ErrorIs(t, err, gateway.ErrNotFound, "%s, of another Ente", name)
		}
	})
}

func TestAListByPhone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		found := b.accepted(t)
		b.accepted(t, func(n *notification.Notification) { n.Recipient.Phone = "+393339999999" })
		b.accepted(t, func(n *notification.Notification) { n.Recipient.Phone = "" })

		read, err := b.ReadPhone(phoneAsWritten)
		require.NoError(t, err)
		require.Equal(t, phone, read)
		require.Equal(t, []string{found}, b.listed(t, b.user(gateway.RoleOperator), gateway.Query{Phone: read}))

		for _, wrong := range []string{"", "333", "02 1234567", "pratica-42", fiscalCode} {
			_, err := b.ReadPhone(wrong)
			requireFields(t, err, map[string]string{"phone": "invalid"})
		}
	})
}

func TestTheRecipientToSearchForIsOfAVisibleNotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.accepted(t)

		recipient, err := b.RecipientOf(t.Context(), b.user(gateway.RoleAuditor), id)
		require.NoError(t, err)
		require.Equal(t, notification.Recipient{FiscalCode: fiscalCode, Phone: phone}, recipient)

		_, err = b.RecipientOf(t.Context(), newTenant(t, store).user(gateway.RoleAdministrator), id)
		require.ErrorIs(t, err, gateway.ErrNotFound)
	})
}

func TestRecentBatchesAreThoseWithNotifications(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.draft(t)

		sending := b.batchIn(t, notification.BatchSending)

		for name, test := range map[string]struct {
			actor  gateway.Actor
			enteID string
			want   []string
		}{
			"own":           {b.user(gateway.RoleAuditor), "", []string{sending}},
			"of one Ente":   {support(), b.ente.ID, []string{sending}},
			"another's":     {newTenant(t, store).user(gateway.RoleAuditor), "", nil},
			"of no such id": {support(), "nessuno", nil},
			"nobody's":      {gateway.Actor{}, "", nil},
		} {
			batches, err := b.RecentBatches(t.Context(), test.actor, test.enteID)
			require.NoError(t, err, name)

			var ids []string

			for _, batch := range batches {
				require.NotEmpty(t, batch.Name)

				ids = append(ids, batch.ID)
			}

			require.Equal(t, test.want, ids, name)
		}
	})
}
