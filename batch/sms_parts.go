package batch

import (
	"unicode/utf8"

	"github.com/genio-gateway/genio/sms"
)

// smsCounter is sms.Count for 100,000 texts: the parts of an SMS and the first character that makes it cost about twice
// as much. It asks sms about each character once.
type smsCounter struct {
	widths [lastOfBasicPlane + 1]width
	plain  [utf8.RuneSelf]bool // the characters of ASCII that take one septet
}

func newSMSCounter() *smsCounter {
	made := new(smsCounter)
	for i := range made.plain {
		made.plain[i] = made.widthOf(rune(i)) == widthOne
	}

	return made
}

const lastOfBasicPlane = 0xFFFF

// width is what a character takes in an SMS.
type width uint8

const (
	widthUnknown width = iota
	widthOne           // one septet
	widthTwo           // two septets
	widthOutside       // no septets: the whole text is written in 16 bits a character
)

// How much fits into an SMS, see package sms.
const (
	gsmSingle  = 160
	gsmPart    = 153
	ucs2Single = 70
	ucs2Part   = 67
)

func (c *smsCounter) count(text string) (parts int, doubling rune) {
	length, extended, beyond := 0, 0, false

	for _, r := range text {
		length++

		if r < utf8.RuneSelf && c.plain[r] {
			continue
		}

		switch {
		case r > lastOfBasicPlane:
			beyond = true
		case c.widthOf(r) == widthTwo:
			extended++
		case c.widthOf(r) == widthOutside && doubling == 0:
			doubling = r
		}
	}

	switch {
	case beyond, doubling == 0 && extended > 0 && length+extended > gsmSingle:
		// Pairs of units may not straddle two parts, and only sms knows how they fall.
		return countSlowly(text)
	case doubling != 0:
		return partsOf(length, ucs2Single, ucs2Part), doubling
	}

	return partsOf(length+extended, gsmSingle, gsmPart), 0
}

func (c *smsCounter) widthOf(r rune) width {
	if c.widths[r] != widthUnknown {
		return c.widths[r]
	}

	found := widthOne

	switch counted := sms.Count(string(r)); {
	case counted.Encoding == sms.EncodingUCS2:
		found = widthOutside
	case counted.Units > 1:
		found = widthTwo
	}

	c.widths[r] = found

	return found
}

func countSlowly(text string) (parts int, doubling rune) {
	counted := sms.Count(text)
	if len(counted.Offenders) > 0 {
		doubling = counted.Offenders[0].Character
	}

	return counted.Parts, doubling
}

func partsOf(units, single, part int) int {
	switch {
	case units == 0:
		return 0
	case units <= single:
		return 1
	}

	return (units + part - 1) / part
}
