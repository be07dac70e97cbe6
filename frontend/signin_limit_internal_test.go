package frontend

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARefusedFloodIsNotRemembered(t *testing.T) {
	t.Parallel()

	limits := newSignInLimits(func() time.Time { return time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC) })

	const address, guessed = "192.0.2.1", "operatore@comune.esempio.it"

	for range accountTries {
		require.Zero(t, limits.take(address, guessed))
	}

	for i := range addressTries - accountTries {
		require.Zero(t, limits.take(address, strconv.Itoa(i)))
	}

	remembered := len(limits.accounts.values)

	for i := range 2 * limitsRemembered {
		require.Equal(t, addressInterval, limits.take(address, "flood"+strconv.Itoa(i)))
	}

	require.Len(t, limits.accounts.values, remembered)
	require.Len(t, limits.addresses.values, 1)
}

func TestInvitationsAreLimitedByAddress(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	limits := newSignInLimits(func() time.Time { return now })

	for range invitationTries {
		require.Zero(t, limits.takeInvitation("2001:db8::1"))
	}

	require.Equal(t, invitationInterval, limits.takeInvitation("2001:db8::2"), "the same customer")
	require.Zero(t, limits.takeInvitation("192.0.2.1"))
	require.Zero(t, limits.takeProvider("2001:db8::1"), "another kind of step")

	now = now.Add(invitationInterval)

	require.Zero(t, limits.takeInvitation("2001:db8::1"))
	require.Equal(t, invitationInterval, limits.takeInvitation("2001:db8::1"))
}
