package batch

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// sampleRows is how many rows are looked at to find out how a file is laid out.
const sampleRows = 100

// Inspect finds out how a file is laid out. What it cannot tell is left open, see [Layout.Unmapped]. The error is a
// *FileError where the file cannot be read at all.
func Inspect(ctx context.Context, file File, wanted Wanted) (Layout, error) {
	switch {
	case file.Size() == 0:
		return Layout{}, problem(problemEmpty)
	case file.Size() > MaxBytes:
		return Layout{}, problem(problemTooLarge)
	}

	opened, err := file.Open()
	if err != nil {
		return Layout{}, fmt.Errorf("opening the file: %w", err)
	}

	layout, rows, err := inspectOpened(ctx, file, &bounded{Reader: opened, left: MaxBytes})
	if err = errors.Join(err, opened.Close()); err != nil {
		return Layout{}, readError("inspecting the file", err)
	}

	return arrange(layout, rows, wanted)
}

// inspectOpened gives the layout as far as the format goes, and the first rows.
func inspectOpened(ctx context.Context, file File, opened io.Reader) (Layout, []record, error) {
	sample := make([]byte, sampleBytes)

	read, err := io.ReadFull(opened, sample)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Layout{}, nil, fmt.Errorf("reading the file: %w", err)
	}

	sample = sample[:read]
	if len(bytes.TrimSpace(sample)) == 0 && read < sampleBytes {
		return Layout{}, nil, problem(problemEmpty)
	}

	format, err := detectFormat(sample, opened, file.Name())
	if err != nil {
		return Layout{}, nil, err
	}

	if format == FormatXLSX {
		return inspectXLSX(ctx, file)
	}

	return inspectCSV(sample, opened)
}

// inspectXLSX takes the first sheet that people see and that has rows.
func inspectXLSX(ctx context.Context, file File) (Layout, []record, error) {
	book, err := openBook(ctx, file)
	if err != nil {
		return Layout{}, nil, err
	}

	for _, candidate := range book.sheets {
		if candidate.hidden {
			continue
		}

		rows, err := firstRows(book, candidate)
		if err != nil {
			return Layout{}, nil, err
		}

		if len(rows) > 0 {
			return Layout{Format: FormatXLSX, Sheet: candidate.name}, rows, nil
		}
	}

	return Layout{}, nil, problem(problemNoRows)
}

func firstRows(book *xlsxBook, wanted sheet) (rows []record, err error) {
	opened, err := book.table(wanted)
	if err != nil {
		return nil, err
	}

	defer func() { err = errors.Join(err, opened.close()) }()

	for len(rows) < sampleRows {
		var found record

		if err := opened.next(&found); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, err
		}

		if !isBlankRow(found.cells) {
			rows = append(rows, record{number: found.number, cells: append([]string(nil), found.cells...)})
		}
	}

	return rows, nil
}

func inspectCSV(sample []byte, rest io.Reader) (Layout, []record, error) {
	encoding, err := detectEncoding(sample, rest)
	if err != nil {
		return Layout{}, nil, err
	}

	text, err := sampleText(sample, encoding)
	if err != nil {
		return Layout{}, nil, err
	}

	if isBinary(text) {
		return Layout{}, nil, problem(problemUnknownFormat)
	}

	layout := Layout{Format: FormatCSV, Encoding: encoding}
	whole := len(sample) < sampleBytes

	line, body, _ := bytes.Cut(text, []byte("\n"))
	if layout.Separator = separatorLine(line); layout.Separator != "" {
		return layout, sampleRecords(body, layout.Separator, whole), nil
	}

	layout.Separator = detectSeparator(text, whole)

	return layout, sampleRecords(text, layout.Separator, whole), nil
}

func sampleText(sample []byte, written Encoding) ([]byte, error) {
	reader, err := decoded(bytes.NewReader(sample), written)
	if err != nil {
		return nil, err
	}

	text, err := io.ReadAll(reader)
	if err != nil {
		return nil, readError("reading the file", err)
	}

	return text, nil
}

// sampleRecords reads rows leniently: what is wrong with them is said when the file is read.
func sampleRecords(text []byte, separator string, whole bool) []record {
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma = rune(separator[0])
	reader.FieldsPerRecord = -1
	reader.LazyQuotes = true

	var rows []record

	for len(rows) <= sampleRows {
		cells, err := reader.Read()
		if err != nil {
			break
		}

		if !isBlankRow(cells) {
			rows = append(rows, record{cells: cells})
		}
	}

	// Where the sample breaks off, so does its last row; beside the header it is all there is to see.
	if !whole && len(rows) > 2 {
		rows = rows[:len(rows)-1]
	}

	return rows
}

// detectSeparator prefers the one that splits the first row into names that are known, then the one by which most rows
// have the same number of cells, then the one that makes more of them.
func detectSeparator(text []byte, whole bool) string {
	best, bestScore := separators[:1], [3]int{}

	for i := range len(separators) {
		separator := separators[i : i+1]

		score := separatorScore(sampleRecords(text, separator, whole))
		if lessScore(bestScore, score) {
			best, bestScore = separator, score
		}
	}

	return best
}

func lessScore(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}

	return false
}

func separatorScore(rows []record) [3]int {
	if len(rows) == 0 {
		return [3]int{}
	}

	counts := map[int]int{}
	for _, row := range rows {
		counts[len(row.cells)]++
	}

	cells, often := 0, 0

	for n, count := range counts {
		if count > often || (count == often && n > cells) {
			cells, often = n, count
		}
	}

	if cells < 2 {
		return [3]int{}
	}

	const hundred = 100

	return [3]int{recognised(rows[0].cells), hundred * often / len(rows), cells}
}

// recognised counts the cells that are names of fields.
func recognised(cells []string) int {
	known, count := knownNames(), 0

	for _, text := range cells {
		folded := foldName(text)

		for _, names := range known {
			if rankOf(folded, names) >= 0 {
				count++
			}
		}
	}

	return count
}

func isBlankRow(cells []string) bool {
	for _, text := range cells {
		if text != "" && (text[0] > ' ' && text[0] < 0x7F || strings.TrimFunc(text, isInvisible) != "") {
			return false
		}
	}

	return true
}
