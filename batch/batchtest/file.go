package batchtest

import (
	"io"
	"strings"
)

// File is a file in memory.
type File struct {
	FileName string
	Content  string
}

// Open reads it from its beginning.
func (f File) Open() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(f.Content)), nil }

// Size is in bytes.
func (f File) Size() int64 { return int64(len(f.Content)) }

// Name is what it is called.
func (f File) Name() string { return f.FileName }
