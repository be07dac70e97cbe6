package fiscalcode_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/fiscalcode"
)

func TestVariants(t *testing.T) {
	t.Parallel()

	base, err := fiscalcode.Parse("RSSMRA80A01H501U")
	require.NoError(t, err)

	variants := base.Variants()
	require.Len(t, variants, 127)
	require.Equal(t, "RSSMRA80A01H50MM", variants[0].Value(), "only the rightmost digit is replaced")
	require.Equal(t, "RSSMRAULALMHRLM", variants[126].Value()[:15], "all seven digits are replaced")

	seen := map[string]bool{base.Value(): true}
	today := time.Date(2026, time.September, 15, 0, 0, 0, 0, time.UTC)

	for _, variant := range variants {
		require.False(t, seen[variant.Value()], "variants differ")
		seen[variant.Value()] = true

		parsed, err := fiscalcode.Parse(variant.Value())
		require.NoError(t, err)
		require.Equal(t, variant, parsed)
		require.True(t, variant.IsOmocodia())
		require.Equal(t, base, variant.Base())
		require.Equal(t, base.PlaceCode(), variant.PlaceCode())
		require.Equal(t, base.Sex(), variant.Sex())
		require.Equal(t, base.BirthDates(today), variant.BirthDates(today))
		require.Equal(t, variants, variant.Variants(), "a variant has the variants of its base")
	}
}

func TestEachOmocodiaLetterStandsForItsDigit(t *testing.T) {
	t.Parallel()

	for digit, letter := range "LMNPQRSTUV" {
		plain := parseBody(t, fmt.Sprintf("RSSMRA80A01H50%d", digit))
		omocodia := parseBody(t, "RSSMRA80A01H50"+string(letter))

		require.Equal(t, plain, omocodia.Base())
		require.Equal(t, plain.PlaceCode(), omocodia.PlaceCode())
	}
}
