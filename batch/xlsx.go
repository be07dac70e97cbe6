package batch

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
)

// xlsxTable reads the rows of a sheet straight from the packed file. A library would unpack the whole sheet to memory or
// to a disk, take a sheet that breaks off for one that ends, and not tell a number from a text of digits.
type xlsxTable struct {
	*xlsxBook

	part    *partReader
	last    int  // the last row's number
	started bool // the rows have begun
	size    int  // of the row's texts, in bytes
	cells   []string
	kinds   []kind
}

// xlsxBook is what the sheets of an Excel file have in common. It is read once, however many sheets are looked at.
type xlsxBook struct {
	*workbookPackage
	workbook

	shared     []string
	cellStyles []numberStyle
}

// excelRows is how many rows a sheet has.
const excelRows = 1 << 20

func openBook(ctx context.Context, file File) (*xlsxBook, error) {
	unpacked, err := openPackage(ctx, file)
	if err != nil {
		return nil, err
	}

	opened := &xlsxBook{workbookPackage: unpacked}

	if opened.workbook, err = unpacked.workbook(); err != nil {
		return nil, err
	}

	if opened.shared, err = unpacked.sharedStrings(opened.strings); err != nil {
		return nil, err
	}

	opened.cellStyles, err = unpacked.styles(opened.workbook.styles)

	return opened, err
}

func openXLSX(ctx context.Context, file File, name string) (table, error) {
	book, err := openBook(ctx, file)
	if err != nil {
		return nil, err
	}

	wanted, err := book.find(name)
	if err != nil {
		return nil, err
	}

	opened, err := book.table(wanted)
	if err != nil {
		return nil, err
	}

	return opened, nil
}

func (b *xlsxBook) table(wanted sheet) (*xlsxTable, error) {
	part, err := b.open(wanted.part)
	if err != nil {
		return nil, err
	}

	if part == nil {
		return nil, problem(problemBroken)
	}

	return &xlsxTable{xlsxBook: b, part: part}, nil
}

func (t *xlsxTable) close() error {
	t.part.close()

	return nil
}

func (t *xlsxTable) next(into *record) error {
	for {
		token, err := t.part.token()
		if errors.Is(err, io.EOF) && t.started {
			return io.EOF
		}

		if err != nil {
			return unexpectedEnd(err)
		}

		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}

		switch start.Name.Local {
		case "sheetData":
			t.started = true
		case "row":
			return t.row(start, into)
		}
	}
}

func (t *xlsxTable) row(start xml.StartElement, into *record) error {
	number, err := rowNumber(attribute(start, "r"), t.last)
	if err != nil {
		return err
	}

	t.last = number
	t.cells, t.kinds, t.size = t.cells[:0], t.kinds[:0], 0

	for column := 0; ; {
		token, err := t.part.token()
		if err != nil {
			return unexpectedEnd(err)
		}

		switch found := token.(type) {
		case xml.StartElement:
			if found.Name.Local != "c" {
				continue
			}

			if column, err = t.cell(found, column+1); err != nil {
				return err
			}
		case xml.EndElement:
			if found.Name.Local == "row" {
				*into = record{number: number, cells: t.cells, kinds: t.kinds}

				return nil
			}
		}
	}
}

// rowNumber is the row's own, or the one after the last where it has none.
func rowNumber(written string, last int) (int, error) {
	if written == "" {
		return last + 1, nil
	}

	number, err := strconv.Atoi(written)
	if err != nil || number <= last || number > excelRows {
		return 0, problem(problemBroken)
	}

	return number, nil
}

// cell reads one, and gives its column; the cells of a row that are empty may be left out in the file.
func (t *xlsxTable) cell(start xml.StartElement, column int) (int, error) {
	if written := attribute(start, "r"); written != "" {
		if column = columnOf(written); column == 0 {
			return 0, problem(problemBroken)
		}
	}

	text, shown, err := t.value(start)

	switch {
	case err != nil:
		return 0, err
	case text == "":
		return column, nil
	case column > MaxColumns:
		return 0, problemAt(problemTooManyColumns, t.last)
	}

	if t.size += len(text); t.size > maxRowBytes {
		return 0, problemAt(problemRowTooLong, t.last)
	}

	for len(t.cells) < column {
		t.cells = append(t.cells, "")
		t.kinds = append(t.kinds, kindText)
	}

	t.cells[column-1], t.kinds[column-1] = text, shown

	return column, nil
}

// columnOf reads the letters of a cell's name; 0 where there are none, or too many.
func columnOf(name string) int {
	const (
		letters = 'Z' - 'A' + 1
		most    = 1 << 20
	)

	column := 0

	for i := 0; i < len(name) && name[i] >= 'A' && name[i] <= 'Z'; i++ {
		if column = column*letters + int(name[i]-'A') + 1; column > most {
			return 0
		}
	}

	return column
}

// value reads a cell's content up to its end.
func (t *xlsxTable) value(start xml.StartElement) (string, kind, error) {
	var (
		raw, inline string
		inValue     bool
	)

	for {
		token, err := t.part.token()
		switch {
		case err != nil:
			return "", kindText, unexpectedEnd(err)
		case len(raw) > maxCellBytes:
			return "", kindText, problem(problemBroken)
		}

		switch found := token.(type) {
		case xml.StartElement:
			if inValue = found.Name.Local == "v"; inValue || found.Name.Local != "is" {
				continue
			}

			if inline, err = t.part.richText("is"); err != nil {
				return "", kindText, err
			}
		case xml.CharData:
			if inValue {
				raw += string(found)
			}
		case xml.EndElement:
			inValue = false

			if found.Name.Local == "c" {
				return t.shown(start, raw, inline)
			}
		}
	}
}

// shown is a cell as its reader sees it.
func (t *xlsxTable) shown(start xml.StartElement, raw, inline string) (string, kind, error) {
	written := attribute(start, "t")

	switch {
	case written == "inlineStr":
		return inline, kindText, nil
	case raw == "":
		return "", kindText, nil
	case written == "s":
		return t.sharedText(raw)
	case written == "e":
		return raw, kindError, nil
	case written == "b" && raw == "1":
		return "VERO", kindText, nil
	case written == "b":
		return "FALSO", kindText, nil
	case written == "" || written == "n":
		text, shown := t.number(raw, attribute(start, "s"))

		return text, shown, nil
	}

	return unescaped(raw), kindText, nil
}

func (t *xlsxTable) sharedText(raw string) (string, kind, error) {
	index, err := strconv.Atoi(raw)
	if err != nil || index < 0 || index >= len(t.shared) {
		return "", kindText, problem(problemBroken)
	}

	// A text that a million cells share takes a few bytes of each in the file, and all of its own where they are kept.
	text := t.shared[index]
	if t.left -= int64(len(text)); t.left < 0 {
		return "", kindText, problem(problemBomb)
	}

	return text, kindText, nil
}

func (t *xlsxTable) number(raw, styled string) (string, kind) {
	var style numberStyle
	if index, err := strconv.Atoi(styled); err == nil && index >= 0 && index < len(t.cellStyles) {
		style = t.cellStyles[index]
	}

	text, shown := numberText(raw, style, t.epoch1904)
	if shown == kindNumber && t.epoch1904 {
		shown = kindNumber1904
	}

	return text, shown
}
