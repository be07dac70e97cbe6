package batch

import (
	"testing"
	"time"
	_ "time/tzdata" // Italian time on machines that have no time zone data

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	t.Parallel()

	const (
		endOfDay = "2026-12-31T22:59:59Z"
		half     = "2026-12-31T11:30:00Z"
	)

	italy, err := time.LoadLocation("Europe/Rome")
	require.NoError(t, err)

	cases := map[string]string{
		"31/12/2026":                endOfDay,
		"31-12-2026":                endOfDay,
		"31.12.2026":                endOfDay,
		"2026-12-31":                endOfDay,
		"2026/12/31":                endOfDay,
		"20261231":                  endOfDay,
		"31/12/2026 00:00:00":       endOfDay,
		"2026-12-31T00:00:00":       endOfDay,
		"31/12/2026 12:30":          half,
		"31/12/2026 12.30":          half,
		"2026-12-31T12:30:00":       half,
		"2026-12-31 12:30:00.000":   half,
		"2026-12-31T11:30:00Z":      half,
		"2026-12-31T11:30:00.5Z":    half,
		"2026-12-31T12:30:00+01:00": half,
		"2026-12-31T06:30:00-0500":  half,
		"2026-12-31T00:00:00Z":      "2026-12-31T00:00:00Z",
		"1/7/2026":                  "2026-07-01T21:59:59Z", // summer time
		"01/02/2026":                "2026-02-01T22:59:59Z", // day first, always
		"29/02/2028":                "2028-02-29T22:59:59Z",
	}

	for written, want := range cases {
		t.Run(written, func(t *testing.T) {
			t.Parallel()

			found, code := parseDate(written, kindText)
			require.Empty(t, code)
			require.Equal(t, want, found.at(italy, 23, 59, 59).Format(time.RFC3339))
		})
	}
}

func TestParseDateRefuses(t *testing.T) {
	t.Parallel()

	for written, want := range map[string]string{
		"12/31/2026":          issueDateMonthFirst,
		"2026-31-12":          issueDateMonthFirst,
		"31/12/26":            issueDateShortYear,
		"46387":               issueDateSerial,
		"31/02/2026":          issueDateMissingDay,
		"29/02/2026":          issueDateMissingDay,
		"00/01/2026":          issueDateMissingDay,
		"13/13/2026":          issueDateMissingDay,
		"31/12/1999":          issueDateRange,
		"31/12/2100":          issueDateRange,
		"31 dicembre 2026":    issueDateFormat,
		"31/12":               issueDateFormat,
		"31//12/2026":         issueDateFormat,
		"31/12/20261":         issueDateFormat,
		"131/12/2026":         issueDateFormat,
		"31/12/2026 25:00":    issueDateFormat,
		"31/12/2026 12:30 am": issueDateFormat,
		"domani":              issueDateFormat,
		"1":                   issueDateFormat,
		"2026-12-31+01:00":    issueDateFormat,
	} {
		t.Run(written, func(t *testing.T) {
			t.Parallel()

			_, code := parseDate(written, kindText)
			require.Equal(t, want, code)
		})
	}
}

func TestSerialDates(t *testing.T) {
	t.Parallel()

	for serial, want := range map[string]string{
		"46387": "2026-12-31 00:00:00", "46387,5": "2026-12-31 12:00:00", "36526": "2000-01-01 00:00:00",
		"46387,9999999": "2027-01-01 00:00:00",
	} {
		found, code := parseDate(serial, kindNumber)
		require.Empty(t, code, serial)
		require.Equal(t, want, found.at(time.UTC, 0, 0, 0).Format(time.DateTime))
	}

	found, code := parseDate("44925", kindNumber1904)
	require.Empty(t, code)
	require.Equal(t, "2026-12-31", found.at(time.UTC, 0, 0, 0).Format(time.DateOnly))

	_, code = parseDate("60", kindNumber)
	require.Equal(t, issueDateFormat, code, "29 February 1900 never was")

	_, code = parseDate("18264", kindNumber)
	require.Equal(t, issueDateRange, code)
}

func TestAWrittenDateIsReadBack(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		date := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 36_000).Draw(t, "days"))
		layout := rapid.SampledFrom([]string{"02/01/2006", "2-1-2006", "02.01.2006", time.DateOnly, "20060102"}).Draw(t, "layout")

		found, code := parseDate(date.Format(layout), kindText)
		require.Empty(t, code)
		require.Equal(t, date, found.at(time.UTC, 0, 0, 0))
	})
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{
		"31/12/2026", "2026-12-31T12:30:00+01:00", "12/31/2026", "46387", "46387,5", "2026-12-31 12:30Z", "31.12.2026 9.15",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []kind{kindText, kindNumber, kindNumber1904} {
			found, code := parseDate(text, read)
			if code != "" {
				require.Zero(t, found)

				continue
			}

			at := found.at(time.UTC, 9, 0, 0)
			require.GreaterOrEqual(t, at.Year(), firstYear-1)
			require.LessOrEqual(t, at.Year(), lastYear+1)
		}
	})
}
