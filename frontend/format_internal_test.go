package frontend

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func TestDurationsAndSizesInWords(t *testing.T) {
	t.Parallel()

	texts, err := readCatalogue()
	require.NoError(t, err)

	italian, english := page{Lang: notification.Italian, messages: texts}, page{Lang: notification.English, messages: texts}

	for took, expected := range map[time.Duration]string{
		-time.Hour:                      "meno di un minuto",
		59 * time.Second:                "meno di un minuto",
		time.Minute:                     "circa 1 minuto",
		59*time.Minute + 29*time.Second: "circa 59 minuti",
		59*time.Minute + 40*time.Second: "circa 1 ora",
		61 * time.Minute:                "circa 1 ora e 1 minuto",
		47*time.Hour + 5*time.Minute:    "circa 47 ore e 5 minuti",
		48 * time.Hour:                  "circa 2 giorni",
		49*time.Hour + 20*time.Minute:   "circa 2 giorni e 1 ora",
		71*time.Hour + 45*time.Minute:   "circa 3 giorni",
		1_000 * 24 * time.Hour:          "circa 1.000 giorni",
	} {
		require.Equal(t, expected, duration(took, italian))
	}

	require.Equal(t, "about 2 hours and 1 minute", duration(121*time.Minute, english))

	for bytes, expected := range map[int64]string{
		0: "", 999: "999 B", 1_499: "1 kB", 1_500: "2 kB", 1_260_000: "1,3 MB", 52_428_800: "52,4 MB",
	} {
		require.Equal(t, expected, fileSize(bytes, notification.Italian))
	}

	require.Equal(t, "52.4 MB", fileSize(52_428_800, notification.English))
}

func TestColumnsAreNamedAsSpreadsheetsDo(t *testing.T) {
	t.Parallel()

	for number, letters := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 199: "GR", 701: "ZZ", 702: "AAA"} {
		require.Equal(t, letters, columnLetters(number))
	}
}
