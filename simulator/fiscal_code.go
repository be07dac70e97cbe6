package simulator

import (
	"fmt"
	"strings"
)

// Shape of a codice fiscale (DM 23/12/1976).
const (
	fiscalCodeLength = 16
	placeStart       = 11 // 0-based index of the place-of-birth code
	placeEnd         = 15
	womanDayOffset   = 40
	lettersInCode    = 6 // surname and given name
)

// Letters that mean something in a codice fiscale.
const (
	alphabet       = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	nameConsonants = "BCDFGLMNPRSTVZ"
	monthLetters   = "ABCDEHLMPRST"
	digits         = "0123456789"
	omocodiaDigits = "LMNPQRSTUV" // the letter at index d stands for digit d
)

// checkCharacter computes the 16th character from the first 15, by the formula of DM 23/12/1976.
func checkCharacter(first15 string) byte {
	// Values of A…Z at odd positions, counted from 1; a digit d counts as the letter of index d.
	oddValues := [len(alphabet)]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

	sum := 0

	for i := range len(first15) {
		value := int(first15[i] - 'A')
		if first15[i] <= '9' {
			value = int(first15[i] - '0')
		}

		if i%2 == 0 {
			value = oddValues[value]
		}

		sum += value
	}

	return alphabet[sum%len(alphabet)]
}

// inventedFiscalCode is the n-th code of an invented person born at the place. Codes differ for n below 450 million.
func inventedFiscalCode(place string, n uint64) string {
	const (
		// Prime, so it maps the name space onto itself and neighbours in n get names that look unlike each other.
		spread         = 2654435761
		firstNames     = 900326 // code 0 is a Bianchi, Marco or Marcella
		firstYear      = 40
		years          = 60
		daysInAnyMonth = 28
	)

	names := uint64(1)
	for range lettersInCode {
		names *= uint64(len(nameConsonants))
	}

	var code strings.Builder

	rest := ((n%names)*spread + firstNames) % names
	for range lettersInCode {
		code.WriteByte(nameConsonants[rest%uint64(len(nameConsonants))])
		rest /= uint64(len(nameConsonants))
	}

	day := 1 + n%daysInAnyMonth
	if n%2 == 1 {
		day += womanDayOffset
	}

	year := firstYear + (n+n/names)%years
	month := monthLetters[n%uint64(len(monthLetters))]
	fmt.Fprintf(&code, "%02d%c%02d%s", year, month, day, place)

	return code.String() + string(checkCharacter(code.String()))
}

// placeOf reads the place-of-birth code with omocodia undone, so that an omocodia variant keeps its outcome. It is
// empty for anything that is not 16 characters long.
func placeOf(fiscalCode string) string {
	if len(fiscalCode) != fiscalCodeLength {
		return ""
	}

	place := []byte(fiscalCode[placeStart:placeEnd])
	for i := 1; i < len(place); i++ {
		if digit := strings.IndexByte(omocodiaDigits, place[i]); digit >= 0 {
			place[i] = digits[digit]
		}
	}

	return string(place)
}
