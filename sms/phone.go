package sms

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/genio-gateway/genio/notification"
)

// PhoneCode is the stable name of the rule that a phone number breaks.
type PhoneCode string

// The rules.
const (
	// PhoneEmpty: nothing is left once separators are dropped.
	PhoneEmpty PhoneCode = "empty"
	// PhoneCharacters: it holds something that no phone number is written with: letters, an extension, a
	// second number, a spreadsheet's marks.
	PhoneCharacters PhoneCode = "characters"
	// PhoneInvalid: no number of its country looks like this.
	PhoneInvalid PhoneCode = "invalid"
	// PhoneNotMobile: a valid number that no SMS reaches: landline, toll-free, premium, VoIP, voicemail.
	PhoneNotMobile PhoneCode = "not_mobile"
	// PhoneForeignNotAllowed: a foreign mobile where only Italian ones are accepted.
	PhoneForeignNotAllowed PhoneCode = "foreign_not_allowed"
)

// PhoneError says which rule a phone number breaks. It never holds the number.
type PhoneError struct {
	Code PhoneCode
}

// Error names the rule in English.
func (e *PhoneError) Error() string {
	switch e.Code {
	case PhoneEmpty:
		return "phone number is empty"
	case PhoneCharacters:
		return "phone number holds characters that do not belong there"
	case PhoneInvalid:
		return "phone number does not exist in its country's numbering plan"
	case PhoneNotMobile:
		return "phone number is not a mobile"
	case PhoneForeignNotAllowed:
		return "foreign phone numbers are not allowed"
	}

	return "phone number is not usable"
}

// Reason is the same as a reason of the SMS channel.
func (e *PhoneError) Reason() notification.Reason {
	switch e.Code {
	case PhoneEmpty:
		return notification.ReasonSMSNoPhone
	case PhoneNotMobile:
		return notification.ReasonSMSPhoneNotMobile
	case PhoneForeignNotAllowed:
		return notification.ReasonSMSCountryNotEnabled
	case PhoneCharacters, PhoneInvalid:
		return notification.ReasonSMSPhoneInvalid
	}

	return notification.ReasonSMSPhoneInvalid
}

// PhoneRules says which numbers are accepted. The zero value accepts every mobile of the world.
type PhoneRules struct {
	// RefuseForeign accepts Italian mobiles only.
	RefuseForeign bool
	// AlsoAllow lists numbers (E.164) that pass whatever the numbering plan says, such as TwilioTestNumbers
	// where the provider is a simulator.
	AlsoAllow []string
}

const (
	italy            = "IT"
	italyCallingCode = "39"
	// worldwideRegion is the library's region of satellite and other non-geographic numbers.
	worldwideRegion = "001"
	// longestInput leaves room for separators around the 15 digits of E.164.
	longestInput = 64
)

// Normalise brings a number as people write it to E.164. Without a leading + or 00 the number is Italian, and
// then its national reading wins over one that starts with the country code: 3912345678 is a mobile whose
// prefix is 391, and 393123456789 is 3123456789 behind 39.
//
// It returns a *PhoneError where the number is not usable. It repairs nothing but separators: a number with
// anything else in it may be somebody else's.
func (r PhoneRules) Normalise(input string) (string, error) {
	written, err := clean(input)
	if err != nil {
		return "", err
	}

	if slices.Contains(r.AlsoAllow, written) {
		return written, nil
	}

	if strings.HasPrefix(written, "+") {
		return r.accept(written)
	}

	national, err := r.accept("+" + italyCallingCode + written)
	if err == nil || !strings.HasPrefix(written, italyCallingCode) {
		return national, err
	}

	if international, retryErr := r.accept("+" + written); retryErr == nil {
		return international, nil
	}

	return "", err
}

// accept takes a number with its country code.
func (r PhoneRules) accept(international string) (string, error) {
	number, err := phonenumbers.Parse(international, italy)
	if err != nil || strings.HasPrefix(international, "+0") {
		return "", &PhoneError{Code: PhoneInvalid}
	}

	region := phonenumbers.GetRegionCodeForNumber(number)
	if !phonenumbers.IsValidNumberForRegion(number, region) {
		return "", &PhoneError{Code: PhoneInvalid}
	}

	if !reachable(phonenumbers.GetNumberType(number), region) {
		return "", &PhoneError{Code: PhoneNotMobile}
	}

	if r.RefuseForeign && region != italy {
		return "", &PhoneError{Code: PhoneForeignNotAllowed}
	}

	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// reachable tells whether an SMS can arrive. Where a country does not tell mobiles from landlines by their
// number (North America), every such number may be a mobile.
func reachable(kind phonenumbers.PhoneNumberType, region string) bool {
	if region == worldwideRegion {
		return false
	}

	return kind == phonenumbers.MOBILE || (kind == phonenumbers.FIXED_LINE_OR_MOBILE && region != italy)
}

// clean drops separators and invisible characters, and turns a leading 00 into +. The library alone is too
// lenient: it reads letters as keypad digits and a second number as an extension.
func clean(input string) (string, error) {
	var digits strings.Builder

	if len(input) > longestInput {
		return "", &PhoneError{Code: PhoneInvalid}
	}

	for _, character := range input {
		switch {
		case character >= '0' && character <= '9', character == '+' && digits.Len() == 0:
			digits.WriteRune(character)
		case isPhoneSeparator(character):
		default:
			return "", &PhoneError{Code: PhoneCharacters}
		}
	}

	if digits.Len() == 0 {
		return "", &PhoneError{Code: PhoneEmpty}
	}

	if endsAsSpreadsheetNumber(input) {
		return "", &PhoneError{Code: PhoneCharacters}
	}

	if rest, found := strings.CutPrefix(digits.String(), "00"); found {
		return "+" + rest, nil
	}

	return digits.String(), nil
}

// endsAsSpreadsheetNumber spots 333123456.0: taken for a separator, its point would turn a 9-digit mobile into
// a stranger's 10-digit one.
func endsAsSpreadsheetNumber(input string) bool {
	return strings.HasSuffix(strings.TrimFunc(input, func(r rune) bool { return r != '.' && isPhoneSeparator(r) }), ".0")
}

// isPhoneSeparator knows what people put between digits, and what they cannot see: documents and address
// books add non-breaking spaces and hyphens, zero-width characters and marks of the writing direction.
func isPhoneSeparator(character rune) bool {
	const visible, invisible = " \t-.()/\u2010\u2011\u2012\u2013\u2212",
		"\u00a0\u2007\u2009\u202f\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202d\u2060\u2066\u2068\u2069\ufeff"

	return strings.ContainsRune(visible, character) || strings.ContainsRune(invisible, character)
}

// MaskPhone hides all but the first three characters (+ and the country code) and the last three digits of
// an E.164 number, enough for a person to recognise it and for nobody to call it. Short values vanish whole.
func MaskPhone(e164 string) string {
	const shown, shortest = 3, 9

	characters := []rune(e164)
	if len(characters) < shortest {
		return strings.Repeat("*", len(characters))
	}

	for i := shown; i < len(characters)-shown; i++ {
		characters[i] = '*'
	}

	return string(characters)
}

// TwilioTestNumbers are the recipients that Twilio's test credentials, and a simulator, react to: invalid,
// unroutable, country not enabled, opted out, delivered, not a mobile. By the numbering plan they are no mobiles.
// Source: Twilio, "Test credentials".
func TwilioTestNumbers() []string {
	return []string{
		"+15005550001", "+15005550002", "+15005550003", "+15005550004", "+15005550006", "+15005550009",
	}
}
