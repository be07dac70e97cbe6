package batch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

const (
	// sampleBytes is how much of a file is looked at to find out how it is laid out.
	sampleBytes = 64 << 10

	bomUTF8    = "\xef\xbb\xbf"
	bomUTF16LE = "\xff\xfe"
	bomUTF16BE = "\xfe\xff"

	// clearMajority is how many times more often a file must speak for one encoding than for the other. Windows-1252 holds
	// now and then what happens to be valid UTF-8 (an É before a quotation mark), and a UTF-8 file may hold a character
	// that was cut in half; when neither is rare, two files were joined.
	clearMajority = 8
)

// characters counts what tells UTF-8 from Windows-1252: characters of several bytes, and bytes that belong to none.
type characters struct {
	valid, stray int
}

// count reads on, and gives back what may be the beginning of a character that the next piece continues.
func (c *characters) count(piece []byte, last bool) (rest []byte) {
	for len(piece) > 0 {
		if piece[0] < utf8.RuneSelf {
			piece = piece[asciiLength(piece):]

			continue
		}

		if !last && !utf8.FullRune(piece) {
			return piece
		}

		character, size := utf8.DecodeRune(piece)
		if character == utf8.RuneError && size == 1 {
			c.stray++
		} else {
			c.valid++
		}

		piece = piece[size:]
	}

	return nil
}

func asciiLength(text []byte) int {
	length := 0

	// Eight characters at a time: it looks at every byte of a file.
	for len(text)-length >= wordBytes && binary.NativeEndian.Uint64(text[length:])&highBits == 0 {
		length += wordBytes
	}

	for length < len(text) && text[length] < utf8.RuneSelf {
		length++
	}

	return length
}

const (
	wordBytes = 8
	highBits  = 0x8080808080808080
)

func (c *characters) encoding() (Encoding, error) {
	switch {
	case c.stray == 0, c.valid >= clearMajority*c.stray:
		return EncodingUTF8, nil
	case c.stray >= clearMajority*c.valid:
		return EncodingWindows1252, nil
	}

	return "", problem(problemMixedEncodings)
}

// detectEncoding reads the whole file: the first accented letter may stand in its last row.
func detectEncoding(sample []byte, rest io.Reader) (Encoding, error) {
	if found := encodingOfMark(sample); found != "" {
		return found, nil
	}

	if found := unmarkedUTF16(sample); found != "" {
		return found, nil
	}

	var counted characters

	buffer := make([]byte, sampleBytes)
	held := copy(buffer, counted.count(sample, false))

	for {
		read, err := io.ReadFull(rest, buffer[held:])
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)

		if err != nil && !last {
			return "", readError("reading the file", err)
		}

		held = copy(buffer, counted.count(buffer[:held+read], last))

		if last {
			return counted.encoding()
		}
	}
}

func encodingOfMark(sample []byte) Encoding {
	for mark, found := range map[string]Encoding{
		bomUTF8: EncodingUTF8, bomUTF16LE: EncodingUTF16LE, bomUTF16BE: EncodingUTF16BE,
	} {
		if bytes.HasPrefix(sample, []byte(mark)) {
			return found
		}
	}

	return ""
}

// unmarkedUTF16 sees that every other byte of a text in a Latin alphabet is zero.
func unmarkedUTF16(sample []byte) Encoding {
	const mostZero, fewZero = 0.7, 0.1

	zero := [2]int{}

	for i, b := range sample {
		if b == 0 {
			zero[i%2]++
		}
	}

	half := float64(len(sample)) / 2
	even, odd := float64(zero[0])/half, float64(zero[1])/half

	switch {
	case odd > mostZero && even < fewZero:
		return EncodingUTF16LE
	case even > mostZero && odd < fewZero:
		return EncodingUTF16BE
	}

	return ""
}

// decoded reads a text as UTF-8, without byte order mark and with the line ends that encoding/csv knows.
func decoded(file io.Reader, written Encoding) (io.Reader, error) {
	reader, err := inUTF8(file, written)
	if err != nil {
		return nil, err
	}

	sample := make([]byte, sampleBytes)

	read, err := io.ReadFull(reader, sample)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, readError("reading the file", err)
	}

	sample = bytes.TrimPrefix(sample[:read], []byte(bomUTF8))
	joined := io.MultiReader(bytes.NewReader(sample), reader)

	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		return oldMacLines{joined}, nil
	}

	return joined, nil
}

func inUTF8(file io.Reader, written Encoding) (io.Reader, error) {
	var decoder *encoding.Decoder

	switch written {
	case EncodingUTF8:
		return file, nil
	case EncodingWindows1252:
		return newWindows1252(file), nil
	case EncodingUTF16LE:
		decoder = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	case EncodingUTF16BE:
		decoder = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	default:
		return nil, fmt.Errorf("reading the file: no encoding %q", written)
	}

	return decoder.Reader(file), nil
}

// oldMacLines turns the line ends of Excel's "CSV (Macintosh)", a carriage return alone, into line feeds.
type oldMacLines struct{ io.Reader }

func (o oldMacLines) Read(into []byte) (int, error) {
	read, err := o.Reader.Read(into)
	for i := range into[:read] {
		if into[i] == '\r' {
			into[i] = '\n'
		}
	}

	return read, err //nolint:wrapcheck // a reader hands on what it was handed
}
