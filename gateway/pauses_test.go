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

const whyPaused = "manutenzione di app IO"

func TestWhoMayPauseWhat(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		channel := gateway.PauseWish{Scope: notification.PauseChannel, Channel: notification.ChannelIO, Why: whyPaused}
		ente := gateway.PauseWish{Scope: notification.PauseEnte, EnteID: b.ente.ID, Why: whyPaused}
		service := gateway.PauseWish{Scope: notification.PauseService, ServiceID: b.service.ID, Why: whyPaused}

		_, err := b.Pause(t.Context(), b.user(gateway.RoleAdministrator), channel)
		require.ErrorIs(t, err, gateway.ErrForbidden, "a channel of all Enti is not an Ente's")
		_, err = b.Pause(t.Context(), b.user(gateway.RoleOperator), service)
		require.ErrorIs(t, err, gateway.ErrForbidden)
		_, err = b.Pause(t.Context(), foreign.user(gateway.RoleAdministrator), service)
		requireFields(t, err, map[string]string{"service": "required"})
		_, err = b.Pause(t.Context(), foreign.user(gateway.RoleAdministrator), ente)
		requireFields(t, err, map[string]string{"ente": "required"})
		_, err = b.Pause(t.Context(), support(), gateway.PauseWish{Why: "corto", Until: time.Now().Add(-time.Hour)})
		requireFields(t, err, map[string]string{"scope": "required", "why": "length", "until": "range"})
		_, err = b.Pause(t.Context(), support(), gateway.PauseWish{Scope: notification.PauseEnteChannel, Why: whyPaused})
		requireFields(t, err, map[string]string{"channel": "required"})
		require.Empty(t, b.audited(t, "pause.begin"))

		id, err := b.Pause(t.Context(), b.user(gateway.RoleAdministrator), service)
		require.NoError(t, err)
		_, err = b.Pause(t.Context(), support(), service)
		require.ErrorIs(t, err, gateway.ErrState, "it is paused already")

		noted := b.audited(t, "pause.begin")
		require.Len(t, noted, 1)
		require.Equal(t, whyPaused, noted[0].Detail["why"])
		require.Equal(t, b.ente.ID, noted[0].EnteID)

		require.ErrorIs(t, b.LiftPause(t.Context(), foreign.user(gateway.RoleAdministrator), id), gateway.ErrNotFound)
		require.ErrorIs(t, b.LiftPause(t.Context(), b.user(gateway.RoleOperator), id), gateway.ErrForbidden)
		require.NoError(t, b.LiftPause(t.Context(), support(), id))
		require.ErrorIs(t, b.LiftPause(t.Context(), support(), id), gateway.ErrState)
		require.Len(t, b.audited(t, "pause.lift"), 1)
	})
}

func TestEverybodyWhomAPauseConcernsIsTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)

		shown := func(actor gateway.Actor) []gateway.PauseView {
			views, err := b.PausesInForce(t.Context(), actor)
			require.NoError(t, err)

			return views
		}

		require.Empty(t, shown(support()))

		whole, err := b.Pause(t.Context(), support(),
			gateway.PauseWish{Scope: notification.PauseChannel, Channel: notification.ChannelIO, Why: whyPaused})
		require.NoError(t, err)
		_, err = b.Pause(t.Context(), support(), gateway.PauseWish{Scope: notification.PauseService, ServiceID: b.service.ID, Why: whyPaused})
		require.NoError(t, err)

		require.Len(t, shown(support()), 2)
		require.Len(t, shown(b.user(gateway.RoleOperator)), 2)
		require.Len(t, shown(foreign.user(gateway.RoleAuditor)), 1)
		require.Empty(t, shown(gateway.Actor{}))

		for _, view := range shown(b.user(gateway.RoleAdministrator)) {
			require.Equal(t, view.Scope == notification.PauseService, view.MayLift)
		}

		require.NoError(t, b.LiftPause(t.Context(), support(), whole))
		require.Empty(t, shown(foreign.user(gateway.RoleAuditor)))

		views, err := b.Pauses(t.Context(), support())
		require.NoError(t, err)
		require.Len(t, views, 2)
		require.True(t, views[0].InForce, "those in force come first")
	})
}

func TestTheTimelineSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		_, err := b.Pause(t.Context(), support(),
			gateway.PauseWish{Scope: notification.PauseChannel, Channel: notification.ChannelIO, Why: whyPaused})
		require.NoError(t, err)

		id := b.in(t, notification.StatusOnHold, notification.ReasonIOPaused)
		view, err := b.Notification(t.Context(), support(), id)
		require.NoError(t, err)
		require.False(t, view.Possible.Resume, "it goes on by itself")
		require.True(t, view.Possible.Cancel)

		timeline, err := b.Timeline(t.Context(), b.application(), id)
		require.NoError(t, err)

		for _, entry := range timeline.Entries {
			if entry.Kind == notification.EntryOnHold {
				require.Contains(t, entry.Sentence(notification.Italian), "app IO è in pausa")
			}
		}
	})
}
