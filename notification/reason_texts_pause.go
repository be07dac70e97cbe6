package notification

const (
	goesOnByItself   = "Nothing to do: sending goes on by itself when the pause ends."
	riprendeDaSola   = "Non occorre fare nulla: l'invio riprende da solo al termine della pausa."
	pauseIsOver      = "Wait for the end of the pause, or ask whoever paused to lift it."
	attendereRipresa = "Attendere la fine della pausa, oppure chiedere a chi l'ha disposta di terminarla."
)

func pauseReasonTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonIOPaused, Class: ClassProcess,
			Message:   "App IO is paused in GeNIO; nothing is sent meanwhile, not even an SMS in its place.",
			Messaggio: "App IO è in pausa in GeNIO: nel frattempo non si invia nulla, nemmeno un SMS al suo posto.",
			Action:    goesOnByItself, Azione: riprendeDaSola,
		},
		{
			Reason: ReasonSMSPaused, Class: ClassProcess,
			Message:   "SMS is paused in GeNIO; the notification waits before its SMS.",
			Messaggio: "Gli SMS sono in pausa in GeNIO: la notifica attende prima dell'SMS.",
			Action:    "Nothing to do: the SMS is sent when the pause ends.",
			Azione:    "Non occorre fare nulla: l'SMS parte al termine della pausa.",
		},
		{
			Reason: ReasonServicePaused, Class: ClassProcess,
			Message:   "The service is paused in GeNIO; its notifications wait.",
			Messaggio: "Il servizio è in pausa in GeNIO: le sue notifiche attendono.",
			Action:    pauseIsOver, Azione: attendereRipresa,
		},
		{
			Reason: ReasonEntePaused, Class: ClassProcess,
			Message:   "The Ente is paused in GeNIO; its notifications wait.",
			Messaggio: "L'Ente è in pausa in GeNIO: le sue notifiche attendono.",
			Action:    "Wait for the end of the Ente's pause, or ask whoever paused it to lift it.",
			Azione:    "Attendere la fine della pausa dell'Ente, oppure chiedere a chi l'ha disposta di terminarla.",
		},
	}
}
