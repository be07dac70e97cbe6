package batch

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The years that a date may lie in, as for the due date of a content.
const (
	firstYear = 2000
	lastYear  = 2099
)

// moment is a date as it is written, with or without a time.
type moment struct {
	year, month, day     int
	hour, minute, second int
	// timed tells that there is a time. Midnight without a zone is none: programs write it behind a date that has no time.
	timed bool
	zone  *time.Location // nil: none is written
}

// at is the moment in time; a date without a time is at the given time of that day, where the time zone is not written.
func (m moment) at(location *time.Location, hour, minute, second int) time.Time {
	if m.timed {
		hour, minute, second = m.hour, m.minute, m.second
	}

	if m.zone != nil {
		location = m.zone
	}

	return time.Date(m.year, time.Month(m.month), m.day, hour, minute, second, 0, location).UTC()
}

// parseDate reads a date, and a time where one follows; the second result is the code of what is wrong.
func parseDate(text string, read kind) (moment, string) {
	if digitsOnly(text) || read.isNumber() {
		return bareNumber(text, read)
	}

	date, clock := text, ""
	if at := strings.IndexAny(text, "Tt "); at >= 0 {
		date, clock = text[:at], strings.TrimSpace(text[at+1:])
	}

	found, code := calendarDate(date)
	if code != "" {
		return moment{}, code
	}

	if clock != "" {
		var ok bool
		if found, ok = found.withClock(clock); !ok {
			return moment{}, issueDateFormat
		}
	}

	return found.checked()
}

// bareNumber reads 20261231, and a number as Excel keeps dates.
func bareNumber(text string, read kind) (moment, string) {
	const compact = len("20261231")

	if len(text) == compact && digitsOnly(text) {
		found := moment{year: int(number(text[:4])), month: int(number(text[4:6])), day: int(number(text[6:]))}

		return found.checked()
	}

	if read.isNumber() {
		return serialDate(text, read)
	}

	const shortest, longest = 5, 6
	if len(text) >= shortest && len(text) <= longest {
		return moment{}, issueDateSerial
	}

	return moment{}, issueDateFormat
}

// serialDate reads the number of a day in a cell that no style shows as a date.
func serialDate(text string, read kind) (moment, string) {
	serial, err := strconv.ParseFloat(strings.Replace(text, comma, ".", 1), 64)
	if err != nil {
		return moment{}, issueDateFormat
	}

	at, ok := dateOfSerial(serial, read == kindNumber1904)
	if !ok {
		return moment{}, issueDateFormat
	}

	found := moment{year: at.Year(), month: int(at.Month()), day: at.Day()}
	found.hour, found.minute, found.second = at.Clock()
	found.timed = found.hour+found.minute+found.second > 0

	return found.checked()
}

func (m moment) checked() (moment, string) {
	if m.month > 12 && m.day <= 12 {
		return moment{}, issueDateMonthFirst
	}

	date := time.Date(m.year, time.Month(m.month), m.day, 0, 0, 0, 0, time.UTC)
	if date.Day() != m.day || int(date.Month()) != m.month {
		return moment{}, issueDateMissingDay
	}

	if m.year < firstYear || m.year > lastYear {
		return moment{}, issueDateRange
	}

	return m, ""
}

// calendarDate reads 31/12/2026, with points or hyphens too, and 2026-12-31.
func calendarDate(text string) (moment, string) {
	const dayMonthYear, separatorsBetween, yearDigits = 3, 2, 4

	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '-' || r == '.' })
	if len(parts) != dayMonthYear || len(text) != len(strings.Join(parts, ""))+separatorsBetween ||
		slices.ContainsFunc(parts, func(part string) bool { return !digitsOnly(part) || len(part) > yearDigits }) {
		return moment{}, issueDateFormat
	}

	if len(parts[0]) == yearDigits {
		slices.Reverse(parts)
	}

	day, month, year := parts[0], parts[1], parts[2]

	switch {
	case len(day) > 2 || len(month) > 2:
		return moment{}, issueDateFormat
	case len(year) <= 2:
		return moment{}, issueDateShortYear
	case len(year) != yearDigits:
		return moment{}, issueDateFormat
	}

	return moment{year: int(number(year)), month: int(number(month)), day: int(number(day))}, ""
}

// withClock reads 12:30, 12:30:59, 12:30:59.999 and a zone as ISO 8601 writes it.
func (m moment) withClock(text string) (moment, bool) {
	text, m.zone = cutZone(text)

	for _, layout := range []string{"15:04", time.TimeOnly, "15.04"} {
		// Go's own reading takes a fraction behind the seconds too.
		at, err := time.Parse(layout, text)
		if err != nil {
			continue
		}

		m.hour, m.minute, m.second = at.Clock()
		m.timed = m.zone != nil || m.hour+m.minute+m.second > 0

		return m, true
	}

	return moment{}, false
}

func cutZone(text string) (clock string, zone *time.Location) {
	if bare, found := strings.CutSuffix(strings.ToUpper(text), "Z"); found {
		return bare, time.UTC
	}

	at := strings.LastIndexAny(text, "+-")
	if at < 0 {
		return text, nil
	}

	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if parsed, err := time.Parse(layout, text[at:]); err == nil {
			_, offset := parsed.Zone()

			return strings.TrimSpace(text[:at]), time.FixedZone("", offset)
		}
	}

	return text, nil
}
