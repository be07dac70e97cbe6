package simulator

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
)

// Open makes a simulator as [New] does. Where [Config.Journal] names a file, it takes up the state that the file
// holds, makes the callbacks that were still to be made, and keeps the file up to date. It fails where the file cannot
// be read or written, or with [ErrJournalLine].
func Open(config Config) (*Simulator, error) {
	simulator := New(config)
	if config.Journal == "" {
		return simulator, nil
	}

	if err := simulator.openJournal(config.Journal); err != nil {
		simulator.Close()

		return nil, fmt.Errorf("opening a simulator's journal: %w", err)
	}

	return simulator, nil
}

func (s *Simulator) openJournal(path string) error {
	toCallBack, err := s.readJournal(path)
	if err != nil {
		return err
	}

	if err := s.startJournal(path, toCallBack); err != nil {
		return err
	}

	for _, message := range s.smsOutbox.all() {
		s.callbacks.play(toCallBack[message.sid])
	}

	return nil
}

// startJournal writes the journal anew with what the state has kept of it, and goes on with the new file.
func (s *Simulator) startJournal(path string, toCallBack map[string][]callback) error {
	rewritten := path + ".new"

	file, err := os.OpenFile(rewritten, os.O_APPEND|os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // named by the configuration
	if err != nil {
		return fmt.Errorf("creating the journal: %w", err)
	}

	size, err := s.writeState(file, toCallBack)
	if err == nil {
		err = os.Rename(rewritten, path) // a kill before leaves the old journal, one after the new
	}

	if err != nil {
		_ = file.Close() // the error before says more

		return fmt.Errorf("rewriting the journal: %w", err)
	}

	s.journal.file, s.journal.size = file, size

	return nil
}

func (s *Simulator) writeState(file *os.File, toCallBack map[string][]callback) (int64, error) {
	buffer := bufio.NewWriter(file)
	encoder := json.NewEncoder(buffer)

	for _, record := range s.state(toCallBack) {
		if err := encoder.Encode(record); err != nil {
			return 0, fmt.Errorf("writing a record: %w", err)
		}
	}

	if err := buffer.Flush(); err != nil {
		return 0, fmt.Errorf("writing the last records: %w", err)
	}

	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, fmt.Errorf("measuring the journal: %w", err)
	}

	return size, nil
}

// state is what the journal has to hold. The counters come after the messages, so that the entries which these push
// out of the ledger once more are not counted twice.
func (s *Simulator) state(toCallBack map[string][]callback) []journalRecord {
	var records []journalRecord

	for _, message := range s.ioInbox.all() {
		records = append(records, recordOfMessage(message))
	}

	for _, message := range s.smsOutbox.all() {
		records = append(records, recordOfSMS(message, toCallBack[message.sid]))
	}

	slices.SortStableFunc(records, func(a, b journalRecord) int { return a.acceptedAt().Compare(b.acceptedAt()) })

	for _, refused := range s.refusals.all() {
		records = append(records, journalRecord{Refused: &refused})
	}

	counters := s.ledger.snapshot()

	return append(records, journalRecord{Counters: &counters})
}
