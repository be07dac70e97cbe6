package notification

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // Italian time must be right on machines that have no time zone data, too
)

// QuietHours is when no SMS begins its way to a citizen's phone, in Italian time. The zero value is never.
type QuietHours struct {
	// From and Until bound the quiet part of each day: from From, included, to Until, which may be on the next day. Equal:
	// no part of a day.
	From  DayTime `json:"from,omitzero"`
	Until DayTime `json:"until,omitzero"`
	// Holidays keeps Sundays and the Italian public holidays quiet all day long.
	Holidays bool `json:"holidays,omitempty"`
	// UrgentToo keeps urgent notifications waiting, too.
	UrgentToo bool `json:"urgent_too,omitempty"`
}

// IsZero tells whether no hour is quiet.
func (q QuietHours) IsZero() bool { return q.From == q.Until && !q.Holidays }

// Daily tells whether a part of each day is quiet.
func (q QuietHours) Daily() bool { return q.From != q.Until }

// horizon is longer than any quiet time: holidays and Sundays never make more than four days in a row, at Christmas.
const horizon = 10 * 24 * time.Hour

// Opens is the first moment at which an SMS of the priority may begin its way: now, where now is not quiet.
// Only whole minutes are looked at, one after the other: so the nights on which clocks change need no rule of their own.
func (q QuietHours) Opens(now time.Time, priority Priority) time.Time {
	zone := italy()

	if q.IsZero() || priority == PriorityUrgent && !q.UrgentToo || !q.covers(now.In(zone)) {
		return now
	}

	next := now.Truncate(time.Minute)
	for end := next.Add(horizon); next.Before(end) && q.covers(next.In(zone)); {
		next = next.Add(time.Minute)
	}

	return next
}

// covers tells whether a moment, by Italian clocks, is quiet.
func (q QuietHours) covers(local time.Time) bool {
	clock := DayTime(local.Hour()*minutesInHour + local.Minute())

	switch {
	case q.Holidays && (local.Weekday() == time.Sunday || IsHoliday(local)):
		return true
	case q.From < q.Until:
		return q.From <= clock && clock < q.Until
	case q.From > q.Until:
		return q.From <= clock || clock < q.Until
	}

	return false
}

const (
	minutesInHour = 60
	minutesInDay  = 24 * minutesInHour
)

// DayTime is a time of the day, in minutes since midnight.
type DayTime int

// ParseDayTime reads a time such as 8:00 or 21.30; the second result is false for anything else.
func ParseDayTime(text string) (DayTime, bool) {
	hour, minute, found := strings.Cut(strings.Replace(text, ".", ":", 1), ":")

	hours, hoursOK := digitsOf(hour, len("23"))
	minutes, minutesOK := digitsOf(minute, len("59"))

	ok := found && hoursOK && minutesOK && len(minute) == len("59") && hours < minutesInDay/minutesInHour && minutes < minutesInHour

	return DayTime(hours*minutesInHour + minutes), ok
}

// String writes it as 08:00.
func (d DayTime) String() string {
	return fmt.Sprintf("%02d:%02d", d/minutesInHour, d%minutesInHour)
}

// Spoken writes it as 8:00, as it stands in a sentence.
func (d DayTime) Spoken() string {
	return fmt.Sprintf("%d:%02d", d/minutesInHour, d%minutesInHour)
}

// MarshalText writes it as 08:00.
func (d DayTime) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *DayTime) UnmarshalText(text []byte) error {
	parsed, ok := ParseDayTime(string(text))
	if !ok {
		return fmt.Errorf("not a time of the day: %q", text)
	}

	*d = parsed

	return nil
}

// InItaly is the moment by Italian clocks.
func InItaly(moment time.Time) time.Time { return moment.In(italy()) }

// italy is there at any time, because the zones' data are compiled in.
func italy() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return time.FixedZone("CET", int(time.Hour/time.Second))
	}

	return zone
}
