package fiscalcode

// RuleError is the rule that a code breaks. It is a constant, so errors.Is and == both compare it, and it
// never holds the code itself.
type RuleError string

// The rules.
const (
	// ErrLength: neither 16 nor 11 characters.
	ErrLength RuleError = "length"
	// ErrCharacters: a character that cannot stand at its position, lower case and spaces included.
	ErrCharacters RuleError = "characters"
	// ErrMonth: the ninth character is none of the twelve month letters.
	ErrMonth RuleError = "month"
	// ErrDay: the day is not in 1 to 31 or 41 to 71, or the month of that year does not have it.
	ErrDay RuleError = "day"
	// ErrCheckCharacter: the sixteenth character does not follow from the others.
	ErrCheckCharacter RuleError = "check_character"
	// ErrProvisionalCheckDigit: the eleventh digit does not follow from the others.
	ErrProvisionalCheckDigit RuleError = "provisional_check_digit"
	// ErrProvisionalSerial: the seven digits of the serial number are all zero, as in the filler 00000000000,
	// whose check digit is right.
	ErrProvisionalSerial RuleError = "provisional_serial"
)

// Code is the stable name of the rule.
func (e RuleError) Code() string { return string(e) }

// Error says the rule in English.
func (e RuleError) Error() string {
	switch e {
	case ErrLength:
		return "a codice fiscale has 16 characters, a provisional one 11 digits"
	case ErrCharacters:
		return "the codice fiscale has a character that is not allowed at its position"
	case ErrMonth:
		return "the month letter of the codice fiscale is not valid"
	case ErrDay:
		return "the day of birth in the codice fiscale does not exist"
	case ErrCheckCharacter:
		return "the last character of the codice fiscale does not match the others"
	case ErrProvisionalCheckDigit:
		return "the last digit of the code does not match the others"
	case ErrProvisionalSerial:
		return "the code has no serial number"
	}

	return "the codice fiscale is not valid"
}

// Messaggio says the rule in Italian.
func (e RuleError) Messaggio() string {
	switch e {
	case ErrLength:
		return "il codice fiscale ha 16 caratteri, quello provvisorio 11 cifre"
	case ErrCharacters:
		return "il codice fiscale contiene un carattere non ammesso in quella posizione"
	case ErrMonth:
		return "la lettera del mese nel codice fiscale non è valida"
	case ErrDay:
		return "il giorno di nascita nel codice fiscale non esiste"
	case ErrCheckCharacter:
		return "l'ultimo carattere del codice fiscale non corrisponde agli altri"
	case ErrProvisionalCheckDigit:
		return "l'ultima cifra del codice non corrisponde alle altre"
	case ErrProvisionalSerial:
		return "il codice non contiene il numero di matricola"
	}

	return "il codice fiscale non è valido"
}
