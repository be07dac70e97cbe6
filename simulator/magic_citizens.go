package simulator

import (
	"fmt"
	"strconv"
	"strings"
)

// CitizenOutcome says how IO treats a citizen. It is the number in the place-of-birth code: X004 is outcome 4. No
// municipality has such a code, so no real person can have such a codice fiscale.
type CitizenOutcome int

// Outcomes of citizens on IO. "At first" means for as many calls per endpoint as [Config.Refusals] says.
const (
	// CitizenDelivered is on IO and gets the message, as everybody whose place of birth names no outcome.
	CitizenDelivered CitizenOutcome = iota
	// CitizenNotOnIO has no profile: 404. A message sent nevertheless is accepted, then REJECTED.
	CitizenNotOnIO
	// CitizenSenderNotAllowed switched the service off. A message sent nevertheless is accepted, then REJECTED.
	CitizenSenderNotAllowed
	// CitizenRejected has a good profile, yet the message ends REJECTED.
	CitizenRejected
	// CitizenNeverProcessed leaves the message ACCEPTED for ever.
	CitizenNeverProcessed
	// CitizenSlow gets the message after [Config.IOSlowProcessing].
	CitizenSlow
	// CitizenRateLimitedFirst answers 429 at first, on profile and submit.
	CitizenRateLimitedFirst
	// CitizenServerError answers 500 to every submit and stores nothing.
	CitizenServerError
	// CitizenTimeoutAfterAccepting stores the message and never answers.
	CitizenTimeoutAfterAccepting
	// CitizenKeyRevoked answers 401 to every call.
	CitizenKeyRevoked
	// CitizenFailed ends the message FAILED.
	CitizenFailed
	// CitizenProfileErrorFirst answers 500 to the profile at first.
	CitizenProfileErrorFirst
	// CitizenForbidden answers 403 "Recipient forbidden" on profile and submit.
	CitizenForbidden
	// CitizenBadGatewayAfterAccepting stores the message and answers 502 with a page of an intermediary.
	CitizenBadGatewayAfterAccepting
	// CitizenResetFirst cuts the connection at first and stores nothing.
	CitizenResetFirst
	// CitizenMessageRefused answers 400 to every submit and echoes what was sent, as IO does.
	CitizenMessageRefused
	// CitizenStatusErrorFirst answers 500 to status reads at first.
	CitizenStatusErrorFirst
	// CitizenThrottled shows THROTTLED while waiting, then PROCESSED.
	CitizenThrottled
	// CitizenTimeoutNothingStored never answers and stores nothing: to a caller just like the other time-out.
	CitizenTimeoutNothingStored
	// CitizenPrefersEnglish is on IO, prefers English and gets the message.
	CitizenPrefersEnglish
	// CitizenPrefersEnglishNotAllowed prefers English and switched the service off.
	CitizenPrefersEnglishNotAllowed
)

// lastCitizen is the last outcome.
const lastCitizen = CitizenPrefersEnglishNotAllowed

// MagicCitizen is an invented citizen whose outcome is fixed.
type MagicCitizen struct {
	Outcome       CitizenOutcome `json:"outcome"`
	DescriptionIT string         `json:"description_it"`
	DescriptionEN string         `json:"description_en"`
	FiscalCode    string         `json:"fiscal_code"`
}

// FiscalCode makes the n-th distinct codice fiscale of an outcome, with a correct check character.
func FiscalCode(outcome CitizenOutcome, n int) string {
	return inventedFiscalCode(fmt.Sprintf("X%03d", int(outcome)), uint64(n)) //nolint:gosec // any n gives a valid code
}

// MagicCitizens lists every outcome with its first codice fiscale.
func MagicCitizens() []MagicCitizen {
	return []MagicCitizen{
		magicCitizen(CitizenDelivered, "presente su IO, messaggio consegnato", "on IO, message delivered"),
		magicCitizen(CitizenNotOnIO, "non presente su IO", "not on IO"),
		magicCitizen(CitizenSenderNotAllowed, "ha disattivato il servizio", "switched the service off"),
		magicCitizen(CitizenRejected,
			"profilo valido, poi messaggio rifiutato (REJECTED)",
			"good profile, then message REJECTED"),
		magicCitizen(CitizenNeverProcessed,
			"messaggio accettato e mai elaborato (resta ACCEPTED)",
			"message accepted and never processed (stays ACCEPTED)"),
		magicCitizen(CitizenSlow, "messaggio elaborato in ritardo", "message processed late"),
		magicCitizen(CitizenRateLimitedFirst,
			"429 alle prime chiamate, poi consegnato",
			"429 on the first calls, then delivered"),
		magicCitizen(CitizenServerError, "500 a ogni invio, nulla è registrato", "500 on every submit, nothing stored"),
		magicCitizen(CitizenTimeoutAfterAccepting,
			"messaggio registrato, ma la risposta non arriva",
			"message stored, but the answer never comes"),
		magicCitizen(CitizenKeyRevoked, "chiave del servizio revocata (401)", "service key revoked (401)"),
		magicCitizen(CitizenFailed,
			"messaggio accettato, poi elaborazione fallita (FAILED)",
			"message accepted, then FAILED"),
		magicCitizen(CitizenProfileErrorFirst,
			"500 alle prime letture del profilo, poi consegnato",
			"500 on the first profile calls, then delivered"),
		magicCitizen(CitizenForbidden, "destinatario non consentito (403)", "recipient forbidden (403)"),
		magicCitizen(CitizenBadGatewayAfterAccepting,
			"messaggio registrato, ma un intermediario risponde 502",
			"message stored, but an intermediary answers 502"),
		magicCitizen(CitizenResetFirst,
			"connessione interrotta ai primi invii, poi consegnato",
			"connection cut on the first submits, then delivered"),
		magicCitizen(CitizenMessageRefused,
			"400 a ogni invio, con eco dei dati inviati",
			"400 on every submit, echoing what was sent"),
		magicCitizen(CitizenStatusErrorFirst,
			"500 alle prime letture dello stato, poi consegnato",
			"500 on the first status reads, then delivered"),
		magicCitizen(CitizenThrottled,
			"THROTTLED durante l'attesa, poi consegnato",
			"THROTTLED while waiting, then delivered"),
		magicCitizen(CitizenTimeoutNothingStored,
			"la risposta non arriva e nulla è registrato",
			"the answer never comes and nothing is stored"),
		magicCitizen(CitizenPrefersEnglish,
			"preferisce l'inglese, messaggio consegnato",
			"prefers English, message delivered"),
		magicCitizen(CitizenPrefersEnglishNotAllowed,
			"preferisce l'inglese e ha disattivato il servizio",
			"prefers English and switched the service off"),
	}
}

func magicCitizen(outcome CitizenOutcome, italian, english string) MagicCitizen {
	return MagicCitizen{Outcome: outcome, DescriptionIT: italian, DescriptionEN: english, FiscalCode: FiscalCode(outcome, 0)}
}

func citizenOutcome(fiscalCode string) CitizenOutcome {
	digits, isMagic := strings.CutPrefix(placeOf(fiscalCode), "X")
	if !isMagic {
		return CitizenDelivered
	}

	number, err := strconv.Atoi(digits)
	if err != nil || number > int(lastCitizen) {
		return CitizenDelivered
	}

	return CitizenOutcome(number)
}
