package fiscalcode

// omocodiaLetters stand for the digits 0 to 9 where two persons would have the same code: the tax authority
// replaces digits, from the right, and computes the check character anew.
const omocodiaLetters = "LMNPQRSTUV"

// numericPositions is how many characters omocodia can replace: 127 variants, all subsets but the empty one.
const numericPositions = 7

// IsOmocodia tells whether at least one digit is written as a letter.
func (c Code) IsOmocodia() bool {
	return c.kind == Personal && baseBody(c.value) != c.value[:checkIndex]
}

// Base is the code as it would be without omocodia. It is not an identity: omocodia exists because the
// base form belongs to somebody else as well. Provisional codes are their own base.
func (c Code) Base() Code {
	if !c.IsOmocodia() {
		return c
	}

	return withBody(baseBody(c.value))
}

// Variants lists the 127 omocodia variants of the code's base form. The first has only the rightmost digit
// replaced, the last all seven. Nil for a provisional code.
func (c Code) Variants() []Code {
	if c.kind != Personal {
		return nil
	}

	const subsets = 1 << numericPositions

	base := baseBody(c.value)
	variants := make([]Code, 0, subsets-1)

	for subset := 1; subset < subsets; subset++ {
		variants = append(variants, withBody(replaceDigits(base, subset)))
	}

	return variants
}

// replaceDigits writes the digits of base that subset names as letters; bit 0 is the rightmost digit.
func replaceDigits(base string, subset int) string {
	body := []byte(base)

	for i := len(body) - 1; i >= 0; i-- {
		if !isNumericPosition(i) {
			continue
		}

		if subset&1 == 1 {
			body[i] = omocodiaLetters[body[i]-'0']
		}

		subset >>= 1
	}

	return string(body)
}

// baseBody is the first 15 characters with digits only where digits belong.
func baseBody(code string) string {
	body := []byte(code[:checkIndex])

	for i := range body {
		if !isNumericPosition(i) {
			continue
		}

		if digit, ok := digitAt(code, i); ok {
			body[i] = decimalDigits[digit]
		}
	}

	return string(body)
}

func withBody(body string) Code {
	return Code{value: body + string(checkCharacter(body)), kind: Personal}
}
