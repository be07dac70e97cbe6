package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/genio-gateway/genio/notification"
)

// maxJSONDepth is far above the three levels that the contract's requests have.
const maxJSONDepth = 20

// checkJSON finds what is wrong with a JSON text before it is read: RFC 8259 leaves duplicate names, lone surrogates
// and depth to each reader, and two readers that differ are how a checked value is not the used one. nil: nothing.
func checkJSON(body []byte) *notification.FieldError {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return flaw("empty", "is empty", "è vuoto")
	case !utf8.Valid(body):
		return flaw("invalid_utf8", "is not UTF-8", "non è in UTF-8")
	}

	reader := json.NewDecoder(bytes.NewReader(body))

	var document json.RawMessage
	if err := reader.Decode(&document); err != nil {
		return syntaxFlaw(body, err)
	}

	if rest := body[reader.InputOffset():]; len(bytes.TrimSpace(rest)) > 0 {
		return flaw("trailing_data", "goes on after the end of the JSON document", "continua dopo la fine del documento JSON")
	}

	if hasLoneSurrogate(document) {
		return flaw(
			"lone_surrogate",
			`has half of a surrogate pair (\ud800 to \udfff), which is no character`,
			`contiene metà di una coppia surrogata (da \ud800 a \udfff), che non è un carattere`,
		)
	}

	return structureFlaw(document)
}

// syntaxFlaw says where the text stops being JSON, by line and column. The library's text repeats what stands there.
func syntaxFlaw(body []byte, err error) *notification.FieldError {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return flaw("json_syntax", "ends before the JSON document does", "finisce prima del documento JSON")
	}

	before := body[:max(0, min(int(syntax.Offset)-1, len(body)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1

	return flaw(
		"json_syntax",
		fmt.Sprintf("is not JSON from line %d, column %d on", line, column),
		fmt.Sprintf("non è JSON a partire dalla riga %d, colonna %d", line, column),
	)
}

// hasLoneSurrogate looks for \u escapes that make no character. In valid JSON a backslash stands in strings only.
func hasLoneSurrogate(document []byte) bool {
	const escapeLength = len(`\u0000`)

	for i := 0; i < len(document)-1; i++ {
		if document[i] != '\\' {
			continue
		}

		unit, isUnit := escapedUnit(document[i:])
		if !isUnit || !utf16.IsSurrogate(unit) {
			i++ // past the escaped character, which may be a backslash itself

			continue
		}

		partner, isPartner := escapedUnit(document[i+escapeLength:])
		if !isPartner || utf16.DecodeRune(unit, partner) == utf8.RuneError {
			return true
		}

		i += 2*escapeLength - 1
	}

	return false
}

// escapedUnit is the UTF-16 code unit of a \u escape that text begins with.
func escapedUnit(text []byte) (unit rune, found bool) {
	const prefix, digits, hexadecimal, bits = `\u`, 4, 16, 16

	if len(text) < len(prefix)+digits || !bytes.HasPrefix(text, []byte(prefix)) {
		return 0, false
	}

	value, err := strconv.ParseUint(string(text[len(prefix):len(prefix)+digits]), hexadecimal, bits)
	if err != nil {
		return 0, false
	}

	return rune(value), true
}

// structureFlaw walks through a valid document and finds nesting that is too deep and names given twice.
func structureFlaw(document []byte) *notification.FieldError {
	reader := json.NewDecoder(bytes.NewReader(document))
	reader.UseNumber()

	var open []container

	for {
		token, err := reader.Token()
		if err != nil { // the end: the document is valid
			return nil
		}

		switch token := token.(type) {
		case json.Delim:
			if token == '}' || token == ']' {
				open = open[:len(open)-1]

				continue
			}

			markValue(open)

			open = append(open, newContainer(token))
			if len(open) > maxJSONDepth {
				return flaw("too_deep", "is nested too deeply", "è annidato troppo in profondità")
			}
		case string:
			if name, again := markText(open, token); again {
				return flaw(
					"duplicate_field",
					fmt.Sprintf("names the field %q twice in the same object", name),
					fmt.Sprintf("indica due volte il campo %q nello stesso oggetto", name),
				)
			}
		default:
			markValue(open)
		}
	}
}

// container is an object or a list that is being read.
type container struct {
	names     map[string]bool // of an object; nil for a list
	nameComes bool            // whether the next text is a name
}

func newContainer(opening json.Delim) container {
	if opening == '{' {
		return container{names: map[string]bool{}, nameComes: true}
	}

	return container{}
}

// markValue notes that a value has been read, so that a name comes next.
func markValue(open []container) {
	if len(open) == 0 {
		return
	}

	innermost := &open[len(open)-1]
	innermost.nameComes = innermost.names != nil
}

// markText notes a name or a value, and tells whether the name had been there before.
func markText(open []container, text string) (name string, again bool) {
	if len(open) == 0 || !open[len(open)-1].nameComes {
		markValue(open)

		return "", false
	}

	innermost := &open[len(open)-1]
	again = innermost.names[text]
	innermost.names[text] = true
	innermost.nameComes = false

	return safeName(text), again
}
