package frontend_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// accepted stores a notification of a citizen, accepted so many days before the tests happen.
func (b realOffice) accepted(t *testing.T, daysAgo int) string {
	t.Helper()

	id, err := uuid.NewV7()
	require.NoError(t, err)

	stored, _, err := b.store.Submit(t.Context(), db.Submission{Notification: notification.Notification{
		ID: id.String(), EnteID: b.ente.ID, ServiceID: b.service.ID, Policy: notification.DefaultPolicy(),
		Priority:   notification.PriorityNormal,
		Recipient:  notification.Recipient{FiscalCode: frontendtest.MarioRossi},
		AcceptedAt: noon().AddDate(0, 0, -daysAgo),
	}})
	require.NoError(t, err)

	return stored
}

func (b realOffice) ended(
	t *testing.T, daysAgo int, status notification.Status, reason notification.Reason, channel notification.Channel,
) {
	t.Helper()

	id := b.accepted(t, daysAgo)
	require.NoError(t, b.store.Settle(t.Context(), id, db.Settlement{Status: status, Reason: reason, Channel: channel}))
}

// busy has something of everything happen.
func (b realOffice) busy(t *testing.T) {
	t.Helper()

	for day := range 3 {
		for range 3 - day {
			b.ended(t, day, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)
		}
	}

	b.ended(t, 1, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS)
	b.ended(t, 0, notification.StatusFailed, notification.ReasonIOKeyRejected, "")
	b.ended(t, 40, notification.StatusFailed, notification.ReasonInternalError, "")
	b.ended(t, 0, notification.StatusNotDelivered, notification.ReasonSMSNoPhone, "")

	require.NoError(t, b.store.SetHold(t.Context(), b.accepted(t, 50), notification.ReasonIOOutcomeUncertain))
}

func TestDashboardIsHome(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	require.Equal(t, "/dashboard", b.get("/").location())
	require.Equal(t, "/dashboard", b.get("/signin").location())

	shown := b.get("/dashboard")
	require.Equal(t, http.StatusOK, shown.status)
	require.Regexp(t, `<a href="/dashboard" aria-current="true">`, shown.body)
}

func TestDashboardTellsWhatHappened(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	b.busy(t)

	shown := b.get("/dashboard")
	require.Equal(t, http.StatusOK, shown.status)
	require.Contains(t, shown.body, "Comune di Borgo Esempio")
	require.Contains(t, shown.body, "Oggi, 23/11/2026")

	today := func(query, number string) string {
		return `(?s)href="/notifications\?` + regexp.QuoteMeta(html.EscapeString(query)) +
			`">\s*<span class="genio-shortcut__count">` + number + `<`
	}

	for query, number := range map[string]string{
		"from=2026-11-23&to=2026-11-23":                              "5",
		"channel=io&from=2026-11-23&status=delivered&to=2026-11-23":  "3",
		"channel=sms&from=2026-11-23&status=delivered&to=2026-11-23": "0",
		"from=2026-11-23&status=failed&to=2026-11-23":                "1",
		"from=2026-11-23&status=not_delivered&to=2026-11-23":         "1",
		"from=2026-11-23&status=on_hold&to=2026-11-23":               "0",
	} {
		require.Regexp(t, today(query, number), shown.body)
	}

	// Each reason in words, leading to its notifications.
	require.Regexp(t, `href="/notifications\?from=2026-10-25&amp;reason=io_key_rejected&amp;status=failed&amp;to=2026-11-23">`+
		`L&#39;app IO non accetta la chiave del servizio.</a>`, shown.body)
	require.Contains(t, shown.body, `href="/notifications?from=2026-10-25&amp;reason=sms_no_phone&amp;status=not_delivered&amp;to=2026-11-23"`)
	require.Contains(t, shown.body, `href="/notifications?reason=io_outcome_uncertain&amp;status=on_hold"`)
	require.Contains(t, shown.body, "04/10/2026", "since when somebody has been waiting")
	require.NotContains(t, shown.body, "reason=internal_error", "before the period")
	require.Contains(t, shown.body, "85\u00a0%", "the share on IO")
	require.NotContains(t, shown.body, "Costo degli SMS", "no price is known")

	long := b.get("/dashboard?days=90")
	require.Contains(t, long.body, "reason=internal_error")
	require.Contains(t, long.body, `<a href="/dashboard?days=90" aria-current="true">90 giorni</a>`)
	require.Contains(t, b.get("/dashboard?days=31").body, `<a href="/dashboard" aria-current="true">30 giorni</a>`)
}

