package frontend_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/gateway"
)

func (b realOffice) note(t *testing.T, entry db.AuditEntry) {
	t.Helper()

	if entry.ActorKind == "" {
		entry.ActorKind = "user"
	}

	entry.EnteID = b.ente.ID
	require.NoError(t, b.store.Audit(t.Context(), entry))
}

func TestTheAuditLogTellsWhoDidWhat(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAuditor)
	olga := b.appoint(t, gateway.RoleOperator)
	template := b.tari(t)

	b.note(t, db.AuditEntry{
		ActorID: olga.ID, ActorName: olga.Name, Action: "template.revise", ObjectKind: "template", ObjectID: template.ID, Address: "192.0.2.7",
		Detail: map[string]string{"fields": "subject", "reason": "io_unavailable", "weird": "<b>"},
	})
	b.note(t, db.AuditEntry{ActorID: olga.ID, ActorName: olga.Name, Action: "account.sign_in", ObjectKind: "account", ObjectID: olga.ID})
	b.note(t, db.AuditEntry{
		Action: "spaceship.launch", ObjectKind: "spaceship", ObjectID: "apollo", ActorKind: "application", ActorID: "k", ActorName: "gestionale",
	})
	b.note(t, db.AuditEntry{ActorKind: "nobody", Action: "account.sign_in_failed"})

	shown := b.get("/audit")
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "ha modificato il modello")
	require.Contains(t, shown.body, `href="/templates/`+template.ID+`">TARI</a>`)
	require.Contains(t, shown.body, "192.0.2.7")
	require.Contains(t, shown.body, "campi modificati: subject")
	require.Contains(t, shown.body, "weird: &lt;b&gt;")
	require.NotContains(t, shown.body, "motivo: io_unavailable", "a reason is said in words")
	require.Contains(t, shown.body, "ha eseguito l&#39;operazione «spaceship.launch»", "an unknown act is called by its name")
	require.Contains(t, shown.body, "(applicazione)")
	require.Contains(t, shown.body, "<strong>Sconosciuto</strong>")
	require.Contains(t, shown.body, `href="/audit?actor=`+olga.ID)
	require.Contains(t, b.get("/notifications").body, `href="/audit"`)

	for query, want := range map[string][]string{
		"group=template":       {"ha modificato il modello"},
		"person=olga":          {"ha modificato il modello", "è entrato nel backoffice"},
		"person=" + olga.Email: {"ha modificato il modello", "è entrato nel backoffice"},
		"actor=" + olga.ID: {
			"ha modificato il modello", "è entrato nel backoffice", "Sono mostrate solo le operazioni di Olga Operatrice",
		},
		"object=apollo":                     {"spaceship.launch"},
		"address=192.0.2.7":                 {"ha modificato il modello"},
		"from=2001-01-01&to=2001-01-02":     {"Nessuna operazione"},
		"ente=" + b.ente.ID + "&group=ente": nil,
	} {
		shown := b.get("/audit?" + query)
		require.Equal(t, http.StatusOK, shown.status, query)

		for _, words := range want {
			require.Contains(t, shown.body, words, query)
		}

		if !strings.Contains(query, "object") {
			require.NotContains(t, shown.body, "spaceship.launch", query)
		}
	}

	require.Equal(t, http.StatusUnprocessableEntity, b.get("/audit?from=yesterday").status)
	require.Equal(t, http.StatusUnprocessableEntity, b.get("/audit?from=2026-02-02&to=2026-01-01").status)
	require.Equal(t, http.StatusUnprocessableEntity, b.get("/audit?cursor=x").status)
	require.Equal(t, "/audit?group=batch", b.get("/audit?group=batch&person="+citizen).location())
}

func TestTheAuditLogGoesOnPageByPage(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSystem)
	for i := range 30 {
		b.note(t, db.AuditEntry{At: time.Date(2026, time.January, 1, 0, i, 0, 0, time.UTC), ActorName: "x", Action: "batch.sample"})
	}

	first := b.get("/audit?group=batch").body
	require.Equal(t, 25, strings.Count(first, "ha chiesto a IO un campione"))

	next := between(t, first, `genio-pager__next" href="`, `"`)
	second := b.get(strings.ReplaceAll(next, "&amp;", "&")).body
	require.Equal(t, 5, strings.Count(second, "ha chiesto a IO un campione"))
	require.Contains(t, second, "Precedenti")
}

func between(t *testing.T, text, before, after string) string {
	t.Helper()

	_, rest, found := strings.Cut(text, before)
	require.True(t, found, before)

	part, _, found := strings.Cut(rest, after)
	require.True(t, found, after)

	return part
}

