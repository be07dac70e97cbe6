package gateway

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/genio-gateway/genio/notification"
)

// mostIPRanges are enough for any Ente's data centres, and few enough to go through at each request.
const mostIPRanges = 50

// mappedBits is where an IPv4 address begins in an IPv6 one that stands for it (RFC 4291, 2.5.5.2).
const mappedBits = 96

// ParseIPRanges reads the networks from which a key may be used: one address or network (CIDR) a line, IPv4 or IPv6. It gives
// them in their normal form, each once, in the order of the lines. Its error is a list of invalid fields of ip_ranges, which
// names the lines.
func ParseIPRanges(text string) ([]string, error) {
	var (
		ranges []string
		fields notification.FieldErrors
	)

	number := 0

	for line := range strings.Lines(text) {
		number++

		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}

		network, ok := parseIPRange(line)

		switch {
		case !ok:
			fields = append(fields, ipRangeError(number, "invalid",
				"an address or a network is expected, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32",
				"serve un indirizzo o una rete, per esempio 192.0.2.7, 192.0.2.0/24 o 2001:db8::/32"))
		case network.Bits() == 0:
			fields = append(fields, ipRangeError(number, "everywhere",
				"this is every address; leave the field empty to allow the key from anywhere",
				"questa rete comprende ogni indirizzo: per usare la chiave da ovunque lasciare vuoto il campo"))
		case !slices.Contains(ranges, network.String()):
			ranges = append(ranges, network.String())
		}
	}

	if len(ranges) > mostIPRanges {
		fields = append(fields, ipRangeError(0, "too_many",
			"at most "+strconv.Itoa(mostIPRanges)+" addresses or networks", "al massimo "+strconv.Itoa(mostIPRanges)+" indirizzi o reti"))
	}

	if len(fields) > 0 {
		return nil, fields
	}

	return ranges, nil
}

// ipRangeError is about one line, or about all where it is 0. It never repeats what was written.
func ipRangeError(line int, code, message, messaggio string) notification.FieldError {
	if line > 0 {
		message, messaggio = "line "+strconv.Itoa(line)+": "+message, "riga "+strconv.Itoa(line)+": "+messaggio
	}

	return notification.FieldError{Field: "ip_ranges", Code: code, Message: message, Messaggio: messaggio}
}

// parseIPRange reads an address or a network, and gives the network without the bits that say nothing.
func parseIPRange(text string) (netip.Prefix, bool) {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return netip.Prefix{}, false
		}

		network = netip.PrefixFrom(address, address.BitLen())
	}

	if network.Addr().Is4In6() {
		if network.Bits() < mappedBits {
			return netip.Prefix{}, false
		}

		network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-mappedBits)
	}

	return network.Masked(), true
}

// mayComeFrom tells whether an address lies within one of the ranges. Without ranges every address does, and with them none
// that is not known.
func mayComeFrom(ranges []string, address string) bool {
	if len(ranges) == 0 {
		return true
	}

	from, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}

	from = from.Unmap().WithZone("")

	return slices.ContainsFunc(ranges, func(written string) bool {
		network, err := netip.ParsePrefix(written)

		return err == nil && network.Contains(from)
	})
}
