package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
)

const postgresPrograms = "/usr/lib/postgresql/*/bin"

// postgres is a PostgreSQL server of this run alone, on the loopback address.
type postgres struct {
	programs, folder string
	port             int
	account          *syscall.Credential // nil: our own
	server           *exec.Cmd
}

// startPostgres starts a server in a folder of its own, with Debian's settings but for shared_buffers: a quarter of a gigabyte
// is what a small machine gives it.
func startPostgres(ctx context.Context) (*postgres, error) {
	programs, err := filepath.Glob(postgresPrograms)
	if err != nil || len(programs) == 0 {
		return nil, errors.New("no PostgreSQL: install its server programs, or name one with --url")
	}

	p := &postgres{programs: programs[len(programs)-1]}
	if p.folder, err = os.MkdirTemp("", "genio-bench-pg-"); err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}

	if err := p.start(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}

	return p, nil
}

func (p *postgres) start(ctx context.Context) (err error) {
	if err := p.lendAccount(); err != nil {
		return err
	}

	data := filepath.Join(p.folder, "data")

	made := p.command(ctx, "initdb", "--pgdata="+data, "--username=genio", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	if output, err := made.CombinedOutput(); err != nil {
		return fmt.Errorf("initializing PostgreSQL: %w: %s", err, output)
	}

	if p.port, err = freePort(); err != nil {
		return err
	}

	p.server = p.command(ctx, "postgres", "-D", data, "-p", strconv.Itoa(p.port), "-k", p.folder,
		"-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB")
	p.server.Cancel = func() error { return p.server.Process.Signal(syscall.SIGINT) }

	if err := p.server.Start(); err != nil {
		return fmt.Errorf("starting PostgreSQL: %w", err)
	}

	return await(ctx, "PostgreSQL", func() bool {
		connection, err := pgx.Connect(ctx, p.url())

		return err == nil && connection.Close(ctx) == nil
	})
}

// lendAccount: PostgreSQL refuses to run as root, so root lends it another account.
func (p *postgres) lendAccount() error {
	if os.Geteuid() != 0 {
		return nil
	}

	account, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("looking for an account that PostgreSQL can run as: %w", err)
	}

	uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
	p.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}

	return errors.Join(uidErr, gidErr, os.Chown(p.folder, int(uid), int(gid)))
}

func (p *postgres) command(ctx context.Context, program string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(p.programs, program), arguments...) //nolint:gosec // PostgreSQL's own programs.
	command.Dir = p.folder
	command.SysProcAttr = &syscall.SysProcAttr{Credential: p.account}

	command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")

	return command
}

func (p *postgres) url() string {
	return fmt.Sprintf("postgres://genio@127.0.0.1:%d/postgres?sslmode=disable", p.port)
}

// stop ends the server and forgets its data.
func (p *postgres) stop() error {
	if p.server != nil && p.server.Process != nil {
		_ = p.server.Process.Signal(syscall.SIGINT) // it may have ended
		_ = p.server.Wait()
	}

	return os.RemoveAll(p.folder) //nolint:wrapcheck // a path error says everything.
}
