package batch_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
)

func TestEncodings(t *testing.T) {
	t.Parallel()

	const text = "codice fiscale;nome\r\nCF;Niccolò Città\r\nCF2;È l’ora\r\n"

	plain := strings.TrimSuffix(lines(text).Content, "\n")
	encode := func(text string, err error) string {
		require.NoError(t, err)

		return text
	}

	little := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder()
	big := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder()

	tests := map[string]struct {
		content string
		want    batch.Encoding
	}{
		"UTF-8":                      {plain, batch.EncodingUTF8},
		"UTF-8 with mark":            {"\xef\xbb\xbf" + plain, batch.EncodingUTF8},
		"Windows-1252":               {encode(charmap.Windows1252.NewEncoder().String(plain)), batch.EncodingWindows1252},
		"UTF-16 without mark":        {encode(little.String(plain)), batch.EncodingUTF16LE},
		"UTF-16 with mark":           {"\xff\xfe" + encode(little.String(plain)), batch.EncodingUTF16LE},
		"UTF-16 the other way round": {encode(big.String(plain)), batch.EncodingUTF16BE},
		"old Mac's line ends":        {strings.ReplaceAll(plain, "\r\n", "\r"), batch.EncodingUTF8},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			found, err := read(t, batchtest.File{Content: tt.content}, "nome")
			require.NoError(t, err)
			require.Equal(t, tt.want, found.layout.Encoding)
			require.Equal(t, 2, found.summary.Counts.Good)
			require.Equal(t, []string{"Niccolò Città"}, found.rows[0].Values)
			require.Equal(t, []string{"È l’ora"}, found.rows[1].Values)
		})
	}
}

// An accented letter far beyond the sample decides, and one broken character does not spoil a whole file.
func TestEncodingOfTheWholeFile(t *testing.T) {
	t.Parallel()

	many := "cf;nome\n" + strings.Repeat(citizen(3)+";Anna\n", 5000)

	found, err := read(t, batchtest.File{Content: many + citizen(4) + ";Niccol\xf2\n"}, "nome")
	require.NoError(t, err)
	require.Equal(t, batch.EncodingWindows1252, found.layout.Encoding)
	require.Equal(t, []string{"Niccolò"}, found.rows[5000].Values)

	accented := "cf;nome\n" + strings.Repeat(citizen(3)+";Niccolò\n", 20) + citizen(4) + ";Niccol\xc3\n"

	found, err = read(t, batchtest.File{Content: accented}, "nome")
	require.NoError(t, err)
	require.Equal(t, batch.EncodingUTF8, found.layout.Encoding)
	require.Equal(t, []string{"encoding"}, found.codes(20))

	_, err = read(t, batchtest.File{Content: "cf;nome\n" + citizen(3) + ";Niccolò\n" + citizen(4) + ";Niccol\xf2\n"}, "nome")
	requireProblem(t, err, "file_mixed_encodings")
}

func TestSeparators(t *testing.T) {
	t.Parallel()

	for name, separator := range map[string]string{"comma": ",", "semicolon": ";", "tab": "\t"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			for _, text := range []string{
				"Codice Fiscale|nome|nota\nCF|Anna|uno\nCF2|\"Rossi, Bianchi; e\tdue\nrighe\"|due\n",
				"Codice Fiscale|nome|nota\r\nCF|Anna; e, altri|uno\r\nCF2|\"Rossi, Bianchi; e\tdue\r\nrighe\"|due|||\r\n",
			} {
				content := lines(strings.ReplaceAll(text, "|", separator))
				if separator != "\t" && strings.Contains(text, "Anna;") {
					content.Content = strings.ReplaceAll(content.Content, "Anna; e, altri", `"Anna; e, altri"`)
				}

				found, err := read(t, content, "nome")
				require.NoError(t, err)
				require.Equal(t, separator, found.layout.Separator)
				require.Len(t, found.layout.Columns, 3)
				require.Equal(t, []string{"Rossi, Bianchi; e\tdue\nrighe"}, found.rows[1].Values)
				require.Equal(t, 2, found.summary.Counts.Good)
			}
		})
	}
}

func TestExcelsOwnSeparatorLine(t *testing.T) {
	t.Parallel()

	found, err := read(t, lines("sep=,", "cf,nome", "CF,Anna", "", "CF2,Ugo"), "nome")
	require.NoError(t, err)
	require.Equal(t, ",", found.layout.Separator)
	require.Equal(t, 2, found.rows[0].Number)
	require.Equal(t, 4, found.rows[1].Number, "an empty line is a row to a spreadsheet")
}
