package notification

import (
	"fmt"
	"strings"
)

const (
	base         = 10
	centsInEuro  = 100
	centDigits   = 2
	groupOfEuro  = 3
	longestEuros = 12
)

// ParseEuro reads an amount in euro as people in Italy write it, such as 1.234,56 or 1234,5 or 10 €, and gives its cents. A
// point before exactly two digits at the end is taken for the decimal one. What could mean two things, such as 1.234, is
// refused instead of guessed: the second result is false then, as for anything that is no amount.
func ParseEuro(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	if bare, found := strings.CutSuffix(text, "€"); found {
		text = strings.TrimSpace(bare)
	} else if bare, found := strings.CutPrefix(text, "€"); found {
		text = strings.TrimSpace(bare)
	}

	whole, decimals, hasComma := strings.Cut(text, ",")
	if !hasComma {
		if point := strings.LastIndexByte(text, '.'); point >= 0 && point == strings.IndexByte(text, '.') {
			if len(text)-point-1 != centDigits {
				return 0, false
			}

			whole, decimals, hasComma = text[:point], text[point+1:], true
		}
	}

	euros, ok := digitsOf(ungrouped(whole), longestEuros)
	if !ok || hasComma && (decimals == "" || len(decimals) > centDigits) {
		return 0, false
	}

	if !hasComma {
		return euros * centsInEuro, true
	}

	cents, ok := digitsOf((decimals + "0")[:centDigits], centDigits)

	return euros*centsInEuro + cents, ok
}

// ungrouped takes the points between thousands out where they stand as they belong; what it leaves is no number.
func ungrouped(whole string) string {
	groups := strings.Split(whole, ".")
	if len(groups) == 1 {
		return whole
	}

	for i, group := range groups {
		if i > 0 && len(group) != groupOfEuro || i == 0 && (group == "" || len(group) > groupOfEuro) {
			return whole
		}
	}

	return strings.Join(groups, "")
}

func digitsOf(text string, most int) (int64, bool) {
	if text == "" || len(text) > most {
		return 0, false
	}

	var number int64

	for i := range len(text) {
		if !isDigit(text[i]) {
			return 0, false
		}

		number = number*base + int64(text[i]-'0')
	}

	return number, true
}

// EuroInput writes cents as a person would type them into a form: 1234,50.
func EuroInput(cents int64) string {
	return fmt.Sprintf("%d,%02d", cents/centsInEuro, cents%centsInEuro)
}
