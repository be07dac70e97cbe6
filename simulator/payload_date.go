package simulator

import (
	"regexp"
	"strconv"
	"time"
)

// ioDateRegexp joins the two patterns of IO's date codec: UTC (or no zone, read as UTC), and an offset with a colon.
var ioDateRegexp = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$`)

// dateFields are the numbers of a date, in the order of the text.
type dateFields struct{ year, month, day, hour, minute, second, millisecond int }

// parseIODate reads a date as IO's codec and JavaScript's Date do: days past a month's end roll over into the next,
// 24:00:00 is the next midnight, and what is finer than a millisecond is cut.
func parseIODate(text string) (time.Time, bool) {
	groups := ioDateRegexp.FindStringSubmatch(text)
	if groups == nil {
		return time.Time{}, false
	}

	offset, inRange := parseOffset(groups[8])

	date := dateFields{
		year: number(groups[1]), month: number(groups[2]), day: number(groups[3]),
		hour: number(groups[4]), minute: number(groups[5]), second: number(groups[6]),
		millisecond: number((groups[7] + "000")[:len("000")]),
	}
	if !inRange || !date.inRange() {
		return time.Time{}, false
	}

	moment := time.Date(date.year, time.Month(date.month), date.day, date.hour, date.minute, date.second,
		date.millisecond*int(time.Millisecond), time.UTC)

	return moment.Add(-offset), true
}

func (d dateFields) inRange() bool {
	const lastMonth, lastDay, lastHour, lastMinute = 12, 31, 23, 59

	if d.month < 1 || d.month > lastMonth || d.day < 1 || d.day > lastDay {
		return false
	}

	if d.hour == lastHour+1 {
		return d.minute == 0 && d.second == 0 && d.millisecond == 0
	}

	return d.hour <= lastHour && d.minute <= lastMinute && d.second <= lastMinute
}

// parseOffset reads ±hh:mm; nothing and Z are UTC.
func parseOffset(zone string) (time.Duration, bool) {
	const lastHour, lastMinute = 23, 59

	if zone == "" || zone == "Z" {
		return 0, true
	}

	hours, minutes := number(zone[1:3]), number(zone[4:6])
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute

	if zone[0] == '-' {
		offset = -offset
	}

	return offset, hours <= lastHour && minutes <= lastMinute
}

// number reads digits that a pattern has vouched for.
func number(digits string) int {
	value, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}

	return value
}

// ioTimestamp writes a moment as JavaScript's toISOString does.
func ioTimestamp(moment time.Time) string { return moment.UTC().Format("2006-01-02T15:04:05.000Z") }
