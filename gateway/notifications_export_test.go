package gateway_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func (b bundle) exported(t *testing.T, actor gateway.Actor, query gateway.Query, export gateway.Export) [][]string {
	t.Helper()

	export.Format = gateway.TableCSV

	var table bytes.Buffer

	require.NoError(t, b.ExportNotifications(t.Context(), actor, query, &table, export))

	return csvRows(t, table.Bytes())
}

func TestAnExportIsTheListAsATable(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		newBundle(t, store).accepted(t)

		older := b.accepted(t, minutesAgo(30), func(n *notification.Notification) { n.ExternalReference = "=1+1" })
		newer := b.in(t, notification.StatusFailed, notification.ReasonIOUnavailable)

		rows := b.exported(t, b.user(gateway.RoleAuditor), gateway.Query{}, gateway.Export{Lang: notification.Italian})
		require.Len(t, rows, 3)
		require.Equal(t, []string{
			"identificativo", "accettata", "ente", "servizio", "riferimento", "codice_fiscale", "telefono", "stato", "canale", "motivo",
			"codice_motivo", "conclusa", "lavorazioni", "invio_da_file",
		}, rows[0])
		require.Equal(t, newer, rows[1][0])
		require.Equal(t, []string{
			fiscalcode.Mask(fiscalCode), "'+39*******567", "Non riuscita", "",
			notification.ReasonIOUnavailable.Describe().Messaggio, "io_unavailable",
		}, rows[1][5:11])
		require.Equal(t, older, rows[2][0])
		require.Equal(t, "'=1+1", rows[2][4], "no formula runs")

		failed := b.exported(t, b.user(gateway.RoleAuditor), gateway.Query{Statuses: []notification.Status{notification.StatusFailed}},
			gateway.Export{Lang: notification.English})
		require.Len(t, failed, 2)
		require.Equal(t, "Failed", failed[1][7])
	})
}

func TestAnExportInClearIsForThoseWhoMayReveal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.accepted(t)

		rows := b.exported(t, b.user(gateway.RoleOperator), gateway.Query{FiscalCode: fiscalCode, Phone: phone}, gateway.Export{Clear: true})
		require.Equal(t, []string{fiscalCode, "'" + phone}, rows[1][5:7])

		var table bytes.Buffer

		for _, actor := range []gateway.Actor{b.user(gateway.RoleAuditor), b.application()} {
			err := b.ExportNotifications(t.Context(), actor, gateway.Query{}, &table, gateway.Export{Format: gateway.TableCSV, Clear: true})
			require.ErrorIs(t, err, gateway.ErrForbidden)
			require.Zero(t, table.Len())
		}

		noted := b.notedActs(t, "notifications.export")
		require.Len(t, noted, 1)
		require.Equal(t, map[string]string{
			"format": "csv", "rows": "1", "conditions": "fiscal_code phone", "recipients": "clear",
		}, noted[0].Detail)
		require.NotContains(t, fmt.Sprint(noted), fiscalCode)
		require.NotContains(t, fmt.Sprint(noted), strings.TrimPrefix(phone, "+39"))
	})
}

func TestAnExportGoesThroughEveryPage(t *testing.T) {
	t.Parallel()

	const total = 1003 // more than two pages

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	together := time.Now().Add(-time.Hour)

	for range total {
		b.accepted(t, func(n *notification.Notification) { n.AcceptedAt = together })
	}

	rows := b.exported(t, b.user(gateway.RoleOperator), gateway.Query{}, gateway.Export{})
	require.Len(t, rows, 1+total)

	seen := map[string]bool{}
	for _, row := range rows[1:] {
		seen[row[0]] = true
	}

	require.Len(t, seen, total, "each once")
}

func TestAnExportAsAWorkbook(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	id := b.accepted(t)

	var table bytes.Buffer

	export := gateway.Export{Format: gateway.TableXLSX, Lang: notification.Italian}
	require.NoError(t, b.ExportNotifications(t.Context(), b.user(gateway.RoleOperator), gateway.Query{}, &table, export))

	book, err := excelize.OpenReader(&table)
	require.NoError(t, err)

	rows, err := book.GetRows("Notifiche")
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.Equal(t, id, rows[1][0])
}

func TestAnExportThatCannotBe(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))

	var table bytes.Buffer

	err := b.ExportNotifications(t.Context(), b.user(gateway.RoleOperator), gateway.Query{}, &table, gateway.Export{Format: "pdf"})
	requireFields(t, err, map[string]string{"format": "unknown"})

	err = b.ExportNotifications(t.Context(), b.user(gateway.RoleOperator), gateway.Query{ExternalReference: fiscalCode}, &table,
		gateway.Export{Format: gateway.TableCSV})
	requireFields(t, err, map[string]string{"external_reference": "personal_data"}, fiscalCode)
	require.Zero(t, table.Len())
	require.Empty(t, b.notedActs(t, "notifications.export"))

	// Nobody's notifications are an empty table.
	require.Len(t, b.exported(t, gateway.Actor{Kind: gateway.ActorSystem}, gateway.Query{EnteID: "nessuno"}, gateway.Export{}), 1)
}

func TestAnExportIsCounted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.accepted(t)
		b.accepted(t)
		newBundle(t, store).accepted(t)

		rows, more, err := b.CountForExport(t.Context(), b.user(gateway.RoleOperator), gateway.Query{})
		require.NoError(t, err)
		require.Equal(t, 2, rows)
		require.False(t, more)
	})
}
