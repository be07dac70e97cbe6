package frontend_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
)

const whyRevealed = "Il cittadino chiede conferma allo sportello"

// noted are the acts of a kind in the audit log, the newest first.
func (b realOffice) noted(t *testing.T, action string) []db.AuditEntry {
	t.Helper()

	entries, _, err := b.store.AuditLog(t.Context(), db.AuditFilter{Action: action}, db.Cursor{}, 100)
	require.NoError(t, err)

	return entries
}

func TestRevealingARecipientIsDeliberateAndNoted(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	path := "/notifications/" + b.handed(t)

	require.Contains(t, b.get(path).body, `href="`+path+`/reveal"`)

	asked := b.get(path + "/reveal")
	require.Equal(t, http.StatusOK, asked.status)
	require.Contains(t, asked.body, "•••••••••••••01U")
	require.NotContains(t, asked.body, frontendtest.MarioRossi)
	require.Empty(t, b.noted(t, "notification.reveal"), "asking is not seeing")

	for reason, says := range map[string]string{
		"":                                     "Da 10 a 200 caratteri",
		"boh":                                  "Da 10 a 200 caratteri",
		strings.Repeat("a", 201):               "Da 10 a 200 caratteri",
		"lo chiede " + frontendtest.MarioRossi: "Niente codice fiscale né numero di telefono",
		"ha chiamato dal 333 123 4567 stamattina": "Niente codice fiscale né numero di telefono",
	} {
		refused := b.post(path+"/reveal", url.Values{"reason": {reason}})
		require.Equal(t, http.StatusUnprocessableEntity, refused.status, reason)
		require.Contains(t, refused.body, says, reason)
		require.Contains(t, refused.body, `aria-invalid="true"`, reason)
		require.Contains(t, refused.body, `value="`+reason+`"`, "nothing typed is lost")
	}

	require.Empty(t, b.noted(t, "notification.reveal"))

	shown := b.post(path+"/reveal", url.Values{"reason": {whyRevealed}})
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, frontendtest.MarioRossi)
	require.Contains(t, shown.body, citizenPhone[1:])
	require.Equal(t, "no-store", shown.header.Get("Cache-Control"))
	require.NotContains(t, shown.body, "<form class=\"genio-panel", "the page only shows")

	noted := b.noted(t, "notification.reveal")
	require.Len(t, noted, 1)
	require.Equal(t, b.account.ID, noted[0].ActorID)
	require.Equal(t, whyRevealed, noted[0].Detail["reason"])
	require.Equal(t, "127.0.0.1", noted[0].Address)

	after := b.get(path)
	require.NotContains(t, after.body, frontendtest.MarioRossi, "it is masked again")
	require.Contains(t, after.body, "Destinatario mostrato in chiaro a Olga Operatrice")
	require.Contains(t, after.body, "Motivo: "+whyRevealed)
}

func TestAnAuditorSeesNoRecipient(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAuditor)
	path := "/notifications/" + b.handed(t)

	require.NotContains(t, b.get(path).body, path+"/reveal")
	require.Equal(t, http.StatusForbidden, b.get(path+"/reveal").status)
	require.Equal(t, http.StatusForbidden, b.post(path+"/reveal", url.Values{"reason": {whyRevealed}}).status)
}

func TestNobodyRevealsAForeignRecipient(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	path := "/notifications/" + b.foreign(t) + "/reveal"

	require.Equal(t, http.StatusNotFound, b.get(path).status)
	require.Equal(t, http.StatusNotFound, b.post(path, url.Values{"reason": {whyRevealed}}).status)
	require.Empty(t, b.noted(t, "notification.reveal"))
}
