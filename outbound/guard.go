package outbound

import (
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// Rules say which addresses may be called. The zero value is the strictest: https, on any port, to public addresses.
type Rules struct {
	// Allow are networks that may be called although they are not public, such as a region's own.
	Allow []netip.Prefix
	// AllowHTTP lets calls go unencrypted, for development.
	AllowHTTP bool
	// Ports are those that may be called; none: all.
	Ports []uint16
}

// DefaultPorts are where applications usually answer https.
func DefaultPorts() []uint16 { return []uint16{443, 8443} }

// Guard lets calls out to where its rules allow. It is safe for concurrent use.
type Guard struct {
	rules    Rules
	guardian *ssrf.Guardian
}

// New makes a guard. What is not public it takes from IANA's registries of special-purpose addresses, by way of
// code.dny.dev/ssrf: private, loopback, link-local (the metadata services of clouds among them), shared (CGNAT), multicast,
// documentation, unique local, IPv4-mapped, NAT64, 6to4 and Teredo.
func New(rules Rules) *Guard {
	var v4, v6 []netip.Prefix

	for _, network := range rules.Allow {
		if network.Addr().Is4() {
			v4 = append(v4, network)
		} else {
			v6 = append(v6, network)
		}
	}

	return &Guard{rules: rules, guardian: ssrf.New(
		ssrf.WithPorts(rules.Ports...), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...),
	)}
}

// control is asked by the dialer for each address that it is about to connect to. Its error does not repeat the address: what
// a name of the outside stands for inside is not for whoever wrote it.
func (g *Guard) control(network, address string, connection syscall.RawConn) error {
	if g.guardian.Safe(network, address, connection) != nil {
		return ErrRefused
	}

	return nil
}
