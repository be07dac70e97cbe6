package fiscalcode

import (
	"strings"
	"unicode/utf8"
)

// personalPattern is the shape of a personal code: A a letter, 9 a digit or the letter that omocodia puts
// in its place. Surname 3, name 3, year 2, month 1, day 2, place 4, check character 1.
const personalPattern = "AAAAAA99A99A999A"

const (
	yearStart  = 6
	monthIndex = 8
	dayStart   = 9
	placeStart = 11
	checkIndex = 15
)

func kindOf(code string) (Kind, error) {
	var kind Kind

	switch utf8.RuneCountInString(code) {
	case personalLength:
		kind = Personal
	case provisionalLength:
		kind = Provisional
	default:
		return "", ErrLength
	}

	if len(code) != utf8.RuneCountInString(code) {
		return "", ErrCharacters
	}

	return kind, nil
}

func checkPersonal(code string) error {
	if err := checkBody(code[:checkIndex]); err != nil {
		return err
	}

	if !isLetter(code[checkIndex]) {
		return ErrCharacters
	}

	if code[checkIndex] != checkCharacter(code[:checkIndex]) {
		return ErrCheckCharacter
	}

	return nil
}

// checkBody checks all that the first 15 characters can tell.
func checkBody(body string) error {
	if !fitsPattern(body) {
		return ErrCharacters
	}

	if !strings.ContainsRune(monthLetters, rune(body[monthIndex])) {
		return ErrMonth
	}

	if !dayExists(body) {
		return ErrDay
	}

	return nil
}

// fitsPattern compares code, 15 or 16 bytes long, with the pattern.
func fitsPattern(code string) bool {
	for i := range len(code) {
		if isNumericPosition(i) {
			if _, ok := digitAt(code, i); !ok {
				return false
			}
		} else if !isLetter(code[i]) {
			return false
		}
	}

	return true
}

func isNumericPosition(i int) bool { return personalPattern[i] == '9' }

func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// digitAt reads a digit, be it written as such or as omocodia writes it.
func digitAt(code string, i int) (int, bool) {
	if isDigit(code[i]) {
		return int(code[i] - '0'), true
	}

	digit := strings.IndexByte(omocodiaLetters, code[i])

	return digit, digit >= 0
}

// twoDigits reads the number at i and i+1 of a code that fits the pattern.
func twoDigits(code string, i int) int {
	tens, _ := digitAt(code, i)
	units, _ := digitAt(code, i+1)

	return tens*10 + units
}
