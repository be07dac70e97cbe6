package frontend_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// realOffice is the pages over the real use cases, on a database of their own and without Temporal.
type realOffice struct {
	*backoffice

	store   *db.Store
	does    *gateway.Gateway
	ente    notification.Ente
	service notification.Service
	account gateway.Account
}

// openReal signs somebody in who has the role; nobody where it is empty.
func openReal(t *testing.T, role gateway.Role, options ...option) realOffice {
	t.Helper()

	store := dbtest.Open(t, dbtest.EngineSQLite)
	temporal, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)

	b := realOffice{
		store: store,
		does: gateway.New(gateway.Config{
			Store: store, Temporal: temporal, Starter: gateway.NewStarter(store, temporal, zap.NewNop()), Log: zap.NewNop(),
		}),
	}
	found(t, &b)
	b.backoffice = openOver(t, b.does, append([]option{func(c *frontend.Config) { c.Sessions = store.Sessions() }}, options...)...)

	if role != "" {
		b.account = b.appoint(t, role)
		require.Equal(t, http.StatusSeeOther, b.signIn(b.account.Email, frontendtest.Password).status)
	}

	return b
}

// found makes an invented Ente with a service.
func found(t *testing.T, b *realOffice) {
	t.Helper()

	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}

	var err error

	b.ente, err = b.does.CreateEnte(t.Context(), system, "Comune di Borgo Esempio", "80000000002")
	require.NoError(t, err)

	b.service, err = b.does.CreateService(t.Context(), system, notification.Service{
		EnteID: b.ente.ID, Name: "Anagrafe", Policy: notification.DefaultPolicy(), MaxPaymentCents: 100_000, SMSSender: "COMUNE",
	}, notification.ServiceKeys{Primary: "0f6ad1f0b5c24e2b"})
	require.NoError(t, err)
}

// appoint makes an account with the role, in the invented Ente where the role works within one.
func (b realOffice) appoint(t *testing.T, role gateway.Role) gateway.Account {
	t.Helper()

	wish := gateway.Account{Email: uuid.NewString() + "@example.org", Name: "Olga Operatrice", Role: role}
	if role == gateway.RoleOperator || role == gateway.RoleAdministrator {
		wish.EnteID = b.ente.ID
	}

	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}

	account, err := b.does.CreateAccount(t.Context(), system, wish, frontendtest.Password)
	require.NoError(t, err)

	return account
}
