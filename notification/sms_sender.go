package notification

import "strings"

// Bounds of an SMS sender: an alias has 3 to 11 characters, a number 8 to 15 digits (E.164).
const (
	shortestAlias  = 3
	longestAlias   = 11
	shortestNumber = 8
	longestNumber  = 15
	serviceSID     = "MG" // as the SIDs of Twilio's Messaging Services begin
	sidLength      = 34
)

// CheckSMSSender refuses what Italian carriers would not show as the sender of an SMS. It may be an alias of 3 to 11 letters
// and digits without spaces or accents, beginning with a letter, which has to be registered with AGCOM (delibera
// 12/23/CIR); or a number in international form; or the SID of a Messaging Service of Twilio, which chooses the sender.
// Empty is none. An error of one field comes back, or nil.
func CheckSMSSender(field, sender string) *FieldError {
	switch {
	case sender == "":
		return nil
	case strings.HasPrefix(sender, "+"):
		return checkSenderNumber(field, sender[1:])
	case isServiceSID(sender):
		return nil
	case strings.IndexFunc(sender, notAliasCharacter) >= 0:
		return &FieldError{
			Field: field, Code: "characters",
			Message:   "an alias has letters from A to Z and digits only: no spaces, accents or signs",
			Messaggio: "un alias ha solo lettere dalla A alla Z e cifre: niente spazi, accenti o segni",
		}
	case len(sender) < shortestAlias || len(sender) > longestAlias:
		return &FieldError{
			Field: field, Code: "length",
			Message: "an alias has 3 to 11 characters", Messaggio: "un alias ha da 3 a 11 caratteri",
		}
	case isDigit(sender[0]):
		return &FieldError{
			Field: field, Code: "first_character",
			Message:   "an alias begins with a letter; a number begins with +",
			Messaggio: "un alias comincia con una lettera; un numero comincia con +",
		}
	}

	return nil
}

func checkSenderNumber(field, digits string) *FieldError {
	wrong := len(digits) < shortestNumber || len(digits) > longestNumber || digits[0] == '0'
	for i := range len(digits) {
		wrong = wrong || !isDigit(digits[i])
	}

	if !wrong {
		return nil
	}

	return &FieldError{
		Field: field, Code: "number",
		Message:   "a number has + and 8 to 15 digits, such as +393331234567",
		Messaggio: "un numero ha + e da 8 a 15 cifre, per esempio +393331234567",
	}
}

func notAliasCharacter(r rune) bool {
	return r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z'
}

func isServiceSID(sender string) bool {
	if len(sender) != sidLength || !strings.HasPrefix(sender, serviceSID) {
		return false
	}

	return strings.Trim(sender[len(serviceSID):], "0123456789abcdef") == ""
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
