package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const enteCode = "80000000002" // invented, with its check digit

func TestEntiAndServicesOfAnActor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		second := newService(t, store, b.ente.ID)

		bound := b.application()
		bound.ServiceIDs = []string{second.ID}

		cases := map[string]struct {
			actor          gateway.Actor
			enti, services []string
		}{
			"application": {b.application(), []string{b.ente.ID}, []string{b.service.ID, second.ID}},
			"bound key":   {bound, []string{b.ente.ID}, []string{second.ID}},
			"auditor":     {b.user(gateway.RoleAuditor), []string{b.ente.ID}, []string{b.service.ID, second.ID}},
			"support": {
				support(), []string{b.ente.ID, foreign.ente.ID}, []string{b.service.ID, second.ID, foreign.service.ID},
			},
			"system": {
				system(), []string{b.ente.ID, foreign.ente.ID}, []string{b.service.ID, second.ID, foreign.service.ID},
			},
			"nobody": {gateway.Actor{}, []string{}, []string{}},
		}
		for name, test := range cases {
			enti, err := b.Enti(t.Context(), test.actor)
			require.NoError(t, err)

			services, err := b.Services(t.Context(), test.actor)
			require.NoError(t, err)

			enteIDs, serviceIDs := []string{}, []string{}
			for _, ente := range enti {
				enteIDs = append(enteIDs, ente.ID)
			}

			for _, service := range services {
				serviceIDs = append(serviceIDs, service.ID)
			}

			require.ElementsMatch(t, test.enti, enteIDs, name)
			require.ElementsMatch(t, test.services, serviceIDs, name)
		}
	})
}

func TestCreateEnte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()

		ente, err := b.CreateEnte(ctx, system(), "Comune di Borgo Esempio", enteCode)
		require.NoError(t, err)
		require.True(t, ente.Active)

		stored, err := store.Ente(ctx, ente.ID)
		require.NoError(t, err)
		require.Equal(t, enteCode, stored.FiscalCode)

		_, err = b.CreateEnte(ctx, system(), "Comune di Borgo Secondo", enteCode)
		requireFields(t, err, map[string]string{"fiscal_code": "taken"}, enteCode)

		_, err = b.CreateEnte(ctx, system(), " ", enteCode)
		requireFields(t, err, map[string]string{"name": "required"})

		_, err = b.CreateEnte(ctx, system(), "Comune", "80000000001")
		requireFields(t, err, map[string]string{"fiscal_code": "invalid"}, "80000000001")

		for _, actor := range []gateway.Actor{
			b.application(), b.user(gateway.RoleAdministrator), b.user(gateway.RoleSystem), support(), {},
		} {
			_, err = b.CreateEnte(ctx, actor, "Comune", enteCode)
			require.ErrorIs(t, err, gateway.ErrForbidden)
		}
	})
}

func TestCreateService(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()
		keys := notification.ServiceKeys{Primary: "77cc0b9e3d9e4e6a"}
		wish := notification.Service{EnteID: b.ente.ID, Name: "Tributi", Policy: notification.DefaultPolicy()}

		service, err := b.CreateService(ctx, b.user(gateway.RoleAdministrator), wish, keys)
		require.NoError(t, err)
		require.True(t, service.Active)

		stored, err := store.ServiceKeys(ctx, service.ID)
		require.NoError(t, err)
		require.Equal(t, keys, stored)

		nameless := wish
		nameless.Name = ""
		_, err = b.CreateService(ctx, system(), nameless, keys)
		requireFields(t, err, map[string]string{"name": "required"})

		_, err = b.CreateService(ctx, system(), wish, notification.ServiceKeys{Secondary: "x"})
		requireFields(t, err, map[string]string{"primary_key": "required"})

		for field, broken := range map[string]func(*notification.Policy){
			"policy.io_deadline":  func(p *notification.Policy) { p.IODeadline = 0 },
			"policy.sms_deadline": func(p *notification.Policy) { p.SMSDeadline = -time.Second },
			"policy.fallback":     func(p *notification.Policy) { p.Fallback = []notification.Channel{"pigeon"} },
			"policy.on_uncertain": func(p *notification.Policy) { p.OnUncertain = "" },
		} {
			odd := wish
			broken(&odd.Policy)

			code := "unknown"
			if strings.HasSuffix(field, "deadline") {
				code = "range"
			}

			_, err = b.CreateService(ctx, system(), odd, keys)
			requireFields(t, err, map[string]string{field: code}, "pigeon")
		}

		onlyIO := wish
		onlyIO.Policy.Fallback = nil
		_, err = b.CreateService(ctx, system(), onlyIO, keys)
		require.NoError(t, err)

		unknown := wish
		unknown.EnteID = uuid.NewString()
		_, err = b.CreateService(ctx, system(), unknown, keys)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		for _, actor := range []gateway.Actor{
			b.application(), b.user(gateway.RoleOperator), support(), newTenant(t, store).user(gateway.RoleAdministrator),
		} {
			_, err = b.CreateService(ctx, actor, wish, keys)
			require.ErrorIs(t, err, gateway.ErrForbidden)
		}
	})
}
