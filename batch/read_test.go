package batch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

func TestReadARow(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines(
		"codice_fiscale;nome;telefono;numero_avviso;importo;scadenza;data_invio;riferimento;cf_ente_creditore;invalid_after_due_date",
		"CF;Anna;333 1234567;3012 3456 7890 1234 56;1.234,56;31/12/2026;01/10/2026;TARI-1;61492729001;sì",
	), "nome")
	require.NoError(t, err)
	require.Empty(t, found.rows[0].Issues)

	due := time.Date(2026, time.December, 31, 22, 59, 59, 0, time.UTC)

	row := found.rows[0]
	require.Equal(t, 2, row.Number)
	require.Equal(t, notification.Recipient{FiscalCode: citizen(1), Phone: "+393331234567"}, row.Recipient)
	require.Equal(t, "TARI-1", row.Reference)
	require.Equal(t, time.Date(2026, time.October, 1, 7, 0, 0, 0, time.UTC), row.SendAt, "nine o'clock in Rome")
	require.Equal(t, &due, row.DueDate)
	require.Equal(t, &notification.Payment{
		NoticeNumber: "301234567890123456", AmountCents: 123_456, InvalidAfterDueDate: true, PayeeFiscalCode: "61492729001",
	}, row.Payment)
	require.Equal(t, []string{"Anna"}, row.Values)
	require.Equal(t, 1, row.SMSParts)
	require.Empty(t, row.Repairs)
}

func TestRowIssues(t *testing.T) {
	t.Parallel()

	const header = "cf;nome;telefono;numero_avviso;importo;scadenza;data_invio;riferimento"

	good := []string{"CF", "Anna", "3331234567", "301234567890123456", "12,00", "31/12/2026", "", "TARI-1"}

	with := func(column int, text string) string {
		changed := append([]string(nil), good...)
		changed[column] = text

		return strings.Join(changed, ";")
	}

	tests := map[string]struct {
		line   string
		column int
		code   string
	}{
		"no codice fiscale":         {with(0, ""), 1, "required"},
		"check character":           {with(0, citizen(1)[:15]+"0"), 1, "characters"},
		"no value":                  {with(1, " \u00a0\u200b"), 2, "required"},
		"a broken value":            {with(1, "Ann\ufffd"), 2, "encoding"},
		"a bell":                    {with(1, "An\x07na"), 2, "control_characters"},
		"a NUL":                     {with(1, "An\x00na"), 2, "control_characters"},
		"a damaged value":           {with(1, "3,33E+09"), 2, "scientific_notation"},
		"a landline":                {with(2, "06 12345678"), 3, "phone_not_mobile"},
		"two phones":                {with(2, "3331234567 int. 2"), 3, "phone_characters"},
		"no such phone":             {with(2, "12345"), 3, "phone_invalid"},
		"a damaged phone":           {with(2, "3,33E+09"), 3, "scientific_notation"},
		"no notice number":          {with(3, ""), 4, "required"},
		"a damaged notice number":   {with(3, "3,01E+17"), 4, "scientific_notation"},
		"a short notice number":     {with(3, "30123"), 4, "notice_number_length"},
		"no amount":                 {with(4, ""), 5, "required"},
		"an ambiguous amount":       {with(4, "1.234"), 5, "amount_ambiguous"},
		"an amount above IO's":      {with(4, "100.000.000,00"), 5, "amount_out_of_range"},
		"an amount above the limit": {with(4, "10.000,01"), 5, "above_ceiling"},
		"an American date":          {with(5, "12/31/2026"), 6, "date_month_first"},
		"a late sending date":       {with(6, "01/10/2027"), 7, "send_at_too_late"},
		"a citizen as reference":    {with(7, "CF2"), 8, "reference_personal_data"},
		"two lines as reference":    {with(7, "\"a\nb\""), 8, "reference_line"},
		"a cell too many":           {with(7, "TARI-1;x"), 9, "too_many_cells"},
		"a bare quote":              {with(1, `An"na`), 0, "quotes"},
		"a subject that is long":    {with(1, strings.Repeat("a", 121)), 0, "subject_too_long"},
		"a NUL in an unused cell":   {with(7, "TARI-1;\x00"), 9, "too_many_cells"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			found, err := read(t, lines(header, tt.line, with(0, "CF2")), "nome")
			require.NoError(t, err)
			require.NotEmpty(t, found.rows[0].Issues)
			require.Equal(t, tt.code, found.rows[0].Issues[0].Code)
			require.Equal(t, tt.column, found.rows[0].Issues[0].Column)
			require.Equal(t, 1, found.summary.Counts.Bad)
			require.Equal(t, 1, found.summary.Counts.Good, "the other row is as good as ever")
		})
	}
}

func TestAllIssuesOfARowAreNamed(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines("cf;nome;telefono;scadenza", "X;;06 12345678;domani"), "nome")
	require.NoError(t, err)
	require.Equal(t, []batch.Issue{
		{Column: 1, Field: batch.FieldFiscalCode, Code: "length"},
		{Column: 3, Field: batch.FieldPhone, Code: "phone_not_mobile"},
		{Column: 4, Field: batch.FieldDueDate, Code: "date_format"},
		{Column: 2, Field: batch.Value("nome"), Code: "required"},
	}, found.rows[0].Issues)
}

