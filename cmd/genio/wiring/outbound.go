package wiring

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/genio-gateway/genio/outbound"
)

// Outbound says where calls to addresses may go that people enter: an Ente's webhook, and what an OpenID provider says of itself.
// The zero value lets them go to any port on the public internet, encrypted.
type Outbound struct {
	//nolint:lll // a tag has one line
	Allow []string `env:"GENIO_OUTBOUND_ALLOW" help:"Networks (CIDR) in which webhooks and the OpenID provider may be, beside the public internet."`
	HTTP  bool     `env:"GENIO_OUTBOUND_HTTP" help:"Let webhooks go unencrypted, for development."`
	Ports []uint16 `default:"443,8443" env:"GENIO_OUTBOUND_PORTS" help:"Ports that webhooks may be on."`
}

// Guard lets calls out to webhooks. Its error names the flag.
func (o Outbound) Guard() (*outbound.Guard, error) {
	allowed, err := o.networks()
	if err != nil {
		return nil, err
	}

	return outbound.New(outbound.Rules{Allow: allowed, AllowHTTP: o.HTTP, Ports: o.Ports}), nil
}

// guardOf lets calls out to the provider that an operator has named: on whichever port, and on the very machine where the
// issuer is there. What the provider says of itself, such as where its keys are, is held to the same.
func (o Outbound) guardOf(issuerHost string, plain bool) (*outbound.Guard, error) {
	allowed, err := o.networks()
	if err != nil {
		return nil, err
	}

	if isLoopback(issuerHost) {
		allowed = append(allowed, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	}

	return outbound.New(outbound.Rules{Allow: allowed, AllowHTTP: plain}), nil
}

func (o Outbound) networks() ([]netip.Prefix, error) {
	networks := make([]netip.Prefix, 0, len(o.Allow))

	for _, written := range o.Allow {
		network, err := netip.ParsePrefix(strings.TrimSpace(written))
		if err != nil {
			return nil, errors.New("--outbound-allow must be networks, such as 10.1.0.0/16")
		}

		networks = append(networks, network.Masked())
	}

	return networks, nil
}
