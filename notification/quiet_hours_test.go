package notification_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

const (
	nine  = notification.DayTime(21 * 60)
	eight = notification.DayTime(8 * 60)
)

func rome(t *testing.T, text string) time.Time {
	t.Helper()

	zone, err := time.LoadLocation("Europe/Rome")
	require.NoError(t, err)

	moment, err := time.ParseInLocation(time.DateTime, text, zone)
	require.NoError(t, err)

	return moment
}

func utc(t *testing.T, text string) time.Time {
	t.Helper()

	moment, err := time.Parse(time.DateTime, text)
	require.NoError(t, err)

	return moment
}

func TestQuietHours(t *testing.T) {
	t.Parallel()

	nights := notification.QuietHours{From: nine, Until: eight}
	festive := notification.QuietHours{From: nine, Until: eight, Holidays: true}

	for name, test := range map[string]struct {
		quiet     notification.QuietHours
		now, want string
	}{
		"none":                          {notification.QuietHours{}, "2026-11-26 03:00:00", "2026-11-26 03:00:00"},
		"by day":                        {nights, "2026-11-26 12:00:07", "2026-11-26 12:00:07"},
		"the last second":               {nights, "2026-11-26 20:59:59", "2026-11-26 20:59:59"},
		"the first":                     {nights, "2026-11-26 21:00:00", "2026-11-27 08:00:00"},
		"after midnight":                {nights, "2026-11-27 00:30:59", "2026-11-27 08:00:00"},
		"the last quiet one":            {nights, "2026-11-27 07:59:59", "2026-11-27 08:00:00"},
		"it opens":                      {nights, "2026-11-27 08:00:00", "2026-11-27 08:00:00"},
		"at noon":                       {notification.QuietHours{From: 780, Until: 840}, "2026-11-27 13:10:00", "2026-11-27 14:00:00"},
		"into the year's first day":     {nights, "2026-12-31 23:59:00", "2027-01-01 08:00:00"},
		"Sunday counts by itself":       {notification.QuietHours{Holidays: true}, "2026-11-29 10:00:00", "2026-11-30 00:00:00"},
		"Saturday night to Monday":      {festive, "2026-11-28 22:00:00", "2026-11-30 08:00:00"},
		"Christmas, its morrow, Sunday": {festive, "2026-12-24 21:30:00", "2026-12-28 08:00:00"},
		"Easter Monday":                 {festive, "2026-04-04 21:30:00", "2026-04-07 08:00:00"},
		"Sundays that do not count":     {nights, "2026-11-29 10:00:00", "2026-11-29 10:00:00"},
		"the night of spring":           {nights, "2026-03-28 23:00:00", "2026-03-29 08:00:00"},
		"the night of autumn":           {nights, "2026-10-24 23:00:00", "2026-10-25 08:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := test.quiet.Opens(rome(t, test.now).UTC(), notification.PriorityNormal)
			require.True(t, rome(t, test.want).Equal(got), notification.InItaly(got).String())
		})
	}
}

// On the night of spring 02:30 is missing, on that of autumn it comes twice.
func TestQuietHoursOnNightsWhenClocksChange(t *testing.T) {
	t.Parallel()

	early := notification.QuietHours{From: nine, Until: notification.DayTime(150)}

	for name, test := range map[string]struct{ now, want string }{
		"02:30 is skipped":    {"2026-03-28 23:30:00", "2026-03-29 01:00:00"}, // 00:30, opens at 03:00 of summer time
		"the first 02:30":     {"2026-10-24 23:30:00", "2026-10-25 00:30:00"}, // 01:30, opens at 02:30 of summer time
		"back to a quiet one": {"2026-10-25 01:00:00", "2026-10-25 01:30:00"}, // 02:00 of winter time, opens at its 02:30
		"in between":          {"2026-10-25 00:45:00", "2026-10-25 00:45:00"}, // 02:45 of summer time
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, utc(t, test.want), early.Opens(utc(t, test.now), notification.PriorityNormal))
		})
	}
}

func TestUrgentOnesNeedNotWait(t *testing.T) {
	t.Parallel()

	night := rome(t, "2026-11-26 23:00:00")
	quiet := notification.QuietHours{From: nine, Until: eight}
	require.Equal(t, night, quiet.Opens(night, notification.PriorityUrgent))
	require.True(t, quiet.Opens(night, notification.PriorityBulk).After(night))

	quiet.UrgentToo = true
	require.True(t, quiet.Opens(night, notification.PriorityUrgent).After(night))
}