func TestRepairs(t *testing.T) {
	t.Parallel()

	const header = "cf;telefono;numero_avviso;importo;scadenza"

	tests := map[string]struct {
		line    string
		repairs []string
	}{
		"nothing":                 {"CF;3331234567;301234567890123456;12,00;31/12/2026", []string{}},
		"a decimal zero":          {"CF;3331234567.0;301234567890123456,0;12,00;", []string{"repaired_trailing_zero", "repaired_trailing_zero"}},
		"an apostrophe":           {"CF;'3331234567;'301234567890123456;12,00;", []string{"repaired_quoting", "repaired_quoting"}},
		"a formula of a text":     {`"=""CF""";3331234567;"=""301234567890123456""";12,00;`, []string{"repaired_quoting", "repaired_quoting"}},
		"lost zeros":              {"CF;3331234567;1234567890123413;12,00;", []string{"repaired_leading_zeros"}},
		"what nobody sees":        {"\u00a0CF\u200b;\ufeff3331234567;301234567890123456;12,00;", []string{}},
		"an export's own quoting": {"CF;'+393331234567;301234567890123456;12,00;", []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			found, err := read(t, lines(header, tt.line))
			require.NoError(t, err)
			require.Empty(t, found.rows[0].Issues)
			require.Equal(t, tt.repairs, found.repairs(0))
			require.Equal(t, "+393331234567", found.rows[0].Recipient.Phone)
			require.Equal(t, citizen(1), found.rows[0].Recipient.FiscalCode)
			require.Len(t, found.rows[0].Payment.NoticeNumber, 18)

			if len(tt.repairs) > 0 {
				require.Equal(t, 1, found.summary.Counts.Repaired)
			}
		})
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines(
		"cf;nome;telefono;riferimento",
		"CF;Anna;3331234567;A1",
		"CF2;Anna;3331234567;A2",
		"X;Ugo;;A3",
		"CF;  Anna ;;A4",
		"CF;Ugo;;A5",
		"CF;Anna;3331234567;A1",
		"X;Ugo;;A3",
	), "nome")
	require.NoError(t, err)

	first := []int{}
	for _, row := range found.rows {
		first = append(first, row.DuplicateOf)
	}

	require.Equal(t, []int{0, 0, 0, 2, 0, 2, 0}, first)

	counts := found.summary.Counts
	require.Equal(t, 7, counts.Rows)
	require.Equal(t, 3, counts.Good)
	require.Equal(t, 2, counts.Duplicates)
	require.Equal(t, 2, counts.Bad)
	require.Equal(t, 2, counts.WithPhone)
}

// Any part of the content makes another message of it.
func TestWhatMakesNoDuplicate(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines(
		"cf;nome;cognome;numero_avviso;importo;scadenza;data_invio;ente creditore;invalid_after_due_date",
		"CF;Anna;Rossi;301234567890123456;12,00;31/12/2026;;;",
		"CF;Annar;ossi;301234567890123456;12,00;31/12/2026;;;",
		"CF;Anna;Rossi;301234567890123457;12,00;31/12/2026;;;",
		"CF;Anna;Rossi;301234567890123456;12,01;31/12/2026;;;",
		"CF;Anna;Rossi;301234567890123456;12,00;30/12/2026;;;",
		"CF;Anna;Rossi;301234567890123456;12,00;;;;",
		"CF;Anna;Rossi;301234567890123456;12,00;31/12/2026;01/10/2026;;",
		"CF;Anna;Rossi;301234567890123456;12,00;31/12/2026;;61492729001;",
		"CF;Anna;Rossi;301234567890123456;12,00;31/12/2026;;;si",
	), "nome", "cognome")
	require.NoError(t, err)
	require.Equal(t, 9, found.summary.Counts.Good)
}

func TestSummary(t *testing.T) {
	t.Parallel()

	placeholders := []string{"nome"}
	content := template{placeholders: placeholders, sms: strings.Repeat("a", 150) + " "}

	found, err := readWith(t, lines(
		"cf;nome;telefono;numero_avviso;importo;scadenza",
		"CF;Anna;3331234567;301234567890123456;12;31/12/2026",
		"CF;L’Aquila’;3331234567;301234567890123456;13;31/12/2026",
		"CF2;“Ugo”;3331234567;301234567890123456;12;31/12/2026",
		"CF2;L’Aquila;;301234567890123456;13;31/12/2026",
		"CF2;Ugo;;301234567890123456;13;12/31/2026",
	), batch.Wanted{Placeholders: placeholders}, rules(content))
	require.NoError(t, err)

	require.Equal(t, batch.Summary{
		Counts: notification.BatchCounts{
			Rows: 5, Good: 4, Bad: 1, WithPhone: 3, SMSParts: 1 + 3 + 3, Doubled: 2, Doubling: "’", WholeAmounts: true,
			MonthFirst: 1,
		},
	}, found.summary)

	found, err = read(t, lines("cf;numero_avviso;importo", "CF;301234567890123456;12", "CF2;301234567890123456;12,00"))
	require.NoError(t, err)
	require.False(t, found.summary.Counts.WholeAmounts, "decimals that are zero say that the amounts are in euro")
}

