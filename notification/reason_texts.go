package notification

import "slices"

// ReasonClass groups reasons by who can do something about them.
type ReasonClass string

// The classes.
const (
	// ClassOutcome: the work was done, and this is what came of it for this citizen.
	ClassOutcome ReasonClass = "outcome"
	// ClassTechnical: a fault of a system or of the network.
	ClassTechnical ReasonClass = "technical"
	// ClassConfiguration: a setting, a key or a permission has to be changed first.
	ClassConfiguration ReasonClass = "configuration"
	// ClassProcess: somebody's decision, or the time that passed.
	ClassProcess ReasonClass = "process"
)

// ReasonText is a reason as the help desk reads it.
type ReasonText struct {
	Reason Reason
	Class  ReasonClass
	// Retryable tells whether a retry by support can help, if need be after what Action asks for.
	Retryable bool
	// Message says in English what happened, Messaggio the same in Italian.
	Message   string
	Messaggio string
	// Action says in English what to do, Azione the same in Italian.
	Action string
	Azione string
}

const (
	nothingToDo  = "Nothing to do."
	nienteDaFare = "Non occorre fare nulla."
)

// Describe is the catalogue's entry for r. A reason that the catalogue does not know gets a neutral text.
func (r Reason) Describe() ReasonText {
	for _, text := range Catalogue() {
		if text.Reason == r {
			return text
		}
	}

	return ReasonText{
		Reason:    r,
		Class:     ClassTechnical,
		Message:   "No explanation is available for this reason.",
		Messaggio: "Per questo motivo non è disponibile una spiegazione.",
		Action:    "Ask technical support.",
		Azione:    "Rivolgersi all'assistenza tecnica.",
	}
}

// Catalogue lists every reason with its texts: codice fiscale, IO, SMS, process.
func Catalogue() []ReasonText {
	return slices.Concat(
		fiscalCodeReasonTexts(),
		ioOutcomeTexts(), ioConfigurationTexts(), ioTechnicalTexts(),
		smsNotSentTexts(), smsDeliveryTexts(), smsConfigurationTexts(), smsTechnicalTexts(),
		processReasonTexts(), pauseReasonTexts(),
	)
}

func fiscalCodeReasonTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonFiscalCodeInvalid, Class: ClassOutcome,
			Message:   "The codice fiscale is not valid.",
			Messaggio: "Il codice fiscale non è valido.",
			Action:    "Check the codice fiscale and submit a new notification with the right one.",
			Azione:    "Verificare il codice fiscale e inviare una nuova notifica con quello corretto.",
		},
		{
			Reason: ReasonFiscalCodeProvisional, Class: ClassOutcome,
			Message:   "The citizen has a provisional 11-digit codice fiscale, which app IO does not accept.",
			Messaggio: "Il cittadino ha un codice fiscale provvisorio di 11 cifre, che l'app IO non accetta.",
			Action:    "Reach the citizen by SMS or on another channel; use the definitive codice fiscale once there is one.",
			Azione:    "Raggiungere il cittadino via SMS o con un altro canale; usare il codice fiscale definitivo quando sarà disponibile.",
		},
	}
}

func processReasonTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonCancelledByEnte, Class: ClassProcess,
			Message:   "The Ente cancelled the notification.",
			Messaggio: "L'Ente ha annullato la notifica.",
			Action:    nothingToDo,
			Azione:    nienteDaFare,
		},
		{
			Reason: ReasonCancelledByOperator, Class: ClassProcess,
			Message:   "An operator cancelled the notification.",
			Messaggio: "Un operatore ha annullato la notifica.",
			Action:    "If it was a mistake, submit a new notification.",
			Azione:    "Se si tratta di un errore, inviare una nuova notifica.",
		},
		{
			Reason: ReasonPaid, Class: ClassProcess,
			Message:   "The citizen has already paid, so the notification is no longer needed.",
			Messaggio: "Il cittadino ha già pagato: la notifica non è più necessaria.",
			Action:    nothingToDo,
			Azione:    nienteDaFare,
		},
		{
			Reason: ReasonExpired, Class: ClassProcess,
			Message:   "The notification expired before it could be delivered.",
			Messaggio: "La notifica è scaduta prima di poter essere consegnata.",
			Action:    "If the notice is still useful, submit a new notification with a later expiry.",
			Azione:    "Se l'avviso è ancora utile, inviare una nuova notifica con una scadenza successiva.",
		},
		{
			Reason: ReasonHeldByOperator, Class: ClassProcess,
			Message:   "An operator put the notification on hold.",
			Messaggio: "Un operatore ha sospeso la notifica.",
			Action:    "Resume the notification or cancel it.",
			Azione:    "Riprendere la notifica oppure annullarla.",
		},
		{
			Reason: ReasonClosedByOperator, Class: ClassProcess,
			Message:   "An operator closed the notification without sending it again.",
			Messaggio: "Un operatore ha chiuso la notifica senza inviarla di nuovo.",
			Action:    "If the citizen has received nothing, submit a new notification.",
			Azione:    "Se il cittadino non ha ricevuto nulla, inviare una nuova notifica.",
		},
		{
			Reason: ReasonServiceInactive, Class: ClassConfiguration, Retryable: true,
			Message:   "The service is not active in GeNIO.",
			Messaggio: "Il servizio non è attivo in GeNIO.",
			Action:    "Ask the Ente's administrator to activate the service, then retry.",
			Azione:    "Chiedere all'amministratore dell'Ente di attivare il servizio, poi riprovare.",
		},
		{
			Reason: ReasonInternalError, Class: ClassTechnical, Retryable: true,
			Message:   "An internal fault of GeNIO stopped the notification.",
			Messaggio: "Un errore interno di GeNIO ha interrotto la notifica.",
			Action:    "Retry; if it happens again, give technical support the notification's identifier.",
			Azione:    "Riprovare; se l'errore si ripete, comunicare all'assistenza tecnica l'identificativo della notifica.",
		},
		{
			Reason: ReasonWorkInterrupted, Class: ClassTechnical, Retryable: true,
			Message:   "The work on the notification was interrupted from outside, and going on by itself would not have been safe.",
			Messaggio: "La lavorazione della notifica è stata interrotta dall'esterno e non era sicuro riprenderla automaticamente.",
			Action:    "Find out why it was interrupted, then retry: what succeeded is not repeated.",
			Azione:    "Verificare il motivo dell'interruzione, poi riprovare: ciò che è riuscito non viene ripetuto.",
		},
	}
}
