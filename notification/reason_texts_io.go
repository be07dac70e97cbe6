package notification

func ioOutcomeTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonIODelivered, Class: ClassOutcome,
			Message:   "The message is in the citizen's inbox on app IO.",
			Messaggio: "Il messaggio è nella casella del cittadino sull'app IO.",
			Action:    nothingToDo,
			Azione:    nienteDaFare,
		},
		{
			Reason: ReasonIOProfileNotFound, Class: ClassOutcome,
			Message:   "The citizen is not on app IO.",
			Messaggio: "Il cittadino non è su app IO.",
			Action:    "Reach the citizen by SMS or on another channel.",
			Azione:    "Raggiungere il cittadino via SMS o con un altro canale.",
		},
		{
			Reason: ReasonIOSenderNotAllowed, Class: ClassOutcome,
			Message:   "The citizen is on app IO but does not receive messages from this service.",
			Messaggio: "Il cittadino è su app IO, ma non riceve i messaggi di questo servizio.",
			Action:    "Reach the citizen by SMS or on another channel; only the citizen can switch the service on, in the app.",
			Azione:    "Raggiungere il cittadino via SMS o con un altro canale; solo il cittadino può attivare il servizio, dall'app.",
		},
		{
			Reason: ReasonIORejected, Class: ClassOutcome,
			Message:   "App IO took the message but did not deliver it: the citizen has left IO or switched the service off.",
			Messaggio: "L'app IO ha accettato il messaggio ma non lo ha consegnato: il cittadino ha lasciato IO o ha disattivato il servizio.",
			Action:    "Reach the citizen by SMS or on another channel.",
			Azione:    "Raggiungere il cittadino via SMS o con un altro canale.",
		},
	}
}

func ioConfigurationTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonIOMessageRefused, Class: ClassConfiguration, Retryable: true,
			Message:   "App IO refused the message because of its content, often its payment data.",
			Messaggio: "L'app IO ha rifiutato il messaggio per il suo contenuto, spesso per i dati di pagamento.",
			Action: "Compare the payment with the service's limit on IO: if the limit was too low, have it raised and retry; " +
				"otherwise correct the content and submit a new notification.",
			Azione: "Confrontare il pagamento con il limite del servizio su IO: se il limite era troppo basso, farlo aumentare e riprovare; " +
				"altrimenti correggere il contenuto e inviare una nuova notifica.",
		},
		{
			Reason: ReasonIOKeyRejected, Class: ClassConfiguration, Retryable: true,
			Message:   "App IO does not accept the service's key.",
			Messaggio: "L'app IO non accetta la chiave del servizio.",
			Action:    "Have the Ente's administrator enter the service's current key, then retry.",
			Azione:    "Far inserire all'amministratore dell'Ente la chiave attuale del servizio, poi riprovare.",
		},
		{
			Reason: ReasonIOForbidden, Class: ClassConfiguration, Retryable: true,
			Message:   "App IO does not allow the service to do this: a permission is missing, or the sending address is not authorised.",
			Messaggio: "L'app IO non consente questa operazione al servizio: manca un'abilitazione o l'indirizzo di invio non è autorizzato.",
			Action:    "Check on IO the service's permissions and authorised network addresses, then retry.",
			Azione:    "Verificare su IO le abilitazioni del servizio e gli indirizzi di rete autorizzati, poi riprovare.",
		},
		{
			Reason: ReasonIORecipientForbidden, Class: ClassConfiguration, Retryable: true,
			Message:   "On app IO the service is still on trial and may not write to this citizen.",
			Messaggio: "Sull'app IO il servizio è ancora in prova e non può scrivere a questo cittadino.",
			Action:    "Ask the Ente to complete the service's approval on IO or to authorise this recipient, then retry.",
			Azione:    "Chiedere all'Ente di completare l'approvazione del servizio su IO o di autorizzare questo destinatario, poi riprovare.",
		},
	}
}

func ioTechnicalTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonIOProcessingFailed, Class: ClassTechnical, Retryable: true,
			Message:   "App IO took the message, then could not process it.",
			Messaggio: "L'app IO ha accettato il messaggio, ma poi non è riuscita a elaborarlo.",
			Action:    "Retry: the first message does not arrive any more.",
			Azione:    "Riprovare: il primo messaggio non verrà più consegnato.",
		},
		{
			Reason: ReasonIONotProcessedInTime, Class: ClassTechnical, Retryable: true,
			Message:   "App IO took the message but did not confirm its delivery in time.",
			Messaggio: "L'app IO ha accettato il messaggio, ma non ne ha confermato la consegna in tempo.",
			Action:    "The message may still arrive: wait some hours, ask the citizen, and retry only if nothing has arrived.",
			Azione:    "Il messaggio può ancora arrivare: attendere alcune ore, chiedere al cittadino e riprovare solo se non ha ricevuto nulla.",
		},
		{
			Reason: ReasonIONotFound, Class: ClassTechnical, Retryable: true,
			Message:   "App IO does not find the message or a configuration that it refers to.",
			Messaggio: "L'app IO non trova il messaggio o una configurazione a cui esso fa riferimento.",
			Action:    "Retry; if it happens again, ask technical support.",
			Azione:    "Riprovare; se l'errore si ripete, rivolgersi all'assistenza tecnica.",
		},
		{
			Reason: ReasonIORateLimited, Class: ClassTechnical, Retryable: true,
			Message:   "The Ente made more calls to app IO than IO allows, and the time for sending ran out.",
			Messaggio: "L'Ente ha superato il numero di chiamate consentite dall'app IO e il tempo per l'invio è terminato.",
			Action:    "Wait until the Ente's other sending is over, then retry.",
			Azione:    "Attendere la fine degli altri invii dell'Ente, poi riprovare.",
		},
		{
			Reason: ReasonIOUnavailable, Class: ClassTechnical, Retryable: true,
			Message:   "App IO could not be reached or was out of order.",
			Messaggio: "L'app IO non era raggiungibile o non funzionava.",
			Action:    "Retry when app IO works again.",
			Azione:    "Riprovare quando l'app IO sarà di nuovo disponibile.",
		},
		{
			Reason: ReasonIOOutcomeUncertain, Class: ClassTechnical, Retryable: true,
			Message:   "Contact with app IO was lost while sending: the message may have been delivered or not.",
			Messaggio: "Il collegamento con l'app IO si è interrotto durante l'invio: il messaggio potrebbe essere stato consegnato oppure no.",
			Action:    "Ask the citizen if possible; send again only if a second copy does no harm.",
			Azione:    "Se possibile chiedere al cittadino; inviare di nuovo solo se una seconda copia non crea problemi.",
		},
		{
			Reason: ReasonIOUnexpectedAnswer, Class: ClassTechnical, Retryable: true,
			Message:   "App IO gave an answer that GeNIO does not understand.",
			Messaggio: "L'app IO ha dato una risposta che GeNIO non riconosce.",
			Action:    "Tell technical support before retrying: the message may have been delivered.",
			Azione:    "Avvisare l'assistenza tecnica prima di riprovare: il messaggio potrebbe essere stato consegnato.",
		},
	}
}
