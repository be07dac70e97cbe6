package simulator

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// journal is the file from which a simulator takes up its state again after its process was killed. Each line is a
// [journalRecord], written with one call before the answer that it stands for is sent. It is not synced to the disk:
// what the operating system has taken survives the end of the process, not that of the machine.
//
// Its zero value writes nothing. A file belongs to one running simulator.
type journal struct {
	mu sync.Mutex
	// file is set before the simulator is used, and stays.
	file *os.File
	size int64
}

// commit writes a record and then applies it to the state, or does neither. Records and changes of the state come in
// the same order.
func (j *journal) commit(record journalRecord, apply func()) error {
	if j.file == nil {
		apply()

		return nil
	}

	line, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("encoding a record of the journal: %w", err)
	}

	j.mu.Lock()
	defer j.mu.Unlock()

	if err := j.write(append(line, '\n')); err != nil {
		return err
	}

	apply()

	return nil
}

// note is commit for counts, which change even where the journal cannot be written: a call is not refused for them.
func (j *journal) note(record journalRecord, apply func()) {
	if err := j.commit(record, apply); err != nil {
		apply()
	}
}

func (j *journal) write(line []byte) error {
	if _, err := j.file.Write(line); err != nil {
		// Half a line would spoil the next; where even that fails, reading the journal says so.
		_ = j.file.Truncate(j.size)

		return fmt.Errorf("writing to the journal: %w", err)
	}

	j.size += int64(len(line))

	return nil
}

// empty drops all records and then applies the change to the state, or does neither.
func (j *journal) empty(apply func()) error {
	if j.file == nil {
		apply()

		return nil
	}

	j.mu.Lock()
	defer j.mu.Unlock()

	if err := j.file.Truncate(0); err != nil {
		return fmt.Errorf("emptying the journal: %w", err)
	}

	j.size = 0

	apply()

	return nil
}

// close ends the writing: what comes later is refused.
func (j *journal) close() {
	if j.file == nil {
		return
	}

	j.mu.Lock()
	defer j.mu.Unlock()

	_ = j.file.Close() // nothing is buffered, so nothing can be lost
}
