package frontend_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// csvOf reads a table as it is downloaded.
func csvOf(t *testing.T, table string) [][]string {
	t.Helper()

	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(table, "\uFEFF")))
	reader.Comma, reader.FieldsPerRecord = ';', -1

	rows, err := reader.ReadAll()
	require.NoError(t, err)

	return rows
}

func TestExportIsWhatTheListShows(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	failed := b.settled(t, notification.StatusFailed, notification.ReasonIOKeyRejected)
	b.handed(t)

	list := b.get("/notifications?status=failed")
	require.Contains(t, list.body, `href="/notifications/export?status=failed"`)

	asked := b.get("/notifications/export?status=failed")
	require.Equal(t, http.StatusOK, asked.status)
	require.Contains(t, asked.body, "Il file conterrà 1 notifica.")
	require.Contains(t, asked.body, "Non riuscita")
	require.Contains(t, asked.body, `name="query" value="status=failed"`)
	require.Contains(t, asked.body, `name="clear"`)

	file := b.post("/notifications/export", url.Values{"query": {"status=failed"}, "format": {"csv"}})
	require.Equal(t, http.StatusOK, file.status)
	require.Equal(t, `attachment; filename=notifiche-2026-11-23-1200.csv`, file.header.Get("Content-Disposition"))

	table := csvOf(t, file.body)
	require.Len(t, table, 2)
	require.Equal(t, failed, table[1][0])
	require.Equal(t, "•••••••••••••01U", table[1][5])
	require.NotContains(t, file.body, frontendtest.MarioRossi)

	noted := b.noted(t, "notifications.export")
	require.Len(t, noted, 1)
	require.Equal(t, map[string]string{"format": "csv", "rows": "1", "conditions": "statuses", "recipients": "masked"}, noted[0].Detail)

	book := b.post("/notifications/export", url.Values{"query": {"status=failed"}, "format": {"xlsx"}})
	require.Equal(t, http.StatusOK, book.status)
	require.True(t, strings.HasPrefix(book.body, "PK"))
}

func TestExportInClearIsChosenAndNoted(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	b.handed(t)
	b.handed(t, anotherCitizen)

	address := b.searched(url.Values{"q": {frontendtest.MarioRossi}}).location()
	asked := b.get(strings.Replace(address, "/notifications", "/notifications/export", 1))
	require.Contains(t, asked.body, "Il file conterrà 1 notifica.")
	require.Contains(t, asked.body, "•••••••••••••01U")
	require.NotContains(t, asked.body, frontendtest.MarioRossi)

	table := csvOf(t, b.post("/notifications/export", url.Values{"query": {"person=1"}, "format": {"csv"}, "clear": {"1"}}).body)
	require.Len(t, table, 2)
	require.Equal(t, frontendtest.MarioRossi, table[1][5])
	require.Equal(t, "'"+citizenPhone, table[1][6], "a spreadsheet must not add it up")

	noted := b.noted(t, "notifications.export")
	require.Len(t, noted, 1)
	require.Equal(t, "clear", noted[0].Detail["recipients"])
	require.Equal(t, "fiscal_code", noted[0].Detail["conditions"])
}

func TestAnAuditorExportsMaskedOnly(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAuditor)
	b.handed(t)

	asked := b.get("/notifications/export")
	require.NotContains(t, asked.body, `name="clear"`)
	require.Contains(t, asked.body, "sono mascherati")

	forged := b.post("/notifications/export", url.Values{"format": {"csv"}, "clear": {"1"}})
	require.Equal(t, http.StatusForbidden, forged.status)
	require.NotContains(t, forged.body, frontendtest.MarioRossi)
	require.Empty(t, b.noted(t, "notifications.export"))
}

func TestAnExportThatCannotBeSaysWhy(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleOperator)
	require.Contains(t, b.get("/notifications/export").body, "Nessuna notifica corrisponde alla ricerca.")
	b.handed(t)

	for form, says := range map[string]string{
		"format=pdf":                                    "Scegliere il formato del file.",
		"format=csv&query=person%3D1":                   "La ricerca per codice fiscale",
		"format=csv&query=why%3Dun%2Bfulmine":           "Nessun motivo contiene queste parole.",
		"format=csv&query=from%3Dieri":                  "La data non è valida.",
		"format=csv&query=reference%3DRSSMRA80A01H501U": "Niente codice fiscale",
	} {
		values, err := url.ParseQuery(form)
		require.NoError(t, err)

		answered := b.post("/notifications/export", values)
		require.Equal(t, http.StatusUnprocessableEntity, answered.status, form)
		require.Contains(t, answered.body, says, form)
	}

	require.Equal(t, http.StatusBadRequest, b.post("/notifications/export", url.Values{"query": {"%zz"}, "format": {"csv"}}).status)
}
