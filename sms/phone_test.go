package sms_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

func TestNormaliseAccepts(t *testing.T) {
	t.Parallel()

	cases := map[string]string{
		"333 1234567":                           "+393331234567",
		"3331234567":                            "+393331234567",
		"333-123.45.67":                         "+393331234567",
		"(333) 123/4567":                        "+393331234567",
		"+39 333 1234567":                       "+393331234567",
		"0039 333 1234567":                      "+393331234567",
		"00 39 333 1234567":                     "+393331234567",
		"393331234567":                          "+393331234567",
		"333123456":                             "+39333123456", // nine digits
		"3912345678":                            "+393912345678",
		"393123456789":                          "+393123456789",
		"+393912345678":                         "+393912345678",
		"393912345678":                          "+393912345678",
		"4312345678":                            "+394312345678",
		"\u200b+39 347 1234567":                 "+393471234567",
		"\ufeff+39 347 1234567\u200b":           "+393471234567",
		"\u202a+39\u00a0347\u00a01234567\u202c": "+393471234567",
		"347\u2011123\u20114567":                "+393471234567",
		"+44 7911 123456":                       "+447911123456",
		"+44 (0) 7911 123456":                   "+447911123456",
		"0041 79 123 45 67":                     "+41791234567",
		"+378 66 66 12 12":                      "+37866661212",
		"+1 212 555 0123":                       "+12125550123",
	}

	for written, normal := range cases {
		t.Run(written, func(t *testing.T) {
			t.Parallel()

			got, err := sms.PhoneRules{}.Normalise(written)

			require.NoError(t, err)
			require.Equal(t, normal, got)
		})
	}
}

func TestNormaliseRefuses(t *testing.T) {
	t.Parallel()

	cases := map[string]sms.PhoneCode{
		"":                        sms.PhoneEmpty,
		" \u00a0\u200b":           sms.PhoneEmpty,
		"-":                       sms.PhoneEmpty,
		"333-ABCDEFG":             sms.PhoneCharacters,
		"3331234567;3347654321":   sms.PhoneCharacters,
		"3331234567, 3347654321":  sms.PhoneCharacters,
		"333 1234567 int. 2":      sms.PhoneCharacters,
		"=3331234567":             sms.PhoneCharacters,
		"'3331234567":             sms.PhoneCharacters,
		"tel:+393331234567":       sms.PhoneCharacters,
		"3.33E+09":                sms.PhoneCharacters,
		"3331234567.0":            sms.PhoneCharacters,
		"333123456.0":             sms.PhoneCharacters,
		"333123456.0 ":            sms.PhoneCharacters,
		"333+1234567":             sms.PhoneCharacters,
		"++393331234567":          sms.PhoneCharacters,
		"٣٣٣١٢٣٤٥٦٧":              sms.PhoneCharacters,
		"333\x001234567":          sms.PhoneCharacters,
		"333123456\xff7":          sms.PhoneCharacters,
		"+":                       sms.PhoneInvalid,
		"00":                      sms.PhoneInvalid,
		"3331234567/3347654321":   sms.PhoneInvalid,
		"3331234567 - 3347654321": sms.PhoneInvalid,
		"0333 1234567":            sms.PhoneInvalid,
		"+39 (0) 333 1234567":     sms.PhoneInvalid,
		"3331234567890":           sms.PhoneInvalid,
		"33312345":                sms.PhoneInvalid,
		"12345":                   sms.PhoneInvalid,
		"112":                     sms.PhoneInvalid,
		"+44 123":                 sms.PhoneInvalid,
		"+0039 333 1234567":       sms.PhoneInvalid,
		"+39 06 12345678":         sms.PhoneNotMobile,
		"06 12345678":             sms.PhoneNotMobile,
		"800 123456":              sms.PhoneNotMobile,
		"899 123456":              sms.PhoneNotMobile,
		"848 123456":              sms.PhoneNotMobile,
		"178 1234567":             sms.PhoneNotMobile,
		"55 12345678":             sms.PhoneNotMobile,
		"333 12345678":            sms.PhoneNotMobile, // voicemail
		"333 123456789":           sms.PhoneNotMobile, // voicemail
		"+15005550006":            sms.PhoneNotMobile,
		"+881 612345678":          sms.PhoneNotMobile, // satellite
		strings.Repeat("3", 65):   sms.PhoneInvalid,
	}

	for written, code := range cases {
		t.Run(written, func(t *testing.T) {
			t.Parallel()

			_, err := sms.PhoneRules{}.Normalise(written)

			var refused *sms.PhoneError

			require.ErrorAs(t, err, &refused)
			require.Equal(t, code, refused.Code)
			require.NotContains(t, strings.ToLower(err.Error()), "333")
		})
	}
}

