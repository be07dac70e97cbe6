package outbound

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// longestAddress is more than any address needs, in bytes.
const longestAddress = 2000

const (
	schemeHTTP  = "http"
	schemeHTTPS = "https"

	portHTTP  = 80
	portHTTPS = 443
)

// ErrRefused is the error of an address that may not be called.
var ErrRefused = errors.New("the address may not be called")

// Problem is what is wrong with an address.
type Problem string

// The problems.
const (
	ProblemInvalid  Problem = "invalid"  // it is no URL with a host
	ProblemTooLong  Problem = "too_long" // more than 2,000 bytes
	ProblemScheme   Problem = "scheme"   // neither https nor, where it is allowed, http
	ProblemUser     Problem = "userinfo" // it holds a user name or a password
	ProblemFragment Problem = "fragment" // it holds a #, which is never sent
	ProblemPort     Problem = "port"     // another port than the allowed ones
	ProblemNetwork  Problem = "network"  // it names an IP address, or a host, that is not public
)

// RefusedError tells which problem keeps an address from being called. It is ErrRefused, and its text does not repeat the address.
type RefusedError struct {
	Problem Problem
}

// Error names the problem.
func (r *RefusedError) Error() string { return ErrRefused.Error() + ": " + string(r.Problem) }

// Unwrap makes it ErrRefused.
func (r *RefusedError) Unwrap() error { return ErrRefused }

// Check reads an address as a person wrote it. Its error is a [RefusedError]. It asks no name server: what a name stands for is
// looked at when it is called.
func (g *Guard) Check(raw string) (*url.URL, error) {
	if len(raw) > longestAddress {
		return nil, &RefusedError{ProblemTooLong}
	}

	address, err := url.Parse(raw)
	if err != nil || address.Opaque != "" {
		return nil, &RefusedError{ProblemInvalid}
	}

	if problem := g.problemOf(address); problem != "" {
		return nil, &RefusedError{problem}
	}

	return address, nil
}

func (g *Guard) problemOf(address *url.URL) Problem {
	switch {
	case address.Scheme != schemeHTTPS && (address.Scheme != schemeHTTP || !g.rules.AllowHTTP):
		return ProblemScheme
	case address.User != nil:
		return ProblemUser
	case address.Fragment != "":
		return ProblemFragment
	}

	port, ok := portOf(address)
	if !ok {
		return ProblemInvalid
	}

	return g.problemOfHost(strings.ToLower(address.Hostname()), port)
}

// portOf is the port that will be called.
func portOf(address *url.URL) (port uint16, ok bool) {
	switch text := address.Port(); {
	case text != "":
		number, err := strconv.ParseUint(text, 10, 16)

		return uint16(number), err == nil && number > 0
	case strings.HasSuffix(address.Host, ":"):
		return 0, false
	case address.Scheme == schemeHTTP:
		return portHTTP, true
	default:
		return portHTTPS, true
	}
}

func (g *Guard) problemOfHost(host string, port uint16) Problem {
	// The port is looked at by itself: the guardian would say of a bad address that its port is the trouble, or the other way round.
	publicly := netip.AddrPortFrom(netip.AddrFrom4([4]byte{1, 1, 1, 1}), port)
	if g.guardian.SafeAddrPort(publicly) != nil {
		return ProblemPort
	}

	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Zone() != "" || g.guardian.SafeAddr(ip) != nil {
			return ProblemNetwork
		}

		return ""
	}

	switch {
	case !isName(host):
		return ProblemInvalid
	case endsInNumber(host), !g.allowsLoopback() && isLocalName(host):
		return ProblemNetwork
	default:
		return ""
	}
}

// isName tells whether a host may be a name of the DNS. Names of other scripts are written as the DNS has them (xn--).
func isName(host string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_."

	return host != "" && strings.Trim(host, letters) == "" && !strings.HasPrefix(host, ".") && !strings.Contains(host, "..")
}

// endsInNumber tells whether a host is an IPv4 address in one of the spellings that some resolvers still understand, such as
// 127.1, 0x7f.0.0.1 or 2130706433 (WHATWG URL, "ends in a number").
func endsInNumber(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]

	if strings.Trim(last, "0123456789") == "" {
		return true
	}

	digits, hexadecimal := strings.CutPrefix(last, "0x")

	return hexadecimal && strings.Trim(digits, "0123456789abcdef") == ""
}

// isLocalName tells whether a name stands for the very machine (RFC 6761, 6.3).
func isLocalName(host string) bool {
	return strings.HasSuffix("."+strings.TrimSuffix(host, "."), ".localhost")
}

func (g *Guard) allowsLoopback() bool {
	return g.guardian.SafeAddr(netip.AddrFrom4([4]byte{127, 0, 0, 1})) == nil
}
