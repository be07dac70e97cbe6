package simulator_test

import (
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

func TestFiscalCodesOfAnOutcomeAreDistinctAndWellFormed(t *testing.T) {
	t.Parallel()

	const many = 20_000

	form := regexp.MustCompile(`^[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}X[0-9]{3}[A-Z]$`)
	seen := make(map[string]bool, many)

	for n := range many {
		code := simulator.FiscalCode(simulator.CitizenSlow, n)
		require.Regexp(t, form, code)
		require.Equal(t, "X005", code[11:15])
		require.False(t, seen[code], "n %d repeats a code", n)
		seen[code] = true

		day, err := strconv.Atoi(code[9:11])
		require.NoError(t, err)
		require.True(t, day >= 1 && day <= 28 || day >= 41 && day <= 68, code)
	}
}

func TestMagicListsAreCompleteAndDescribed(t *testing.T) {
	t.Parallel()

	citizens := simulator.MagicCitizens()
	require.Len(t, citizens, int(simulator.CitizenPrefersEnglishNotAllowed)+1)

	for i, citizen := range citizens {
		require.Equal(t, simulator.CitizenOutcome(i), citizen.Outcome)
		require.NotEmpty(t, citizen.DescriptionIT)
		require.NotEmpty(t, citizen.DescriptionEN)
		require.Equal(t, simulator.FiscalCode(citizen.Outcome, 0), citizen.FiscalCode)
	}

	phones := simulator.MagicPhones()
	require.Len(t, phones, int(simulator.PhoneTimeoutNothingStored)+1)

	for i, phone := range phones {
		require.Equal(t, simulator.PhoneOutcome(i), phone.Outcome)
		require.NotEmpty(t, phone.DescriptionIT)
		require.NotEmpty(t, phone.DescriptionEN)
		require.Equal(t, simulator.Phone(phone.Outcome, 0), phone.Phone)
	}
}

func TestPhones(t *testing.T) {
	t.Parallel()

	require.Equal(t, "+393700060042", simulator.Phone(simulator.PhoneOptedOut, 42))
	require.Equal(t, "+393700000000", simulator.Phone(simulator.PhoneDelivered, 0))
	require.Equal(t, "+393710000001", simulator.Phone(simulator.PhoneDelivered, 10_001))
}

func TestDefaultConfigIsLikeTheRealServices(t *testing.T) {
	t.Parallel()

	config := simulator.DefaultConfig()
	require.Equal(t, simulator.Quota{Calls: 150, Window: 5 * time.Second}, config.IOQuota)
	require.True(t, config.AcceptAnyKey)
	require.Positive(t, config.IOProcessing.Min)
	require.Zero(t, config.Faults)
}
