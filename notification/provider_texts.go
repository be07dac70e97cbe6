package notification

// ProviderWord says in plain words what a provider's own word about a message means; empty where the word is not known.
// The words of IO are those of its message status, as its specification lists them; those of SMS are Twilio's ("Message
// resource", status values).
func ProviderWord(channel Channel, word string, lang Lang) string {
	switch channel {
	case ChannelIO:
		return wordOfIO(word).in(lang)
	case ChannelSMS:
		return wordOfTwilio(word).in(lang)
	}

	return ""
}

func wordOfIO(word string) wording {
	switch word {
	case "ACCEPTED":
		return wording{"App IO ha ricevuto il messaggio e non lo ha ancora elaborato", "App IO took the message and has not processed it yet"}
	case "THROTTLED":
		return wording{"App IO ha rinviato l'elaborazione del messaggio", "App IO put off processing the message"}
	case "PROCESSED":
		return wording{"Il messaggio è nella casella del cittadino su app IO", "The message is in the citizen's inbox of app IO"}
	case "REJECTED":
		return wording{
			"App IO ha respinto il messaggio: il cittadino non è iscritto o non accetta i messaggi del servizio",
			"App IO rejected the message: the citizen is not enrolled, or does not take the service's messages",
		}
	case "FAILED":
		return wording{"App IO non è riuscita a elaborare il messaggio", "App IO could not process the message"}
	}

	return wording{}
}

func wordOfTwilio(word string) wording {
	switch word {
	case "accepted":
		return wording{"Il gestore ha ricevuto la richiesta e sceglie il mittente", "The provider took the request and chooses a sender"}
	case "scheduled":
		return wording{"Il gestore ha programmato l'invio", "The provider has scheduled the sending"}
	case "queued":
		return wording{"L'SMS è in coda presso il gestore", "The SMS is in the provider's queue"}
	case "sending":
		return wording{"Il gestore sta inviando l'SMS all'operatore telefonico", "The provider is handing the SMS to the carrier"}
	case "sent":
		return wording{
			"L'operatore telefonico ha ricevuto l'SMS; la consegna non è ancora confermata",
			"The carrier took the SMS; the delivery is not confirmed yet",
		}
	case "delivered":
		return wording{"L'operatore telefonico ha confermato la consegna", "The carrier confirmed the delivery"}
	case "undelivered":
		return wording{"L'operatore telefonico non ha consegnato l'SMS", "The carrier did not deliver the SMS"}
	case "failed":
		return wording{"Il gestore non è riuscito a inviare l'SMS", "The provider could not send the SMS"}
	case "canceled":
		return wording{"L'invio programmato è stato annullato presso il gestore", "The scheduled sending was cancelled at the provider"}
	case "read":
		return wording{"Il messaggio è stato aperto", "The message was opened"}
	}

	return wording{}
}
