package batch

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// csvTable reads the rows of a CSV.
type csvTable struct {
	file      io.Closer
	reader    *csv.Reader
	guard     *guard
	separator string
	number    int
}

func openCSV(file File, layout Layout) (table, error) {
	if len(layout.Separator) != 1 {
		return nil, errors.New("reading the file: its separator is not known")
	}

	opened, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}

	text, err := decoded(&bounded{Reader: opened, left: MaxBytes}, layout.Encoding)
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}

	return newCSVTable(text, opened, layout.Separator), nil
}

func newCSVTable(text io.Reader, file io.Closer, separator string) *csvTable {
	guarded := &guard{reader: text, limit: maxRowBytes + sampleBytes, refuse: problemRowTooLong}
	buffered := bufio.NewReaderSize(guarded, sampleBytes)
	skipSeparatorLine(buffered, guarded)

	reader := csv.NewReader(buffered)
	reader.Comma = rune(separator[0])
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true

	return &csvTable{file: file, reader: reader, guard: guarded, separator: separator}
}

// skipSeparatorLine leaves out Excel's own first line "sep=;", which Excel neither shows nor counts.
func skipSeparatorLine(text *bufio.Reader, guarded *guard) {
	const longest = len("sep=;\r\n")

	start, _ := text.Peek(longest)

	line, _, found := bytes.Cut(start, []byte("\n"))
	if !found || separatorLine(line) == "" {
		return
	}

	skipped, _ := text.Discard(len(line) + 1)
	guarded.take(int64(skipped))
	guarded.start = 0
}

// separatorLine is the separator that Excel's line names; empty where the line is another.
func separatorLine(line []byte) string {
	named, found := bytes.CutPrefix(bytes.ToLower(bytes.TrimSuffix(line, []byte("\r"))), []byte("sep="))
	if found && len(named) == 1 && strings.Contains(separators, string(named)) {
		return string(named)
	}

	return ""
}

func (t *csvTable) next(into *record) error {
	cells, err := t.reader.Read()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}

	fault, isFault := errors.AsType[*csv.ParseError](err)
	if err != nil && !isFault {
		if known, ok := errors.AsType[*FileError](err); ok {
			return problemAt(known.Code, t.number+1)
		}

		return fmt.Errorf("reading the file: %w", err)
	}

	raw, blank := withoutBlankLines(t.guard.take(t.reader.InputOffset()))
	t.number += blank + 1
	*into = record{
		number: t.number, cells: cells, nul: bytes.IndexByte(raw, 0) >= 0,
		multiline: bytes.IndexByte(raw, '\n') < len(raw)-1,
	}

	switch {
	case len(raw) > maxRowBytes:
		return problemAt(problemRowTooLong, t.number)
	case isFault && fault.Line != fault.StartLine:
		// What follows the mark was swallowed up to here, other citizens' rows perhaps included.
		return problemAt(problemQuotes, t.number)
	case isFault:
		into.cells = strings.Split(strings.TrimRight(string(raw), "\r\n"), t.separator)
		into.fault = issueQuotes
	}

	return t.narrow(into)
}

// narrow leaves out what only separators at the end of a row make of it. Each cell takes many times the memory of its
// separator, and 50 MiB of these would be a worker's whole.
func (t *csvTable) narrow(row *record) error {
	if len(row.cells) <= MaxColumns {
		return nil
	}

	if row.cells = row.cells[:usedCells(row.cells)]; len(row.cells) > MaxColumns {
		return problemAt(problemTooManyColumns, t.number)
	}

	return nil
}

func (t *csvTable) close() error {
	if err := t.file.Close(); err != nil {
		return fmt.Errorf("closing the file: %w", err)
	}

	return nil
}

// withoutBlankLines drops the lines that encoding/csv passes over before a row, and counts them: a spreadsheet does.
func withoutBlankLines(raw []byte) (row []byte, blank int) {
	for {
		switch {
		case bytes.HasPrefix(raw, []byte("\n")):
			raw = raw[1:]
		case bytes.HasPrefix(raw, []byte("\r\n")):
			raw = raw[2:]
		default:
			return raw, blank
		}

		blank++
	}
}
