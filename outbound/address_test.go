package outbound_test

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/outbound"
)

func strict() *outbound.Guard { return outbound.New(outbound.Rules{Ports: outbound.DefaultPorts()}) }

func TestCheck(t *testing.T) {
	t.Parallel()

	for address, want := range map[string]outbound.Problem{
		"https://avvisi.comune.example/genio":               "",
		"https://avvisi.comune.example":                     "",
		"https://avvisi.comune.example:443/genio?codice=a1": "",
		"https://avvisi.comune.example:8443/genio":          "",
		"HTTPS://AVVISI.COMUNE.EXAMPLE./genio":              "",
		"https://xn--forl-opa.example/":                     "",
		"https://8.8.8.8/":                                  "",
		"https://[2a00:1450:4002::8]/":                      "",

		"":                               outbound.ProblemScheme,
		"avvisi.comune.example":          outbound.ProblemScheme,
		"http://avvisi.comune.example":   outbound.ProblemScheme,
		"ftp://avvisi.comune.example":    outbound.ProblemScheme,
		"file:///etc/passwd":             outbound.ProblemScheme,
		"gopher://127.0.0.1:6379/_SET":   outbound.ProblemScheme,
		"//avvisi.comune.example":        outbound.ProblemScheme,
		"https:avvisi.comune.example":    outbound.ProblemInvalid,
		"https://":                       outbound.ProblemInvalid,
		"https:///genio":                 outbound.ProblemInvalid,
		"https://avvisi comune/":         outbound.ProblemInvalid,
		"https://comune.example:/":       outbound.ProblemInvalid,
		"https://comune.example:0/":      outbound.ProblemInvalid,
		"https://comune.example:65536/":  outbound.ProblemInvalid,
		"https://comune.example:-1/":     outbound.ProblemInvalid,
		"https://comune.example:porta/":  outbound.ProblemInvalid,
		"https://forlì.example/":         outbound.ProblemInvalid,
		"https://a..example/":            outbound.ProblemInvalid,
		"https://.example/":              outbound.ProblemInvalid,
		"https://comune.example%00/":     outbound.ProblemInvalid,
		"https://comune.example\n/":      outbound.ProblemInvalid,
		"https://user@comune.example/":   outbound.ProblemUser,
		"https://u:p@comune.example/":    outbound.ProblemUser,
		"https://@comune.example/":       outbound.ProblemUser,
		"https://comune.example/#parte":  outbound.ProblemFragment,
		"https://comune.example:22/":     outbound.ProblemPort,
		"https://comune.example:5432/":   outbound.ProblemPort,
		"https://comune.example:80/":     outbound.ProblemPort,
		"https://localhost/":             outbound.ProblemNetwork,
		"https://LOCALHOST./":            outbound.ProblemNetwork,
		"https://genio.localhost/":       outbound.ProblemNetwork,
		"https://127.0.0.1/":             outbound.ProblemNetwork,
		"https://127.1/":                 outbound.ProblemNetwork,
		"https://2130706433/":            outbound.ProblemNetwork,
		"https://0x7f000001/":            outbound.ProblemNetwork,
		"https://0x7F.0.0.0x1/":          outbound.ProblemNetwork,
		"https://0177.0.0.1/":            outbound.ProblemNetwork,
		"https://127.0.0.1./":            outbound.ProblemNetwork,
		"https://[::1]/":                 outbound.ProblemNetwork,
		"https://[fe80::1%25eth0]/":      outbound.ProblemNetwork,
		"https://[2a00:1450::8%25eth0]/": outbound.ProblemNetwork,

		"https://comune.example/" + strings.Repeat("a", 2000): outbound.ProblemTooLong,
	} {
		parsed, err := strict().Check(address)
		if want == "" {
			require.NoError(t, err, address)
			require.NotEmpty(t, parsed.Host, address)

			continue
		}

		refusal, ok := errors.AsType[*outbound.RefusedError](err)
		require.True(t, ok, address)
		require.Equal(t, want, refusal.Problem, address)
		require.ErrorIs(t, err, outbound.ErrRefused)

		if len(address) > len("https://") {
			require.NotContains(t, err.Error(), strings.TrimPrefix(address, "https://"))
		}
	}
}

// special are addresses of every network that is not public.
func special() []string {
	return []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255",
		"169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
		"198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
		"64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1",
		"fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
	}
}

func TestNoSpecialAddressIsCalled(t *testing.T) {
	t.Parallel()

	for _, text := range special() {
		ip := netip.MustParseAddr(text)

		_, err := strict().Check("https://" + netip.AddrPortFrom(ip, 443).String() + "/")
		require.ErrorIs(t, err, outbound.ErrRefused, text)

		allowed := outbound.New(outbound.Rules{Allow: []netip.Prefix{netip.PrefixFrom(ip, ip.BitLen())}})
		_, err = allowed.Check("https://" + netip.AddrPortFrom(ip, 443).String() + "/")
		require.NoError(t, err, text)
	}
}

func TestRulesOpenWhatTheyName(t *testing.T) {
	t.Parallel()

	guard := outbound.New(outbound.Rules{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true})

	for address, allowed := range map[string]bool{
		"http://127.0.0.1:8090/webhooks/ok": true,
		"http://localhost:8090/":            true,
		"https://comune.example:9/":         true,
		"http://10.0.0.1/":                  false,
		"http://[::1]/":                     false,
		"ftp://127.0.0.1/":                  false,
	} {
		_, err := guard.Check(address)
		require.Equal(t, allowed, err == nil, address)
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		"https://comune.example/a?b=c", "https://[::ffff:7f00:1]/", "https://0x7f.1:443/", "https://a@b:1/#c", "http://x", "https://1e3/",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, raw string) {
		parsed, err := strict().Check(raw)
		if err != nil {
			require.ErrorIs(t, err, outbound.ErrRefused)

			return
		}

		// Whatever passes means the same to whoever reads it again, and names no address of the inside.
		again, err := url.Parse(parsed.String())
		require.NoError(t, err)
		require.Equal(t, parsed.Host, again.Host)
		require.Equal(t, "https", again.Scheme)
		require.Nil(t, again.User)

		if ip, err := netip.ParseAddr(again.Hostname()); err == nil {
			require.False(t, ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified())
		}
	})
}