// TestDashboardsChartIsItsTable: whoever cannot see the bars reads the same numbers.
func TestDashboardsChartIsItsTable(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAuditor)
	b.busy(t)

	shown := b.get("/dashboard?days=7").body
	_, drawing, _ := strings.Cut(shown, `<svg class="genio-chart"`)
	drawing, table, _ := strings.Cut(drawing, "</svg>")

	days := regexp.MustCompile(`(?s)<g><title>(.*?)</title>(.*?)</g>`).FindAllStringSubmatch(drawing, -1)
	require.Len(t, days, 7)

	_, table, _ = strings.Cut(table, "<tbody")
	table, _, _ = strings.Cut(table, "</tbody>")
	lines := strings.Split(table, "<tr ")[1:]
	require.Len(t, lines, 8, "the days and their total")

	kinds := []string{"delivered_io", "delivered_sms", "not_delivered", "failed", "expired", "cancelled", "on_hold", "in_progress"}
	cell := regexp.MustCompile(`<td [^>]*>([^<]*)</td>`)

	for i, day := range days {
		cells := cell.FindAllStringSubmatch(lines[i], -1)
		require.Len(t, cells, 2+len(kinds))

		accepted := 0

		for k, kind := range kinds {
			drawn := regexp.MustCompile(`height="(\d+)" data-kind="` + kind + `" data-count="(\d+)"`).FindStringSubmatch(day[2])
			written := cells[k+1][1]

			if drawn == nil {
				require.Equal(t, "0", written, kind)

				continue
			}

			require.Equal(t, written, drawn[2], kind)

			number, err := strconv.Atoi(written)
			require.NoError(t, err)
			height, err := strconv.Atoi(drawn[1])
			require.NoError(t, err)
			require.InDelta(t, number*1000/5, height, 1, "the highest bar is of five")

			accepted += number
		}

		require.Equal(t, strconv.Itoa(accepted), cells[0][1])
		require.Contains(t, day[1], fmt.Sprintf(": %d accettate", accepted))
	}
}

func TestDashboardOfEverything(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSupport)
	b.busy(t)

	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}
	other, err := b.does.CreateEnte(t.Context(), system, "Comune Nuovo", "80000000010")
	require.NoError(t, err)

	shown := b.get("/dashboard")
	require.Contains(t, shown.body, "Tutto il gateway")
	require.Contains(t, shown.body, `<option value="`+other.ID+`">Comune Nuovo</option>`)
	require.NotContains(t, shown.body, "Per cominciare")

	of := b.get("/dashboard?ente=" + b.ente.ID)
	require.Contains(t, of.body, `<option value="`+b.ente.ID+`" selected>`)
	require.Contains(t, of.body,
		"/notifications?ente="+b.ente.ID+"&amp;from=2026-10-25&amp;reason=io_key_rejected&amp;status=failed&amp;to=2026-11-23")

	empty := b.get("/dashboard?ente=" + other.ID)
	require.Equal(t, http.StatusOK, empty.status)
	require.Contains(t, empty.body, "Per cominciare")
	require.NotContains(t, empty.body, "<svg class=\"genio-chart\"")

	require.Equal(t, http.StatusNotFound, b.get("/dashboard?ente="+uuid.NewString()).status)
	require.Equal(t, http.StatusNotFound, b.get("/dashboard?ente=x").status)
}

func TestDashboardOfAnotherEnteIsNotThere(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}
	other, err := b.does.CreateEnte(t.Context(), system, "Comune Altrui", "80000000010")
	require.NoError(t, err)

	require.Equal(t, http.StatusNotFound, b.get("/dashboard?ente="+other.ID).status)
	require.NotContains(t, b.get("/dashboard").body, "Comune Altrui")
}

func TestDashboardTellsTimesAndCosts(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	b.does.SMSPartPriceMicros = 45_000

	id := b.accepted(t, 0)
	claim, err := b.store.BeginAttempt(t.Context(), id, notification.ChannelSMS, "")
	require.NoError(t, err)
	_, err = b.store.RecordAttempt(t.Context(), claim.Attempt.ID, db.AttemptChange{Status: notification.AttemptSent, Segments: 3})
	require.NoError(t, err)
	require.NoError(t, b.store.Settle(t.Context(), id, db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS,
	}))

	shown := b.get("/dashboard")
	require.Regexp(t, `<dt>Costo degli SMS</dt><dd>0,14 €</dd>`, shown.body)
	require.Regexp(t,
		`(?s)alla consegna via SMS<span class="genio-reason">su 1 notifica</span></th>\s*<td class="genio-outcomes__number">`, shown.body)
	require.Regexp(t,
		`(?s)alla presa in carico di IO<span class="genio-reason">su 0 notifiche</span></th>\s*<td [^>]*colspan="2">nessuna`, shown.body)
}

func TestDashboardInEnglish(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	b.busy(t)
	b.post("/language", url.Values{"lang": {"en"}, "back": {"/dashboard"}})

	shown := b.get("/dashboard")
	require.Contains(t, shown.body, "Today, 23 Nov 2026")
	require.NotContains(t, shown.body, "dashboard.")
	require.NotContains(t, shown.body, "%!")
}

// manyCounted has more of each reference than anybody counts.
type manyCounted struct{ frontend.Gateway }

// Counts counts no further than it may.
func (g manyCounted) Counts(ctx context.Context, actor gateway.Actor, query gateway.Query) (map[notification.Status]int, error) {
	if query.ExternalReference != "" {
		return nil, nil //nolint:nilnil // too many are no fault.
	}

	return g.Gateway.Counts(ctx, actor, query)
}

func TestListWithMoreThanAnybodyCounts(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator, func(c *frontend.Config) { c.Gateway = manyCounted{c.Gateway} })
	shown := b.get("/notifications?reference=pratica")
	require.Contains(t, shown.body, `<span class="genio-shortcut__count">oltre 10.000</span>`)
	require.Equal(t, 1, strings.Count(shown.body, "genio-shortcut__count"))
	require.NotContains(t, b.get("/notifications").body, "oltre")
}
