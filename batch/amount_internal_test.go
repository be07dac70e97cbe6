package batch

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseEuro(t *testing.T) {
	t.Parallel()

	cases := map[string]amount{
		"12":               {1200, false},
		"0012":             {1200, false},
		"12,5":             {1250, true},
		"12,50":            {1250, true},
		"12.50":            {1250, true},
		"0,01":             {1, true},
		"1234,56":          {123_456, true},
		"1.234,56":         {123_456, true},
		"1,234.56":         {123_456, true},
		"1.234.567":        {123_456_700, false},
		"1,234,567":        {123_456_700, false},
		"1.234.567,8":      {123_456_780, true},
		"99.999.999,99":    {9_999_999_999, true},
		"€ 12,00":          {1200, true},
		"12,00 €":          {1200, true},
		"€12":              {1200, false},
		"EUR 1.234,56":     {123_456, true},
		"12,00 euro":       {1200, true},
		"€\u00a01.234,56":  {123_456, true},
		"1000,00":          {100_000, true},
		"123456":           {12_345_600, false},
		"999.999.999,99":   {99_999_999_999, true},
		"123456789012":     {12_345_678_901_200, false},
		"000000000000,01":  {1, true},
		"1234567.89":       {123_456_789, true},
		"12.345.678.901,2": {1_234_567_890_120, true},
	}

	for written, want := range cases {
		t.Run(written, func(t *testing.T) {
			t.Parallel()

			got, code := parseEuro(written, kindText)
			require.Empty(t, code)
			require.Equal(t, want, got)
		})
	}
}

func TestParseEuroRefuses(t *testing.T) {
	t.Parallel()

	cases := map[string]string{
		"1.234":          issueAmountAmbiguous,
		"1,234":          issueAmountAmbiguous,
		"999,999":        issueAmountAmbiguous,
		"0,123":          issueAmountDecimals,
		"1234,567":       issueAmountDecimals,
		"1.234,567":      issueAmountDecimals,
		"12,3456":        issueAmountDecimals,
		"12,5000":        issueAmountDecimals,
		"-12,00":         issueAmountNegative,
		"12,00-":         issueAmountNegative,
		"(12,00)":        issueAmountNegative,
		"€ -12":          issueAmountNegative,
		"0":              issueAmountZero,
		"0,00":           issueAmountZero,
		"000,00":         issueAmountZero,
		"1234567890123":  issueAmountOutOfRange,
		"1,2E+05":        issueScientific,
		"12.34,56":       issueAmountFormat,
		"1.23.456,00":    issueAmountFormat,
		"1234.567,00":    issueAmountFormat,
		"1.234.56":       issueAmountFormat,
		"1..234":         issueAmountFormat,
		"12,":            issueAmountFormat,
		",50":            issueAmountFormat,
		"dodici":         issueAmountFormat,
		"€":              issueAmountFormat,
		"12 34":          issueAmountFormat,
		"+12":            issueAmountFormat,
		"12,00 $":        issueAmountFormat,
		"٣":              issueAmountFormat,
		".234.567,00":    issueAmountFormat,
		"1234.567.890,1": issueAmountFormat,
	}

	for written, want := range cases {
		t.Run(written, func(t *testing.T) {
			t.Parallel()

			got, code := parseEuro(written, kindText)
			require.Equal(t, want, code)
			require.Zero(t, got)
		})
	}
}

func TestANumberOfExcelIsNotAmbiguous(t *testing.T) {
	t.Parallel()

	got, code := parseEuro("1234,5", kindNumber)
	require.Empty(t, code)
	require.Equal(t, amount{123_450, true}, got)

	_, code = parseEuro("1,234", kindNumber)
	require.Equal(t, issueAmountDecimals, code)
}

func TestParseCents(t *testing.T) {
	t.Parallel()

	got, code := parseCents("123456")
	require.Empty(t, code)
	require.Equal(t, int64(123_456), got.cents)

	for written, want := range map[string]string{
		"1234,56": issueAmountCents, "1234.0": issueAmountCents, "1.234": issueAmountCents, "0": issueAmountZero,
		"-5": issueAmountNegative, "1E5": issueScientific, "uno": issueAmountFormat, "12345678901234": issueAmountOutOfRange,
	} {
		_, code := parseCents(written)
		require.Equal(t, want, code, written)
	}
}

// However an amount is written, it is read as itself or refused: never as another one.
func TestAnAmountIsNeverOff(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(1, 99_999_999_999).Draw(t, "cents")
		thousands := rapid.SampledFrom([]string{"", ".", ","}).Draw(t, "thousands")
		decimal := rapid.SampledFrom([]string{",", "."}).Filter(func(s string) bool { return s != thousands }).Draw(t, "decimal")

		written := grouped(cents/100, thousands) + fmt.Sprintf("%s%02d", decimal, cents%100)

		got, code := parseEuro(written, kindText)
		require.Empty(t, code)
		require.Equal(t, cents, got.cents)

		got, code = parseEuro(grouped(cents, thousands), kindText)
		if code == "" {
			require.Equal(t, cents*100, got.cents)
		} else {
			require.Equal(t, issueAmountAmbiguous, code)
		}
	})
}

func grouped(number int64, separator string) string {
	digits := strconv.FormatInt(number, 10)

	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}

	return strings.Join(append([]string{digits}, groups...), separator)
}

func FuzzParseEuro(f *testing.F) {
	for _, seed := range []string{
		"12", "1.234,56", "1,234.56", "€ 12,00", "1.234", "-5", "3,33E+09", "0,001", "999.999.999,99", ".234,56", "1234.567,89",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []kind{kindText, kindNumber} {
			got, code := parseEuro(text, read)
			require.Equal(t, code == "", got.cents > 0)

			if code != "" {
				message, _ := Text(code)
				require.NotEmpty(t, message)

				continue
			}

			// The quick way and the thorough one agree.
			bare, code := withoutCurrency(text)
			require.Empty(t, code)

			whole, decimals, code := splitEuro(bare, read)
			require.Empty(t, code)
			require.Equal(t, got.cents, number(whole+(decimals + "00")[:2]))
		}
	})
}
