package wiring

import (
	"fmt"
	"net"
	"strings"
)

// Trusted says who may stand between the clients and the server.
type Trusted struct {
	Proxies []string `env:"GENIO_TRUSTED_PROXIES" help:"Networks, such as 10.0.0.0/8, of the proxies whose X-Forwarded-For is believed."`
}

// Networks reads the networks. Without any, a client's address is that of its connection, and behind a proxy all clients
// share the proxy's.
func (t Trusted) Networks() ([]*net.IPNet, error) { return networksIn("--trusted-proxies", t.Proxies) }

// Backoffice says who may reach the pages.
type Backoffice struct {
	//nolint:lll // a tag has one line
	Networks []string `env:"GENIO_BACKOFFICE_NETWORKS" help:"Networks, such as 10.0.0.0/8, from which the backoffice may be reached; empty: from anywhere."`
}

// Allowed reads the networks; none: from anywhere. The API is reached from anywhere all the same: its keys have networks of
// their own.
func (b Backoffice) Allowed() ([]*net.IPNet, error) {
	return networksIn("--backoffice-networks", b.Networks)
}

// networksIn names the flag and the entry, and never repeats the value.
func networksIn(flag string, written []string) ([]*net.IPNet, error) {
	networks := make([]*net.IPNet, len(written))

	for i, one := range written {
		_, network, err := net.ParseCIDR(strings.TrimSpace(one))
		if err != nil {
			return nil, fmt.Errorf("%s, entry %d: a network is expected, such as 10.0.0.0/8 or 192.0.2.7/32", flag, i+1)
		}

		networks[i] = network
	}

	return networks, nil
}
