package fiscalcode

import (
	"strings"
	"time"
)

const (
	// monthLetters are the months from January to December (decree of 23 December 1976).
	monthLetters = "ABCDEHLMPRST"
	// femaleDayOffset is added to the day of birth of women.
	femaleDayOffset = 40
	// longestLife is the longest documented human life in years: no reading of a code goes beyond it.
	longestLife = 122

	yearsPerCentury = 100
)

// BirthDates lists every date of birth that the code can mean for somebody alive on ref's calendar day, the
// latest first, each at midnight UTC. Two where the person may be under 22 or over 100; none for a
// provisional code.
func (c Code) BirthDates(ref time.Time) []time.Time {
	if c.kind != Personal {
		return nil
	}

	today := time.Date(ref.Year(), ref.Month(), ref.Day(), 0, 0, 0, 0, time.UTC)
	oldest := today.AddDate(-longestLife, 0, 0)
	century := today.Year() - today.Year()%yearsPerCentury

	var dates []time.Time

	for ; century+yearsPerCentury > oldest.Year(); century -= yearsPerCentury {
		date, exists := dateOf(century+twoDigits(c.value, yearStart), birthMonth(c.value), birthDay(c.value))
		if exists && !date.After(today) && !date.Before(oldest) {
			dates = append(dates, date)
		}
	}

	return dates
}

func birthMonth(code string) time.Month {
	return time.Month(strings.IndexByte(monthLetters, code[monthIndex]) + 1)
}

// encodedDay is the day as written, women's offset included.
func encodedDay(code string) int { return twoDigits(code, dayStart) }

func birthDay(code string) int {
	day := encodedDay(code)
	if day > femaleDayOffset {
		return day - femaleDayOffset
	}

	return day
}

// dayExists tells whether any century has the day: 29 February only where the two-digit year can be leap.
// Year 00 can, because 2000 was.
func dayExists(body string) bool {
	const aCenturyWithLeapYear00, shortestMonth = 2000, 28

	if day := birthDay(body); day >= 1 && day <= shortestMonth {
		return true
	}

	_, exists := dateOf(aCenturyWithLeapYear00+twoDigits(body, yearStart), birthMonth(body), birthDay(body))

	return exists
}

// dateOf is false where time.Date had to roll a day over, as in 31 February.
func dateOf(year int, month time.Month, day int) (time.Time, bool) {
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)

	return date, date.Month() == month && date.Day() == day
}
