package dbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	programsPattern = "/usr/lib/postgresql/*/bin"

	superuser    = "genio"
	startTimeout = 60 * time.Second
	pollInterval = 50 * time.Millisecond
	// startTries: the free port may be taken by another process before PostgreSQL has it.
	startTries = 3

	// supervisor runs the server as long as its standard input is open, that is as long as the test binary
	// lives, however it ends; then it stops the server and removes the data.
	supervisor = `"$@" & server=$!
while read -r _; do :; done
kill -INT $server 2>/dev/null
wait $server
rm -rf "$GENIO_CLUSTER"`
)

// cluster is a PostgreSQL server in a temporary folder.
type cluster struct {
	programs string
	folder   string
	password string
	account  *syscall.Credential // nil: the test's own
}

// startCluster starts a server on a free port of 127.0.0.1. It stops when the lifeline is closed.
func startCluster() (address string, lifeline *os.File, err error) {
	programs, err := filepath.Glob(programsPattern)
	if err != nil || len(programs) == 0 {
		return "", nil, errNoPostgres
	}

	for range startTries {
		c := cluster{programs: programs[len(programs)-1], password: rand.Text()}
		if address, lifeline, err = c.run(); err == nil {
			return address, lifeline, nil
		}
	}

	return "", nil, err
}

func (c *cluster) run() (address string, lifeline *os.File, err error) {
	if c.folder, err = os.MkdirTemp("", "genio-pg-"); err != nil {
		return "", nil, fmt.Errorf("making a folder for PostgreSQL: %w", err)
	}

	if err := c.initialize(); err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(c.folder))
	}

	return c.start()
}

func (c *cluster) data() string { return filepath.Join(c.folder, "data") }

// initialize makes the data folder. PostgreSQL refuses to run as root, so root lends it another account.
func (c *cluster) initialize() error {
	passwordFile := filepath.Join(c.folder, "password")
	if err := os.WriteFile(passwordFile, []byte(c.password+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing PostgreSQL's password: %w", err)
	}

	if os.Geteuid() == 0 {
		if err := c.lendAccount(passwordFile); err != nil {
			return err
		}
	}

	command := c.command("initdb", "--pgdata="+c.data(), "--username="+superuser, "--pwfile="+passwordFile,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initializing PostgreSQL: %w: %s", err, output)
	}

	return nil
}

func (c *cluster) lendAccount(passwordFile string) error {
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}

		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		c.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}

		return errors.Join(uidErr, gidErr,
			os.Chown(c.folder, int(uid), int(gid)), os.Chown(passwordFile, int(uid), int(gid)))
	}

	return errors.New("PostgreSQL cannot run as root, and there is neither an account postgres nor nobody")
}

func (c *cluster) command(program string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(context.Background(), filepath.Join(c.programs, program), arguments...)
	c.confine(command)

	return command
}

func (c *cluster) confine(command *exec.Cmd) {
	command.Dir = c.folder
	command.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "GENIO_CLUSTER="+c.folder)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: c.account, Setpgid: true}
}

// start runs the server under its supervisor and waits until it answers.
func (c *cluster) start() (address string, lifeline *os.File, err error) {
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}

	input, lifeline, err := os.Pipe()
	if err != nil {
		return "", nil, fmt.Errorf("making PostgreSQL's lifeline: %w", err)
	}

	supervised := c.supervised(port)
	supervised.Stdin = input

	if err := errors.Join(supervised.Start(), input.Close()); err != nil {
		return "", nil, fmt.Errorf("starting PostgreSQL: %w", errors.Join(err, lifeline.Close()))
	}

	address = c.address(port)
	if err := awaitAnswer(address); err != nil {
		return "", nil, errors.Join(err, lifeline.Close(), supervised.Wait())
	}

	return address, lifeline, nil
}

// supervised has no output: "go test" would wait for it as long as the server holds the test's own.
func (c *cluster) supervised(port int) *exec.Cmd {
	server := c.command("postgres", "-D", c.data(), "-p", strconv.Itoa(port), "-k", c.folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200",
		// Test data need not survive a power cut.
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")

	shell := exec.CommandContext(context.Background(), "/bin/sh",
		append([]string{"-c", supervisor, "supervisor"}, server.Args...)...)
	c.confine(shell)

	return shell
}

func (c *cluster) address(port int) string {
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, c.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}

	return address.String()
}

func freePort() (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}

	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("looking for a free port: not a TCP address")
	}

	return address.Port, listener.Close()
}

func awaitAnswer(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()

	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()

	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			return conn.Close(ctx)
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL did not answer: %w", err)
		case <-ticker.C:
		}
	}
}
