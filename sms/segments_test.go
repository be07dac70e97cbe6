package sms_test

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/sms"
)

func TestCount(t *testing.T) {
	t.Parallel()

	digits := func(n int) string { return strings.Repeat("1", n) }

	cases := map[string]struct {
		text     string
		encoding sms.Encoding
		units    int
		parts    int
	}{
		"empty":                             {"", sms.EncodingGSM7, 0, 0},
		"one full SMS":                      {digits(160), sms.EncodingGSM7, 160, 1},
		"one too many":                      {digits(161), sms.EncodingGSM7, 161, 2},
		"two full parts":                    {digits(306), sms.EncodingGSM7, 306, 2},
		"three parts":                       {digits(307), sms.EncodingGSM7, 307, 3},
		"euro fits":                         {"€" + digits(158), sms.EncodingGSM7, 160, 1},
		"euro counts two":                   {"€" + digits(159), sms.EncodingGSM7, 161, 2},
		"every extension character":         {"\f^{}\\[~]|€", sms.EncodingGSM7, 20, 1},
		"whole alphabet":                    {"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà", sms.EncodingGSM7, 65, 1},
		"escape never straddles":            {digits(152) + "€" + digits(152), sms.EncodingGSM7, 306, 3},
		"70 accented capitals":              {strings.Repeat("Á", 70), sms.EncodingUCS2, 70, 1},
		"71 accented capitals":              {strings.Repeat("Á", 71), sms.EncodingUCS2, 71, 2},
		"emoji and 68":                      {"😜" + digits(68), sms.EncodingUCS2, 70, 1},
		"emoji and 69":                      {"😜" + digits(69), sms.EncodingUCS2, 71, 2},
		"emoji and 133":                     {"😜" + digits(133), sms.EncodingUCS2, 135, 3},
		"flag and 66":                       {"🇮🇹" + digits(66), sms.EncodingUCS2, 70, 1},
		"flag and 67":                       {"🇮🇹" + digits(67), sms.EncodingUCS2, 71, 2},
		"joined emoji and 64":               {"🏳️‍🌈" + digits(64), sms.EncodingUCS2, 70, 1},
		"joined emoji and 65":               {"🏳️‍🌈" + digits(65), sms.EncodingUCS2, 71, 2},
		"extension is single in UCS-2":      {"😀" + strings.Repeat("]", 68), sms.EncodingUCS2, 70, 1},
		"extension in UCS-2, one too many":  {"😀" + strings.Repeat("]", 69), sms.EncodingUCS2, 71, 2},
		"line ends":                         {"\rabcde\r\n123", sms.EncodingGSM7, 11, 1},
		"surrogate pair never straddles":    {"È" + digits(65) + "😜" + digits(66), sms.EncodingUCS2, 134, 3},
		"the Italian trap: one È":           {"È" + digits(159), sms.EncodingUCS2, 160, 3},
		"the apostrophe instead":            {"E'" + digits(158), sms.EncodingGSM7, 160, 1},
		"a small accent costs nothing":      {"è" + digits(159), sms.EncodingGSM7, 160, 1},
		"an invalid byte is not in GSM-7":   {"a\xff", sms.EncodingUCS2, 2, 1},
		"replacement character":             {"a\ufffd", sms.EncodingUCS2, 2, 1},
		"backtick and tab are not in GSM-7": {"`\t", sms.EncodingUCS2, 2, 1},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			counted := sms.Count(c.text)

			require.Equal(t, c.encoding, counted.Encoding)
			require.Equal(t, c.units, counted.Units)
			require.Equal(t, c.parts, counted.Parts)
			require.Equal(t, c.text, strings.Join(sms.Split(c.text), ""))
			require.Len(t, sms.Split(c.text), c.parts)
		})
	}
}

func TestCountRoom(t *testing.T) {
	t.Parallel()

	require.Equal(t, 160, sms.Count("").Room)
	require.Equal(t, 150, sms.Count("0123456789").Room)
	require.Equal(t, 0, sms.Count(strings.Repeat("1", 160)).Room)
	require.Equal(t, 145, sms.Count(strings.Repeat("1", 161)).Room)
	require.Equal(t, 69, sms.Count("È").Room)
	require.Equal(t, 0, sms.Count("È"+strings.Repeat("1", 133)).Room)
}

func TestCountOffenders(t *testing.T) {
	t.Parallel()

	counted := sms.Count("È l’ora: l’ufficio è chiuso\u200b… 😜 È")

	require.Equal(t, []sms.Offender{
		{Character: 'È', Count: 2, Substitute: "E'", Replaceable: true},
		{Character: '’', Count: 2, Substitute: "'", Replaceable: true},
		{Character: '\u200b', Count: 1, Substitute: "", Replaceable: true},
		{Character: '…', Count: 1, Substitute: "...", Replaceable: true},
		{Character: '😜', Count: 1, Substitute: "", Replaceable: false},
	}, counted.Offenders)
}

func TestSimplify(t *testing.T) {
	t.Parallel()

	cases := map[string]string{
		"":                          "",
		"già è così, perché no: É":  "già è così, perché no: É",
		"È À Ì Ò Ù Á Í Ó Ú":         "E' A' I' O' U' A' I' O' U'",
		"á í ó ú ç":                 "à ì ò ù c",
		"l’ora “esatta” «qui» ‘no’": "l'ora \"esatta\" \"qui\" 'no'",
		"9–12 — e oltre…":           "9-12 - e oltre...",
		"a\u00a0b\u202fc\td":        "a b c d",
		"zero\u200b\ufeffwidth":     "zerowidth",
		"perche\u0301":              "perche'",
		"100 € [ok]":                "100 € [ok]",
		"😜 resta":                   "😜 resta",
	}

	for text, simplified := range cases {
		t.Run(simplified, func(t *testing.T) {
			t.Parallel()

			require.Equal(t, simplified, sms.Simplify(text))
		})
	}
}

func FuzzCount(f *testing.F) {
	for _, seed := range []string{"", "ciao", "È", strings.Repeat("€", 200), strings.Repeat("😜", 100), "a\xff", strings.Repeat("1😜", 90)} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		counted := sms.Count(text)
		parts := sms.Split(text)

		require.Equal(t, text, strings.Join(parts, ""))
		require.Len(t, parts, counted.Parts)
		require.GreaterOrEqual(t, counted.Room, 0)
		require.Equal(t, len(counted.Offenders) > 0, counted.Encoding == sms.EncodingUCS2)

		if counted.Encoding == sms.EncodingUCS2 {
			requireUCS2Parts(t, text, counted, parts)
		}

		for _, offender := range sms.Count(sms.Simplify(text)).Offenders {
			require.False(t, offender.Replaceable, "a substitute must itself be in GSM-7")
		}
	})
}

func requireUCS2Parts(t *testing.T, text string, counted sms.Segments, parts []string) {
	t.Helper()

	require.Len(t, utf16.Encode([]rune(text)), counted.Units)

	limit := 70
	if len(parts) > 1 {
		limit = 67
	}

	for _, part := range parts {
		require.LessOrEqual(t, len(utf16.Encode([]rune(part))), limit)

		if utf8.ValidString(text) {
			require.True(t, utf8.ValidString(part), "a character was cut")
		}
	}
}
