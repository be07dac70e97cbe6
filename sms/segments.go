// Package sms sends text messages through a provider. It holds what is true of every provider (the contract,
// phone numbers, how a text is cut into parts and billed) and the adapter for Twilio.
package sms

import (
	"strings"
	"unicode/utf8"
)

// Encoding is how the characters of an SMS travel.
type Encoding string

// The encodings.
const (
	// EncodingGSM7 is the default alphabet of 3GPP TS 23.038: 160 septets in one SMS.
	EncodingGSM7 Encoding = "gsm7"
	// EncodingUCS2 carries every character, in UTF-16 units: 70 in one SMS.
	EncodingUCS2 Encoding = "ucs2"
)

// How much fits into an SMS, in septets or UTF-16 units. A text in several parts loses six bytes of each to
// the header that joins them (3GPP TS 23.040).
const (
	gsm7Single   = 160
	gsm7PerPart  = 153
	ucs2Single   = 70
	ucs2PerPart  = 67
	doubleWidth  = 2
	beyondPlane0 = 0x10000
)

// The GSM-7 alphabet without ASCII letters and digits, and the extension table, whose characters take two septets.
const (
	gsm7Symbols   = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà"
	gsm7Extension = "\f^{}\\[~]|€"
)

// Segments says how a text is sent and what it costs.
type Segments struct {
	Encoding Encoding
	// Units is the length in septets (GSM-7, extension characters count 2) or in UTF-16 units (UCS-2).
	Units int
	// Parts is the number of SMS that are billed; 0 for an empty text.
	Parts int
	// Room is how many more units fit before one more part is needed.
	Room int
	// Offenders are the characters that force UCS-2, in the order in which they first appear.
	Offenders []Offender
}

// Offender is a character outside GSM-7. One of them in a text makes every part hold 70 units in place of 160.
type Offender struct {
	Character rune
	// Count is how often the text has it.
	Count int
	// Substitute is the proposed replacement within GSM-7. It is empty where the character may be left out
	// (a zero-width space) and where there is none; Replaceable tells the two apart.
	Substitute  string
	Replaceable bool
}

// Count tells how a text is encoded and into how many SMS it is cut.
func Count(text string) Segments {
	offenders := offendersIn(text)
	encoding := EncodingGSM7

	if len(offenders) > 0 {
		encoding = EncodingUCS2
	}

	single, perPart := capacity(encoding)
	lengths := partLengths(text, encoding)
	counted := Segments{Encoding: encoding, Parts: len(lengths), Offenders: offenders}

	for _, length := range lengths {
		counted.Units += length
	}

	switch len(lengths) {
	case 0:
		counted.Room = single
	case 1:
		counted.Room = single - counted.Units
	default:
		counted.Room = perPart - lengths[len(lengths)-1]
	}

	return counted
}

// Split cuts a text into its parts as a handset receives them. Neither a surrogate pair nor an extension
// character with its escape ever straddles two parts, so a part may hold one unit less than it could.
func Split(text string) []string {
	encoding := Count(text).Encoding
	parts := []string{}
	start := 0

	walkParts(text, encoding, func(end, _ int) {
		parts = append(parts, text[start:end])
		start = end
	})

	return parts
}

func partLengths(text string, encoding Encoding) []int {
	var lengths []int

	walkParts(text, encoding, func(_, units int) { lengths = append(lengths, units) })

	return lengths
}

// walkParts calls visit at the end of each part with the byte offset of that end and the units in the part.
func walkParts(text string, encoding Encoding, visit func(end, units int)) {
	if text == "" {
		return
	}

	single, perPart := capacity(encoding)
	if total := unitsOf(text, encoding); total <= single {
		visit(len(text), total)

		return
	}

	used := 0

	for offset, character := range text {
		width := unitWidth(character, encoding)
		if used+width > perPart {
			visit(offset, used)

			used = 0
		}

		used += width
	}

	visit(len(text), used)
}

func unitsOf(text string, encoding Encoding) int {
	units := 0
	for _, character := range text {
		units += unitWidth(character, encoding)
	}

	return units
}

func capacity(encoding Encoding) (single, perPart int) {
	if encoding == EncodingUCS2 {
		return ucs2Single, ucs2PerPart
	}

	return gsm7Single, gsm7PerPart
}

func unitWidth(character rune, encoding Encoding) int {
	switch {
	case encoding == EncodingUCS2 && character >= beyondPlane0:
		return doubleWidth
	case encoding == EncodingGSM7 && strings.ContainsRune(gsm7Extension, character):
		return doubleWidth
	default:
		return 1
	}
}

func inGSM7(character rune) bool {
	switch {
	case character >= 'a' && character <= 'z', character >= 'A' && character <= 'Z', character >= '0' && character <= '9':
		return true
	case character == utf8.RuneError: // ContainsRune would look for an invalid byte
		return false
	default:
		return strings.ContainsRune(gsm7Symbols, character) || strings.ContainsRune(gsm7Extension, character)
	}
}
