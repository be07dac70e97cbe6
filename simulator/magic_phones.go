package simulator

import (
	"fmt"
	"strconv"
	"strings"
)

// PhoneOutcome says how Twilio treats a mobile number. It is NN in +39 370 0NN XXXX.
type PhoneOutcome int

// Outcomes of mobile numbers. "At first" means for as many calls as [Config.Refusals] says.
const (
	// PhoneDelivered gets the SMS, as every number that names no outcome.
	PhoneDelivered PhoneOutcome = iota
	// PhoneUnreachable ends undelivered, 30003.
	PhoneUnreachable
	// PhoneUnknown ends undelivered, 30005.
	PhoneUnknown
	// PhoneLandline ends undelivered, 30006.
	PhoneLandline
	// PhoneFiltered ends failed, 30007.
	PhoneFiltered
	// PhoneUnconfirmed stays at sent for ever: the carrier gives no receipt.
	PhoneUnconfirmed
	// PhoneOptedOut is refused with 21610.
	PhoneOptedOut
	// PhoneRateLimitedFirst is refused with 429 at first.
	PhoneRateLimitedFirst
	// PhoneServerError answers 500 always and stores nothing.
	PhoneServerError
	// PhoneTimeoutAfterAccepting stores and sends the SMS and never answers.
	PhoneTimeoutAfterAccepting
	// PhoneNoCallback is delivered, but no callback ever says so.
	PhoneNoCallback
	// PhoneCallbacksReordered is delivered; the callback of the last status comes first.
	PhoneCallbacksReordered
	// PhoneCallbacksDuplicated is delivered; each callback comes twice.
	PhoneCallbacksDuplicated
	// PhoneInvalid is refused with 21211.
	PhoneInvalid
	// PhoneNotMobile is refused with 21614.
	PhoneNotMobile
	// PhoneServerErrorAfterAccepting stores and sends the SMS and answers 500.
	PhoneServerErrorAfterAccepting
	// PhoneUnknownError ends undelivered, 30008.
	PhoneUnknownError
	// PhoneExpired ends undelivered, 30036.
	PhoneExpired
	// PhoneTimeoutNothingStored never answers and stores nothing.
	PhoneTimeoutNothingStored
)

// MagicPhone is a mobile number whose outcome is fixed.
type MagicPhone struct {
	Outcome       PhoneOutcome `json:"outcome"`
	DescriptionIT string       `json:"description_it"`
	DescriptionEN string       `json:"description_en"`
	Phone         string       `json:"phone"`
}

const (
	magicPhonePrefix = "+393700"
	outcomeDigits    = 2
	serialDigits     = 4
	phonesPerOutcome = 10_000
	morePhones       = 10_000_000
)

// Phone makes the n-th number of an outcome in E.164. An outcome has 10,000 distinct numbers; [PhoneDelivered] goes on
// with ten million more, +39 371 XXXXXXX.
func Phone(outcome PhoneOutcome, n int) string {
	if outcome == PhoneDelivered && n >= phonesPerOutcome {
		return fmt.Sprintf("+39371%07d", (n-phonesPerOutcome)%morePhones)
	}

	return fmt.Sprintf("%s%02d%04d", magicPhonePrefix, int(outcome), n%phonesPerOutcome)
}

// MagicPhones lists every outcome with its first number.
func MagicPhones() []MagicPhone {
	return []MagicPhone{
		magicPhone(PhoneDelivered, "SMS consegnato", "SMS delivered"),
		magicPhone(PhoneUnreachable,
			"non consegnato: telefono spento o senza segnale (30003)",
			"undelivered: handset off or without signal (30003)"),
		magicPhone(PhoneUnknown, "non consegnato: numero inesistente (30005)", "undelivered: unknown number (30005)"),
		magicPhone(PhoneLandline, "non consegnato: linea fissa (30006)", "undelivered: landline (30006)"),
		magicPhone(PhoneFiltered, "fallito: filtrato dall'operatore (30007)", "failed: filtered by the carrier (30007)"),
		magicPhone(PhoneUnconfirmed, "inviato, senza conferma di consegna", "sent and never confirmed"),
		magicPhone(PhoneOptedOut, "destinatario che ha revocato il consenso (21610)", "recipient opted out (21610)"),
		magicPhone(PhoneRateLimitedFirst,
			"429 alle prime chiamate, poi consegnato",
			"429 on the first calls, then delivered"),
		magicPhone(PhoneServerError, "500 a ogni invio, nulla è registrato", "500 on every call, nothing stored"),
		magicPhone(PhoneTimeoutAfterAccepting,
			"SMS inviato, ma la risposta non arriva",
			"SMS sent, but the answer never comes"),
		magicPhone(PhoneNoCallback,
			"consegnato, ma senza callback (lo stato va letto)",
			"delivered, but no callback (status must be fetched)"),
		magicPhone(PhoneCallbacksReordered, "consegnato, callback in ordine inverso", "delivered, callbacks out of order"),
		magicPhone(PhoneCallbacksDuplicated, "consegnato, callback doppie", "delivered, duplicate callbacks"),
		magicPhone(PhoneInvalid, "numero non valido (21211)", "invalid number (21211)"),
		magicPhone(PhoneNotMobile, "non è un cellulare (21614)", "not a mobile number (21614)"),
		magicPhone(PhoneServerErrorAfterAccepting, "SMS inviato, ma la risposta è 500", "SMS sent, but the answer is 500"),
		magicPhone(PhoneUnknownError, "non consegnato: errore sconosciuto (30008)", "undelivered: unknown error (30008)"),
		magicPhone(PhoneExpired, "non consegnato: validità scaduta (30036)", "undelivered: validity expired (30036)"),
		magicPhone(PhoneTimeoutNothingStored,
			"la risposta non arriva e nulla è registrato",
			"the answer never comes and nothing is stored"),
	}
}

func magicPhone(outcome PhoneOutcome, italian, english string) MagicPhone {
	return MagicPhone{Outcome: outcome, DescriptionIT: italian, DescriptionEN: english, Phone: Phone(outcome, 0)}
}

func phoneOutcome(phone string) PhoneOutcome {
	rest, isMagic := strings.CutPrefix(phone, magicPhonePrefix)
	if !isMagic || len(rest) != outcomeDigits+serialDigits {
		return PhoneDelivered
	}

	number, err := strconv.Atoi(rest[:outcomeDigits])
	if err != nil || number > int(PhoneTimeoutNothingStored) {
		return PhoneDelivered
	}

	return PhoneOutcome(number)
}
