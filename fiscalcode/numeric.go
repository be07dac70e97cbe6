package fiscalcode

import "strings"

const (
	serialLength    = 7
	checkDigitIndex = 10
	decimalDigits   = "0123456789"
	decimal         = len(decimalDigits)
)

// ValidateNumeric checks an 11-digit code: seven digits of serial number, three of the office, one check
// digit (decree of 23 December 1976). The same rule holds for a provisional code, an organization's code
// and a partita IVA. The error is a RuleError.
func ValidateNumeric(code string) error {
	if len(code) != provisionalLength {
		return ErrLength
	}

	if !allDigits(code) {
		return ErrCharacters
	}

	if code[checkDigitIndex] != checkDigit(code[:checkDigitIndex]) {
		return ErrProvisionalCheckDigit
	}

	if strings.Trim(code[:serialLength], "0") == "" {
		return ErrProvisionalSerial
	}

	return nil
}

// CompleteNumeric adds the check digit to the first ten digits, so that ValidateNumeric accepts the result.
// The error is the RuleError that the digits break.
func CompleteNumeric(body10 string) (string, error) {
	if len(body10) != checkDigitIndex {
		return "", ErrLength
	}

	if !allDigits(body10) {
		return "", ErrCharacters
	}

	code := body10 + string(checkDigit(body10))
	if err := ValidateNumeric(code); err != nil {
		return "", err
	}

	return code, nil
}

// checkDigit adds the digits at odd positions, counted from 1, and twice those at even ones, whose two
// digits are added in turn; what is missing to the next multiple of ten is the check digit.
func checkDigit(body10 string) byte {
	sum := 0

	for i := range len(body10) {
		digit := int(body10[i] - '0')
		if !isOddPosition(i) {
			digit = (digit+digit)/decimal + (digit+digit)%decimal
		}

		sum += digit
	}

	return decimalDigits[(decimal-sum%decimal)%decimal]
}

func allDigits(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}

	return true
}
