package batch

import (
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// unexpectedEnd: a part that ends within an element is damaged.
func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return problem(problemBroken)
	}

	return err
}

// unescaped undoes Excel's own way to write characters that XML cannot hold, _x000D_ (ECMA-376, ST_Xstring).
func unescaped(text string) string {
	const escape = len("_x000D_")

	if !strings.Contains(text, "_x") {
		return text
	}

	var plain strings.Builder

	for text != "" {
		if len(text) >= escape && text[:2] == "_x" && text[escape-1] == '_' {
			if code, err := strconv.ParseUint(text[2:escape-1], 16, 16); err == nil {
				plain.WriteRune(max(1, rune(code))) // a NUL is as unwanted as any control character, and is found as such

				text = text[escape:]

				continue
			}
		}

		plain.WriteByte(text[0])
		text = text[1:]
	}

	return plain.String()
}

const (
	// exactDigits are as many as Excel keeps of a number.
	exactDigits = 15
	exactBelow  = 1e15
	comma       = ","
)

// numberText writes a number as an Italian reads it in its cell: with a decimal comma and without thousands, as a date
// where the cell's style says so.
func numberText(raw string, style numberStyle, epoch1904 bool) (string, kind) {
	number, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return raw, kindText
	}

	if at, ok := dateOfSerial(number, epoch1904); ok && (style.date || style.time) {
		return style.dateText(at), kindDate
	}

	if math.Abs(number) >= exactBelow {
		return raw, kindImprecise
	}

	return style.plainText(number), kindNumber
}

// plainText rounds to the digits that Excel keeps.
func (s numberStyle) plainText(number float64) string {
	digits := strconv.FormatFloat(number, 'g', exactDigits, 64)

	rounded, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return digits
	}

	whole, decimals, _ := strings.Cut(strconv.FormatFloat(rounded, 'f', -1, 64), ".")
	if missing := s.digits - len(whole); missing > 0 && number >= 0 {
		whole = strings.Repeat("0", missing) + whole
	}

	if missing := s.decimals - len(decimals); missing > 0 {
		decimals += strings.Repeat("0", missing)
	}

	if decimals == "" {
		return whole
	}

	return whole + comma + decimals
}

// dateOfSerial reads Excel's number of a day, whose fraction is the time. Days before 1 March 1900 are left alone: Excel
// believes that 29 February 1900 existed.
func dateOfSerial(serial float64, epoch1904 bool) (time.Time, bool) {
	const (
		firstSound   = 61
		beyondYear9k = 2_958_466
		secondsADay  = 24 * 60 * 60
	)

	epoch, first := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC), float64(firstSound)
	if epoch1904 {
		epoch, first = time.Date(1904, time.January, 1, 0, 0, 0, 0, time.UTC), 1
	}

	// Below one day it is a time alone.
	if serial < 0 || serial >= beyondYear9k || (serial >= 1 && serial < first) {
		return time.Time{}, false
	}

	days := math.Floor(serial)
	seconds := math.Round((serial - days) * secondsADay)

	return epoch.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second), true
}
