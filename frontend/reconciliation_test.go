package frontend_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// compared keeps a reconciliation that has ended, with a finding of each kind.
func (b realOffice) compared(t *testing.T) map[notification.FindingCode]notification.Finding {
	t.Helper()

	run := uuid.NewString()
	require.NoError(t, b.store.BeginReconciliation(t.Context(), notification.Reconciliation{ID: run}))

	found := map[notification.FindingCode]notification.Finding{}

	for _, code := range notification.FindingCodes() {
		kept, err := b.store.NoteFinding(t.Context(), notification.Finding{
			Check: notification.CheckStray, Code: code, Subject: notification.SubjectNotification, SubjectID: uuid.NewString(),
			NotificationID: uuid.NewString(), EnteID: b.ente.ID, Action: notification.ActionPerson, RunID: run,
			Detail: map[string]string{"kept": "3", "counted": "2"},
		})
		require.NoError(t, err)

		found[code] = kept
	}

	var results []notification.CheckResult
	for _, check := range notification.Checks() {
		results = append(results, notification.CheckResult{Check: check, Looked: 1234, Found: 1, Person: 1, Difference: 1})
	}

	results[0].Failed = true
	require.NoError(t, b.store.EndReconciliation(t.Context(), notification.Reconciliation{
		ID: run, Results: results, Sums: notification.Sums{Since: "2026-11-24", Accepted: 9, Settled: 7, Kept: 7, Open: 2},
	}))

	return found
}

func withFindings(t *testing.T, role gateway.Role) realOffice {
	t.Helper()

	return openReal(t, role, func(c *frontend.Config) {
		does, ok := c.Gateway.(*gateway.Gateway)
		require.True(t, ok)

		c.OpenFindings = does.OpenFindings
	})
}

func TestTheReconciliationIsShown(t *testing.T) {
	t.Parallel()

	b := withFindings(t, gateway.RoleSupport)
	empty := b.get("/reconciliation")
	require.Equal(t, http.StatusOK, empty.status)
	require.Contains(t, empty.body, "Nessun confronto è ancora finito")
	require.Contains(t, empty.body, "Nessun rilievo.")
	require.NotContains(t, b.get("/dashboard").body, "Rilievi da esaminare")

	found := b.compared(t)
	shown := b.get("/reconciliation")
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "Differenza: 8")
	require.Contains(t, shown.body, "1.234")
	require.Contains(t, shown.body, "Non eseguito")
	require.Contains(t, shown.body, "statistiche: 3, contate: 2")
	require.Contains(t, shown.body, `href="/notifications/`+found[notification.FindingHoldLost].NotificationID+`"`)
	require.NotContains(t, shown.body, "reconciliation.", "every text is there")
	require.Contains(t, b.get("/dashboard").body, `<a href="/reconciliation">`)

	for code, finding := range found {
		asked := b.get("/reconciliation/findings/" + finding.ID + "/acknowledge")
		require.Equal(t, http.StatusOK, asked.status)
		require.NotContains(t, asked.body, "reconciliation.", code)
	}
}

func TestAFindingIsMarkedAsLookedAt(t *testing.T) {
	t.Parallel()

	b := withFindings(t, gateway.RoleSupport)
	address := "/reconciliation/findings/" + b.compared(t)[notification.FindingWithoutRow].ID + "/acknowledge"
	asked := b.get(address)

	refused := b.post(address, url.Values{"once": {asked.once(t)}, "note": {" "}})
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, `aria-invalid="true"`)

	done := b.post(address, url.Values{"once": {refused.once(t)}, "note": {"banca dati ripristinata"}})
	require.Equal(t, http.StatusSeeOther, done.status)

	shown := b.get("/reconciliation")
	require.Contains(t, shown.body, "Il rilievo è segnato come esaminato.")
	require.NotContains(t, shown.body, "banca dati ripristinata")
	require.Contains(t, b.get("/reconciliation?show=all").body, "banca dati ripristinata")
	require.Equal(t, http.StatusSeeOther, b.get(address).status, "nobody has to look at it any more")
	require.Equal(t, http.StatusNotFound, b.get("/reconciliation/findings/"+uuid.NewString()+"/acknowledge").status)
	require.Equal(t, http.StatusBadRequest, b.post(address, url.Values{"note": {"visto"}}).status)
}

// TestTemporalIsNeededToCompare: the wish is refused, and nothing seems to be under way.
func TestTemporalIsNeededToCompare(t *testing.T) {
	t.Parallel()

	b := withFindings(t, gateway.RoleSystem)
	page := b.get("/reconciliation")
	require.Equal(t, http.StatusServiceUnavailable, b.post("/reconciliation", url.Values{"once": {page.once(t)}}).status)
	require.NotContains(t, b.get("/reconciliation").body, "disabled")
	require.Equal(t, http.StatusBadRequest, b.post("/reconciliation", url.Values{}).status)
}

func TestReconciliationsAreNotForEverybody(t *testing.T) {
	t.Parallel()

	for _, role := range []gateway.Role{gateway.RoleOperator, gateway.RoleAdministrator, gateway.RoleAuditor} {
		b := withFindings(t, role)
		b.compared(t)
		require.Equal(t, http.StatusForbidden, b.get("/reconciliation").status)
		require.NotContains(t, b.get("/dashboard").body, "/reconciliation")
	}
}