func TestTheAuditLogIsExportedAndThatIsNoted(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAuditor)
	b.note(t, db.AuditEntry{ActorName: "=cmd()", Action: "batch.sample"})
	b.note(t, db.AuditEntry{ActorName: "Olga", Action: "template.create"})

	table := b.get("/audit/export/csv?group=batch")
	require.Equal(t, http.StatusOK, table.status)
	require.Contains(t, table.header.Get("Content-Disposition"), "registro-2026-11-23.csv")
	require.Contains(t, table.body, ";batch.sample;")
	require.Contains(t, table.body, "'=cmd()")
	require.NotContains(t, table.body, "template.create")

	require.Contains(t, b.get("/audit?group=audit").body, "ha esportato il registro")
	require.Equal(t, http.StatusOK, b.get("/audit/export/xlsx").status)
	require.Equal(t, http.StatusNotFound, b.get("/audit/export/pdf").status)
	require.Equal(t, http.StatusUnprocessableEntity, b.get("/audit/export/csv?from=yesterday").status)
}

// TestEveryActHasWords: whoever adds one of these acts finds its words, and so does whoever reads of it.
func TestEveryActHasWords(t *testing.T) {
	t.Parallel()

	known := messages(t, "it")

	for group, verbs := range map[string]string{
		"notification": "cancel hold resume decide retry reveal submit test", "notifications": "export",
		"webhook": "create move rotate switch_on switch_off remove test retell gone",
		"api_key": "create rotate revoke update", "service": "create update activate deactivate replace_key use_key test_key",
		"service_import": "start apply", "manage_key": "remove", "ente": "create update move set_quota set_retention",
		"account": "sign_in sign_in_refused second_factor_refused sign_out create invite accept_invitation renew_invitation " +
			"withdraw_invitation deactivate reactivate change_password set_second_factor remove_second_factor renew_recovery_codes " +
			"use_recovery_code end_session end_sessions add_membership remove_membership choose_membership link_identity",
		"batch":    "upload confirm pause resume cancel discard remap sample correct reject_download results_download",
		"template": "create revise archive", "intervention": "start stop", "pause": "begin lift",
		"reconciliation": "start", "finding": "acknowledge",
		"filter": "save share unshare delete", "audit": "export", "citizen": "check export erase", "test_recipient": "keep forget",
		"keys": "add promote retire restore remove reencrypt forget",
	} {
		require.NotEmpty(t, known["audit.group."+group], group)

		for verb := range strings.FieldsSeq(verbs) {
			require.NotEmpty(t, known["audit.act."+group+"."+verb], group+verb)
			delete(known, "audit.act."+group+"."+verb)
		}
	}

	for key := range known {
		require.NotContains(t, key, "audit.act.", "nobody does it")
	}

	for _, kind := range []string{"application", "user", "system", "nobody"} {
		require.NotEmpty(t, known["audit.kind."+kind])
	}
}

func TestTheAccessibilityPageFollowsTheModel(t *testing.T) {
	t.Parallel()

	shown := open(t, samples()).get("/accessibilita").body
	for _, part := range []string{
		"Dichiarazione di accessibilità", "Stato di conformità", "Contenuti non accessibili", "Redazione della dichiarazione",
		"Feedback e recapiti", "Procedura di attuazione", "non è ancora indicata",
	} {
		require.Contains(t, shown, part)
	}

	named := open(t, samples(), func(c *frontend.Config) {
		c.Accessibility = frontend.Accessibility{
			Body: "Regione Esempio", Feedback: "accessibilita@regione.example", Statement: "https://form.agid.gov.it/view/esempio",
		}
	}).get("/accessibilita").body
	require.Contains(t, named, "Regione Esempio si impegna")
	require.Contains(t, named, `href="mailto:accessibilita@regione.example"`)
	require.Contains(t, named, `href="https://form.agid.gov.it/view/esempio"`)

	for _, wrong := range []frontend.Accessibility{
		{Feedback: "nobody"}, {Feedback: "Ugo <ugo@example.org>"}, {Statement: "http://form.agid.gov.it"}, {Statement: "javascript:alert(1)"},
	} {
		_, err := frontend.New(frontend.Config{
			Gateway: samples(), Sessions: memstore.NewWithCleanupInterval(0), Log: zap.NewNop(), Accessibility: wrong,
		})
		require.ErrorContains(t, err, "accessibility")
	}
}