func TestStructure(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines(
		"cf;nome;note;",
		";;;",
		"CF;Anna",
		"",
		"   ;\u00a0",
		"CF2;\"Ugo \"\"il\nBello\"\"\";x;;;;",
		`CF;"Anna;x`+"\n"+`CF2;Ugo";x`,
		"CF2;Ida;x",
	), "nome")
	require.NoError(t, err)

	numbers := []int{}
	for _, row := range found.rows {
		numbers = append(numbers, row.Number)
	}

	require.Equal(t, []int{3, 6, 7, 8}, numbers)
	require.Equal(t, []string{"Ugo \"il\nBello\""}, found.rows[1].Values)
	require.Equal(t, []string{"quotes"}, found.codes(2)[:1], "a row that swallowed another one is not sent")
	require.Equal(t, []string{"Ida"}, found.rows[3].Values)
}

// The bad rows of a file can be corrected and handed in again: nothing of a faulty row is lost.
func TestAFaultyRowKeepsItsText(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines("cf;nome;note", `CF;Via "Roma" 3;x`), "nome")
	require.NoError(t, err)
	require.Equal(t, []string{citizen(1), `Via "Roma" 3`, "x"}, found.rows[0].Cells)
	require.Equal(t, []string{"quotes"}, found.codes(0))
}

func TestPaymentsThatTheServiceMayNotSend(t *testing.T) {
	t.Parallel()

	with := rules(template{})
	with.MaxPaymentCents = 0

	found, err := readWith(t, lines("cf;numero_avviso;importo", "CF;301234567890123456;12,00"), batch.Wanted{}, with)
	require.NoError(t, err)
	require.Equal(t, []string{"payments_not_enabled"}, found.codes(0))
}

func TestManyRowsKeepTheirOrder(t *testing.T) {
	t.Parallel()

	notices := batchtest.Notices{Rows: 5000, Seed: 7, Encoding: batch.EncodingWindows1252, BadEvery: 10, DuplicateEvery: 25}
	file := batchtest.File{Content: notices.String()}

	found, err := readWith(t, file, batch.Wanted{Placeholders: batchtest.Placeholders()}, rules(noticeTemplate()))
	require.NoError(t, err)
	require.Equal(t, batch.EncodingWindows1252, found.layout.Encoding)
	require.Equal(t, notification.BatchCounts{
		Rows: 5000, Good: 4400, Bad: 400, Duplicates: 200, WithPhone: 4400, SMSParts: found.summary.Counts.SMSParts,
		Doubled: found.summary.Counts.Doubled, Doubling: "ë",
	}, found.summary.Counts)
	require.GreaterOrEqual(t, found.summary.Counts.SMSParts, 4400)

	for i, row := range found.rows {
		require.Equal(t, i+2, row.Number)
	}
}

func TestReadStopsWhereItIsTold(t *testing.T) {
	t.Parallel()

	file := batchtest.File{Content: batchtest.Notices{Rows: 20_000, Seed: 1}.String()}
	wanted := batch.Wanted{Placeholders: batchtest.Placeholders()}

	layout, err := batch.Inspect(t.Context(), file, wanted)
	require.NoError(t, err)

	enough := errors.New("enough")
	seen := 0

	_, err = batch.Read(t.Context(), file, layout, rules(noticeTemplate()), func(*batch.Row) error {
		seen++
		if seen == 3 {
			return enough
		}

		return nil
	})
	require.ErrorIs(t, err, enough)
	require.Equal(t, 3, seen)

	ctx, cancel := context.WithCancel(t.Context())

	_, err = batch.Read(ctx, file, layout, rules(noticeTemplate()), func(*batch.Row) error {
		cancel()

		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
}

// panicking trips over a row.
type panicking struct{ template }

func (panicking) SMS([]string) string { panic("a citizen's name") }

func TestAPanicIsAnErrorWithoutTheValue(t *testing.T) {
	t.Parallel()

	_, err := readWith(t, lines("cf;telefono", "CF;3331234567"), batch.Wanted{}, rules(panicking{}))
	require.Error(t, err)
	require.NotContains(t, err.Error(), "citizen's name")
}

func TestTestCodesAreAllowedWhereTheValidatorSaysSo(t *testing.T) {
	t.Parallel()

	with := rules(template{})
	with.FiscalCodes = nil

	found, err := readWith(t, lines("cf", simulator.FiscalCode(simulator.CitizenNotOnIO, 0)), batch.Wanted{}, with)
	require.NoError(t, err)
	require.Equal(t, 1, found.summary.Counts.Good)
}
