package notification

import "time"

// sanFrancescoSince is the first year in which 4 October is a public holiday (law of 8 October 2025, no. 151).
const sanFrancescoSince = 2026

// IsHoliday tells whether a day is one of Italy's public holidays (law of 27 May 1949, no. 260, and its changes). The
// feasts of patron saints, which are each municipality's own, are none; nor are Sundays, but Easter.
func IsHoliday(day time.Time) bool {
	year, month, date := day.Date()

	switch month {
	case time.January:
		return date == 1 || date == 6
	case time.April:
		if date == 25 {
			return true
		}
	case time.May:
		return date == 1
	case time.June:
		return date == 2
	case time.August:
		return date == 15
	case time.October:
		return date == 4 && year >= sanFrancescoSince
	case time.November:
		return date == 1
	case time.December:
		return date == 8 || date == 25 || date == 26
	case time.February, time.March, time.July, time.September:
	}

	easter := Easter(year)
	monday := easter.AddDate(0, 0, 1)

	return month == easter.Month() && date == easter.Day() || month == monday.Month() && date == monday.Day()
}

// Easter is the day of Easter in a year of the Gregorian calendar, at midnight UTC: the anonymous computation that "Nature"
// published in 1876, as Meeus gives it (Astronomical Algorithms, chapter 8). Its letters are the customary ones.
//
//nolint:mnd // the numbers are those of the computation.
func Easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114

	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
