package server

import (
	"net/http"

	"github.com/genio-gateway/genio/notification"
)

// ProblemCode is the stable name of an error of the API. Programs decide by it.
type ProblemCode string

// The errors of the API.
const (
	ProblemBadRequest           ProblemCode = "bad_request"
	ProblemMalformedBody        ProblemCode = "malformed_body"
	ProblemUnauthenticated      ProblemCode = "unauthenticated"
	ProblemForbidden            ProblemCode = "forbidden"
	ProblemAddressNotAllowed    ProblemCode = "address_not_allowed"
	ProblemSignatureInvalid     ProblemCode = "signature_invalid"
	ProblemNotFound             ProblemCode = "not_found"
	ProblemMethodNotAllowed     ProblemCode = "method_not_allowed"
	ProblemStateConflict        ProblemCode = "state_conflict"
	ProblemIdempotencyConflict  ProblemCode = "idempotency_conflict"
	ProblemBodyTooLarge         ProblemCode = "body_too_large"
	ProblemUnsupportedMediaType ProblemCode = "unsupported_media_type"
	ProblemInvalidRequest       ProblemCode = "invalid_request"
	ProblemTooManyRequests      ProblemCode = "too_many_requests"
	ProblemInternal             ProblemCode = "internal_error"
	ProblemUnavailable          ProblemCode = "unavailable"
)

// Problem is an error of the API as its documentation explains it.
type Problem struct {
	Code   ProblemCode
	Status int // HTTP
	Title  Text
	// Detail says what to do about it.
	Detail Text
}

// Text is a sentence in both languages.
type Text struct{ Italian, English string }

// In gives the sentence in the language, Italian for any but English.
func (t Text) In(lang notification.Lang) string {
	if lang == notification.English {
		return t.English
	}

	return t.Italian
}

// Describe is the catalogue's entry for the code. An unknown code is an internal error.
func (c ProblemCode) Describe() Problem {
	var internal Problem

	for _, problem := range Problems() {
		if problem.Code == c {
			return problem
		}

		if problem.Code == ProblemInternal {
			internal = problem
		}
	}

	return internal
}

// Problems lists every error of the API, by HTTP status.
func Problems() []Problem {
	return append(requestProblems(), serverProblems()...)
}

func requestProblems() []Problem {
	return []Problem{
		{
			ProblemBadRequest, http.StatusBadRequest,
			Text{"Richiesta non comprensibile", "Request not understood"},
			Text{"La richiesta HTTP non è corretta.", "The HTTP request is not well formed."},
		},
		{
			ProblemMalformedBody, http.StatusBadRequest,
			Text{"Corpo della richiesta non corretto", "Malformed body"},
			Text{
				`Il corpo della richiesta non è un documento JSON o un modulo corretto: "errors" indica che cosa correggere.`,
				`The body of the request is not a well-formed JSON document or form: "errors" says what to put right.`,
			},
		},
		{
			ProblemUnauthenticated, http.StatusUnauthorized,
			Text{"Chiave API mancante o non valida", "Missing or invalid API key"},
			Text{
				`Invia una chiave API in vigore nell'intestazione "Authorization: Bearer <chiave>".`,
				`Send an API key that is in force in the header "Authorization: Bearer <key>".`,
			},
		},
		{
			ProblemForbidden, http.StatusForbidden,
			Text{"Operazione non consentita", "Operation not allowed"},
			Text{"Questa chiave API non è abilitata a questa operazione.", "This API key may not do this."},
		},
		{
			ProblemAddressNotAllowed, http.StatusForbidden,
			Text{"Indirizzo non consentito", "Address not allowed"},
			Text{
				"Questa chiave API si può usare solo da alcuni indirizzi IP. Chiama da uno di questi, oppure chiedi all'Ente di aggiungere il tuo.",
				"This API key may be used from some IP addresses only. Call from one of them, or ask the Ente to add yours.",
			},
		},
		{
			ProblemSignatureInvalid, http.StatusForbidden,
			Text{"Firma non valida", "Invalid signature"},
			Text{
				"La notifica di stato non è firmata dal fornitore per questo indirizzo.",
				"The status callback is not signed by the provider for this address.",
			},
		},
		{
			ProblemNotFound, http.StatusNotFound,
			Text{"Non trovato", "Not found"},
			Text{
				"Non esiste, oppure appartiene a un altro Ente.",
				"It does not exist, or belongs to another Ente.",
			},
		},
		{
			ProblemMethodNotAllowed, http.StatusMethodNotAllowed,
			Text{"Metodo non previsto", "Method not allowed"},
			Text{
				`L'indirizzo esiste, ma non con questo metodo: l'intestazione "Allow" elenca quelli previsti.`,
				`The address exists, but not with this method: the header "Allow" lists those that do.`,
			},
		},
		{
			ProblemStateConflict, http.StatusConflict,
			Text{"Non possibile nello stato attuale", "Not possible in the present state"},
			Text{
				`Lo stato attuale non consente questa azione, oppure è cambiato nel frattempo: rileggilo, "actions" elenca le azioni possibili.`,
				`The present state does not allow this, or has changed meanwhile: read it again, "actions" lists what it allows.`,
			},
		},
		{
			ProblemIdempotencyConflict, http.StatusConflict,
			Text{"Idempotency-Key già usata", "Idempotency-Key already used"},
			Text{
				"Questa Idempotency-Key è già stata usata per una richiesta diversa: usane una nuova.",
				"This Idempotency-Key was used for a different request: use a new one.",
			},
		},
	}
}

