package sms

import "strings"

// Simplify replaces every character that has a substitute within GSM-7, which often brings a text back to 160
// characters per SMS. It proposes: the author decides, because È becomes E' and ç becomes c.
func Simplify(text string) string {
	if len(offendersIn(text)) == 0 {
		return text
	}

	var simplified strings.Builder

	table := substitutes()

	for _, character := range text {
		substitute, known := table[character]
		if !known {
			simplified.WriteRune(character)

			continue
		}

		simplified.WriteString(substitute)
	}

	return simplified.String()
}

func offendersIn(text string) []Offender {
	var (
		offenders []Offender
		table     map[rune]string
	)

	position := map[rune]int{}

	for _, character := range text {
		if inGSM7(character) {
			continue
		}

		if at, seen := position[character]; seen {
			offenders[at].Count++

			continue
		}

		if table == nil {
			table = substitutes()
		}

		substitute, known := table[character]
		position[character] = len(offenders)
		offenders = append(offenders, Offender{Character: character, Count: 1, Substitute: substitute, Replaceable: known})
	}

	return offenders
}

// substitutes maps a character outside GSM-7 to its nearest spelling within. An empty substitute removes it.
func substitutes() map[rune]string {
	table := map[rune]string{}

	for _, groups := range [][]substitution{letters(), signs()} {
		for _, group := range groups {
			for _, character := range group.characters {
				table[character] = group.substitute
			}
		}
	}

	return table
}

// substitution gives several characters the same substitute.
type substitution struct{ characters, substitute string }

// letters: Italian writes an accented capital with an apostrophe where the accent is missing. è é à ì ò ù and É
// need nothing, GSM-7 has them.
func letters() []substitution {
	return []substitution{
		{"ÀÁ", "A'"},
		{"È", "E'"},
		{"ÌÍ", "I'"},
		{"ÒÓ", "O'"},
		{"ÙÚ", "U'"},
		{"á", "à"},
		{"í", "ì"},
		{"ó", "ò"},
		{"ú", "ù"},
		{"\u0300\u0301", "'"}, // combining grave and acute, as macOS writes an accent
		{"âã", "a"},
		{"êë", "e"},
		{"îï", "i"},
		{"ôõ", "o"},
		{"û", "u"},
		{"ç", "c"},
		{"ýÿ", "y"},
		{"ÂÃ", "A"},
		{"ÊË", "E"},
		{"ÎÏ", "I"},
		{"ÔÕ", "O"},
		{"Û", "U"},
		{"Ý", "Y"},
		{"šś", "s"},
		{"ŠŚ", "S"},
		{"žźż", "z"},
		{"ŽŹŻ", "Z"},
		{"čć", "c"},
		{"ČĆ", "C"},
		{"œ", "oe"},
		{"Œ", "OE"},
	}
}

func signs() []substitution {
	return []substitution{
		{"’‘‚‛′´`", "'"},
		{"“”„‟″«»", "\""},
		{"‹", "<"},
		{"›", ">"},
		{"‐‑‒–—―−•·", "-"},
		{"…", "..."},
		{"×", "x"},
		{"\t\u00a0\u2002\u2003\u2007\u2009\u202f", " "},
		{"\u2028\u2029", "\n"},
		{"\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff\ufe0f", ""}, // soft hyphen and what nobody sees
		{"©", "(C)"},
		{"®", "(R)"},
		{"™", "(TM)"},
		{"½", "1/2"},
		{"¼", "1/4"},
		{"¾", "3/4"},
		{"²", "2"},
		{"³", "3"},
		{"ª", "a"},
		{"º", "o"},
	}
}
