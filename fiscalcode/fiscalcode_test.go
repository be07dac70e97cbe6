package fiscalcode_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/fiscalcode"
)

func TestParseAcceptsValidCodes(t *testing.T) {
	t.Parallel()

	for code, kind := range map[string]fiscalcode.Kind{
		"RSSMRA80A01H501U": fiscalcode.Personal,
		"MRTMTT91D08F205J": fiscalcode.Personal,
		"RSRNOU70S54S000L": fiscalcode.Personal,
		"RSSMRA80A01H50MM": fiscalcode.Personal,
		"61492729001":      fiscalcode.Provisional,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()

			parsed, err := fiscalcode.Parse(code)
			require.NoError(t, err)
			require.Equal(t, kind, parsed.Kind())
			require.Equal(t, code, parsed.Value())
		})
	}
}

func TestParseNamesTheBrokenRule(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		code string
		want fiscalcode.RuleError
	}{
		"empty":                       {"", fiscalcode.ErrLength},
		"15 characters":               {"RSSMRA80A01H501", fiscalcode.ErrLength},
		"17 characters":               {"RSSMRA80A01H501UU", fiscalcode.ErrLength},
		"trailing newline":            {"RSSMRA80A01H501U\n", fiscalcode.ErrLength},
		"12 digits":                   {"614927290010", fiscalcode.ErrLength},
		"lower case":                  {"rssmra80a01h501u", fiscalcode.ErrCharacters},
		"digit in the surname":        {"RS5MRA80A01H501U", fiscalcode.ErrCharacters},
		"letter that is no omocodia":  {"RSSMRA8AA01H501U", fiscalcode.ErrCharacters},
		"digit as month":              {"RSSMRA80101H501U", fiscalcode.ErrCharacters},
		"digit as check character":    {"RSSMRA80A01H5011", fiscalcode.ErrCharacters},
		"16 runes beyond ASCII":       {"RSSMRÀ80A01H501U", fiscalcode.ErrCharacters},
		"16 bytes, 15 runes":          {"RSSMRÀ80A01H501", fiscalcode.ErrLength},
		"invalid UTF-8":               {"RSSMRA80A01H501\xff", fiscalcode.ErrCharacters},
		"letter in a provisional":     {"6149272900A", fiscalcode.ErrCharacters},
		"full-width digits":           {"６１４９２７２９００１", fiscalcode.ErrCharacters},
		"month F":                     {"RSSMRA80F01H501U", fiscalcode.ErrMonth},
		"day 00":                      {"RSSMRA80A00H501U", fiscalcode.ErrDay},
		"day 32":                      {"RSSMRA80A32H501U", fiscalcode.ErrDay},
		"day 40":                      {"RSSMRA80A40H501U", fiscalcode.ErrDay},
		"day 72":                      {"RSSMRA80A72H501U", fiscalcode.ErrDay},
		"31 February":                 {"RSSMRA80B31H501U", fiscalcode.ErrDay},
		"31 February of a woman":      {"RSSMRA80B71H501U", fiscalcode.ErrDay},
		"29 February 1981 or 2081":    {"RSSMRA81B29H501U", fiscalcode.ErrDay},
		"31 April":                    {"RSSMRA80D31H501U", fiscalcode.ErrDay},
		"IO's sandbox user":           {"AAAAAA00A00A000A", fiscalcode.ErrDay},
		"wrong check character 1":     {"SPNDNL80R13C555X", fiscalcode.ErrCheckCharacter},
		"wrong check character 2":     {"FRLFRC74E04B157I", fiscalcode.ErrCheckCharacter},
		"wrong check character 3":     {"DIXDPZ44E08F367A", fiscalcode.ErrCheckCharacter},
		"wrong check character 4":     {"PCRMJV76P12B782Z", fiscalcode.ErrCheckCharacter},
		"wrong check character 5":     {"MNVPNT77S11L219F", fiscalcode.ErrCheckCharacter},
		"omocodia without new check":  {"RSSMRA80A01H50MU", fiscalcode.ErrCheckCharacter},
		"wrong provisional digit":     {"61492729002", fiscalcode.ErrProvisionalCheckDigit},
		"swapped provisional digits":  {"64192729001", fiscalcode.ErrProvisionalCheckDigit},
		"provisional filler of zeros": {"00000000000", fiscalcode.ErrProvisionalSerial},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			parsed, err := fiscalcode.Parse(tt.code)
			require.ErrorIs(t, err, tt.want)
			require.Zero(t, parsed)
		})
	}
}

