package notification

import (
	"slices"
	"time"
)

// sanFrancescoSince is the first year in which 4 October is a public holiday (law of 8 October 2025, no. 151).
const sanFrancescoSince = 2026

// dayOfYear is a day that comes every year.
type dayOfYear struct {
	month time.Month
	date  int
}

// fixedHolidays are those of Italy's public holidays that have the same date every year (law of 27 May 1949, no. 260, and
// its changes), but San Francesco.
func fixedHolidays() []dayOfYear {
	return []dayOfYear{
		{time.January, 1},
		{time.January, 6},
		{time.April, 25},
		{time.May, 1},
		{time.June, 2},
		{time.August, 15},
		{time.November, 1},
		{time.December, 8},
		{time.December, 25},
		{time.December, 26},
	}
}

// IsHoliday tells whether a day is one of Italy's public holidays. The feasts of patron saints, which are each municipality's
// own, are none; nor are Sundays, but Easter.
func IsHoliday(day time.Time) bool {
	year := day.Year()
	today := dayOfYear{day.Month(), day.Day()}

	if slices.Contains(fixedHolidays(), today) || today == (dayOfYear{time.October, 4}) && year >= sanFrancescoSince {
		return true
	}

	easter := Easter(year)
	monday := easter.AddDate(0, 0, 1)

	return today == (dayOfYear{easter.Month(), easter.Day()}) || today == (dayOfYear{monday.Month(), monday.Day()})
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
