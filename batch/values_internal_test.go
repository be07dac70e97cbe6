package batch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/sms"
)

// proven is a notice number whose first digit is 0 and whose check digits are right.
const proven = "001234567890123413"

func TestParseNotice(t *testing.T) {
	t.Parallel()

	require.True(t, provesItself(proven))

	tests := map[string]struct {
		written, want string
		repaired      bool
		code          string
	}{
		"18 digits":                  {"301234567890123456", "301234567890123456", false, ""},
		"as it is printed":           {"3012 3456 7890 1234 56", "301234567890123456", false, ""},
		"zeros kept":                 {proven, proven, false, ""},
		"zeros lost and proven":      {strings.TrimLeft(proven, "0"), proven, true, ""},
		"a zero there, another lost": {proven[1:], "", false, issueNoticeLength},
		"zeros lost, not proven":     {"1234567890123414", "", false, issueNoticeLength},
		"17 digits of another kind":  {"30123456789012345", "", false, issueNoticeLength},
		"15 digits":                  {"123456789012345", "", false, issueNoticeLength},
		"19 digits":                  {"3012345678901234567", "", false, issueNoticeFormat},
		"first digit 4":              {"401234567890123456", "", false, issueNoticeFormat},
		"letters":                    {"30123456789012345A", "", false, issueNoticeFormat},
		"hyphens":                    {"3012-3456-7890-1234-56", "", false, issueNoticeFormat},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, repaired, code := parseNotice(tt.written)
			require.Equal(t, tt.code, code)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.repaired, repaired)
		})
	}
}

func FuzzParseNotice(f *testing.F) {
	for _, seed := range []string{proven, proven[2:], "3012 3456 7890 1234 56", "0", "12345678901234567"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		got, repaired, code := parseNotice(text)
		require.Equal(t, code == "", got != "")

		if code != "" {
			return
		}

		payment := notification.Payment{NoticeNumber: got, AmountCents: 1}
		require.Empty(t, payment.Validate(1))

		if repaired {
			require.Equal(t, text, strings.TrimLeft(got, "0"))
		}
	})
}

func TestParseFiscalCode(t *testing.T) {
	t.Parallel()

	person := simulator.FiscalCode(simulator.CitizenDelivered, 7)

	provisional, err := fiscalcode.CompleteNumeric("0149272900")
	require.NoError(t, err)

	tests := map[string]struct {
		written, want string
		repaired      bool
		code          string
	}{
		"as it is":              {person, person, false, ""},
		"lower case":            {strings.ToLower(person), person, false, ""},
		"with spaces":           {person[:3] + " " + person[3:6] + "\u00a0" + person[6:], person, false, ""},
		"provisional":           {provisional, provisional, false, ""},
		"zero lost":             {provisional[1:], provisional, true, ""},
		"zero lost, not proven": {provisional[1:10] + other(provisional[10]), "", false, "length"},
		"check character":       {person[:15] + other(person[15]), "", false, "check_character"},
		"too short":             {person[:15], "", false, "length"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, repaired, code := parseFiscalCode(tt.written, new(fiscalcode.Validator))
			require.Equal(t, tt.code, code)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.repaired, repaired)
		})
	}
}

// other is a character of the same kind.
func other(character byte) string {
	switch character {
	case 'Z':
		return "A"
	case '9':
		return "0"
	}

	return string(rune(character + 1))
}

func TestParsePayee(t *testing.T) {
	t.Parallel()

	valid, err := fiscalcode.CompleteNumeric("0149272900")
	require.NoError(t, err)

	got, repaired, code := parsePayee(valid)
	require.Empty(t, code)
	require.False(t, repaired)
	require.Equal(t, valid, got)

	got, repaired, code = parsePayee(valid[1:])
	require.Empty(t, code)
	require.True(t, repaired)
	require.Equal(t, valid, got)

	_, _, code = parsePayee("1234")
	require.Equal(t, issuePayeeFormat, code)

	_, _, code = parsePayee(valid[:10] + other(valid[10]))
	require.Equal(t, issuePayeeCheckDigit, code)
}

func TestParseBoolean(t *testing.T) {
	t.Parallel()

	for written, want := range map[string]bool{
		"sì": true, "SI": true, "Sì.": true, "true": true, "VERO": true, "1": true, "x": true,
		"no": false, "FALSE": false, "falso": false, "0": false, "": false,
	} {
		got, code := parseBoolean(written)
		require.Empty(t, code, written)
		require.Equal(t, want, got, written)
	}

	_, code := parseBoolean("forse")
	require.Equal(t, issueBoolean, code)
}

