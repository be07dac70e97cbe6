package batch

import "io"

// maxRowBytes bounds one row, so that a quotation mark that is never closed does not bring the whole file into memory.
const maxRowBytes = 256 << 10

// guard hands on a text and keeps what was handed on since the last mark: the bytes of the row that is being read. It
// refuses to hand on more than a row may have.
type guard struct {
	reader io.Reader
	limit  int
	refuse string // the code of the problem

	memory []byte // what kept is a part of
	kept   []byte
	start  int64 // the offset of kept[0] in the text
}

func (g *guard) Read(into []byte) (int, error) {
	if len(g.kept) > g.limit {
		return 0, problem(g.refuse)
	}

	read, err := g.reader.Read(into)
	g.memory = append(append(g.memory[:0], g.kept...), into[:read]...)
	g.kept = g.memory

	return read, err //nolint:wrapcheck // a reader hands on what it was handed
}

// take gives the bytes up to the offset, which ends the row, and forgets them. They are valid until the next read.
func (g *guard) take(offset int64) []byte {
	length := offset - g.start
	row := g.kept[:length]
	g.kept = g.kept[length:]
	g.start = offset

	return row
}
