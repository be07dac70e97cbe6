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

const (
	// maxJSONDepth is far above the three levels that the contract's requests have.
	maxJSONDepth = 20
	// maxJSONMembers bounds the names of an object and the elements of a list, each for itself. It is above what the
	// contract's requests have at most; what is checked later takes its time for each of them.
	maxJSONMembers = 200
	// maxBulkElements bounds a list within a bulk, of which the contract allows 1,000 items.
	maxBulkElements = 2000
)

// jsonBounds are how many names an object and how many elements a list may have.
type jsonBounds struct{ names, elements int }

// checkJSON finds what is wrong with a JSON text before it is read: RFC 8259 leaves duplicate names, lone surrogates
// and depth to each reader, and two readers that differ are how a checked value is not the used one. nil: nothing.
func checkJSON(body []byte, bounds jsonBounds) *notification.FieldError {
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

	return structureFlaw(document, bounds)
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

// structureFlaw walks through a valid document and finds nesting that is too deep, names given twice, and objects and
// lists with too much in them.
func structureFlaw(document []byte, bounds jsonBounds) *notification.FieldError {
	reader := json.NewDecoder(bytes.NewReader(document))
	reader.UseNumber()

	walk := structure{bounds: bounds}

	for {
		token, err := reader.Token()
		if err != nil { // the end: the document is valid
			return nil
		}

		if found := walk.take(token); found != nil {
			return found
		}
	}
}

// structure is what is open at one place of a document, the innermost last.
type structure struct {
	bounds jsonBounds
	open   []container
}

// container is an object or a list that is being read.
type container struct {
	members   int
	names     map[string]bool // of an object; nil for a list
	nameComes bool            // whether the next text is a name
}

func (s *structure) take(token json.Token) *notification.FieldError {
	if token == json.Delim('}') || token == json.Delim(']') {
		s.open = s.open[:len(s.open)-1]

		return nil
	}

	if name, isText := token.(string); isText && len(s.open) > 0 && s.innermost().nameComes {
		return s.takeName(name)
	}

	if found := s.takeValue(); found != nil {
		return found
	}

	if opening, opens := token.(json.Delim); opens {
		return s.enter(opening)
	}

	return nil
}

func (s *structure) innermost() *container { return &s.open[len(s.open)-1] }

func (s *structure) takeName(name string) *notification.FieldError {
	object := s.innermost()
	if object.names[name] {
		return flaw(
			"duplicate_field",
			fmt.Sprintf("names the field %q twice in the same object", safeName(name)),
			fmt.Sprintf("indica due volte il campo %q nello stesso oggetto", safeName(name)),
		)
	}

	object.names[name] = true
	object.nameComes = false

	return nil
}

// takeValue counts a value, an object or a list included; after one in an object a name comes next.
func (s *structure) takeValue() *notification.FieldError {
	if len(s.open) == 0 {
		return nil
	}

	around := s.innermost()
	around.nameComes = around.names != nil
	around.members++

	bound := s.bounds.elements
	if around.names != nil {
		bound = s.bounds.names
	}

	if around.members > bound {
		return flaw(
			ruleTooMany,
			fmt.Sprintf("has an object or a list with more than %d members", bound),
			fmt.Sprintf("ha un oggetto o un elenco con più di %d elementi", bound),
		)
	}

	return nil
}

func (s *structure) enter(opening json.Delim) *notification.FieldError {
	inner := container{}
	if opening == '{' {
		inner = container{names: map[string]bool{}, nameComes: true}
	}

	s.open = append(s.open, inner)
	if len(s.open) > maxJSONDepth {
		return flaw("too_deep", "is nested too deeply", "è annidato troppo in profondità")
	}

	return nil
}
