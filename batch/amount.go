package batch

import (
	"strings"
	"unicode"
)

// amount is what a cell says about money.
type amount struct {
	cents int64
	// exact tells that decimals were written, so that the number cannot be meant in cents.
	exact bool
}

const (
	centDecimals    = 2
	groupDigits     = 3
	mostWholeDigits = 12
	centsPerEuro    = 100
	base            = 10
)

// Euro reads an amount in euro as a person writes it, such as 1.234,50 €, in cents; problem is a code for [Text], empty
// where nothing is wrong.
func Euro(text string) (cents int64, problem string) {
	found, problem := parseEuro(strings.TrimSpace(text), kindText)

	return found.cents, problem
}

// parseEuro reads an amount in euro; the second result is the code of what is wrong, empty where nothing is. It never
// guesses between thousands and decimals: where both readings make sense the amount is refused, because a guess could
// be off by a thousand.
func parseEuro(text string, read kind) (amount, string) {
	if cents, ok := usualEuro(text); ok && cents > 0 && !read.isNumber() {
		return amount{cents, true}, ""
	}

	text, code := withoutCurrency(text)
	if code != "" {
		return amount{}, code
	}

	whole, decimals, code := splitEuro(text, read)
	if code != "" {
		return amount{}, code
	}

	if len(decimals) > centDecimals {
		return amount{}, issueAmountDecimals
	}

	if len(strings.TrimLeft(whole, "0")) > mostWholeDigits {
		return amount{}, issueAmountOutOfRange
	}

	cents := number(whole) * centsPerEuro

	switch len(decimals) {
	case 1:
		cents += number(decimals) * base
	case centDecimals:
		cents += number(decimals)
	}

	if cents == 0 {
		return amount{}, issueAmountZero
	}

	return amount{cents, decimals != ""}, ""
}

// usualEuro reads 1.234,56 and 234,56, as nearly all amounts are written.
func usualEuro(text string) (int64, bool) {
	point, found := usualPoint(text)
	if !found {
		return 0, false
	}

	grouped := point > groupDigits && text[point-groupDigits-1] == '.'

	var cents int64

	for i := range len(text) {
		switch {
		case i == point:
		case grouped && startsGroup(point-i):
			if text[i] != '.' || i == 0 {
				return 0, false
			}
		case isDigit(text[i]):
			cents = cents*base + int64(text[i]-'0')
		default:
			return 0, false
		}
	}

	return cents, true
}

// usualPoint finds the comma before two decimals, in an amount that is not too long to be added up.
func usualPoint(text string) (int, bool) {
	const longest = len("999.999.999,99")

	point := len(text) - centDecimals - 1

	return point, point >= 1 && len(text) <= longest && text[point] == ','
}

// startsGroup tells whether a separator of thousands belongs so far before the decimals.
func startsGroup(before int) bool { return before > 0 && before%(groupDigits+1) == 0 }

// parseCents reads an amount that is a whole number of cents.
func parseCents(text string) (amount, string) {
	text, code := withoutCurrency(text)

	switch {
	case code != "":
		return amount{}, code
	case !digitsOnly(text):
		return amount{}, issueAmountCents
	case len(strings.TrimLeft(text, "0")) > mostWholeDigits:
		return amount{}, issueAmountOutOfRange
	case number(text) == 0:
		return amount{}, issueAmountZero
	}

	return amount{cents: number(text)}, ""
}

// withoutCurrency drops the euro sign and the spaces within, and names what no amount has.
func withoutCurrency(text string) (bare, code string) {
	if isNumeric(text) {
		return text, ""
	}

	lower := strings.ToLower(strings.TrimSpace(text))
	for _, sign := range []string{"€", "euro", "eur"} {
		if unsigned := strings.TrimSuffix(strings.TrimPrefix(lower, sign), sign); len(unsigned) < len(lower) {
			lower = strings.TrimFunc(unsigned, unicode.IsSpace)

			break
		}
	}

	bare = strings.Trim(lower, "-()")

	switch {
	case isScientific(lower):
		return "", issueScientific
	case bare != lower && isNumeric(bare):
		return "", issueAmountNegative
	case !isNumeric(bare):
		return "", issueAmountFormat
	}

	return bare, ""
}

// isNumeric tells whether a text is of digits, points and commas, and begins and ends with a digit.
func isNumeric(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) && text[i] != '.' && text[i] != ',' {
			return false
		}
	}

	return text != "" && isDigit(text[0]) && isDigit(text[len(text)-1])
}

// splitEuro finds the decimals.
func splitEuro(text string, read kind) (whole, decimals, code string) {
	last := strings.LastIndexAny(text, ".,")
	if last < 0 {
		return text, "", ""
	}

	whole, decimals = text[:last], text[last+1:]
	separator := text[last : last+1]

	switch {
	case read.isNumber() && digitsOnly(whole):
		return whole, decimals, ""
	case read.isNumber():
		return "", "", issueAmountFormat
	case strings.Contains(whole, separator):
		// A decimal separator stands once: these are thousands.
		return wholeOf(text, separator)
	case strings.ContainsAny(whole, ".,"):
		other := "."
		if separator == other {
			other = comma
		}

		whole, _, code = wholeOf(whole, other)

		return whole, decimals, code
	case len(decimals) == groupDigits && len(whole) <= groupDigits && whole[0] != '0':
		return "", "", issueAmountAmbiguous
	}

	return whole, decimals, ""
}

// wholeOf takes the separators of thousands out, if they stand where they belong.
func wholeOf(text, separator string) (whole, decimals, code string) {
	groups := strings.Split(text, separator)

	for i, group := range groups {
		if !digitsOnly(group) || len(group) > groupDigits || (i > 0 && len(group) != groupDigits) {
			return "", "", issueAmountFormat
		}
	}

	return strings.Join(groups, ""), "", ""
}

// number reads at most 18 digits.
func number(digits string) int64 {
	var sum int64
	for i := range len(digits) {
		sum = sum*base + int64(digits[i]-'0')
	}

	return sum
}

func digitsOnly(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}

	return text != ""
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
