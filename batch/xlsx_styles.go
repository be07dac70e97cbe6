package batch

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
	"time"
)

// numberStyle is what matters of a cell's number format.
type numberStyle struct {
	date, time bool
	digits     int // the least before the comma, as in 00000 for a postal code
	decimals   int // the least behind it
}

// maxStyles is above Excel's own limit of 65,490.
const maxStyles = 100_000

// styles reads the number format of each cell style, by its number.
func (w *workbookPackage) styles(name string) ([]numberStyle, error) {
	part, err := w.open(name)
	if err != nil || part == nil {
		return nil, err
	}
	defer part.close()

	var (
		styles  []numberStyle
		inCells bool
	)

	formats := map[string]string{}

	err = part.elements(func(element xml.StartElement) error {
		switch element.Name.Local {
		case "numFmt":
			formats[attribute(element, "numFmtId")] = attribute(element, "formatCode")
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if inCells {
				styles = append(styles, styleOf(attribute(element, "numFmtId"), formats))
			}
		}

		if len(styles) > maxStyles || len(formats) > maxStyles {
			return problem(problemBroken)
		}

		return nil
	})

	return styles, err
}

// styleOf knows the formats that Excel has built in (ECMA-376, numFmts) and reads those that a file defines.
func styleOf(id string, formats map[string]string) numberStyle {
	if code, found := formats[id]; found {
		return styleOfCode(code)
	}

	number, err := strconv.Atoi(id)
	if err != nil {
		return numberStyle{}
	}

	within := func(ranges ...[2]int) bool {
		return slices.ContainsFunc(ranges, func(r [2]int) bool { return number >= r[0] && number <= r[1] })
	}

	switch {
	case within([2]int{2, 2}, [2]int{4, 4}, [2]int{7, 8}, [2]int{39, 40}, [2]int{43, 44}):
		return numberStyle{decimals: 2}
	case within([2]int{14, 17}, [2]int{27, 31}, [2]int{36, 36}, [2]int{50, 58}):
		return numberStyle{date: true}
	case within([2]int{18, 21}, [2]int{32, 35}, [2]int{45, 47}):
		return numberStyle{time: true}
	case within([2]int{22, 22}):
		return numberStyle{date: true, time: true}
	}

	return numberStyle{}
}

// styleOfCode reads a format such as dd/mm/yyyy, 00000 or #,##0.00.
func styleOfCode(code string) numberStyle {
	bare := strings.ToLower(withoutLiterals(code))
	if strings.Contains(bare, "general") {
		return numberStyle{}
	}

	style := numberStyle{date: strings.ContainsAny(bare, "dy"), time: strings.ContainsAny(bare, "hs")}
	if style.date || style.time {
		return style
	}

	if strings.Contains(bare, "m") {
		return numberStyle{date: true}
	}

	positive, _, _ := strings.Cut(bare, ";")
	whole, decimals, _ := strings.Cut(positive, ".")

	const most = 15

	return numberStyle{
		digits:   min(most, strings.Count(whole, "0")),
		decimals: min(most, strings.Count(decimals, "0")),
	}
}

// withoutLiterals drops what a format only shows: quoted texts, escaped characters, colours and conditions.
func withoutLiterals(code string) string {
	var bare strings.Builder

	ends := map[byte]byte{'"': '"', '[': ']'}

	for i := 0; i < len(code); i++ {
		if end, found := ends[code[i]]; found {
			length := strings.IndexByte(code[i+1:], end)
			if length < 0 {
				break
			}

			i += length + 1

			continue
		}

		if code[i] == '\\' || code[i] == '_' || code[i] == '*' {
			i++

			continue
		}

		bare.WriteByte(code[i])
	}

	return bare.String()
}

// dateText writes a moment as Italians do.
func (s numberStyle) dateText(at time.Time) string {
	clock := "15:04"
	if at.Second() != 0 {
		clock = time.TimeOnly
	}

	switch {
	case !s.time:
		return at.Format("02/01/2006")
	case !s.date:
		return at.Format(clock)
	}

	return at.Format("02/01/2006 " + clock)
}
