package batch

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

const (
	provisionalDigits  = 11
	noticeDigits       = 18
	lastAuxDigit       = '3'
	maxReferenceLength = 100
	// maxSendAhead is how far ahead a notification may be scheduled, as for a single one.
	maxSendAhead = 366 * 24 * time.Hour
)

// withoutCodeDamage undoes what spreadsheets do to a code, and names what cannot be undone.
func withoutCodeDamage(text string) (bare string, repairs []string, code string) {
	if digitsOnly(text) {
		return text, nil, ""
	}

	if unquoted := strings.TrimLeft(text, "'"); unquoted != text {
		text, repairs = strings.TrimFunc(unquoted, isInvisible), append(repairs, repairQuoting)
	}

	if isScientific(text) {
		return "", nil, issueScientific
	}

	if whole, found := withoutDecimalZero(text); found {
		text, repairs = whole, append(repairs, repairDecimal)
	}

	return text, repairs, ""
}

// normalFiscalCode is fiscalcode.Normalise, faster for what needs nothing.
func normalFiscalCode(text string) string {
	for i := range len(text) {
		if !isDigit(text[i]) && (text[i] < 'A' || text[i] > 'Z') {
			return fiscalcode.Normalise(text)
		}
	}

	return text
}

// parseFiscalCode gives the code as it is to be used, and whether zeros had to be put back: a provisional code that went
// through a spreadsheet has lost those at its beginning, and its check digit tells.
func parseFiscalCode(text string, valid *fiscalcode.Validator) (value string, repaired bool, code string) {
	value = normalFiscalCode(text)

	_, err := valid.Validate(value)
	if err == nil {
		return value, false, ""
	}

	if padded, ok := paddedNumeric(value); ok {
		return padded, true, ""
	}

	rule, ok := errors.AsType[fiscalcode.RuleError](err)
	if !ok {
		return "", false, fiscalcode.ErrCharacters.Code()
	}

	return "", false, rule.Code()
}

// paddedNumeric puts one lost zero back in front of the digits of a provisional code or of an organization's.
func paddedNumeric(text string) (string, bool) {
	if len(text) != provisionalDigits-1 || !digitsOnly(text) {
		return "", false
	}

	return "0" + text, fiscalcode.ValidateNumeric("0"+text) == nil
}

// parseNotice reads a notice number, whose printed form has spaces. Lost zeros are put back where the check digits prove
// it: a number whose first digit is 0 ends with the remainder of its first 16 digits by 93 (pagoPA, "Specifiche
// attuative dei codici identificativi di versamento").
func parseNotice(text string) (value string, repaired bool, code string) {
	if !digitsOnly(text) {
		text = strings.Map(func(r rune) rune {
			if isInvisible(r) {
				return -1
			}

			return r
		}, text)
	}

	const lostZeros = 2

	switch {
	case !digitsOnly(text):
		return "", false, issueNoticeFormat
	case len(text) == noticeDigits && text[0] <= lastAuxDigit:
		return text, false, ""
	case len(text) >= noticeDigits:
		return "", false, issueNoticeFormat
	case len(text) >= noticeDigits-lostZeros && text[0] != '0':
		if padded := strings.Repeat("0", noticeDigits-len(text)) + text; provesItself(padded) {
			return padded, true, ""
		}
	}

	return "", false, issueNoticeLength
}

func provesItself(notice string) bool {
	const modulus, checkDigits = 93, 2

	body := notice[:noticeDigits-checkDigits]

	return number(body)%modulus == number(notice[len(body):])
}

func parsePayee(text string) (value string, repaired bool, code string) {
	text = normalFiscalCode(text)
	if padded, ok := paddedNumeric(text); ok {
		return padded, true, ""
	}

	switch err := fiscalcode.ValidateNumeric(text); {
	case err == nil:
		return text, false, ""
	case errors.Is(err, fiscalcode.ErrLength), errors.Is(err, fiscalcode.ErrCharacters):
		return "", false, issuePayeeFormat
	}

	return "", false, issuePayeeCheckDigit
}

func parseBoolean(text string) (value bool, code string) {
	switch foldName(text) {
	case "si", "s", "true", "vero", "1", "yes", "y", "x":
		return true, ""
	case "", "no", "n", "false", "falso", "0":
		return false, ""
	}

	return false, issueBoolean
}

func phoneIssue(err error) string {
	refused, _ := errors.AsType[*sms.PhoneError](err)
	if refused == nil {
		return issuePhoneInvalid
	}

	switch refused.Code {
	case sms.PhoneCharacters:
		return issuePhoneCharacters
	case sms.PhoneNotMobile:
		return issuePhoneNotMobile
	case sms.PhoneForeignNotAllowed:
		return issuePhoneForeign
	case sms.PhoneEmpty, sms.PhoneInvalid:
	}

	return issuePhoneInvalid
}

// commonMobile knows the shape that nearly all numbers of a file have, and gives what sms.PhoneRules would give for it:
// an Italian mobile of ten digits, alone or behind +39 or 0039.
func commonMobile(text string) (string, bool) {
	const (
		prefix   = "+39"
		national = 10
	)

	digits, international := strings.CutPrefix(text, prefix)
	if !international {
		digits = strings.TrimPrefix(text, "0039")
	}

	if len(digits) != national || digits[0] != '3' || digits[1] < '2' || !digitsOnly(digits) {
		return "", false
	}

	if international {
		return text, true
	}

	return prefix + digits, true
}

// referenceIssue keeps people out of a text that is shown in clear in lists and stands in addresses.
func referenceIssue(reference string, recipient notification.Recipient, rules Rules) string {
	switch {
	case len(reference) > maxReferenceLength && utf8.RuneCountInString(reference) > maxReferenceLength:
		return issueReferenceTooLong
	case !isPlain(reference) && strings.ContainsFunc(reference, unicode.IsControl):
		return issueReferenceLine
	case reference == recipient.FiscalCode,
		mayHoldFiscalCode(reference) && holdsFiscalCode(reference, recipient.FiscalCode, rules.FiscalCodes):
		return issueReferencePersonal
	case recipient.Phone != "" && sameEnd(reference, recipient.Phone):
		if phone, err := rules.Phones.Normalise(reference); err == nil && phone == recipient.Phone {
			return issueReferencePersonal
		}
	}

	return ""
}

// mayHoldFiscalCode tells whether it is worth to look closely: enough letters and digits, not only digits.
func mayHoldFiscalCode(text string) bool {
	letters, digits := 0, 0

	for i := range len(text) {
		switch {
		case isDigit(text[i]):
			digits++
		case text[i] >= 'A':
			letters++
		}
	}

	const (
		personal    = 16
		leastLetter = 9 // omocodia adds letters, and takes none away
	)

	return letters+digits >= personal && letters >= leastLetter || digits >= provisionalDigits
}

func holdsFiscalCode(reference, own string, valid *fiscalcode.Validator) bool {
	words := strings.FieldsFunc(reference, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })

	for _, word := range append(words, reference) {
		code := fiscalcode.Normalise(word)

		kind, err := valid.Validate(code)
		if err == nil && kind == fiscalcode.Personal || code == own {
			return true
		}
	}

	return false
}

// sameEnd compares the last digits of a text with those of a phone number.
func sameEnd(text, phone string) bool {
	const compared = 8

	found := 0

	for i := len(text) - 1; i >= 0 && found < compared; i-- {
		if !isDigit(text[i]) {
			continue
		}

		if text[i] != phone[len(phone)-1-found] {
			return false
		}

		found++
	}

	return found == compared
}
