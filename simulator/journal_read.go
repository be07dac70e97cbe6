package simulator

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrJournalLine says that a line of the journal is no record of a simulator.
var ErrJournalLine = errors.New("not a record of a simulator's journal")

// readJournal takes up the state that the file holds, and gives the callbacks still to be made by the SID of their
// SMS. A file that does not exist holds none.
func (s *Simulator) readJournal(path string) (map[string][]callback, error) {
	file, err := os.Open(path) //nolint:gosec // whoever configures the simulator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return map[string][]callback{}, nil
	}

	if err != nil {
		return nil, fmt.Errorf("opening the journal: %w", err)
	}

	defer func() { _ = file.Close() }() // it was only read

	return s.replay(bufio.NewReader(file))
}

func (s *Simulator) replay(lines *bufio.Reader) (map[string][]callback, error) {
	toCallBack := map[string][]callback{}

	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			// A last line without its end was being written at the kill, so nobody was answered yet.
			return toCallBack, nil
		}

		if err != nil {
			return nil, fmt.Errorf("reading the journal: %w", err)
		}

		record, err := decodeRecord(line)
		if err != nil {
			return nil, fmt.Errorf("reading line %d of the journal: %w", number, err)
		}

		s.restore(record, toCallBack)
	}
}

// decodeRecord fails with [ErrJournalLine] alone: the decoder's own error could quote the line.
func decodeRecord(line []byte) (journalRecord, error) {
	var record journalRecord

	if err := json.Unmarshal(line, &record); err != nil {
		return journalRecord{}, ErrJournalLine
	}

	if record == (journalRecord{}) || record.SMS != nil && len(record.SMS.Steps) == 0 {
		return journalRecord{}, ErrJournalLine
	}

	return record, nil
}

func (s *Simulator) restore(record journalRecord, toCallBack map[string][]callback) {
	if record.Message != nil {
		s.keepMessage(record.Message.message())
	}

	if record.SMS != nil {
		s.keepSMS(record.SMS.message())
		toCallBack[record.SMS.SID] = s.allowed(record.SMS.callbacks())
	}

	if sid := record.CalledBack; sid != "" && len(toCallBack[sid]) > 0 {
		toCallBack[sid] = toCallBack[sid][1:]
	}

	if record.Refused != nil {
		s.refusals.add(record.Refused.Call, record.Refused.Times)
	}

	if record.Count != nil {
		s.ledger.count(*record.Count)
	}

	if record.Counters != nil {
		s.ledger.restoreCounters(*record.Counters)
	}
}

// allowed drops all callbacks of a message whose target the configuration, which may have changed, no longer allows.
func (s *Simulator) allowed(script []callback) []callback {
	for _, callback := range script {
		if !s.mayCallBack(callback.url) {
			return nil
		}
	}

	return script
}
