package gateway_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func TestParseIPRanges(t *testing.T) {
	t.Parallel()

	for text, want := range map[string][]string{
		"":                                      nil,
		" \n\r\n\t":                             nil,
		"192.0.2.7":                             {"192.0.2.7/32"},
		"192.0.2.7/24\r\n 192.0.2.0/24 ":        {"192.0.2.0/24"},
		"2001:DB8::/32\n2001:db8::1":            {"2001:db8::/32", "2001:db8::1/128"},
		"::ffff:192.0.2.7\n::ffff:10.0.0.0/104": {"192.0.2.7/32", "10.0.0.0/8"},
	} {
		ranges, err := gateway.ParseIPRanges(text)
		require.NoError(t, err, text)
		require.Equal(t, want, ranges, text)
	}
}

func TestIPRangesThatAreNone(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"192.0.2.0/33": "invalid", "192.0.2": "invalid", "localhost": "invalid", "fe80::1%eth0": "invalid", "192.0.2.1-9": "invalid",
		"192.000.2.1": "invalid", "::ffff:0:0/90": "invalid", "1.2.3.4 5.6.7.8": "invalid",
		"0.0.0.0/0": "everywhere", "::/0": "everywhere", "10.1.2.3/0": "everywhere",
		strings.Join(manyAddresses(51), "\n"): "too_many",
	} {
		_, err := gateway.ParseIPRanges(text)

		var fields notification.FieldErrors

		require.ErrorAs(t, err, &fields, text)
		require.Len(t, fields, 1)
		require.Equal(t, "ip_ranges", fields[0].Field)
		require.Equal(t, want, fields[0].Code, text)
		require.NotContains(t, fields[0].Message, "localhost", "what was written is not repeated")
	}

	_, err := gateway.ParseIPRanges("192.0.2.1\n\nx\n192.0.2.2\ny")

	var fields notification.FieldErrors

	require.ErrorAs(t, err, &fields)
	require.Len(t, fields, 2)
	require.Contains(t, fields[0].Message, "line 3")
	require.Contains(t, fields[1].Messaggio, "riga 5")

	ranges, err := gateway.ParseIPRanges(strings.Join(manyAddresses(50), "\n"))
	require.NoError(t, err)
	require.Len(t, ranges, 50)
}

func manyAddresses(n int) []string {
	addresses := make([]string, n)
	next := netip.MustParseAddr("198.51.100.1")

	for i := range addresses {
		addresses[i], next = next.String(), next.Next()
	}

	return addresses
}

// FuzzParseIPRanges: whatever is taken is a network in its normal form, and is taken again as it is.
func FuzzParseIPRanges(f *testing.F) {
	for _, seed := range []string{
		"192.0.2.7\n192.0.2.0/24", "2001:db8::/32", "::ffff:1.2.3.4/120", "0.0.0.0/0", "fe80::1%x", "\r\n/\n//", "1.2.3.4/-1", "١.2.3.4",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		ranges, err := gateway.ParseIPRanges(text)
		if err != nil {
			fields, invalid := errors.AsType[notification.FieldErrors](err)
			require.True(t, invalid)
			require.NotEmpty(t, fields)

			return
		}

		require.LessOrEqual(t, len(ranges), 50)

		for i, written := range ranges {
			network, err := netip.ParsePrefix(written)
			require.NoError(t, err)
			require.Equal(t, network.Masked(), network)
			require.Positive(t, network.Bits())
			require.False(t, network.Addr().Is4In6())
			require.NotContains(t, ranges[i+1:], written)
		}

		again, err := gateway.ParseIPRanges(strings.Join(ranges, "\n"))
		require.NoError(t, err)
		require.True(t, slices.Equal(ranges, again))
	})
}
