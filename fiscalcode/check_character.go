package fiscalcode

const (
	// oddValues are what the letters from A to Z are worth at an odd position, counted from 1: A 1, B 0, C 5 and
	// so on (decree of 23 December 1976). A digit is worth as much as the letter of the same rank: 0 as A, 1 as B.
	oddValues = "\x01\x00\x05\x07\x09\x0d\x0f\x11\x13\x15\x02\x04\x12\x14\x0b\x03\x06\x08\x0c\x0e\x10\x0a\x16\x19\x18\x17"
	alphabet  = len(oddValues)
)

// checkCharacter follows from a body that fits the pattern.
func checkCharacter(body string) byte {
	sum := 0

	for i := range len(body) {
		if isOddPosition(i) {
			sum += int(oddValues[rank(body[i])])
		} else {
			sum += int(rank(body[i]))
		}
	}

	return byte('A' + sum%alphabet)
}

// isOddPosition counts from 1, as the decree does, of an index that counts from 0.
func isOddPosition(index int) bool { return index&1 == 0 }

// rank is 0 to 25 for a letter, 0 to 9 for a digit.
func rank(b byte) byte {
	if isDigit(b) {
		return b - '0'
	}

	return b - 'A'
}

// Complete adds the check character to the first 15 characters of a personal code, so that Parse accepts
// the result. The error is the RuleError that the body breaks.
func Complete(body15 string) (string, error) {
	if len(body15) != checkIndex {
		return "", ErrLength
	}

	if err := checkBody(body15); err != nil {
		return "", err
	}

	return body15 + string(checkCharacter(body15)), nil
}
