package batch

import (
	"encoding/xml"
	"strings"
)

// workbook is what an Excel file says about itself.
type workbook struct {
	sheets    []sheet
	epoch1904 bool // dates are counted as on old Macs
	strings   string
	styles    string
}

type sheet struct {
	name   string
	part   string
	hidden bool
}

// maxSheets is above what people make: each sheet without rows is looked at, to find the first with some.
const maxSheets = 1_000

func (w *workbookPackage) workbook() (workbook, error) {
	name, err := w.workbookPart()
	if err != nil {
		return workbook{}, err
	}

	related, err := w.relations(name)
	if err != nil {
		return workbook{}, err
	}

	part, err := w.open(name)
	if err != nil {
		return workbook{}, err
	}

	if part == nil {
		return workbook{}, problem(problemBroken)
	}
	defer part.close()

	var book workbook

	for _, found := range related {
		switch found.kind {
		case "sharedStrings":
			book.strings = found.target
		case "styles":
			book.styles = found.target
		}
	}

	err = part.elements(func(element xml.StartElement) error {
		switch element.Name.Local {
		case "workbookPr":
			book.epoch1904 = isTrue(attribute(element, "date1904"))
		case "sheet":
			return book.add(element, related[attribute(element, "id")])
		}

		return nil
	})

	return book, err
}

// add notes a sheet. A chart has a sheet of its own, and no rows.
func (b *workbook) add(element xml.StartElement, found relation) error {
	if found.kind != "worksheet" {
		return nil
	}

	if len(b.sheets) == maxSheets {
		return problem(problemBomb)
	}

	state := attribute(element, "state")
	b.sheets = append(b.sheets, sheet{attribute(element, "name"), found.target, state != "" && state != "visible"})

	return nil
}

// workbookPart finds the main part, wherever the program that wrote the file put it.
func (w *workbookPackage) workbookPart() (string, error) {
	related, err := w.relations("")
	if err != nil {
		return "", err
	}

	name := "xl/workbook.xml"

	for _, found := range related {
		if found.kind == "officeDocument" {
			name = found.target
		}
	}

	switch {
	case strings.HasSuffix(name, ".bin"), w.has("xl/workbook.bin"):
		return "", problem(problemXLS)
	case w.has("content.xml") && w.has("mimetype"):
		return "", problem(problemODS)
	case !w.has(name) || strings.HasPrefix(name, "word/") || strings.HasPrefix(name, "ppt/"):
		return "", problem(problemUnknownFormat)
	}

	return name, nil
}

// find gives the named sheet, or the first one that is not hidden where no name is given.
func (b *workbook) find(name string) (sheet, error) {
	for _, found := range b.sheets {
		if found.name == name || (name == "" && !found.hidden) {
			return found, nil
		}
	}

	return sheet{}, problem(problemNoSheet)
}

func isTrue(written string) bool { return written == "1" || written == "true" }

// Limits of the table of texts that cells share.
const (
	maxShared      = 4_000_000
	maxSharedBytes = 128 << 20
)

// sharedStrings reads the texts that cells refer to by their number.
func (w *workbookPackage) sharedStrings(name string) ([]string, error) {
	part, err := w.open(name)
	if err != nil || part == nil {
		return nil, err
	}
	defer part.close()

	var (
		texts []string
		total int
	)

	err = part.elements(func(element xml.StartElement) error {
		if element.Name.Local != "si" {
			return nil
		}

		text, err := part.richText("si")
		texts = append(texts, text)
		total += len(text)

		if len(texts) > maxShared || total > maxSharedBytes {
			return problem(problemBomb)
		}

		return err
	})

	return texts, err
}

// richText joins the pieces of a text up to the end of the element. The reading aids of Japanese are no part of it.
func (p *partReader) richText(element string) (string, error) {
	var (
		text    strings.Builder
		inText  bool
		phonics int
	)

	for {
		token, err := p.token()
		switch {
		case err != nil:
			return "", unexpectedEnd(err)
		case text.Len() > maxCellBytes:
			return "", problem(problemBroken)
		}

		switch found := token.(type) {
		case xml.StartElement:
			inText = found.Name.Local == "t"
			if found.Name.Local == "rPh" {
				phonics++
			}
		case xml.CharData:
			if inText && phonics == 0 {
				text.Write(found)
			}
		case xml.EndElement:
			inText = false

			if found.Name.Local == "rPh" {
				phonics--
			}

			if found.Name.Local == element {
				return unescaped(text.String()), nil
			}
		}
	}
}
