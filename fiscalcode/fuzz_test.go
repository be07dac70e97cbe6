package fiscalcode_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/fiscalcode"
)

// ioPattern is app IO's own rule for a recipient: what we call a personal code must never be refused by it.
const ioPattern = `^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$`

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "RSSMRA80A01H501U", "RSSMRA80A01H50MM", "61492729001", "AAAAAA00A00A000A", "rssmra80a01h501u",
		"RSSMRÀ80A01H501U", "RSSMRA80A01H501\xff", "00000000000", "RSSMRA00B69H501U", "   ", "RSSMRA80A01H501U\n",
	} {
		f.Add(seed)
	}

	ioAccepts := regexp.MustCompile(ioPattern)
	numeric := regexp.MustCompile(`^\d{11}$`)
	ref := time.Date(2026, time.September, 15, 0, 0, 0, 0, time.UTC)

	f.Fuzz(func(t *testing.T, text string) {
		normal := fiscalcode.Normalise(text)
		require.Equal(t, normal, fiscalcode.Normalise(normal))

		shown := strings.ReplaceAll(fiscalcode.Mask(text), "•", "")
		require.LessOrEqual(t, len(shown), 3)

		code, err := fiscalcode.Parse(text)
		if err != nil {
			var rule fiscalcode.RuleError

			require.ErrorAs(t, err, &rule)
			require.Zero(t, code)

			return
		}

		require.Equal(t, normal, text)

		switch code.Kind() {
		case fiscalcode.Personal:
			require.Regexp(t, ioAccepts, text)
			require.Len(t, code.Variants(), 127)
			require.NotEmpty(t, code.BirthDates(ref.AddDate(100, 0, 0)))
		case fiscalcode.Provisional:
			require.Regexp(t, numeric, text)
			require.Empty(t, code.BirthDates(ref))
		default:
			require.Fail(t, "unknown kind")
		}
	})
}