func TestEveryRuleHasItsTexts(t *testing.T) {
	t.Parallel()

	rules := []fiscalcode.RuleError{
		fiscalcode.ErrLength, fiscalcode.ErrCharacters, fiscalcode.ErrMonth, fiscalcode.ErrDay,
		fiscalcode.ErrCheckCharacter, fiscalcode.ErrProvisionalCheckDigit, fiscalcode.ErrProvisionalSerial,
		fiscalcode.RuleError("one to come"),
	}
	english, italian := map[string]bool{}, map[string]bool{}

	for _, rule := range rules {
		require.Equal(t, string(rule), rule.Code())
		require.NotEmpty(t, rule.Error())
		require.NotEmpty(t, rule.Messaggio())

		english[rule.Error()] = true
		italian[rule.Messaggio()] = true
	}

	require.Len(t, english, len(rules))
	require.Len(t, italian, len(rules))
}

func TestCodeTellsWhatItHolds(t *testing.T) {
	t.Parallel()

	today := time.Date(2026, time.September, 15, 12, 0, 0, 0, time.UTC)

	tests := map[string]struct {
		sex      fiscalcode.Sex
		born     time.Time
		place    string
		omocodia bool
	}{
		"RSSMRA80A01H501U": {fiscalcode.Male, day(1980, time.January, 1), "H501", false},
		"RSRNOU70S54S000L": {fiscalcode.Female, day(1970, time.November, 14), "S000", false},
		"RSSMRA80A01H50MM": {fiscalcode.Male, day(1980, time.January, 1), "H501", true},
	}
	for code, tt := range tests {
		t.Run(code, func(t *testing.T) {
			t.Parallel()

			parsed, err := fiscalcode.Parse(code)
			require.NoError(t, err)

			born, ok := parsed.BirthDate(today)
			require.True(t, ok)
			require.Equal(t, tt.born, born)
			require.Equal(t, tt.sex, parsed.Sex())
			require.Equal(t, tt.place, parsed.PlaceCode())
			require.Equal(t, tt.omocodia, parsed.IsOmocodia())
		})
	}
}

func TestProvisionalCodeTellsNothingOfThePerson(t *testing.T) {
	t.Parallel()

	code, err := fiscalcode.Parse("61492729001")
	require.NoError(t, err)

	_, ok := code.BirthDate(time.Now())
	require.False(t, ok)
	require.Empty(t, code.Sex())
	require.Empty(t, code.PlaceCode())
	require.Empty(t, code.Variants())
	require.False(t, code.IsOmocodia())
	require.Equal(t, code, code.Base())
}

func TestZeroCodeIsHarmless(t *testing.T) {
	t.Parallel()

	var code fiscalcode.Code

	_, ok := code.BirthDate(time.Now())
	require.False(t, ok)
	require.Empty(t, code.Value())
	require.Empty(t, code.Kind())
	require.Empty(t, code.Sex())
	require.Empty(t, code.PlaceCode())
	require.Empty(t, code.Masked())
	require.Empty(t, code.Variants())
	require.False(t, code.IsOmocodia())
	require.Zero(t, code.Base())
}

