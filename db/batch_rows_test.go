package db_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestBatchRowsKeepEverything(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.uploaded(t)
		whole := row(t, 2, duplicate)
		whole.Repairs, whole.DuplicateOf = json.RawMessage(`[{"code": "leading_zeros"}]`), 1
		plain := row(t, 3, bad)
		silent := row(t, 4, good)
		silent.Repairs, silent.Issues = json.RawMessage(`[]`), json.RawMessage(`null`)

		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, nil))
		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{whole, plain, silent}))

		silent.Repairs, silent.Issues = nil, nil

		for _, want := range []db.BatchRow{whole, plain, silent} {
			got, err := store.BatchRow(t.Context(), id, want.Number)
			require.NoError(t, err)
			requireJSON(t, want.Issues, got.Issues)
			requireJSON(t, want.Repairs, got.Repairs)

			got.Issues, got.Repairs = want.Issues, want.Repairs
			require.Equal(t, want, got)
		}

		// A reading that is repeated replaces what it found.
		again := row(t, 3, good)
		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{again}))

		got, err := store.BatchRow(t.Context(), id, 3)
		require.NoError(t, err)
		require.Equal(t, again, got)

		_, err = store.BatchRow(t.Context(), id, 5)
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

// requireJSON: the engines keep documents in different forms.
func requireJSON(t *testing.T, want, got json.RawMessage) {
	t.Helper()

	if want == nil {
		require.Nil(t, got)

		return
	}

	require.JSONEq(t, string(want), string(got))
}

func TestAddBatchRowsRefuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		change func(r *db.BatchRow)
		want   error
	}{
		"an id that is no UUID":      {func(r *db.BatchRow) { r.NotificationID = fiscalCode }, db.ErrInvalid},
		"a good row without an id":   {func(r *db.BatchRow) { r.NotificationID = "" }, db.ErrInvalid},
		"an unknown state":           {func(r *db.BatchRow) { r.State = fiscalCode }, db.ErrInvalid},
		"a number that no file has":  {func(r *db.BatchRow) { r.Number = 0 }, db.ErrInvalid},
		"an unknown earlier row":     {func(r *db.BatchRow) { r.DuplicateOf = -1 }, db.ErrInvalid},
		"less than no parts of SMS":  {func(r *db.BatchRow) { r.SMSParts = -1 }, db.ErrInvalid},
		"issues that are not a JSON": {func(r *db.BatchRow) { r.Issues = json.RawMessage(fiscalCode) }, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)
				id := f.uploaded(t)
				changed := row(t, 3, good)
				test.change(&changed)

				err := store.AddBatchRows(t.Context(), id, 1, []db.BatchRow{row(t, 2, good), changed})
				if test.want != nil {
					require.ErrorIs(t, err, test.want)
				}

				if err == nil {
					return // SQLite takes any text.
				}

				require.NotContains(t, err.Error(), fiscalCode)

				counts, err := store.CountRows(t.Context(), id)
				require.NoError(t, err)
				require.Empty(t, counts, "a page is kept as a whole or not at all")
			})
		})
	}
}

func TestBatchRowsPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.uploaded(t)
		repaired := row(t, 6, good)
		repaired.Repairs = json.RawMessage(`[{"code": "trailing_zero"}]`)
		rows := []db.BatchRow{row(t, 2, good), row(t, 3, bad), row(t, 4, duplicate), row(t, 5, bad), repaired, row(t, 7, good)}
		require.NoError(t, store.AddBatchRows(t.Context(), id, 1, rows))

		tests := map[string]struct {
			filter       db.RowFilter
			after, limit int
			want         []int
		}{
			"all":            {db.RowFilter{}, 0, 10, []int{2, 3, 4, 5, 6, 7}},
			"a page":         {db.RowFilter{}, 3, 2, []int{4, 5}},
			"bad ones":       {db.RowFilter{States: states(bad)}, 0, 10, []int{3, 5}},
			"two states":     {db.RowFilter{States: states(duplicate, good)}, 0, 3, []int{2, 4, 6}},
			"the rest":       {db.RowFilter{States: states(duplicate, good)}, 6, 3, []int{7}},
			"a state twice":  {db.RowFilter{States: states(bad, good, bad)}, 0, 10, []int{2, 3, 5, 6, 7}},
			"repaired":       {db.RowFilter{Repaired: true}, 0, 10, []int{6}},
			"repaired, good": {db.RowFilter{Repaired: true, States: states(good, bad)}, 0, 10, []int{6}},
			"repaired, bad":  {db.RowFilter{Repaired: true, States: states(bad)}, 0, 10, []int{}},
			"the end":        {db.RowFilter{}, 7, 10, []int{}},
		}
		for name, test := range tests {
			page, err := store.BatchRows(t.Context(), id, test.filter, test.after, test.limit)
			require.NoError(t, err, name)
			require.Equal(t, test.want, numbersOf(page), name)
		}

		foreign, err := store.BatchRows(t.Context(), newID(t), db.RowFilter{}, 0, 10)
		require.NoError(t, err)
		require.Empty(t, foreign)
	})
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id, _ := f.drafted(t, good, bad, duplicate, bad, good) // numbers 2 to 6

		tests := []struct {
			number              int
			states              []notification.RowState
			previous, following int
		}{
			{4, states(good), 2, 6},
			{2, states(good), 0, 6},
			{6, states(good), 2, 0},
			{5, states(good, duplicate), 4, 6},
			{3, states(duplicate, good), 2, 4},
			{4, nil, 3, 5},
			{4, states(duplicate), 0, 0},
		}
		for _, test := range tests {
			previous, following, err := store.Neighbours(t.Context(), id, test.number, test.states)
			require.NoError(t, err)
			require.Equal(t, [2]int{test.previous, test.following}, [2]int{previous, following}, "%d %v", test.number, test.states)
		}
	})
}

func TestRowsAreBoundToTheirPlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id, _ := f.drafted(t, good, good)
		require.NoError(t, store.ORM().Exec(
			"UPDATE batch_rows SET payload = (SELECT payload FROM batch_rows WHERE number = 2)").Error)

		_, err := store.BatchRow(t.Context(), id, 2)
		require.NoError(t, err)
		_, err = store.BatchRow(t.Context(), id, 3)
		require.ErrorIs(t, err, db.ErrUndecryptable)
		_, err = store.BatchRows(t.Context(), id, db.RowFilter{}, 0, 10)
		require.ErrorIs(t, err, db.ErrUndecryptable)
	})
}
