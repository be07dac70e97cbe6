package batch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
)

func TestColumnsByName(t *testing.T) {
	t.Parallel()

	wanted := batch.Wanted{Placeholders: []string{"nome", "importo", "scadenza", "telefono"}}

	layout, err := batch.Inspect(t.Context(), lines(
		"NOME;Cod.Fisc.;Telefono;CELLULARE;importo;N. Avviso;Data Scadenza;scadenza;note",
		"Anna;CF;0612345678;3331234567;12,00;301234567890123456;31/12/2026;fine anno;",
	), wanted)
	require.NoError(t, err)

	fields := []batch.Field{}
	for _, column := range layout.Columns {
		fields = append(fields, column.Field)
	}

	require.Equal(t, []batch.Field{
		batch.Value("nome"), batch.FieldFiscalCode, batch.Value("telefono"), "", batch.FieldAmountEuro, batch.FieldNoticeNumber,
		"", batch.FieldDueDate, "",
	}, fields)
	require.Empty(t, layout.Unmapped(wanted))
	require.Equal(t, 4, layout.Column(batch.Value("importo")), "one column pays and is read")
	require.Equal(t, -1, layout.Column(batch.FieldPhone), "a placeholder of that name is not the citizen's phone")
	require.Empty(t, layout.Check(wanted))
}

func TestAmountWithoutNoticeIsAText(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines("cf;importo", "CF;circa cento"), "importo")
	require.NoError(t, err)
	require.Equal(t, 1, found.summary.Counts.Good)
	require.Nil(t, found.rows[0].Payment)
	require.Equal(t, []string{"circa cento"}, found.rows[0].Values)
}

func TestUnmapped(t *testing.T) {
	t.Parallel()

	wanted := batch.Wanted{Placeholders: []string{"nome"}}

	layout, err := batch.Inspect(t.Context(), lines("persona;chi;avviso", "CFX;Anna;301234567890123456"), wanted)
	require.NoError(t, err)
	require.True(t, layout.Header)
	require.Equal(t, []batch.Field{batch.FieldFiscalCode, batch.Value("nome")}, layout.Unmapped(wanted))

	layout.Columns[2].Field = batch.FieldNoticeNumber
	require.Contains(t, layout.Unmapped(wanted), batch.FieldAmountEuro)

	layout.Columns[2].Field = batch.FieldAmountCents
	require.Contains(t, layout.Unmapped(wanted), batch.FieldNoticeNumber)

	_, err = batch.Read(t.Context(), lines("a"), layout, rules(template{}), nil)
	require.Error(t, err)
}

func TestWithoutHeader(t *testing.T) {
	t.Parallel()

	wanted := batch.Wanted{Placeholders: []string{"nome"}}

	layout, err := batch.Inspect(t.Context(), lines("Anna;CF;Roma", "Ugo;CF2;Pisa"), wanted)
	require.NoError(t, err)
	require.False(t, layout.Header)
	require.Equal(t, batch.FieldFiscalCode, layout.Columns[1].Field)

	layout.Columns[0].Field = batch.Value("nome")

	found, err := readAs(t, lines("Anna;CF;Roma", "Ugo;CF2;Pisa"), layout, rules(template{placeholders: wanted.Placeholders}))
	require.NoError(t, err)
	require.Equal(t, 1, found.rows[0].Number)
	require.Equal(t, 2, found.summary.Counts.Good)
}

func TestColumnsAsGiven(t *testing.T) {
	t.Parallel()

	wanted := batch.Wanted{
		Placeholders: []string{"nome"},
		Columns:      map[string]batch.Field{"chi": batch.Value("nome"), "Telefono": "", "ID": batch.FieldFiscalCode},
	}
	file := lines("id;telefono;chi", "CF;0612345678;Anna")

	found, err := readWith(t, file, wanted, rules(template{placeholders: wanted.Placeholders}))
	require.NoError(t, err)
	require.Equal(t, 1, found.summary.Counts.Good)
	require.Empty(t, found.rows[0].Recipient.Phone)

	wanted.Columns["cognome"] = batch.FieldReference

	_, err = batch.Inspect(t.Context(), file, wanted)
	requireProblem(t, err, "file_unknown_column")
}