// Whatever the hours, an SMS goes out in the end, and never in a quiet minute.
func TestQuietHoursAlwaysEnd(t *testing.T) {
	t.Parallel()

	start := utc(t, "2026-12-20 00:00:00")

	for from := notification.DayTime(0); from < 1440; from += 97 {
		for length := notification.DayTime(1); length <= 1200; length += 173 {
			quiet := notification.QuietHours{From: from, Until: (from + length) % 1440, Holidays: from%2 == 0}

			for step := range 12 {
				now := start.Add(time.Duration(step) * 29 * time.Hour)
				opens := quiet.Opens(now, notification.PriorityNormal)
				require.False(t, opens.Before(now))
				require.Less(t, opens.Sub(now), 6*24*time.Hour)
				require.Equal(t, opens, quiet.Opens(opens, notification.PriorityNormal), "it is open then")
			}
		}
	}
}

func TestQuietHoursTravelAsJSON(t *testing.T) {
	t.Parallel()

	plain, err := json.Marshal(notification.DefaultPolicy())
	require.NoError(t, err)
	require.NotContains(t, string(plain), "quiet", "old and new policies without them read the same")

	policy := notification.DefaultPolicy()
	policy.Quiet = notification.QuietHours{From: nine, Until: 0, Holidays: true, UrgentToo: true}

	written, err := json.Marshal(policy)
	require.NoError(t, err)
	require.Contains(t, string(written), `"quiet":{"from":"21:00","holidays":true,"urgent_too":true}`)

	var read notification.Policy

	require.NoError(t, json.Unmarshal(written, &read))
	require.Equal(t, policy, read)
	require.Error(t, json.Unmarshal([]byte(`{"quiet":{"from":"25:00"}}`), &read))
}

func TestHolidays(t *testing.T) {
	t.Parallel()

	for year, days := range map[int][]string{
		2024: {"01-01", "01-06", "03-31", "04-01", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"},
		2025: {"01-01", "01-06", "04-20", "04-21", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"},
		2026: {"01-01", "01-06", "04-05", "04-06", "04-25", "05-01", "06-02", "08-15", "10-04", "11-01", "12-08", "12-25", "12-26"},
		2027: {"01-01", "01-06", "03-28", "03-29", "04-25", "05-01", "06-02", "08-15", "10-04", "11-01", "12-08", "12-25", "12-26"},
		2038: {"01-01", "01-06", "04-25", "04-26", "05-01", "06-02", "08-15", "10-04", "11-01", "12-08", "12-25", "12-26"},
	} {
		found := []string{}

		for day := time.Date(year, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() == year; day = day.AddDate(0, 0, 1) {
			if notification.IsHoliday(day) {
				found = append(found, day.Format("01-02"))
			}
		}

		require.Equal(t, days, found, year)
	}
}

func TestEaster(t *testing.T) {
	t.Parallel()

	for _, day := range []string{
		"1818-03-22", "1943-04-25", "1954-04-18", "2000-04-23", "2008-03-23", "2011-04-24", "2019-04-21", "2026-04-05", "2049-04-18",
		"2076-04-19", "2100-03-28",
	} {
		want, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)
		require.Equal(t, want, notification.Easter(want.Year()))
	}
}

func TestDayTime(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]notification.DayTime{"8:00": 480, "08:00": 480, "21.30": 1290, "00:00": 0, "23:59": 1439} {
		got, ok := notification.ParseDayTime(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}

	for _, text := range []string{"", "8", "800", "24:00", "12:60", "-1:00", "1:-1", "12:0x", "112:00", "12:00:00", "12;00", "١٢:٠٠"} {
		_, ok := notification.ParseDayTime(text)
		require.False(t, ok, text)
	}

	require.Equal(t, "08:00", eight.String())
	require.Equal(t, "8:00", eight.Spoken())
}

func FuzzParseDayTime(f *testing.F) {
	f.Add("8:00")
	f.Add("21.30")
	f.Fuzz(func(t *testing.T, text string) {
		if got, ok := notification.ParseDayTime(text); ok {
			again, ok := notification.ParseDayTime(got.String())
			require.True(t, ok)
			require.Equal(t, got, again)
		}
	})
}
