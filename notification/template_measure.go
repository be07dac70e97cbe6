package notification

import "unicode/utf8"

// valueLengths are a value's lengths in UTF-16 code units, one for each escaping.
type valueLengths [escapings]int

// How much longer one character becomes than itself.
const (
	backslashed   = 1 // \c
	asEntity      = 4 // &#96;
	percentByte   = 3 // %20
	percentExtra  = percentByte - 1
	beyondPlane0  = 0x10000
	surrogateUnit = 1
)

// measure is what [escaping.write] would give in length, without writing anything: it runs for every value of
// 100,000 rows. A value that cannot be used, blank or broken, is not fine.
func measure(value string) (lengths valueLengths, fine bool) {
	var (
		units, markdown, quoted, address, contact int

		gap bool
	)

	for i := 0; i < len(value); {
		c := value[i]

		if isAlphanumeric(c) && !gap {
			units++
			i++

			continue
		}

		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(value[i:])
		}

		switch {
		case isGap(r):
			gap = units > 0
			i += size

			continue
		case isBroken(r):
			return lengths, false
		}

		if gap {
			gap = false
			units++
			address += percentExtra
			contact--
		}

		units++

		switch {
		case c < utf8.RuneSelf:
			extra := extraOf(value, i)
			markdown += extra[asMarkdown]
			quoted += extra[asQuoted]
			address += extra[asAddress]
			contact += extra[asContact]
		case r >= beyondPlane0:
			units += surrogateUnit
			address += percentByte*size - 1 - surrogateUnit
			contact += percentByte*size - 1 - surrogateUnit
		default:
			address += percentByte*size - 1
			contact += percentByte*size - 1
		}

		i += size
	}

	return valueLengths{units, units + markdown, units + quoted, units + address, units + contact}, units > 0
}

// extraOf is how much longer than itself the ASCII character at i becomes.
func extraOf(value string, i int) (extra valueLengths) {
	c := value[i]

	switch {
	case c == '`':
		extra[asMarkdown] = asEntity
	case meansInMarkdown(c), meansAtEdges(c) && atEdge(value, i):
		extra[asMarkdown] = backslashed
	}

	if c == '"' || c == '\\' {
		extra[asQuoted] = backslashed
	}

	if !staysInAddress(c) {
		extra[asAddress] = percentExtra

		if c != '+' && c != '@' {
			extra[asContact] = percentExtra
		}
	}

	return extra
}
