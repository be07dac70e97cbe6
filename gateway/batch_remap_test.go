package gateway_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// unsure is a layout of which a person has to say more.
func unsure() batch.Layout {
	return batch.Layout{
		Format: batch.FormatCSV, Encoding: batch.EncodingWindows1252, Separator: ";", Header: true, GovIO: true,
		Columns: []batch.Column{
			{Header: "Contribuente"},
			{Header: "Codice", Field: batch.FieldFiscalCode},
			{Header: "Importo", Field: batch.FieldAmountCents},
			{Header: "Note", Field: batch.FieldReference},
		},
	}
}

func (b bundle) layout(t *testing.T, id string) batch.Layout {
	t.Helper()

	var layout batch.Layout

	require.NoError(t, json.Unmarshal(b.storedBatch(t, id).Layout, &layout))

	return layout
}

func TestAPersonsMappingHasTheFileReadAgain(t *testing.T) {
	t.Parallel()

	yes, no := true, false
	fields := func(fields ...batch.Field) []batch.Field { return fields }

	cases := map[string]struct {
		columns map[int]batch.Field
		header  *bool
		want    []batch.Field
		named   bool // the columns keep their names
		govIO   bool
	}{
		"a missing field": {
			map[int]batch.Field{0: batch.Value("nome")},
			nil,
			fields(batch.Value("nome"), batch.FieldFiscalCode, batch.FieldAmountCents, batch.FieldReference), true, false,
		},
		"another unit": {
			map[int]batch.Field{2: batch.FieldAmountEuro},
			nil,
			fields("", batch.FieldFiscalCode, batch.FieldAmountEuro, batch.FieldReference), true, false,
		},
		"an amount that moves and changes its unit": {
			map[int]batch.Field{0: batch.FieldAmountEuro},
			nil,
			fields(batch.FieldAmountEuro, batch.FieldFiscalCode, "", batch.FieldReference), true, false,
		},
		"a column that is not used": {
			map[int]batch.Field{3: ""},
			nil,
			fields("", batch.FieldFiscalCode, batch.FieldAmountCents, ""), true, false,
		},
		"a field that moves": {
			map[int]batch.Field{0: batch.FieldFiscalCode},
			nil,
			fields(batch.FieldFiscalCode, "", batch.FieldAmountCents, batch.FieldReference), true, false,
		},
		"two that change places": {
			map[int]batch.Field{1: batch.FieldReference, 3: batch.FieldFiscalCode},
			nil,
			fields("", batch.FieldReference, batch.FieldAmountCents, batch.FieldFiscalCode), true, false,
		},
		"the header as found": {
			nil, &yes, fields("", batch.FieldFiscalCode, batch.FieldAmountCents, batch.FieldReference), true, true,
		},
		"no header": {
			nil, &no, fields("", batch.FieldFiscalCode, batch.FieldAmountCents, batch.FieldReference), false, true,
		},
		"nothing": {
			nil, nil, fields("", batch.FieldFiscalCode, batch.FieldAmountCents, batch.FieldReference), true, true,
		},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.checked(t, notification.BatchMapping, unsure())
				require.NoError(t, b.RemapBatch(t.Context(), b.user(gateway.RoleOperator), id, 1, test.columns, test.header))

				layout := b.layout(t, id)
				require.Equal(t, test.govIO, layout.GovIO)
				require.Equal(t, test.named, layout.Header)

				for i, column := range layout.Columns {
					require.Equal(t, test.want[i], column.Field)
					require.Equal(t, test.named, column.Header != "")
				}

				stored := b.storedBatch(t, id)
				require.Equal(t, notification.BatchChecking, stored.Status)
				require.Equal(t, 2, stored.Check)
			})
		}
	})
}

func TestADraftCanBeMappedAnew(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.batchIn(t, notification.BatchDraft)
		columns := map[int]batch.Field{1: batch.FieldReference}

		require.NoError(t, b.RemapBatch(t.Context(), b.application(), id, 1, columns, nil))

		starts, err := store.UnstartedBatches(t.Context(), time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.Equal(t, []db.BatchStart{{
			BatchID: id, EnteID: b.ente.ID, Step: db.BatchStepCheck, Check: 2, Priority: notification.PriorityBulk,
		}}, starts)

		b.check(t, id, 2, notification.BatchDraft, taxLayout(), threeRows(t)...)

		err = b.RemapBatch(t.Context(), b.application(), id, 1, columns, nil)
		require.ErrorIs(t, err, gateway.ErrState, "the file was read again since")
	})
}

func TestAMappingNamesTheBrokenRule(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		columns map[int]batch.Field
		want    map[string]string
	}{
		"no such column":  {map[int]batch.Field{4: batch.FieldPhone}, map[string]string{"columns[4]": "unknown_column"}},
		"before them all": {map[int]batch.Field{-1: batch.FieldPhone}, map[string]string{"columns[-1]": "unknown_column"}},
		"no such field":   {map[int]batch.Field{0: "telephone"}, map[string]string{"columns[0]": "unknown"}},
		"no placeholder":  {map[int]batch.Field{0: batch.Value("cognome")}, map[string]string{"columns[0]": "unknown"}},
		"two amounts": {
			map[int]batch.Field{0: batch.FieldAmountEuro, 3: batch.FieldAmountCents}, map[string]string{"columns[3]": "twice"},
		},
		"a field twice": {
			map[int]batch.Field{0: batch.FieldPhone, 3: batch.FieldPhone}, map[string]string{"columns[3]": "twice"},
		},
		"all at once": {
			map[int]batch.Field{0: "telephone", 3: "mobile", 9: ""},
			map[string]string{"columns[0]": "unknown", "columns[3]": "unknown", "columns[9]": "unknown_column"},
		},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.checked(t, notification.BatchMapping, unsure())

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				err := b.RemapBatch(t.Context(), b.application(), id, 1, test.columns, nil)

				requireFields(t, err, test.want, "telephone", "mobile", "cognome")
				require.Equal(t, notification.BatchMapping, b.storedBatch(t, id).Status)
			})
		}
	})
}
