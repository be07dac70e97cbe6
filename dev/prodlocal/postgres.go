package prodlocal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
)

const (
	postgresUser      = "genio"
	databaseGenio     = "genio"
	databaseTemporal  = "temporal"
	maintenance       = "postgres"
	postgresUnixLimit = "0700"

	ownFile   fs.FileMode = 0o600
	ownFolder fs.FileMode = 0o700
)

// cluster is PostgreSQL in the stack's folder.
type cluster struct {
	programs string
	folder   string // holds the data folder and its socket
	ground   ground
	options  []string
	account  *syscall.Credential // nil: our own
}

func (c *cluster) data() string { return filepath.Join(c.folder, "data") }

// prepare makes the folder, and a new cluster in it where there is none. A cluster that was cut short while it was made is
// made anew.
func (c *cluster) prepare(ctx context.Context) error {
	if err := os.MkdirAll(c.folder, 0o700); err != nil {
		return fmt.Errorf("making PostgreSQL's folder: %w", err)
	}

	if err := c.lendAccount(); err != nil {
		return err
	}

	if _, err := os.Stat(c.data()); !errors.Is(err, os.ErrNotExist) {
		return err //nolint:wrapcheck // nil, or a path error that says everything.
	}

	return c.initialize(ctx)
}

// lendAccount: PostgreSQL refuses to run as root, so root lends it another account.
func (c *cluster) lendAccount() error {
	if os.Geteuid() != 0 {
		return nil
	}

	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}

		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		c.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}

		return errors.Join(uidErr, gidErr, os.Chown(c.folder, int(uid), int(gid)))
	}

	return errors.New("PostgreSQL cannot run as root, and there is neither an account postgres nor nobody")
}

func (c *cluster) initialize(ctx context.Context) error {
	password := filepath.Join(c.folder, "password")
	if err := c.write(password, c.ground.Password+"\n"); err != nil {
		return err
	}

	fresh := c.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clearing an unfinished cluster: %w", err)
	}

	if err := c.Run(ctx, "initdb", "--pgdata="+fresh, "--username="+postgresUser, "--pwfile="+password,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"); err != nil {
		return err
	}

	return os.Rename(fresh, c.data()) //nolint:wrapcheck // a path error says everything.
}

// write makes a file that is PostgreSQL's own.
func (c *cluster) write(file, content string) error {
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		return err //nolint:wrapcheck // a path error says everything.
	}

	if c.account == nil {
		return nil
	}

	return os.Chown(file, int(c.account.Uid), int(c.account.Gid)) //nolint:wrapcheck // as above.
}

// makeFolder makes a folder that is PostgreSQL's own.
func (c *cluster) makeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err //nolint:wrapcheck // a path error says everything.
	}

	return c.own(folder)
}

// own gives a file, or a folder with all that is in it, to PostgreSQL's account, and makes it its alone.
func (c *cluster) own(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error { //nolint:wrapcheck // path errors say everything.
		if err != nil {
			return err
		}

		mode := ownFile
		if entry.IsDir() {
			mode = ownFolder
		}

		if c.account == nil {
			return os.Chmod(path, mode) //nolint:gosec // nobody else writes there.
		}

		return errors.Join(os.Chmod(path, mode), os.Chown(path, int(c.account.Uid), int(c.account.Gid))) //nolint:gosec // as above.
	})
}

// Run runs one of PostgreSQL's programs to its end.
func (c *cluster) Run(ctx context.Context, program string, arguments ...string) error {
	command := exec.CommandContext(ctx, filepath.Join(c.programs, program), arguments...) //nolint:gosec // PostgreSQL's own programs.
	command.Dir, command.Env = c.folder, c.environment()
	command.SysProcAttr = &syscall.SysProcAttr{Credential: c.account}

	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("running PostgreSQL's %s: %w: %s", program, err, output)
	}

	return nil
}

func (c *cluster) environment() []string {
	return []string{
		"LC_ALL=C.UTF-8", "PGUSER=" + postgresUser, "PGPASSWORD=" + c.ground.Password, "PGHOST=" + loopback,
		"PGPORT=" + strconv.Itoa(c.ground.Ports[portPostgres]),
	}
}

func (c *cluster) command() Command {
	arguments := []string{
		"-D", c.data(), "-p", strconv.Itoa(c.ground.Ports[portPostgres]), "-k", c.folder,
		"-c", "listen_addresses=" + loopback, "-c", "max_connections=300", "-c", "shared_buffers=256MB",
		"-c", "unix_socket_permissions=" + postgresUnixLimit,
	}
	for _, option := range c.options {
		arguments = append(arguments, "-c", option)
	}

	return Command{
		Program: filepath.Join(c.programs, "postgres"), Arguments: arguments,
		Environment: []string{"LC_ALL=C.UTF-8"}, account: c.account, folder: c.folder,
	}
}

func (c *cluster) url(database string) string {
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword(postgresUser, c.ground.Password),
		Host: c.ground.address(portPostgres), Path: "/" + database, RawQuery: "sslmode=disable",
	}

	return address.String()
}

// answers tells whether the server takes connections: while it recovers from a kill it does not.
func (c *cluster) answers(ctx context.Context, _ func() []byte) bool {
	connection, err := pgx.Connect(ctx, c.url(maintenance))

	return err == nil && connection.Close(ctx) == nil
}

// create makes a database where it is missing.
func (c *cluster) create(ctx context.Context, database string) error {
	connection, err := pgx.Connect(ctx, c.url(maintenance))
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer func() { _ = connection.Close(ctx) }()

	var exists bool

	err = connection.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&exists)
	if err != nil {
		return fmt.Errorf("looking for the database: %w", err)
	}

	if exists {
		return nil
	}

	if _, err := connection.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()); err != nil {
		return fmt.Errorf("creating the database: %w", err)
	}

	return nil
}
