package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/simulator"
)

const (
	// bareBursts are as many, of which the median counts: one alone lasts too short a time.
	bareBursts    = 3
	bareDatabase  = "bench_bare"
	proxyProgram  = "haproxy"
	debianHAProxy = "/usr/sbin/haproxy" // where Debian has it, which is not on everybody's path
)

// bareRate is how many requests a second the bare handler accepts: on a database of the same kind, in as many processes, and behind the
// same proxy as GeNIO.
func (r *speedRun) bareRate(ctx context.Context) (perSecond float64, err error) {
	bare := bareServers{stack: r.stack}

	defer bare.stop()

	if err := bare.start(ctx, r.ProxyConfig); err != nil {
		return 0, fmt.Errorf("starting the bare servers: %w", err)
	}

	var rates []float64

	for range bareBursts {
		requests, err := requestsFor(r.enti, simulator.CitizenDelivered, r.newCitizens(r.Burst), r.Burst)
		if err != nil {
			return 0, err
		}

		got, err := burst{
			url: bare.url + "/api/v1/notifications", expects: http.StatusAccepted, connections: apiConnections, requests: requests,
		}.fire(ctx)
		if err != nil {
			return 0, err
		}

		rates = append(rates, got.perSecond(r.Burst))
	}

	// What the bare servers left to be written must not delay whoever is measured next.
	bare.stop()
	syscall.Sync()

	return middleRate(rates), nil
}

// bareServers are servers with the bare handler, beside a stack.
type bareServers struct {
	stack   *stack
	url     string
	running []*process
}

func (b *bareServers) start(ctx context.Context, proxyConfig string) error {
	database, err := b.database(ctx)
	if err != nil {
		return err
	}

	ourselves, err := os.Executable()
	if err != nil {
		return fmt.Errorf("looking for this program: %w", err)
	}

	proxied := []string{}

	for i := range b.stack.named(prefixServer) {
		if err := b.run(ctx, program{
			binary: ourselves, arguments: []string{"bare-server"}, environment: []string{"BENCH_BARE_DATABASE_URL=" + database},
		}, "--listen"); err != nil {
			return err
		}

		proxied = append(proxied, "GENIO_SERVER_"+strconv.Itoa(i+1)+"="+b.url[len(plainHTTP):])
	}

	if b.stack.kind != stackProdLocal {
		return nil
	}

	proxy, err := exec.LookPath(proxyProgram)
	if err != nil {
		proxy = debianHAProxy
	}

	return b.run(ctx, program{binary: proxy, arguments: []string{"-db", "-f", proxyConfig}, environment: proxied}, "")
}

const plainHTTP = "http://"

// run starts a process that listens on an address of its own, which it is told by the flag, or as the proxy is, and waits for its answer.
func (b *bareServers) run(ctx context.Context, one program, flag string) error {
	port, err := freePort()
	if err != nil {
		return err
	}

	if flag == "" {
		one.environment = append(one.environment, "GENIO_PROXY_LISTEN="+address(port))
	} else {
		one.arguments = append(one.arguments, flag, address(port))
	}

	one.log = filepath.Join(b.stack.folder, bareDatabase+".log")

	started, err := launch(ctx, one)
	if err != nil {
		return err
	}

	b.running = append(b.running, started)
	b.url = plainHTTP + address(port)

	return await(ctx, filepath.Base(one.binary), func() bool { return get(ctx, b.url+bareStatus) == nil })
}

func (b *bareServers) stop() {
	for _, one := range b.running {
		one.stop()
	}
}

// database is another one beside GeNIO's: on the same PostgreSQL server, or another file of SQLite.
func (b *bareServers) database(ctx context.Context) (string, error) {
	ours, err := b.stack.databaseURL()
	if err != nil {
		return "", err
	}

	if !onPostgres(ours) {
		return "sqlite:" + filepath.Join(b.stack.folder, bareDatabase+".db"), nil
	}

	connection, err := pgx.Connect(ctx, ours)
	if err != nil {
		return "", fmt.Errorf("connecting: %w", err)
	}

	defer func() { _ = connection.Close(ctx) }()

	if _, err := connection.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{bareDatabase}.Sanitize()); err != nil {
		return "", fmt.Errorf("creating a database: %w", err)
	}

	return otherDatabase(ours, bareDatabase)
}

// databaseURL is where the stack's database is. It may hold a password.
func (s *stack) databaseURL() (string, error) {
	address, err := wiring.Secret(s.setting("GENIO_DATABASE_URL"), s.setting("GENIO_DATABASE_URL_FILE"))
	if err != nil {
		return "", fmt.Errorf("reading where the stack's database is: %w", err)
	}

	return address, nil
}

// otherDatabase is the URL of another database on the same PostgreSQL server.
func otherDatabase(address, name string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", errors.New("the database's URL cannot be read") // url.Parse's own error repeats it, with the password
	}

	parsed.Path = "/" + name

	return parsed.String(), nil
}
