// Package prodlocal runs GeNIO on one machine as a region does on several, without containers: PostgreSQL, a Temporal server
// on it, servers behind a reverse proxy, workers, and the simulators of IO and Twilio. Every part is a process of its own,
// which can be stopped, killed and started again; a part that ends by itself is started again, as systemd would.
//
// It needs Linux, PostgreSQL's server programs and HAProxy, all of them in Debian's packages.
package prodlocal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Settings say what to start and where. A port of 0 means a free one, and the same one again in a folder that was used.
type Settings struct {
	Folder string `default:".genio/prod-local" env:"GENIO_PROD_LOCAL" help:"Folder of everything that is kept." type:"path"`

	Port          int `default:"8080" help:"Port of API and backoffice, at the proxy; 0: a free one."`
	TemporalPort  int `default:"7233" help:"Port of Temporal; 0: a free one."`
	SimulatorPort int `default:"8090" help:"Port of the simulators; 0: a free one."`
	PostgresPort  int `default:"5433" help:"Port of PostgreSQL; 0: a free one."`

	Servers int `default:"2" help:"How many servers, at most 4."`
	Workers int `default:"2" help:"How many workers."`

	Genio       string `default:"bin/genio"          help:"The product's binary."           type:"path"`
	Temporal    string `default:"bin/temporal-dev"   help:"The Temporal server's binary."   type:"path"`
	ProxyConfig string `default:"deploy/haproxy.cfg" help:"Configuration of the proxy."     type:"path"`
	LogLevel    string `default:"info"               help:"What GeNIO's own processes tell: debug, info, warn or error."`

	// PostgresOptions are more of its settings, such as "archive_timeout=60".
	PostgresOptions []string `kong:"-"`
	// Environment is for the simulators, servers and workers; what the stack says itself goes before it.
	//nolint:lll // a tag has one line
	Environment []string `help:"More of the environment of GeNIO's own processes, such as GENIO_DRAIN_DELAY=1s." name:"env" placeholder:"KEY=VALUE" sep:"none"`
}

const (
	// maxServers is how many the proxy's configuration knows.
	maxServers = 4

	haproxyProgram = "haproxy"
	// debianHAProxy is where Debian puts it, which is not on everybody's path.
	debianHAProxy = "/usr/sbin/haproxy"
	// postgresPattern is where Debian puts each version's programs.
	postgresPattern = "/usr/lib/postgresql/*/bin"
)

func (s Settings) check() error {
	if s.Servers < 1 || s.Servers > maxServers {
		return fmt.Errorf("the number of servers must be between 1 and %d", maxServers)
	}

	if s.Workers < 1 {
		return errors.New("there must be at least one worker")
	}

	for _, file := range []string{s.Genio, s.Temporal, s.ProxyConfig} {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("looking for what to run: %w", err)
		}
	}

	return nil
}

// makeFolder lets PostgreSQL's account pass through; the files themselves are for their owner only.
func (s Settings) makeFolder() error {
	if err := errors.Join(os.MkdirAll(s.file("logs"), 0o700), os.Chmod(s.Folder, 0o711)); err != nil { //nolint:gosec // see above.
		return fmt.Errorf("making the folder: %w", err)
	}

	return nil
}

func (s Settings) file(names ...string) string {
	return filepath.Join(append([]string{s.Folder}, names...)...)
}

// MissingError says that a program of another package is not installed.
type MissingError struct{ Program, Package string }

// Error names the package.
func (e MissingError) Error() string {
	return fmt.Sprintf("%s is not installed: apt-get install %s", e.Program, e.Package)
}

// FindPrograms looks for what other packages have to bring: the folder of PostgreSQL's server programs, and HAProxy. It
// fails with a [MissingError].
func FindPrograms() (postgres, haproxy string, err error) {
	found, err := filepath.Glob(postgresPattern)
	if err != nil || len(found) == 0 {
		return "", "", MissingError{Program: "PostgreSQL", Package: "postgresql"}
	}

	haproxy, err = exec.LookPath(haproxyProgram)
	if err != nil {
		if haproxy, err = exec.LookPath(debianHAProxy); err != nil {
			return "", "", MissingError{Program: "HAProxy", Package: "haproxy"}
		}
	}

	return found[len(found)-1], haproxy, nil
}
