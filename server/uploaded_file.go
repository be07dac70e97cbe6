package server

import (
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"unicode"
)

// maxFileName is what common file systems allow.
const maxFileName = 255

// uploadedFile is the file at the end of a form. Its reading ends well only where the form does: a file that was cut
// off on its way is never taken for a whole one.
type uploadedFile struct {
	part *multipart.Part
	rest *multipart.Reader
	left int64
	// failure is what ended the reading, for whoever gets an error that does not tell any more.
	failure error
}

// Read reads the file on. Its errors are problems of the request.
func (f *uploadedFile) Read(into []byte) (int, error) {
	if f.failure != nil {
		return 0, f.failure
	}

	n, err := f.part.Read(into)
	f.left -= int64(n)

	switch {
	case f.left < 0:
		f.failure = fail(ProblemBodyTooLarge)
	case errors.Is(err, io.EOF):
		if f.failure = f.end(); f.failure == nil {
			return n, io.EOF
		}
	case err != nil:
		f.failure = formFailure(err)
	}

	return n, f.failure
}

// end tells whether the form ends after the file.
func (f *uploadedFile) end() error {
	part, err := f.rest.NextRawPart()

	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return formFailure(err)
	default:
		return fail(ProblemInvalidRequest, rule(
			safeName(part.FormName()), "misplaced", "must come before the file, which is the last part",
			"deve venire prima del file, che è l'ultima parte",
		))
	}
}

// name is the file's name, without a folder: some clients send the whole path, which says more than anybody asked.
func (f *uploadedFile) name() string {
	name := f.part.FileName()
	name = name[strings.LastIndexByte(name, '\\')+1:]
	name = strings.Map(func(char rune) rune {
		if unicode.IsControl(char) || char == unicode.ReplacementChar {
			return -1
		}

		return char
	}, name)

	letters := []rune(name)

	// The ending is what matters.
	return string(letters[max(0, len(letters)-maxFileName):])
}
