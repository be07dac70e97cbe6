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
func (t Trusted) Networks() ([]*net.IPNet, error) {
	networks := make([]*net.IPNet, len(t.Proxies))

	for i, trusted := range t.Proxies {
		_, network, err := net.ParseCIDR(strings.TrimSpace(trusted))
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies, entry %d: a network is expected, such as 10.0.0.0/8 or 192.0.2.7/32", i+1)
		}

		networks[i] = network
	}

	return networks, nil
}
