package batch

import "strings"

// formulaStarts are the characters with which a spreadsheet takes a cell for a formula (OWASP, "CSV Injection"), the
// full-width forms of East Asian keyboards included.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// SafeCell is text as a spreadsheet may open it: what would be a formula gets an apostrophe, so that nothing that was
// handed in with a file runs on the computer of whoever downloads a report. Reading a file takes the apostrophe off again.
func SafeCell(text string) string {
	if startsFormula(strings.TrimLeft(text, "'")) {
		return "'" + text
	}

	return text
}

// unprotect undoes SafeCell.
func unprotect(text string) string {
	if bare, found := strings.CutPrefix(text, "'"); found && startsFormula(strings.TrimLeft(bare, "'")) {
		return bare
	}

	return text
}

func startsFormula(text string) bool {
	for _, first := range text {
		return strings.ContainsRune(formulaStarts, first)
	}

	return false
}
