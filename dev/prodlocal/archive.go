package prodlocal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// Archive keeps what is needed to bring PostgreSQL back to its last commit on another machine: a base backup, the write-ahead
// log since then as it comes, and a copy of the encryption keys. In production it is on another machine, and the keys
// are on a third one.
//
// PostgreSQL waits with each commit until the archive has it (synchronous_standby_names): what GeNIO has accepted is
// not lost with the database's disk.
type Archive struct {
	stack  *Stack
	folder string
	// Receiver is pg_receivewal, which writes the log down.
	Receiver *Process
}

const (
	receiverName = "pg_receivewal"
	archiveSlot  = "genio_archive"
	partial      = ".partial"
)

// Archive makes an archive in a folder and begins to receive the log. Once it has returned, each commit is in it.
func (s *Stack) Archive(ctx context.Context, folder string) (*Archive, error) {
	a := &Archive{stack: s, folder: folder}

	for _, made := range []string{folder, a.wal()} {
		if err := s.cluster.makeFolder(made); err != nil {
			return nil, err
		}
	}

	if err := s.cluster.Run(ctx, receiverName, "--create-slot", "--if-not-exists", "--slot="+archiveSlot); err != nil {
		return nil, err
	}

	a.Receiver = s.process("archive", Command{
		Program:     filepath.Join(s.cluster.programs, receiverName),
		Arguments:   []string{"-D", a.wal(), "--slot=" + archiveSlot, "--synchronous"},
		Environment: s.cluster.environment(), account: s.cluster.account, folder: folder,
	}, s.receives)
	a.Receiver.ends = syscall.SIGINT

	if err := a.Receiver.Start(ctx); err != nil {
		return nil, err
	}

	return a, s.waitForReceiver(ctx)
}

func (a *Archive) wal() string { return filepath.Join(a.folder, "wal") }

func (a *Archive) base() string { return filepath.Join(a.folder, "base") }

func (a *Archive) keys() string { return filepath.Join(a.folder, "keys.json") }

// receives tells whether the log streams.
func (s *Stack) receives(ctx context.Context, _ func() []byte) bool {
	connection, err := pgx.Connect(ctx, s.cluster.url(maintenance))
	if err != nil {
		return false
	}
	defer func() { _ = connection.Close(ctx) }()

	var streams bool

	err = connection.QueryRow(ctx,
		"SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming')", receiverName).Scan(&streams)

	return err == nil && streams
}

// waitForReceiver has every commit wait until the archive has it.
func (s *Stack) waitForReceiver(ctx context.Context) error {
	connection, err := pgx.Connect(ctx, s.cluster.url(maintenance))
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer func() { _ = connection.Close(ctx) }()

	_, setErr := connection.Exec(ctx, "ALTER SYSTEM SET synchronous_standby_names = '"+receiverName+"'")
	_, loadErr := connection.Exec(ctx, "SELECT pg_reload_conf()")

	if err := errors.Join(setErr, loadErr); err != nil {
		return fmt.Errorf("having commits wait for the archive: %w", err)
	}

	return nil
}

// BackUp takes a base backup while everything works, and a copy of the keys.
func (a *Archive) BackUp(ctx context.Context) error {
	if err := a.stack.cluster.Run(ctx, "pg_basebackup", "-D", a.base(), "--checkpoint=fast", "--wal-method=none"); err != nil {
		return err
	}

	return copyFile(a.stack.keysFile(), a.keys())
}

// Verify checks the base backup against its own manifest.
func (a *Archive) Verify(ctx context.Context) error {
	return a.stack.cluster.Run(ctx, "pg_verifybackup", "--no-parse-wal", a.base())
}

// Destroy is what a fire does: every process ends at once, the database and the keys are gone. The providers, whom the
// simulators play, are elsewhere and go on.
func (s *Stack) Destroy(archive *Archive) error {
	for _, process := range append(s.Processes(), archive.Receiver) {
		if process != s.Simulator {
			process.Kill()
		}
	}

	return errors.Join(os.RemoveAll(s.cluster.data()), os.Remove(s.keysFile()))
}

// Restore puts the database's files and the keys back; the next start of PostgreSQL takes it to the last commit that the
// archive has, and so both GeNIO's database and Temporal's to one moment.
func (a *Archive) Restore() error {
	cluster := a.stack.cluster

	if err := os.CopyFS(cluster.data(), os.DirFS(a.base())); err != nil {
		return fmt.Errorf("copying the base backup: %w", err)
	}

	if err := a.completeLog(); err != nil {
		return err
	}

	// What the lost server was told to wait for is not there.
	settings := fmt.Sprintf("restore_command = 'cp \"%s/%%f\" \"%%p\"'\n", a.wal())

	err := errors.Join(
		cluster.write(filepath.Join(cluster.data(), "postgresql.auto.conf"), settings),
		cluster.write(filepath.Join(cluster.data(), "recovery.signal"), ""),
		copyFile(a.keys(), a.stack.keysFile()),
	)
	if err != nil {
		return fmt.Errorf("preparing the recovery: %w", err)
	}

	return cluster.own(cluster.data())
}

// completeLog lets the recovery find the last piece of the log, which the receiver had not finished.
func (a *Archive) completeLog() error {
	pieces, err := filepath.Glob(filepath.Join(a.wal(), "*"+partial))
	if err != nil {
		return fmt.Errorf("looking for the log's last piece: %w", err)
	}

	for _, piece := range pieces {
		whole := strings.TrimSuffix(piece, partial)
		if err := errors.Join(copyFile(piece, whole), a.stack.cluster.own(whole)); err != nil {
			return err
		}
	}

	return nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from) //nolint:gosec // in our own folders.
	if err != nil {
		return err //nolint:wrapcheck // a path error says everything.
	}
	defer func() { _ = source.Close() }()

	target, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // as above.
	if err != nil {
		return err //nolint:wrapcheck // as above.
	}

	_, err = io.Copy(target, source)

	return errors.Join(err, target.Sync(), target.Close())
}