func TestNormaliseForeign(t *testing.T) {
	t.Parallel()

	italianOnly := sms.PhoneRules{RefuseForeign: true}

	for _, foreign := range []string{"+44 7911 123456", "+41791234567", "+37866661212", "+12125550123"} {
		_, err := italianOnly.Normalise(foreign)
		require.Equal(t, &sms.PhoneError{Code: sms.PhoneForeignNotAllowed}, err)
	}

	got, err := italianOnly.Normalise("333 1234567")
	require.NoError(t, err)
	require.Equal(t, "+393331234567", got)
}

func TestNormaliseTestNumbers(t *testing.T) {
	t.Parallel()

	rules := sms.PhoneRules{RefuseForeign: true, AlsoAllow: sms.TwilioTestNumbers()}

	for _, number := range sms.TwilioTestNumbers() {
		got, err := rules.Normalise(" " + number)
		require.NoError(t, err)
		require.Equal(t, number, got)

		_, err = sms.PhoneRules{}.Normalise(number)
		require.Error(t, err)
	}
}

func TestPhoneErrorReason(t *testing.T) {
	t.Parallel()

	reasons := map[sms.PhoneCode]notification.Reason{
		sms.PhoneEmpty:             notification.ReasonSMSNoPhone,
		sms.PhoneCharacters:        notification.ReasonSMSPhoneInvalid,
		sms.PhoneInvalid:           notification.ReasonSMSPhoneInvalid,
		sms.PhoneNotMobile:         notification.ReasonSMSPhoneNotMobile,
		sms.PhoneForeignNotAllowed: notification.ReasonSMSCountryNotEnabled,
	}

	for code, reason := range reasons {
		refused := &sms.PhoneError{Code: code}
		require.Equal(t, reason, refused.Reason())
		require.NotEqual(t, (&sms.PhoneError{}).Error(), refused.Error())
	}
}

func TestMaskPhone(t *testing.T) {
	t.Parallel()

	require.Equal(t, "+39*******567", sms.MaskPhone("+393331234567"))
	require.Equal(t, "********", sms.MaskPhone("+3933312"))
	require.Empty(t, sms.MaskPhone(""))
}

func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{
		"333 1234567", "+44 7911 123456", "0039333", "393123456789", "3331234567;3347654321", "\ufeff347", "+1 (212) 555-0123",
	} {
		f.Add(seed)
	}

	e164 := regexp.MustCompile(`^\+[1-9]\d{6,14}$`)

	f.Fuzz(func(t *testing.T, written string) {
		normal, err := sms.PhoneRules{}.Normalise(written)
		if err != nil {
			var refused *sms.PhoneError

			require.ErrorAs(t, err, &refused)
			require.Empty(t, normal)

			return
		}

		require.Regexp(t, e164, normal)

		again, err := sms.PhoneRules{}.Normalise(normal)
		require.NoError(t, err)
		require.Equal(t, normal, again)

		italian, err := sms.PhoneRules{RefuseForeign: true}.Normalise(written)
		require.True(t, err != nil || strings.HasPrefix(italian, "+39"))
	})
}