func TestBirthDateReadsTheCenturyAgainstTheReference(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		body string
		ref  time.Time
		want []time.Time
	}{
		"a grown-up": {"RSSMRA80A01H501", day(2026, 9, 15), []time.Time{day(1980, 1, 1)}},
		"a child or a centenarian": {
			"RSSMRA20A01H501", day(2026, 9, 15),
			[]time.Time{day(2020, 1, 1), day(1920, 1, 1)},
		},
		"born today": {
			"RSSMRA26P15H501", day(2026, 9, 15),
			[]time.Time{day(2026, 9, 15), day(1926, 9, 15)},
		},
		"born tomorrow means a century ago": {"RSSMRA26P16H501", day(2026, 9, 15), []time.Time{day(1926, 9, 16)}},
		"29 February 1900 never was":        {"RSSMRA00B29H501", day(2026, 9, 15), []time.Time{day(2000, 2, 29)}},
		"29 February before it came":        {"RSSMRA00B29H501", day(1999, 9, 15), nil},
		"as old as anybody ever was":        {"RSSMRA04P15H501", day(2026, 9, 15), []time.Time{day(2004, 9, 15), day(1904, 9, 15)}},
		"older than anybody ever was":       {"RSSMRA04P14H501", day(2026, 9, 15), []time.Time{day(2004, 9, 14)}},
		"the reference's own calendar day": {
			"RSSMRA26P15H501", time.Date(2026, 9, 15, 0, 30, 0, 0, time.FixedZone("CEST", 2*60*60)),
			[]time.Time{day(2026, 9, 15), day(1926, 9, 15)},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			code := parseBody(t, tt.body)
			require.Equal(t, tt.want, code.BirthDates(tt.ref))

			date, ok := code.BirthDate(tt.ref)
			require.Equal(t, len(tt.want) > 0, ok)

			if ok {
				require.Equal(t, tt.want[0], date)
			}
		})
	}
}

func TestCodePrintsItselfMasked(t *testing.T) {
	t.Parallel()

	code, err := fiscalcode.Parse("RSSMRA80A01H501U")
	require.NoError(t, err)

	var log bytes.Buffer

	slog.New(slog.NewJSONHandler(&log, nil)).Info("checked", "code", code)

	for _, printed := range []string{
		code.String(), fmt.Sprintf("%+v", code), fmt.Sprintf("%#v", code), log.String(),
	} {
		require.Contains(t, printed, "•••••••••••••01U")
		require.NotContains(t, printed, "RSS")
	}
}

func TestMask(t *testing.T) {
	t.Parallel()

	for code, want := range map[string]string{
		"RSSMRA80A01H501U":      "•••••••••••••01U",
		"RSSMRA80A01H50MM":      "•••••••••••••01M",
		"61492729001":           "••••••••001",
		"":                      "",
		"MARIO":                 "•••••",
		"MARIO ROSSI DI MILANO": "••••••••••••••••",
		"RSSMRÀ80A01H501U":      "••••••••••••••••",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()

			require.Equal(t, want, fiscalcode.Mask(code))
		})
	}
}

func TestNormalise(t *testing.T) {
	t.Parallel()

	for typed, want := range map[string]string{
		"rssmra80a01h501u":                           "RSSMRA80A01H501U",
		"\ufeff RSS MRA 80A01 H501U\u00a0\r\n":       "RSSMRA80A01H501U",
		"RSSMRA\u200b80A01H501U\t":                   "RSSMRA80A01H501U",
		"r\u0131ssmra":                               "R\u0131SSMRA",
		"\u017fsmra":                                 "\u017fSMRA",
		"614 927 29001":                              "61492729001",
		"RSSMRA80A01H501U; RSSMRA80A01H501U (Mario)": "RSSMRA80A01H501U;RSSMRA80A01H501U(MARIO)",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()

			require.Equal(t, want, fiscalcode.Normalise(typed))
		})
	}
}

func day(year int, month time.Month, date int) time.Time {
	return time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
}

func parseBody(t *testing.T, body string) fiscalcode.Code {
	t.Helper()

	complete, err := fiscalcode.Complete(body)
	require.NoError(t, err)

	code, err := fiscalcode.Parse(complete)
	require.NoError(t, err)

	return code
}
