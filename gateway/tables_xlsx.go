package gateway

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// maxCellLength is the longest text that Excel opens, in UTF-16 code units.
const maxCellLength = 32_767

// The parts of a workbook with one sheet (ECMA-376, Office Open XML), beside the sheet itself.
const (
	xmlHead      = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ` +
		`ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ` +
		`ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`
	packageRelations = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Target="xl/workbook.xml" ` +
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>`
	workbookRelations = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Target="worksheets/sheet1.xml" ` +
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>`
	workbookHead = xmlHead + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="`
	workbookTail = `" sheetId="1" r:id="rId1"/></sheets></workbook>`
	sheetHead    = xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	sheetTail    = `</sheetData></worksheet>`
)

// xlsxTable writes a workbook of one sheet straight to its reader. excelize's StreamWriter would hold the sheet back
// until it is whole, and keep what is longer than 16 MiB in a temporary file: citizens' data, in clear, on a disk.
type xlsxTable struct {
	archive *zip.Writer
	sheet   *bufio.Writer
}

func newXLSXTable(w io.Writer, name string) (*xlsxTable, error) {
	table := &xlsxTable{archive: zip.NewWriter(w)}

	var sheetName strings.Builder
	if err := xml.EscapeText(&sheetName, []byte(name)); err != nil {
		return nil, fmt.Errorf("naming a sheet: %w", err)
	}

	for _, part := range []struct{ name, content string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", packageRelations},
		{"xl/workbook.xml", workbookHead + sheetName.String() + workbookTail},
		{"xl/_rels/workbook.xml.rels", workbookRelations},
		{"xl/worksheets/sheet1.xml", sheetHead},
	} {
		content, err := table.archive.Create(part.name)
		if err != nil {
			return nil, fmt.Errorf("beginning a workbook's part: %w", err)
		}

		if _, err := io.WriteString(content, part.content); err != nil {
			return nil, fmt.Errorf("writing a workbook's part: %w", err)
		}

		// The sheet is the last part, and goes on from here.
		table.sheet = bufio.NewWriter(content)
	}

	return table, nil
}

func (t *xlsxTable) write(row []cell) error {
	// A buffered writer keeps its first error and gives it at the end.
	_, _ = t.sheet.WriteString("<row>")

	for _, cell := range row {
		if cell.number {
			_, _ = t.sheet.WriteString(`<c><v>` + cell.text + `</v></c>`)

			continue
		}

		_, _ = t.sheet.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">`)
		_ = xml.EscapeText(t.sheet, []byte(cutCell(cell.text)))
		_, _ = t.sheet.WriteString(`</t></is></c>`)
	}

	if _, err := t.sheet.WriteString("</row>"); err != nil {
		return fmt.Errorf("writing a row: %w", err)
	}

	return nil
}

func (t *xlsxTable) close() error {
	_, _ = t.sheet.WriteString(sheetTail)

	if err := t.sheet.Flush(); err != nil {
		return fmt.Errorf("ending a sheet: %w", err)
	}

	if err := t.archive.Close(); err != nil {
		return fmt.Errorf("ending a workbook: %w", err)
	}

	return nil
}

// cutCell keeps Excel from calling the whole workbook damaged.
func cutCell(text string) string {
	const lastOfBasicPlane = 0xFFFF

	if len(text) <= maxCellLength {
		return text
	}

	length := 0

	for at, character := range text {
		length++

		if character > lastOfBasicPlane {
			length++
		}

		if length > maxCellLength {
			return text[:at]
		}
	}

	return text
}
