package prodlocal

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/genio-gateway/genio/dev/freeport"
)

const loopback = "127.0.0.1"

// ground is what stays the same over all starts in a folder.
type ground struct {
	Ports    map[string]int `json:"ports"`
	Password string         `json:"password"` // PostgreSQL's
	Token    string         `json:"token"`    // Twilio's
}

// Names of what has a port. A server's is that of its process.
const (
	portPublic    = "public"
	portPostgres  = "postgres"
	portTemporal  = "temporal"
	portSimulator = "simulator"

	// adminSuffix ends the name of the port on which a server or a worker answers those who run GeNIO.
	adminSuffix = "-admin"
)

// layGround reads what an earlier start decided, and decides the rest. A port that the settings name goes before one that
// was decided earlier; everything else has to stay: callbacks of SMS on their way name the public port.
func layGround(settings Settings) (ground, error) {
	laid := ground{Ports: map[string]int{}}

	content, err := os.ReadFile(settings.file("ground.json"))
	if err == nil {
		err = json.Unmarshal(content, &laid)
	}

	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return laid, fmt.Errorf("reading what an earlier start decided: %w", err)
	}

	if laid.Password == "" {
		laid.Password, laid.Token = rand.Text(), rand.Text()
	}

	if err := laid.choosePorts(settings); err != nil {
		return laid, err
	}

	content, err = json.MarshalIndent(laid, "", "  ") //nolint:gosec // secrets of this folder, for its owner only.
	if err != nil {
		return laid, fmt.Errorf("encoding what was decided: %w", err)
	}

	return laid, os.WriteFile(settings.file("ground.json"), content, 0o600) //nolint:wrapcheck // a path error says everything.
}

func (g ground) choosePorts(settings Settings) error {
	wishes := map[string]int{
		portPublic: settings.Port, portPostgres: settings.PostgresPort,
		portTemporal: settings.TemporalPort, portSimulator: settings.SimulatorPort,
	}
	for number := range settings.Servers {
		wishes[serverName(number)], wishes[serverName(number)+adminSuffix] = 0, 0
	}

	for number := range settings.Workers {
		wishes[workerName(number)+adminSuffix] = 0
	}

	// All are held open until all are known, so that none is given out twice.
	var held []net.Listener

	defer func() { freeport.Release(held...) }()

	for name, wish := range wishes {
		if wish != 0 {
			g.Ports[name] = wish
		}

		if g.Ports[name] != 0 {
			continue
		}

		listener, err := freeport.Listen()
		if err != nil {
			return fmt.Errorf("choosing a port: %w", err)
		}

		held = append(held, listener)
		g.Ports[name] = listener.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert,errcheck // a TCP listener has a TCP address.
	}

	return nil
}

func (g ground) address(name string) string {
	return net.JoinHostPort(loopback, strconv.Itoa(g.Ports[name]))
}

func (g ground) url(name string) string { return "http://" + g.address(name) }