func TestLayoutCheck(t *testing.T) {
	t.Parallel()

	layout := batch.Layout{Columns: []batch.Column{
		{Field: batch.FieldFiscalCode},
		{Field: batch.FieldFiscalCode},
		{Field: "telephone"},
		{Field: batch.Value("nome")},
		{Field: batch.Value("altro")},
		{Field: batch.FieldAmountEuro},
		{Field: batch.FieldAmountCents},
		{},
	}}

	got := map[string]string{}
	for _, found := range layout.Check(batch.Wanted{Placeholders: []string{"nome"}}) {
		got[found.Field] = found.Code

		require.NotEmpty(t, found.Message)
		require.NotEmpty(t, found.Messaggio)
	}

	require.Equal(t, map[string]string{
		"columns[1]": "twice", "columns[2]": "unknown", "columns[4]": "unknown", "columns[6]": "twice",
	}, got)

	errs := batch.Layout{Columns: make([]batch.Column, batch.MaxColumns+1)}.Check(batch.Wanted{})
	require.Equal(t, "too_many", errs[0].Code)
}

func TestGovIO(t *testing.T) {
	t.Parallel()

	const payment = "CF,2026-10-30T12:00:00,2026-12-31T23:59:59,301234567890123456,123456,true,,Anna,C1"

	placeholders := []string{"full_name", "card"}

	tests := map[string][]string{
		"by its names": {
			"taxcode,expedition_date,due_date,notice_number,amount,invalid_after_due_date,payee,full_name,card", payment,
		},
		"with its documentation's misspelling": {
			"taxcode,expedition_date,due_date,notice_number,amount,invalid_afted_due_date,payee,nome,tessera", payment,
		},
		"by the shape under other names": {"a,b,c,d,e,f,g,h,i", payment},
		"by the shape without names":     {payment, strings.Replace(payment, "CF", "CF2", 1)},
		"values in another order, by name": {
			"taxcode,expedition_date,due_date,notice_number,amount,invalid_after_due_date,payee,card,full_name",
			strings.Replace(payment, "Anna,C1", "C1,Anna", 1),
		},
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			found, err := read(t, lines(text...), placeholders...)
			require.NoError(t, err)
			require.True(t, found.layout.GovIO)
			require.Zero(t, found.summary.Counts.Bad)

			row := found.rows[0]
			require.Equal(t, int64(123_456), row.Payment.AmountCents, "GovIO's amounts are cents")
			require.True(t, row.Payment.InvalidAfterDueDate)
			require.Equal(t, []string{"Anna", "C1"}, row.Values)
			require.Equal(t, "2026-10-30T11:00:00Z", row.SendAt.Format(time.RFC3339))
			require.NotNil(t, row.DueDate)
			require.False(t, found.summary.Counts.WholeAmounts)
		})
	}
}

func TestGovIOWithoutPayment(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines(
		"taxcode,expedition_date,due_date,release_date,full_name", "CF,2025-10-30T12:00:00,2026-12-31T00:00:00,2016,Anna",
	), "release_date", "full_name")
	require.NoError(t, err)
	require.True(t, found.layout.GovIO)
	require.Equal(t, []string{"2016", "Anna"}, found.rows[0].Values)
	require.True(t, found.rows[0].SendAt.IsZero(), "what was to be sent in the past is sent with the batch")
	require.Equal(t, []string{"send_at_passed"}, found.repairs(0))
}

// Whoever uses GovIO's names counts in cents, in whatever order.
func TestGovIONamesMeanCents(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines("taxcode;expedition_date;amount;notice_number;nome", "CF;;1234;301234567890123456;Anna"), "nome")
	require.NoError(t, err)
	require.True(t, found.layout.GovIO)
	require.Equal(t, int64(1234), found.rows[0].Payment.AmountCents)
}

// Names that fit in part are no positions.
func TestGovIOLeavesDoubtsToAPerson(t *testing.T) {
	t.Parallel()

	wanted := batch.Wanted{Placeholders: []string{"nome", "tessera"}}

	layout, err := batch.Inspect(t.Context(), lines("taxcode,expedition_date,card,nome", "CF,,C1,Anna"), wanted)
	require.NoError(t, err)
	require.True(t, layout.GovIO)
	require.Equal(t, []batch.Field{batch.Value("tessera")}, layout.Unmapped(wanted))
}
