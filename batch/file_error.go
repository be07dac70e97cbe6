package batch

import (
	"errors"
	"fmt"
)

// FileError says why a file cannot be read at all. It never holds anything of what the file says.
type FileError struct {
	// Code is stable, see [Text].
	Code string
	// Row is where it was found, as a spreadsheet numbers rows; 0: nowhere in particular.
	Row int
}

// Error says in English what is wrong and what to do.
func (e *FileError) Error() string {
	message, _ := Text(e.Code)
	if e.Row == 0 {
		return message
	}

	return fmt.Sprintf("row %d: %s", e.Row, message)
}

func problem(code string) error { return &FileError{Code: code} }

func problemAt(code string, row int) error { return &FileError{Code: code, Row: row} }

// readError keeps a FileError that came up through a library's reader, and says of any other what was being done.
func readError(doing string, err error) error {
	if known, ok := errors.AsType[*FileError](err); ok {
		return known
	}

	return fmt.Errorf("%s: %w", doing, err)
}
