package frontend_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func TestDetailShowsThreeLayersOfStatus(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	id := b.handed(t)
	_, err := b.store.Begin(t.Context(), id, db.Run{Number: 1, TemporalID: "run-1"})
	require.NoError(t, err)

	first, err := b.store.BeginAttempt(t.Context(), id, notification.ChannelIO, "")
	require.NoError(t, err)
	_, err = b.store.RecordAttempt(t.Context(), first.Attempt.ID, db.AttemptChange{
		Status: notification.AttemptUncertain, Reason: notification.ReasonIOOutcomeUncertain,
	})
	require.NoError(t, err)
	second, err := b.store.BeginAttempt(t.Context(), id, notification.ChannelIO, first.Attempt.ID)
	require.NoError(t, err)
	_, err = b.store.RecordAttempt(t.Context(), second.Attempt.ID, db.AttemptChange{
		Status: notification.AttemptFailed, Reason: notification.ReasonIORejected,
		ProviderID: "01JTESTMESSAGE00000000000A", ProviderStatus: "REJECTED",
	})
	require.NoError(t, err)
	require.NoError(t, b.store.RecordProviderEvent(t.Context(), second.Attempt.ID, "ACCEPTED", noon()))
	require.NoError(t, b.store.Settle(t.Context(), id, db.Settlement{
		Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected,
	}))

	shown := b.get("/notifications/" + id)
	require.Equal(t, http.StatusOK, shown.status)

	for _, text := range []string{
		"Un problema tecnico o di configurazione ha interrotto la lavorazione.", "Che cosa fare:", "Riprovare può servire",
		"Non si sa se il fornitore ha ricevuto il messaggio.", "Sostituito dal tentativo 2.",
		"Il fornitore ha rifiutato il messaggio o non è riuscito a consegnarlo.",
		`<span class="genio-code">REJECTED</span>`, "App IO ha respinto il messaggio: il cittadino non è iscritto", "01JTESTMESSAGE00000000000A",
		"Secondo app IO", `<span class="genio-code">ACCEPTED</span> – App IO ha ricevuto il messaggio`,
	} {
		require.Contains(t, shown.body, text)
	}
}

func TestDetailWhileTemporalIsAway(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	accepted, failed := b.handed(t), b.settled(t, notification.StatusFailed, notification.ReasonIOKeyRejected)
	begun := b.handed(t)
	_, err := b.store.Begin(t.Context(), begun, db.Run{Number: 1, TemporalID: "run-1"})
	require.NoError(t, err)

	for _, id := range []string{accepted, begun} {
		shown := b.get("/notifications/" + id)
		require.Equal(t, http.StatusOK, shown.status)
		require.Contains(t, shown.body, "Temporal non è raggiungibile: la cronologia è ridotta.")
		require.Contains(t, shown.body, "Notifica presa in carico", "what the database knows is told")
		require.Contains(t, shown.body, "queste operazioni torneranno possibili appena risponde")
		require.Contains(t, shown.body, `disabled aria-describedby="acts-away">Annulla la notifica</button>`)
		require.NotContains(t, shown.body, `href="/notifications/`+id+`/cancel"`)
	}

	// A retry only waits for it.
	shown := b.get("/notifications/" + failed)
	require.Contains(t, shown.body, `href="/notifications/`+failed+`/retry"`)
	require.Equal(t, http.StatusOK, b.get("/notifications").status)
}

func TestWorkflowIsForThoseWhoMayDiagnose(t *testing.T) {
	t.Parallel()

	for _, role := range []gateway.Role{
		gateway.RoleOperator, gateway.RoleAdministrator, gateway.RoleSupport, gateway.RoleAuditor, gateway.RoleSystem,
	} {
		b := openReal(t, role, func(c *frontend.Config) { c.TemporalUI = "http://temporal.example/namespaces/genio" })
		shown := b.get("/notifications/" + b.settled(t, notification.StatusDelivered, notification.ReasonIODelivered))

		require.Equal(t, b.account.Actor().May(gateway.PermissionDiagnose), strings.Contains(shown.body, "temporal.example"), role)
	}
}

func TestListOffersWhatThePersonMayDo(t *testing.T) {
	t.Parallel()

	require.Contains(t, openReal(t, gateway.RoleAuditor).get("/notifications").body, `<div class="genio-list-actions">`)
}

// What the pages put together from a status and a beginning.
func TestEveryLayerIsExplained(t *testing.T) {
	t.Parallel()

	known := messages(t, "it")

	for _, status := range notification.Statuses() {
		require.NotEmpty(t, known["layer.status."+string(status)], status)
	}

	for _, status := range []notification.AttemptStatus{
		notification.AttemptPending, notification.AttemptSending, notification.AttemptSent, notification.AttemptDelivered,
		notification.AttemptFailed, notification.AttemptSkipped, notification.AttemptUncertain,
	} {
		require.NotEmpty(t, known["layer.attempt."+string(status)], status)
	}

	for _, channel := range []notification.Channel{notification.ChannelIO, notification.ChannelSMS} {
		require.NotEmpty(t, known["layer.provider."+string(channel)], channel)
	}

	for _, period := range []string{"any", "today", "yesterday", "7d", "30d"} {
		require.NotEmpty(t, known["search.period."+period], period)
	}
}
