package notification_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func TestReasonsAreFoundByTheirWords(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		text string
		lang notification.Lang
		want []notification.Reason
	}{
		"Italian":            {"provvisorio di 11 cifre", notification.Italian, []notification.Reason{notification.ReasonFiscalCodeProvisional}},
		"English":            {"provisional 11-digit", notification.English, []notification.Reason{notification.ReasonFiscalCodeProvisional}},
		"the other language": {"provisional 11-digit", notification.Italian, nil},
		"case":               {"HA GIÀ PAGATO", notification.Italian, []notification.Reason{notification.ReasonPaid}},
		"without accents":    {"gia pagato", notification.Italian, []notification.Reason{notification.ReasonPaid}},
		"an accent apart":    {"gia\u0300 pagato", notification.Italian, []notification.Reason{notification.ReasonPaid}},
		"spaces":             {"  già \n pagato ", notification.Italian, []notification.Reason{notification.ReasonPaid}},
		"apostrophes":        {"l’ente ha annullato", notification.Italian, []notification.Reason{notification.ReasonCancelledByEnte}},
		"no such words":      {"un fulmine", notification.Italian, nil},
		"nothing":            {"", notification.Italian, nil},
		"spaces alone":       {" \t", notification.Italian, nil},
		"a stop alone":       {".", notification.Italian, nil},
		"an accent alone":    {"\u0300", notification.Italian, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, notification.ReasonsSaying(test.text, test.lang))
		})
	}
}

func TestEveryReasonIsFoundByItsWholeSentence(t *testing.T) {
	t.Parallel()

	for _, text := range notification.Catalogue() {
		require.Contains(t, notification.ReasonsSaying(text.Messaggio, notification.Italian), text.Reason)
		require.Contains(t, notification.ReasonsSaying(strings.ToUpper(text.Message), notification.English), text.Reason)
	}
}

func FuzzReasonsSaying(f *testing.F) {
	for _, seed := range []string{"", "rifiutato", "GIÀ", "\u0300", "\xff", "l'"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		found := notification.ReasonsSaying(text, notification.Italian)
		require.False(t, len(found) > 0 && !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }))
		require.Equal(t, found, notification.ReasonsSaying(" "+text+" ", notification.Italian))

		for _, reason := range found {
			require.True(t, reason.Known())
		}

		require.Len(t, slices.Compact(slices.Clone(found)), len(found))
	})
}
