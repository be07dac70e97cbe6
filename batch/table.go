package batch

import (
	"context"
	"io"
)

// kind is what a cell of Excel is; those of a CSV are texts.
type kind uint8

const (
	kindText kind = iota
	// kindNumber is written with a comma for its decimals and without thousands.
	kindNumber
	// kindNumber1904 is one of a file that counts days as old Macs did.
	kindNumber1904
	// kindImprecise is a number of which Excel has lost digits.
	kindImprecise
	// kindDate is a number that is shown as a date; its text is Italian.
	kindDate
	// kindError is a formula that failed.
	kindError
)

func (k kind) isNumber() bool { return k == kindNumber || k == kindNumber1904 }

// record is one row as it stands in the file. It is valid until the next one is read.
type record struct {
	number int
	cells  []string
	kinds  []kind // empty: all are texts
	// fault is the code of what is wrong with the row's structure; empty: nothing.
	fault string
	// nul tells that a cell has a NUL, multiline that a row of a CSV goes over several lines.
	nul, multiline bool
}

// table is a file's rows, from top to bottom.
type table interface {
	// next reads a row, empty ones too; io.EOF comes after the last.
	next(into *record) error
	close() error
}

// openTable starts reading with the first row, be it the header or not.
func openTable(ctx context.Context, file File, layout Layout) (table, error) {
	if file.Size() > MaxBytes {
		return nil, problem(problemTooLarge)
	}

	if layout.Format == FormatXLSX {
		return openXLSX(ctx, file, layout.Sheet)
	}

	return openCSV(file, layout)
}

// bounded reads a file that may be larger than its size says.
type bounded struct {
	io.Reader

	left int64
}

func (b *bounded) Read(into []byte) (int, error) {
	read, err := b.Reader.Read(into)
	if b.left -= int64(read); b.left < 0 {
		return 0, problem(problemTooLarge)
	}

	return read, err //nolint:wrapcheck // a reader hands on what it was handed
}
