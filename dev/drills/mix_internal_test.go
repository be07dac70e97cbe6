package drills

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKindsMakeAHundred(t *testing.T) {
	t.Parallel()

	sum := 0

	for _, one := range kinds() {
		require.Positive(t, one.share, one.name)
		sum += one.share
	}

	require.Equal(t, 100, sum)
	require.Len(t, deal(kinds()), sum)
}

// TestNoTwoLettersGoToOneRecipient: the books tell them apart by their recipients.
func TestNoTwoLettersGoToOneRecipient(t *testing.T) {
	t.Parallel()

	const many = 4000

	enti := []*ente{{id: "a"}, {id: "b"}, {id: "c"}}
	seen, each := map[string]bool{}, map[*ente]int{}

	for _, written := range write(many, enti) {
		require.False(t, seen[written.fiscalCode])
		seen[written.fiscalCode] = true
		each[written.ente]++

		if written.phone != "" {
			require.False(t, seen[written.phone])
			seen[written.phone] = true
		}
	}

	require.Len(t, each, len(enti))

	for _, count := range each {
		require.InDelta(t, many/len(enti), count, 1)
	}
}

func TestEnteCodesDiffer(t *testing.T) {
	t.Parallel()

	seen := map[string]bool{}

	for number := range 20 {
		code := enteCode(number)
		require.Len(t, code, 11)
		require.False(t, seen[code])
		seen[code] = true
	}
}