// The quick way to a phone number gives what the library gives, wherever it gives anything.
func TestTheCommonMobileIsTheLibrarys(t *testing.T) {
	t.Parallel()

	known := 0

	rapid.Check(t, func(t *rapid.T) {
		written := rapid.StringMatching(`(\+39|0039|39|\+|00)?3?[0-9]{8,11}`).Draw(t, "number")

		for _, rules := range []sms.PhoneRules{{}, {RefuseForeign: true, AlsoAllow: sms.TwilioTestNumbers()}} {
			quick, ok := commonMobile(written)
			if !ok {
				continue
			}

			known++

			thorough, err := rules.Normalise(written)
			require.NoError(t, err)
			require.Equal(t, thorough, quick)
		}
	})

	require.Positive(t, known)

	// Every prefix there can be, with the digits that decide.
	for prefix := range 1000 {
		for _, form := range []string{"3%03d123456", "+393%03d123456", "00393%03d123456"} {
			written := fmt.Sprintf(form, prefix)

			if quick, ok := commonMobile(written); ok {
				thorough, err := sms.PhoneRules{}.Normalise(written)
				require.NoError(t, err)
				require.Equal(t, thorough, quick)
			}
		}
	}
}

func FuzzCommonMobile(f *testing.F) {
	for _, seed := range []string{"3331234567", "+393331234567", "00393331234567", "+3900393331234567", "3901234567", "393331234567"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, written string) {
		quick, ok := commonMobile(written)
		if !ok {
			return
		}

		thorough, err := sms.PhoneRules{}.Normalise(written)
		require.NoError(t, err)
		require.Equal(t, thorough, quick)
	})
}

func TestPhoneIssuesKeepTheLibrarysRules(t *testing.T) {
	t.Parallel()

	for code, want := range map[sms.PhoneCode]string{
		sms.PhoneCharacters: issuePhoneCharacters, sms.PhoneInvalid: issuePhoneInvalid, sms.PhoneEmpty: issuePhoneInvalid,
		sms.PhoneNotMobile: issuePhoneNotMobile, sms.PhoneForeignNotAllowed: issuePhoneForeign,
	} {
		require.Equal(t, want, phoneIssue(&sms.PhoneError{Code: code}))
	}
}

func TestReferencesKeepPeopleOut(t *testing.T) {
	t.Parallel()

	own, stranger := simulator.FiscalCode(simulator.CitizenDelivered, 1), simulator.FiscalCode(simulator.CitizenDelivered, 2)
	recipient := notification.Recipient{FiscalCode: own, Phone: simulator.Phone(simulator.PhoneDelivered, 3)}
	national := strings.TrimPrefix(recipient.Phone, "+39")

	for reference, want := range map[string]string{
		"TARI-2026-000123":                  "",
		"pratica n. 12/2026":                "",
		"00112233445566778899":              "",
		own:                                 issueReferencePersonal,
		"TARI " + strings.ToLower(stranger): issueReferencePersonal,
		"TARI-" + stranger + "-1":           issueReferencePersonal,
		own[:6] + " " + own[6:11] + " " + own[11:]: issueReferencePersonal,
		recipient.Phone:                   issueReferencePersonal,
		national[:3] + " " + national[3:]: issueReferencePersonal,
		"12345678" + national:             "",
		"due\nrighe":                      issueReferenceLine,
		strings.Repeat("è", 100):          "",
		strings.Repeat("è", 101):          issueReferenceTooLong,
	} {
		require.Equal(t, want, referenceIssue(reference, recipient, Rules{FiscalCodes: new(fiscalcode.Validator)}), reference)
	}
}

// The quick count of SMS parts is the one that is billed.
func TestSMSPartsAreThoseOfPackageSMS(t *testing.T) {
	t.Parallel()

	counter := newSMSCounter()

	rapid.Check(t, func(t *rapid.T) {
		alphabet := rapid.SampledFrom([]string{"a", "aè", "aè€[", "a’", "a’€", "a😀", "aÈ\t", "a\n"}).Draw(t, "alphabet")
		text := rapid.StringOfN(rapid.SampledFrom([]rune(alphabet)), -1, 500, -1).Draw(t, "text")
		text += strings.Repeat("a", rapid.IntRange(0, 400).Draw(t, "more"))

		parts, doubling := counter.count(text)
		counted := sms.Count(text)

		require.Equal(t, counted.Parts, parts)

		if len(counted.Offenders) == 0 {
			require.Zero(t, doubling)
		} else {
			require.Equal(t, counted.Offenders[0].Character, doubling)
		}
	})
}

func TestScientificNotation(t *testing.T) {
	t.Parallel()

	for _, damaged := range []string{"3,33E+09", "3.33E+09", "3E9", "3,0123456789E+17", "1e-5"} {
		require.True(t, isScientific(damaged), damaged)
	}

	for _, sound := range []string{"", "E9", "3331234567", "3,33E", "3,33E+", "A3E9", "3,33E+09 "} {
		require.False(t, isScientific(sound), sound)
	}

	require.False(t, showsExponent("5E12"), "a placeholder's value may be the name of something")
	require.True(t, showsExponent("5E+12"))
}

func TestFoldedNamesAreKnownOnce(t *testing.T) {
	t.Parallel()

	seen := map[string]Field{}

	for field, names := range knownNames() {
		for _, name := range names {
			require.Equal(t, name, foldName(name), "names are kept folded")
			require.Empty(t, seen[name], name)
			seen[name] = field
		}
	}

	require.Len(t, knownNames(), len(Fields()))
	require.Equal(t, "codicefiscale", foldName(" Códice_Fiscale. "))
}
