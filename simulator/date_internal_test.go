package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParseIODate holds what PagoPA's codec (ts-commons 13.1.2 on Node 20) makes of each text.
func TestParseIODate(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"2026-10-31T10:00:00Z":             "2026-10-31T10:00:00.000Z",
		"2026-10-31T10:00:00":              "2026-10-31T10:00:00.000Z",
		"2026-10-31T10:00:00.1Z":           "2026-10-31T10:00:00.100Z",
		"2026-10-31T10:00:00.123456789Z":   "2026-10-31T10:00:00.123Z",
		"2026-10-31T10:00:00.9999Z":        "2026-10-31T10:00:00.999Z",
		"2026-02-31T10:00:00Z":             "2026-03-03T10:00:00.000Z",
		"2026-10-31T24:00:00Z":             "2026-11-01T00:00:00.000Z",
		"2026-10-31T10:00:00+23:59":        "2026-10-30T10:01:00.000Z",
		"2026-10-31T10:00:00-01:30":        "2026-10-31T11:30:00.000Z",
		"0000-01-01T00:00:00Z":             "0000-01-01T00:00:00.000Z",
		"2026-10-31":                       "",
		"2026-10-31T10:00Z":                "",
		"2026-10-31 10:00:00Z":             "",
		"2026-10-31T10:00:00+0200":         "",
		"2026-10-31T10:00:00+02":           "",
		"2026-10-31t10:00:00z":             "",
		"2026-13-31T10:00:00Z":             "",
		"2026-10-32T10:00:00Z":             "",
		"2026-10-00T10:00:00Z":             "",
		"2026-10-31T25:00:00Z":             "",
		"2026-02-28T24:00:01Z":             "",
		"2026-10-31T24:00:00.5Z":           "",
		"2026-10-31T10:61:00Z":             "",
		"2026-10-31T10:00:60Z":             "",
		"2026-10-31T10:00:00+24:00":        "",
		"2026-10-31T10:00:00+23:60":        "",
		"2026-10-31T10:00:00,1Z":           "",
		"2026-10-31T10:00:00Zx":            "",
		"2026-10-31T10:00:00Z\n":           "",
		"":                                 "",
		"2026-10-31T10:00:00.1+01:00":      "2026-10-31T09:00:00.100Z",
		"2026-10-31T10:00:00.+01:00":       "",
		"2026-10-31T10:00:00.000000+00:00": "2026-10-31T10:00:00.000Z",
	} {
		moment, valid := parseIODate(text)
		require.Equal(t, want != "", valid, text)

		if valid {
			require.Equal(t, want, ioTimestamp(moment), text)
		}
	}
}

func FuzzParseIODate(f *testing.F) {
	for _, seed := range []string{"2026-10-31T10:00:00Z", "2026-10-31T24:00:00", "2026-10-31T10:00:00.5-23:59", "x", ""} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		moment, valid := parseIODate(text)
		if !valid || moment.Year() < 0 || moment.Year() > 9999 {
			return
		}

		again, valid := parseIODate(ioTimestamp(moment))
		require.True(t, valid, "what IO writes it can read")
		require.Equal(t, ioTimestamp(moment), ioTimestamp(again))
	})
}

func FuzzCheckSubmission(f *testing.F) {
	f.Add([]byte(`{"content":{"subject":"Oggetto di prova","markdown":"m"},"time_to_live":null}`))
	f.Add([]byte(`{"content":{"payment_data":{"amount":1e400,"payee":{}},"due_date":1}}`))
	f.Add([]byte(`[]`))
	f.Add([]byte(`null`))

	f.Fuzz(func(t *testing.T, body []byte) {
		message, check := checkSubmission(body)
		if check.failed() {
			require.NotEmpty(t, check.report())

			return
		}

		require.True(t, lengthRule(minSubject, maxSubject).accepts(message.content.Subject))
		require.GreaterOrEqual(t, message.timeToLive, int64(minTimeToLive))
		require.NotEmpty(t, message.featureLevel)
	})
}
