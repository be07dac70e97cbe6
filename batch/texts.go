package batch

import "github.com/genio-gateway/genio/notification"

// sentence says the same in two languages: what is wrong and what to do.
type sentence struct{ message, messaggio string }

// Text says what a code of a FileError, an issue or a repair means and what to do about it: in English and in Italian.
// A code that it does not know gets a neutral sentence.
func Text(code string) (message, messaggio string) {
	for _, find := range []func(string) sentence{
		fileText, structureText, dateText, amountText, codeText, phoneText, contentText, repairText,
	} {
		if found := find(code); found.message != "" {
			return found.message, found.messaggio
		}
	}

	return "The value is not valid: compare it with the original document.",
		"Il valore non è valido: confrontarlo con il documento originale."
}

// ProblemText is Text in one language.
func ProblemText(code string, lang notification.Lang) string {
	message, messaggio := Text(code)
	if lang == notification.English {
		return message
	}

	return messaggio
}
