package frontend

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

// FuzzFilter: an address that a filter writes reads as the same filter, and nothing that is read makes a period or a
// reason that the page would not say.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"reason=io_rejected&why=chiave", "period=7d&from=2026-01-01", "status=failed&status=x", "why=%00", "reason=%ff", "person=1&batch=%27",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Skip()
		}

		read := readFilter(values).firstPage()
		require.Equal(t, read, filterOf(read.values().Encode()))

		at := reading{zone: time.UTC, now: time.Date(2026, time.November, 23, 11, 0, 0, 0, time.UTC), lang: notification.Italian}

		asked, problems := read.query(at, "")
		if read.Why != "" {
			require.True(t, len(asked.Reasons) > 0 || problems[paramWhy] != "", "words that find no reason must not find everything")
		}

		require.False(t, read.Period != "" && read.From+read.To != "")
	})
}

func TestWhomASearchIsFor(t *testing.T) {
	t.Parallel()

	for whom, want := range map[string][3]string{
		"":                               {"", "", ""},
		"RSSMRA80A01H501U":               {"RSSMRA80A01H501U", "", "•••••••••••••01U"},
		"+393331234567":                  {"", "+393331234567", "••••••••••567"},
		"RSSMRA80A01H501U +393331234567": {"RSSMRA80A01H501U", "+393331234567", "•••••••••••••01U ••••••••••567"},
	} {
		code, phone := fiscalCodeAndPhone(whom)
		require.Equal(t, want, [3]string{code, phone, maskedPerson(whom)})
		require.Equal(t, whom, whoIs(code, phone))
	}
}