func serverProblems() []Problem {
	return []Problem{
		{
			ProblemBodyTooLarge, http.StatusRequestEntityTooLarge,
			Text{"Richiesta troppo grande", "Request too large"},
			Text{
				"Il corpo della richiesta può avere al massimo 1 MiB; 16 MiB per l'invio multiplo, 50 MiB per il file di un invio massivo.",
				"The body of a request may be at most 1 MiB; 16 MiB for a bulk, 50 MiB for the file of a batch.",
			},
		},
		{
			ProblemUnsupportedMediaType, http.StatusUnsupportedMediaType,
			Text{"Tipo di contenuto non accettato", "Media type not accepted"},
			Text{
				`Invia "Content-Type: application/json", in UTF-8 e non compresso; per caricare un file, "multipart/form-data".`,
				`Send "Content-Type: application/json", in UTF-8 and not compressed; to upload a file, "multipart/form-data".`,
			},
		},
		{
			ProblemInvalidRequest, http.StatusUnprocessableEntity,
			Text{"Dati non validi", "Invalid data"},
			Text{
				`Correggi i campi elencati in "errors" e invia di nuovo la richiesta.`,
				`Put the fields listed in "errors" right and send the request again.`,
			},
		},
		{
			ProblemTooManyRequests, http.StatusTooManyRequests,
			Text{"Troppe richieste", "Too many requests"},
			Text{
				`Attendi i secondi indicati da "Retry-After" e riprova.`,
				`Wait for the seconds that "Retry-After" names and try again.`,
			},
		},
		{
			ProblemInternal, http.StatusInternalServerError,
			Text{"Errore interno", "Internal error"},
			Text{
				`Si è verificato un errore di GeNIO. Riprova più tardi e, se si ripete, comunica "request_id" all'assistenza.`,
				`GeNIO has a fault. Try again later and, if it happens again, tell support the "request_id".`,
			},
		},
		{
			ProblemUnavailable, http.StatusServiceUnavailable,
			Text{"Temporaneamente non disponibile", "Temporarily unavailable"},
			Text{
				`Un componente necessario non è raggiungibile. Attendi i secondi indicati da "Retry-After" e riprova.`,
				`A part that is needed cannot be reached. Wait for the seconds that "Retry-After" names and try again.`,
			},
		},
	}
}
