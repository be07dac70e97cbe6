package notification

func smsNotSentTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonSMSNotEnabled, Class: ClassProcess,
			Message:   "The service does not use SMS.",
			Messaggio: "Il servizio non prevede l'invio di SMS.",
			Action:    "Reach the citizen on another channel, or enable SMS for the service and submit a new notification.",
			Azione:    "Raggiungere il cittadino con un altro canale, oppure abilitare gli SMS per il servizio e inviare una nuova notifica.",
		},
		{
			Reason: ReasonSMSNoPhone, Class: ClassOutcome,
			Message:   "No SMS was sent because the citizen's phone number is not known.",
			Messaggio: "L'SMS non è stato inviato perché non è noto il numero di telefono del cittadino.",
			Action:    "Submit a new notification with the mobile number, or use another channel.",
			Azione:    "Inviare una nuova notifica con il numero di cellulare, oppure usare un altro canale.",
		},
		{
			Reason: ReasonSMSPhoneInvalid, Class: ClassOutcome,
			Message:   "The phone number is not valid.",
			Messaggio: "Il numero di telefono non è valido.",
			Action:    "Check the number and submit a new notification with the right one.",
			Azione:    "Verificare il numero e inviare una nuova notifica con quello corretto.",
		},
		{
			Reason: ReasonSMSPhoneNotMobile, Class: ClassOutcome,
			Message:   "The phone number is not a mobile one and cannot receive SMS.",
			Messaggio: "Il numero di telefono non è di un cellulare e non può ricevere SMS.",
			Action:    "Submit a new notification with a mobile number, or use another channel.",
			Azione:    "Inviare una nuova notifica con un numero di cellulare, oppure usare un altro canale.",
		},
		{
			Reason: ReasonSMSOptedOut, Class: ClassOutcome,
			Message:   "The citizen has asked not to receive SMS.",
			Messaggio: "Il cittadino ha chiesto di non ricevere SMS.",
			Action:    "Use another channel.",
			Azione:    "Usare un altro canale.",
		},
		{
			Reason: ReasonSMSUnroutable, Class: ClassOutcome,
			Message:   "The SMS provider has no way from this sender to this number.",
			Messaggio: "Il fornitore SMS non può raggiungere questo numero con il mittente usato.",
			Action:    "Use another channel; if it happens with many numbers, have the SMS sender checked.",
			Azione:    "Usare un altro canale; se accade con molti numeri, far verificare il mittente degli SMS.",
		},
	}
}

func smsDeliveryTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonSMSDelivered, Class: ClassOutcome,
			Message:   "The SMS was delivered to the citizen's phone.",
			Messaggio: "L'SMS è stato consegnato al telefono del cittadino.",
			Action:    nothingToDo,
			Azione:    nienteDaFare,
		},
		{
			Reason: ReasonSMSUnreachable, Class: ClassOutcome, Retryable: true,
			Message:   "The phone was off or without signal.",
			Messaggio: "Il telefono era spento o non raggiungibile.",
			Action:    "Retry after some hours.",
			Azione:    "Riprovare dopo alcune ore.",
		},
		{
			Reason: ReasonSMSUnknownNumber, Class: ClassOutcome,
			Message:   "The phone number is not in use.",
			Messaggio: "Il numero di telefono non risulta attivo.",
			Action:    "Ask the citizen for the current number and submit a new notification.",
			Azione:    "Chiedere al cittadino il numero attuale e inviare una nuova notifica.",
		},
		{
			Reason: ReasonSMSBlocked, Class: ClassOutcome,
			Message:   "The telephone company or a filter blocked the SMS.",
			Messaggio: "L'SMS è stato bloccato dall'operatore telefonico o da un filtro.",
			Action:    "Use another channel; if it happens often, have the text and the sender of the SMS checked.",
			Azione:    "Usare un altro canale; se accade spesso, far verificare il testo e il mittente degli SMS.",
		},
		{
			Reason: ReasonSMSValidityExpired, Class: ClassOutcome, Retryable: true,
			Message:   "The SMS could not be delivered within its time.",
			Messaggio: "Non è stato possibile consegnare l'SMS nel tempo previsto.",
			Action:    "Retry if the notice is still useful.",
			Azione:    "Riprovare se l'avviso è ancora utile.",
		},
		{
			Reason: ReasonSMSUndelivered, Class: ClassOutcome, Retryable: true,
			Message:   "The SMS was not delivered, and the telephone company does not say why.",
			Messaggio: "L'SMS non è stato consegnato e l'operatore telefonico non ne indica il motivo.",
			Action:    "Retry once; if it happens again, use another channel.",
			Azione:    "Riprovare una volta; se accade di nuovo, usare un altro canale.",
		},
		{
			Reason: ReasonSMSUnconfirmed, Class: ClassOutcome,
			Message:   "The SMS was sent, but no confirmation of its delivery arrived.",
			Messaggio: "L'SMS è stato inviato, ma non è arrivata la conferma di consegna.",
			Action:    "It has probably arrived: ask the citizen before submitting a new notification.",
			Azione:    "Probabilmente è arrivato: chiedere al cittadino prima di inviare una nuova notifica.",
		},
	}
}

func smsConfigurationTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonSMSCountryNotEnabled, Class: ClassConfiguration, Retryable: true,
			Message:   "SMS to the country of this number are not enabled.",
			Messaggio: "L'invio di SMS verso il Paese di questo numero non è abilitato.",
			Action:    "Have the country enabled at the SMS provider and retry, or use another channel.",
			Azione:    "Far abilitare il Paese presso il fornitore SMS e riprovare, oppure usare un altro canale.",
		},
		{
			Reason: ReasonSMSSenderInvalid, Class: ClassConfiguration, Retryable: true,
			Message:   "The SMS provider does not accept the service's sender.",
			Messaggio: "Il fornitore SMS non accetta il mittente del servizio.",
			Action:    "Have the service's SMS sender corrected, then retry.",
			Azione:    "Far correggere il mittente SMS del servizio, poi riprovare.",
		},
		{
			Reason: ReasonSMSCredentialsRejected, Class: ClassConfiguration, Retryable: true,
			Message:   "The SMS provider does not accept GeNIO's credentials.",
			Messaggio: "Il fornitore SMS non accetta le credenziali di GeNIO.",
			Action:    "Tell technical support; retry once the credentials are right.",
			Azione:    "Avvisare l'assistenza tecnica; riprovare quando le credenziali saranno corrette.",
		},
		{
			Reason: ReasonSMSTextTooLong, Class: ClassConfiguration,
			Message:   "The text is too long for an SMS.",
			Messaggio: "Il testo è troppo lungo per un SMS.",
			Action:    "Submit a new notification with a shorter SMS text.",
			Azione:    "Inviare una nuova notifica con un testo SMS più breve.",
		},
		{
			Reason: ReasonSMSRequestRefused, Class: ClassConfiguration, Retryable: true,
			Message:   "The SMS provider refused the SMS.",
			Messaggio: "Il fornitore SMS ha rifiutato l'SMS.",
			Action:    "Give technical support the provider's code shown in the attempt; retry once the cause is removed.",
			Azione:    "Comunicare all'assistenza tecnica il codice del fornitore riportato nel tentativo; riprovare dopo aver rimosso la causa.",
		},
	}
}

func smsTechnicalTexts() []ReasonText {
	return []ReasonText{
		{
			Reason: ReasonSMSRateLimited, Class: ClassTechnical, Retryable: true,
			Message:   "Too many SMS were being sent at once, and the time for sending ran out.",
			Messaggio: "Erano in corso troppi invii di SMS e il tempo per l'invio è terminato.",
			Action:    "Retry later.",
			Azione:    "Riprovare più tardi.",
		},
		{
			Reason: ReasonSMSQueueFull, Class: ClassTechnical, Retryable: true,
			Message:   "The SMS provider's queue was full.",
			Messaggio: "La coda del fornitore SMS era piena.",
			Action:    "Retry after some hours.",
			Azione:    "Riprovare dopo alcune ore.",
		},
		{
			Reason: ReasonSMSUnavailable, Class: ClassTechnical, Retryable: true,
			Message:   "The SMS provider could not be reached or was out of order.",
			Messaggio: "Il fornitore SMS non era raggiungibile o non funzionava.",
			Action:    "Retry when the SMS provider works again.",
			Azione:    "Riprovare quando il fornitore SMS sarà di nuovo disponibile.",
		},
		{
			Reason: ReasonSMSOutcomeUncertain, Class: ClassTechnical, Retryable: true,
			Message:   "Contact with the SMS provider was lost while sending: the SMS may have been sent or not.",
			Messaggio: "Il collegamento con il fornitore SMS si è interrotto durante l'invio: l'SMS potrebbe essere partito oppure no.",
			Action:    "Ask the citizen if possible; send again only if a second copy does no harm.",
			Azione:    "Se possibile chiedere al cittadino; inviare di nuovo solo se una seconda copia non crea problemi.",
		},
	}
}
