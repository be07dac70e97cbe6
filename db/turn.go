package db

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// turn is whose turn it is among the processes to write to a SQLite database. SQLite itself lets a writer look again after ever
// longer pauses, up to a tenth of a second, in which another process takes the lock several times. Here the one who waits is woken
// by the kernel. It is courtesy, not protection: whoever writes without a turn meets SQLite's own lock.
type turn struct{ file *os.File }

// turnSuffix makes a file beside the database. The database itself must not be opened: closing it would end SQLite's locks.
const turnSuffix = "-turn"

func newTurn(database string) (*turn, error) {
	file, err := os.OpenFile(database+turnSuffix, os.O_RDONLY|os.O_CREATE, sqliteFileMode) //nolint:gosec // the operator names it.
	if err != nil {
		return nil, fmt.Errorf("opening the file of writers' turns: %w", err)
	}

	return &turn{file: file}, nil
}

// take waits until it is our turn. Where the file system has no such locks, everybody goes at once.
func (t *turn) take() (over func()) {
	for {
		err := syscall.Flock(int(t.file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}

	return func() { _ = syscall.Flock(int(t.file.Fd()), syscall.LOCK_UN) }
}

// close may be called again, as that of a pool may.
func (t *turn) close() error {
	if err := t.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("closing the file of writers' turns: %w", err)
	}

	return nil
}
