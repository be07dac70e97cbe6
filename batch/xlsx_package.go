package batch

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Limits of an Excel file, which is a ZIP of XML files. A sheet of 100,000 rows and twenty columns unpacks to about 200 MiB,
// and XML of a table shrinks to a twentieth or less where columns repeat themselves.
const (
	maxUnpacked   = 512 << 20
	maxParts      = 10_000
	maxShrinkage  = 300
	mayShrinkMore = 16 << 20 // below this size any shrinkage is harmless
)

// workbookPackage is the ZIP that an Excel file is.
type workbookPackage struct {
	ctx   context.Context //nolint:containedctx // one reading of one file; unpacking is long
	parts map[string]*zip.File
	left  int64 // how much more may be unpacked
}

// openPackage keeps the packed file in memory, 50 MiB at most: a ZIP's directory is at its end, and a temporary file would
// leave citizens' data on a disk.
func openPackage(ctx context.Context, file File) (*workbookPackage, error) {
	packed, err := packedBytes(file)
	if err != nil {
		return nil, err
	}

	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, problem(problemBroken)
	}

	if len(archive.File) > maxParts {
		return nil, problem(problemBomb)
	}

	opened := &workbookPackage{ctx: ctx, parts: make(map[string]*zip.File, len(archive.File)), left: maxUnpacked}

	var declared uint64

	for _, part := range archive.File {
		declared += part.UncompressedSize64
		if declared > maxUnpacked || shrinksTooMuch(part) {
			return nil, problem(problemBomb)
		}

		opened.parts[strings.ToLower(strings.TrimPrefix(part.Name, "/"))] = part
	}

	return opened, nil
}

func packedBytes(file File) ([]byte, error) {
	opened, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}

	packed, err := io.ReadAll(&bounded{Reader: opened, left: MaxBytes})
	if err = errors.Join(err, opened.Close()); err != nil {
		return nil, readError("reading the file", err)
	}

	return packed, nil
}

func shrinksTooMuch(part *zip.File) bool {
	size := part.UncompressedSize64

	return size > mayShrinkMore && size/maxShrinkage > part.CompressedSize64
}

func (w *workbookPackage) has(name string) bool { return w.parts[strings.ToLower(name)] != nil }

// open reads a part as XML, or gives nil where there is none.
func (w *workbookPackage) open(name string) (*partReader, error) {
	part := w.parts[strings.ToLower(name)]
	if part == nil {
		return nil, nil //nolint:nilnil // some parts are optional
	}

	content, err := part.Open()
	if err != nil {
		return nil, problem(problemBroken)
	}

	guarded := &guard{reader: &unpacked{Reader: content, of: w}, limit: maxTokenBytes, refuse: problemBroken}

	return &partReader{ctx: w.ctx, guard: guarded, decoder: xml.NewDecoder(guarded), content: content}, nil
}

// unpacked counts what a part really unpacks to, whatever the ZIP declares. A small file may take long: it ends with the
// reading's context.
type unpacked struct {
	io.Reader

	of *workbookPackage
}

func (u *unpacked) Read(into []byte) (int, error) {
	if err := u.of.ctx.Err(); err != nil {
		return 0, err //nolint:wrapcheck // the caller's own context
	}

	read, err := u.Reader.Read(into)
	if u.of.left -= int64(read); u.of.left < 0 {
		return 0, problem(problemBomb)
	}

	return read, err //nolint:wrapcheck // a reader hands on what it was handed
}

const (
	// maxTokenBytes bounds one piece of XML: Excel's longest text of a cell has 32,767 characters.
	maxTokenBytes = 1 << 20
	// maxCellBytes is above what that text takes, each of its characters written as an escape.
	maxCellBytes = 256 << 10
	// maxDepth is far beyond the depth of any part of a workbook that is read here.
	maxDepth = 64
)

// partReader reads the XML of one part, element by element.
type partReader struct {
	ctx     context.Context //nolint:containedctx // that of the reading
	guard   *guard
	decoder *xml.Decoder
	content io.Closer
	depth   int
}

// token gives the next one, or io.EOF. A token is valid until the next one is read.
func (p *partReader) token() (xml.Token, error) {
	token, err := p.decoder.Token()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}

	if err != nil {
		if known, ok := errors.AsType[*FileError](err); ok {
			return nil, known
		}

		if stopped := p.ctx.Err(); stopped != nil {
			return nil, stopped //nolint:wrapcheck // the caller's own context
		}

		// The decoder's own words repeat what it read.
		return nil, problem(problemBroken)
	}

	p.guard.take(p.decoder.InputOffset())

	switch token.(type) {
	case xml.StartElement:
		p.depth++
	case xml.EndElement:
		p.depth--
	}

	if p.depth > maxDepth {
		return nil, problem(problemBroken)
	}

	return token, nil
}

// elements calls visit for each element that begins in the part, until the part ends.
func (p *partReader) elements(visit func(xml.StartElement) error) error {
	for {
		token, err := p.token()
		if errors.Is(err, io.EOF) {
			return nil
		}

		if err != nil {
			return err
		}

		if start, ok := token.(xml.StartElement); ok {
			if err := visit(start); err != nil {
				return err
			}
		}
	}
}

func (p *partReader) close() {
	// The ZIP is in memory: closing frees, and cannot fail in a way that matters.
	_ = p.content.Close()
}

func attribute(element xml.StartElement, name string) string {
	for _, found := range element.Attr {
		if found.Name.Local == name {
			return found.Value
		}
	}

	return ""
}

// relation is a part that another one refers to.
type relation struct {
	kind   string // the last word of its type: worksheet, sharedStrings, styles, officeDocument
	target string // its name in the package
}

// relations reads what a part refers to, by id.
func (w *workbookPackage) relations(of string) (map[string]relation, error) {
	folder, name := path.Split(of)

	part, err := w.open(folder + "_rels/" + name + ".rels")
	if err != nil || part == nil {
		return nil, err
	}
	defer part.close()

	found := map[string]relation{}

	err = part.elements(func(element xml.StartElement) error {
		if element.Name.Local != "Relationship" {
			return nil
		}

		if len(found) == maxParts {
			return problem(problemBomb)
		}

		target := attribute(element, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", folder, target)
		}

		found[attribute(element, "Id")] = relation{
			kind:   path.Base(attribute(element, "Type")),
			target: strings.TrimPrefix(path.Clean(target), "/"),
		}

		return nil
	})

	return found, err
}
