package batch

import (
	"bytes"
	"io"
	"path"
	"strings"
)

// detectFormat looks at what a file holds; its name only says of which kind an old Office document is.
func detectFormat(sample []byte, rest io.Reader, name string) (Format, error) {
	const oldOffice = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

	ending := strings.ToLower(path.Ext(name))

	switch {
	case bytes.HasPrefix(sample, []byte("PK\x03\x04")):
		return FormatXLSX, nil
	case bytes.HasPrefix(sample, []byte(oldOffice)):
		return "", oldOfficeProblem(sample, rest, ending)
	case bytes.HasPrefix(sample, []byte("%PDF-")):
		return "", problem(problemPDF)
	case looksLikeHTML(sample):
		return "", problem(problemHTML)
	case hasBinaryStart(sample):
		return "", problem(problemUnknownFormat)
	case ending == ".xlsx" && encodingOfMark(sample) == "" && isBinary(sample):
		return "", problem(problemBroken)
	}

	return FormatCSV, nil
}

// oldOfficeProblem tells a workbook with a password, which Excel wraps into the old format, from an old workbook.
func oldOfficeProblem(sample []byte, rest io.Reader, ending string) error {
	const stream = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"

	whole, err := io.ReadAll(io.MultiReader(bytes.NewReader(sample), rest))

	switch {
	case err != nil:
		return readError("reading the file", err)
	case bytes.Contains(whole, []byte(stream)), ending == ".xlsx":
		return problem(problemEncrypted)
	case ending == ".xls", ending == ".xlt", ending == "":
		return problem(problemXLS)
	}

	return problem(problemUnknownFormat)
}

func looksLikeHTML(sample []byte) bool {
	const looked = 512

	start := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(sample[:min(looked, len(sample))], []byte(bomUTF8))))

	for _, tag := range []string{"<!doctype", "<html", "<head", "<meta", "<table", "<?xml"} {
		if bytes.HasPrefix(start, []byte(tag)) {
			return true
		}
	}

	return false
}

// hasBinaryStart knows what else people upload by mistake: archives, pictures, rich text.
func hasBinaryStart(sample []byte) bool {
	for _, start := range []string{
		"\x1f\x8b", "Rar!", "7z\xbc\xaf", "\x89PNG", "\xff\xd8\xff", "GIF8", "{\\rtf", "SQLite format", "PK\x05\x06",
	} {
		if bytes.HasPrefix(sample, []byte(start)) {
			return true
		}
	}

	return false
}

// isBinary tells whether a good part of a text are control characters.
func isBinary(text []byte) bool {
	const oneIn = 20

	controls := 0

	for _, b := range text {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
			controls++
		}
	}

	return controls*oneIn > len(text)
}
