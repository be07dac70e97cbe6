package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func numbersOf(page gateway.RowPage) []int {
	numbers := []int{}
	for _, row := range page.Items {
		numbers = append(numbers, row.Number)
	}

	return numbers
}

func TestRowsTellWhatIsWrongAndNothingPersonal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		repaired := goodRow(t, 5, "Eva")
		repaired.Repairs = issues(t, batch.Issue{Column: 4, Field: batch.FieldNoticeNumber, Code: "repaired_leading_zeros"})
		rows := append(threeRows(t), repaired, duplicateRow(t, 6, 0, "Ugo"))
		id := b.draft(t, rows...)

		page, err := b.BatchRows(t.Context(), b.user(gateway.RoleAuditor), id, gateway.RowQuery{})

		require.NoError(t, err)
		require.Zero(t, page.Next)
		require.Equal(t, []int{2, 3, 4, 5, 6}, numbersOf(page))

		require.Equal(t, gateway.RowView{
			Number: 2, State: notification.RowGood, NotificationID: rows[0].NotificationID,
		}, page.Items[0])

		bad := page.Items[1]
		require.Empty(t, bad.NotificationID)
		require.Len(t, bad.Issues, 2)
		require.Equal(t, "Codice Fiscale", bad.Issues[0].ColumnName)
		require.Equal(t, "check_character", bad.Issues[0].Code)
		require.NotEmpty(t, bad.Issues[0].Message)
		require.NotEqual(t, bad.Issues[0].Message, bad.Issues[0].Messaggio)
		require.Empty(t, bad.Issues[1].ColumnName, "it is about the whole row")

		require.Equal(t, gateway.RowView{Number: 4, State: notification.RowDuplicate, DuplicateOf: 2}, page.Items[2])
		require.Equal(t, "D", page.Items[3].Repairs[0].ColumnName, "a column without a name has its letter")
		require.Zero(t, page.Items[4].DuplicateOf)
	})
}

func TestRowsByPageAndState(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		repaired := goodRow(t, 5, "Eva")
		repaired.Repairs = issues(t, batch.Issue{Column: 1, Code: "repaired_leading_zeros"})
		id := b.draft(t, append(threeRows(t), repaired)...)

		rows := func(query gateway.RowQuery) gateway.RowPage {
			page, err := b.BatchRows(t.Context(), b.application(), id, query)
			require.NoError(t, err)

			return page
		}

		first := rows(gateway.RowQuery{Limit: 3})
		require.Equal(t, []int{2, 3, 4}, numbersOf(first))
		require.Equal(t, 4, first.Next)

		last := rows(gateway.RowQuery{Limit: 3, After: first.Next})
		require.Equal(t, []int{5}, numbersOf(last))
		require.Zero(t, last.Next)

		whole := rows(gateway.RowQuery{Limit: 4})
		require.Zero(t, whole.Next, "nothing comes after a full last page")

		require.Equal(t, []int{3, 4}, numbersOf(rows(gateway.RowQuery{
			States: []notification.RowState{notification.RowBad, notification.RowDuplicate},
		})))
		require.Equal(t, []int{5}, numbersOf(rows(gateway.RowQuery{Repaired: true})))

		_, err := b.BatchRows(t.Context(), b.application(), id, gateway.RowQuery{Limit: 101})
		requireFields(t, err, map[string]string{"limit": "range"})
	})
}

func TestADuplicateThatIsSentHasANotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.draft(t, threeRows(t)...)
		confirmation := gateway.Confirmation{IncludeDuplicates: true, Check: 1}
		require.NoError(t, b.ConfirmBatch(t.Context(), b.application(), id, confirmation))

		page, err := b.BatchRows(t.Context(), b.application(), id, gateway.RowQuery{
			States: []notification.RowState{notification.RowDuplicate},
		})

		require.NoError(t, err)
		require.Equal(t, b.row(t, id, 4).NotificationID, page.Items[0].NotificationID)
	})
}

func TestAPreviewIsWhatTheCitizenWillSee(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.draft(t, badRow(t, 2), goodRow(t, 3, "Ada"), duplicateRow(t, 4, 3, "Ada"), goodRow(t, 5, "Niccolò Ё"))

		first, err := b.BatchPreview(t.Context(), b.user(gateway.RoleAuditor), id, 0)
		require.NoError(t, err)
		require.Equal(t, 3, first.Number)
		require.Equal(t, "TARI 2026 per Ada", first.Content.Subject)
		require.Contains(t, first.Content.Markdown, "Gentile Ada, il Comune")
		require.Equal(t, "Comune di Prova: TARI 2026 per Ada", first.SMS.Text)
		require.Equal(t, 1, first.SMS.Parts)
		require.False(t, first.SMS.Unicode)
		require.NotContains(t, first.MaskedFiscalCode, taxpayer(3)[:12])
		require.NotContains(t, first.MaskedPhone, "3331234")
		require.Equal(t, []int{0, 5}, []int{first.Previous, first.Following})

		last, err := b.BatchPreview(t.Context(), b.application(), id, 5)
		require.NoError(t, err)
		require.True(t, last.SMS.Unicode)
		require.Equal(t, []int{3, 0}, []int{last.Previous, last.Following})

		duplicate, err := b.BatchPreview(t.Context(), b.application(), id, 4)
		require.NoError(t, err)
		require.Equal(t, []int{3, 5}, []int{duplicate.Previous, duplicate.Following})

		_, err = b.BatchPreview(t.Context(), b.application(), id, 2)
		require.ErrorIs(t, err, gateway.ErrState, "a bad row becomes nothing")

		_, err = b.BatchPreview(t.Context(), b.application(), id, 6)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		_, err = b.BatchPreview(t.Context(), b.application(), b.draft(t, badRow(t, 2)), 0)
		require.ErrorIs(t, err, gateway.ErrNotFound)
	})
}

func TestAPreviewOfARowWithoutAPhone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		row := goodRow(t, 2, "Ada")
		row.Payload = encoded(t, batch.RowPayload{
			Cells: []string{taxpayer(2), "", "Ada"}, Recipient: notification.Recipient{FiscalCode: taxpayer(2)},
			Values: []string{"Ada"},
		})

		preview, err := b.BatchPreview(t.Context(), b.application(), b.draft(t, row), 2)

		require.NoError(t, err)
		require.Empty(t, preview.MaskedPhone)
	})
}
