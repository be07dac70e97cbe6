package batch

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isScientific spots 3,33E+09, which a spreadsheet makes of a long number; the digits that it does not show are lost.
func isScientific(text string) bool {
	if text == "" || !isDigit(text[0]) {
		return false
	}

	mantissa, exponent, found := strings.Cut(strings.ToUpper(text), "E")
	if !found {
		return false
	}

	exponent = strings.TrimPrefix(strings.TrimPrefix(exponent, "+"), "-")
	whole, decimals, _ := strings.Cut(strings.ReplaceAll(mantissa, comma, "."), ".")

	return digitsOnly(whole) && (decimals == "" || digitsOnly(decimals)) && digitsOnly(exponent)
}

// showsExponent is isScientific for texts, in which 5E12 may be a name of something.
func showsExponent(text string) bool {
	return strings.IndexByte(text, '+') >= 0 && isScientific(text)
}

// withoutDecimalZero takes the .0 or ,00 off a code of digits, which a program adds that took it for a number.
func withoutDecimalZero(text string) (string, bool) {
	const mostDecimals = 2

	at := strings.IndexAny(text, ".,")
	if at <= 0 || at == len(text)-1 || len(text)-at-1 > mostDecimals {
		return text, false
	}

	if !digitsOnly(strings.TrimPrefix(text[:at], "+")) || strings.Trim(text[at+1:], "0") != "" {
		return text, false
	}

	return text[:at], true
}

// isPlain is true for nearly every cell: there is nothing in it to look at more closely.
func isPlain(text string) bool {
	if text == "" {
		return true
	}

	first, last := text[0], text[len(text)-1]
	if first <= ' ' || last <= ' ' || first == '\'' || first == '=' {
		return false
	}

	for i := range len(text) {
		if text[i] < ' ' || text[i] >= 0x7F {
			return false
		}
	}

	return true
}

// tidied is a cell without what people cannot see, and without what only protected it from a spreadsheet.
type tidied struct {
	text     string
	repaired bool
	code     string // of what is wrong with it
}

func tidy(text string) tidied {
	if isPlain(text) {
		return tidied{text: text}
	}

	for _, r := range text {
		if r == utf8.RuneError {
			return tidied{code: issueEncoding}
		}

		if isControl(r) {
			return tidied{code: issueControls}
		}
	}

	if first := text[0]; first == '\'' || first == '=' {
		text = unprotect(text)
	}

	text = strings.TrimFunc(text, isInvisible)
	if bare, found := asFormulaText(text); found {
		return tidied{text: strings.TrimFunc(bare, isInvisible), repaired: true}
	}

	return tidied{text: text}
}

// isControl leaves the characters that lay out a text.
func isControl(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
}

func isInvisible(r rune) bool {
	if r > ' ' && r < utf8.RuneSelf {
		return false
	}

	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

// asFormulaText reads ="0123", with which exports keep Excel from dropping zeros.
func asFormulaText(text string) (string, bool) {
	inner, found := strings.CutPrefix(text, `="`)
	if !found {
		return text, false
	}

	inner, found = strings.CutSuffix(inner, `"`)
	bare := strings.ReplaceAll(inner, `""`, "")

	if !found || strings.Contains(bare, `"`) {
		return text, false
	}

	return strings.ReplaceAll(inner, `""`, `"`), true
}
