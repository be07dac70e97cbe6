package notification

import "time"

// Sentence tells the entry in one plain sentence without a final stop, as the help desk would say it to a
// citizen's municipality. The reason's own explanation, times and tries are shown beside it.
func (e Entry) Sentence(lang Lang) string {
	return e.wording().in(lang)
}

func (e Entry) wording() wording {
	if e.tellsWho() {
		return e.byPerson()
	}

	switch e.Kind {
	case EntryAccepted:
		return wording{"Notifica presa in carico", "Notification taken on"}
	case EntryStarted:
		return e.started()
	case EntryScheduled:
		return e.scheduled()
	case EntryValidated:
		return e.validated()
	case EntryProfile:
		return e.profile()
	case EntrySentIO:
		return e.sentIO()
	case EntryDeliveredIO:
		return e.deliveredIO()
	case EntrySkipped:
		return e.skipped()
	case EntryQuietHours:
		return e.quietHours()
	case EntrySentSMS:
		return e.sentSMS()
	case EntryDeliveredSMS:
		return e.deliveredSMS()
	case EntrySMSReport:
		return wording{"Il gestore SMS ha comunicato un aggiornamento", "The SMS provider reported news"}
	case EntryCancelAsked:
		return e.cancelAsked()
	case EntryHoldAsked:
		return wording{"È stato chiesto di mettere la notifica in sospeso", "Somebody asked to put the notification on hold"}
	case EntryOnHold:
		return e.onHold()
	case EntryResumeAsked:
		return wording{"È stato chiesto di riprendere la lavorazione", "Somebody asked to resume the work"}
	case EntryResumed:
		return wording{"La lavorazione è ripresa", "Work has resumed"}
	case EntryDecided:
		return e.decided()
	case EntryIntervened:
		return e.intervened()
	case EntrySettled:
		return e.settled()
	case EntryToldApplication:
		return e.toldApplication()
	case EntryRetryAsked:
		return wording{"È stato chiesto di riprovare", "Somebody asked to try again"}
	case EntryRevealed:
		return wording{"Destinatario mostrato in chiaro", "The recipient was shown in clear"}
	}

	return wording{"Evento registrato", "Event recorded"}
}

func (e Entry) toldApplication() wording {
	switch e.State {
	case EntryFault:
		return wording{"L'applicazione dell'Ente non ha ricevuto l'avviso dell'esito", "The Ente's application was not told of the outcome"}
	case EntryRunning:
		return wording{"L'esito viene comunicato all'applicazione dell'Ente", "The Ente's application is being told of the outcome"}
	case EntryDone, EntryNegative:
	}

	return wording{"L'esito è stato comunicato all'applicazione dell'Ente", "The Ente's application was told of the outcome"}
}

func (e Entry) started() wording {
	if e.Run > 1 {
		return wording{
			"Nuova lavorazione avviata: riparte dal passo che non era riuscito",
			"A new run began: it goes on from the step that had failed",
		}
	}

	return wording{"Lavorazione avviata", "Work began"}
}

func (e Entry) scheduled() wording {
	if e.State == EntryRunning {
		return wording{"In attesa dell'orario di invio", "Waiting for its sending time"}
	}

	return wording{"Invio programmato per l'orario richiesto", "Sending is scheduled for the wanted time"}
}

func (e Entry) validated() wording {
	switch e.State {
	case EntryDone:
		return wording{"Codice fiscale verificato", "Codice fiscale verified"}
	case EntryNegative:
		if e.Reason == ReasonFiscalCodeProvisional {
			return wording{
				"Il codice fiscale è provvisorio (11 cifre): app IO non lo accetta",
				"The codice fiscale is a provisional one (11 digits): app IO does not accept it",
			}
		}

		return wording{"Il codice fiscale non è valido", "The codice fiscale is not valid"}
	case EntryFault:
		return wording{"La verifica del codice fiscale non è riuscita", "The codice fiscale could not be verified"}
	case EntryRunning:
	}

	return wording{"Si verifica il codice fiscale", "Verifying the codice fiscale"}
}

func (e Entry) profile() wording {
	switch e.State {
	case EntryDone:
		return wording{"Il cittadino è raggiungibile su app IO", "The citizen can be reached on app IO"}
	case EntryNegative:
		return e.unreachableOnIO()
	case EntryFault:
		return wording{
			"Non è stato possibile sapere da app IO se il cittadino è raggiungibile",
			"App IO could not say whether the citizen can be reached",
		}
	case EntryRunning:
	}

	return wording{"Si chiede ad app IO se il cittadino è raggiungibile", "Asking app IO whether the citizen can be reached"}
}

func (e Entry) unreachableOnIO() wording {
	switch e.Reason {
	case ReasonIOProfileNotFound:
		return wording{"Il cittadino non è su app IO", "The citizen is not on app IO"}
	case ReasonIOSenderNotAllowed:
		return wording{"Il cittadino ha disattivato questo servizio su app IO", "The citizen switched this service off on app IO"}
	default:
		return wording{"Il cittadino non è raggiungibile su app IO", "The citizen cannot be reached on app IO"}
	}
}

func (e Entry) sentIO() wording {
	switch {
	case e.State == EntryDone:
		return wording{"Messaggio inviato ad app IO", "Message handed to app IO"}
	case e.State == EntryRunning:
		return wording{"Si invia il messaggio ad app IO", "Handing the message to app IO"}
	case e.Reason == ReasonIOOutcomeUncertain:
		return wording{
			"Non si sa se app IO ha ricevuto il messaggio: la risposta non è arrivata",
			"Nobody knows whether app IO took the message: its answer never came",
		}
	case e.State == EntryNegative:
		return wording{"App IO non ha accettato il messaggio", "App IO did not take the message"}
	default:
		return wording{"L'invio ad app IO non è riuscito", "Handing the message to app IO failed"}
	}
}

func (e Entry) deliveredIO() wording {
	switch {
	case e.State == EntryDone:
		return wording{"Consegnata nella casella di app IO", "Delivered to the inbox of app IO"}
	case e.State == EntryRunning:
		return wording{"Si attende la conferma di consegna da app IO", "Waiting for app IO to confirm the delivery"}
	case e.Reason == ReasonIORejected:
		return wording{"App IO ha respinto il messaggio dopo averlo ricevuto", "App IO rejected the message after taking it"}
	case e.Reason == ReasonIOProcessingFailed, e.State == EntryNegative && e.Reason != ReasonIONotProcessedInTime:
		return wording{"App IO non è riuscita a consegnare il messaggio", "App IO could not deliver the message"}
	case e.Reason == ReasonIONotProcessedInTime:
		return wording{"App IO non ha confermato la consegna entro il tempo previsto", "App IO did not confirm the delivery in time"}
	default:
		return wording{"Non è stato possibile sapere da app IO l'esito della consegna", "App IO could not say what became of the message"}
	}
}

func (e Entry) skipped() wording {
	if e.Channel == ChannelIO {
		return wording{"Invio su app IO saltato", "App IO was left out"}
	}

	switch e.Reason {
	case ReasonSMSNotEnabled:
		return wording{"Nessun SMS: il servizio non lo prevede", "No SMS: the service does not use it"}
	case ReasonSMSNoPhone:
		return wording{"Nessun SMS: non c'è un numero di telefono", "No SMS: there is no phone number"}
	case ReasonSMSPhoneNotMobile:
		return wording{"Nessun SMS: il numero non è un cellulare", "No SMS: the number is not a mobile one"}
	case ReasonSMSPhoneInvalid:
		return wording{"Nessun SMS: il numero di telefono non è valido", "No SMS: the phone number is not valid"}
	default:
		return wording{"Invio per SMS saltato", "SMS was left out"}
	}
}

// quietHours names the day only where the hour alone would be taken for the next one's.
func (e Entry) quietHours() wording {
	opens := InItaly(e.Until)
	clock := DayTime(opens.Hour()*minutesInHour + opens.Minute()).Spoken()

	text := wording{"In attesa: l'SMS parte dopo le " + clock, "Waiting: the SMS goes out after " + clock}
	if e.Until.Sub(e.At) > minutesInDay*time.Minute {
		text.it += opens.Format(" del 02/01/2006")
		text.en += opens.Format(" on 2 Jan 2006")
	}

	return text
}

func (e Entry) sentSMS() wording {
	switch {
	case e.State == EntryDone:
		return wording{"Si è passati all'SMS: inviato al gestore telefonico", "Went on to SMS: handed to the provider"}
	case e.State == EntryRunning:
		return wording{"Si passa all'SMS: invio al gestore telefonico", "Going on to SMS: handing it to the provider"}
	case e.Reason == ReasonSMSOutcomeUncertain:
		return wording{
			"Non si sa se il gestore SMS ha ricevuto il messaggio: la risposta non è arrivata",
			"Nobody knows whether the SMS provider took the message: its answer never came",
		}
	case e.State == EntryNegative:
		return wording{"Il gestore SMS non ha accettato il messaggio", "The SMS provider did not take the message"}
	default:
		return wording{"L'invio dell'SMS non è riuscito", "Sending the SMS failed"}
	}
}

func (e Entry) deliveredSMS() wording {
	switch {
	case e.State == EntryDone:
		return wording{"SMS consegnato al telefono del cittadino", "SMS delivered to the citizen's phone"}
	case e.State == EntryRunning:
		return wording{"Si attende la conferma di consegna dell'SMS", "Waiting for the delivery of the SMS to be confirmed"}
	case e.Reason == ReasonSMSUnconfirmed:
		return wording{"Nessuna conferma di consegna dell'SMS entro il tempo previsto", "The delivery of the SMS was not confirmed in time"}
	case e.Reason == ReasonSMSUnreachable:
		return wording{"SMS non consegnato: telefono spento o senza campo", "SMS not delivered: the phone is off or without signal"}
	case e.Reason == ReasonSMSUnknownNumber:
		return wording{"SMS non consegnato: il numero non esiste", "SMS not delivered: the number does not exist"}
	case e.State == EntryNegative:
		return wording{"SMS non consegnato", "SMS not delivered"}
	default:
		return wording{"Non è stato possibile sapere l'esito dell'SMS", "What became of the SMS could not be found out"}
	}
}

func (e Entry) cancelAsked() wording {
	switch e.Reason {
	case ReasonPaid:
		return wording{"L'Ente ha comunicato che il pagamento è avvenuto", "The Ente reported that the payment was made"}
	case ReasonCancelledByOperator:
		return wording{"Un operatore ha chiesto di annullare la notifica", "An operator asked to cancel the notification"}
	case ReasonCancelledByEnte:
		return wording{"L'Ente ha chiesto di annullare la notifica", "The Ente asked to cancel the notification"}
	default:
		return wording{"È stato chiesto di annullare la notifica", "Somebody asked to cancel the notification"}
	}
}

func (e Entry) onHold() wording {
	if e.Reason == ReasonHeldByOperator {
		return wording{"Notifica messa in sospeso da un operatore", "An operator put the notification on hold"}
	}

	if e.Reason.Paused() {
		return e.paused()
	}

	return wording{"Notifica in sospeso: serve la decisione di una persona", "The notification is on hold: a person has to decide"}
}

// The words of a decision, as Entry.Detail and the API carry them.
const (
	decisionResend = "resend"
	decisionSMS    = "sms"
	decisionClose  = "close"
)

func (e Entry) decided() wording {
	switch e.Detail {
	case decisionResend:
		return wording{"Un operatore ha deciso di inviare di nuovo su app IO", "An operator decided to send to app IO again"}
	case decisionSMS:
		return wording{"Un operatore ha deciso di passare all'SMS", "An operator decided to go on to SMS"}
	case decisionClose:
		return wording{"Un operatore ha deciso di chiudere la notifica", "An operator decided to close the notification"}
	default:
		return wording{"Un operatore ha deciso come proseguire", "An operator decided how to go on"}
	}
}

func (e Entry) settled() wording {
	switch e.Status {
	case StatusDelivered:
		if e.Channel == ChannelSMS {
			return wording{"Conclusa: consegnata per SMS", "Concluded: delivered by SMS"}
		}

		if e.Channel == ChannelIO {
			return wording{"Conclusa: consegnata su app IO", "Concluded: delivered on app IO"}
		}

		return wording{"Conclusa: consegnata", "Concluded: delivered"}
	case StatusNotDelivered:
		return wording{"Conclusa: il cittadino non è stato raggiunto", "Concluded: the citizen was not reached"}
	case StatusFailed:
		return wording{"Interrotta da un problema tecnico o di configurazione", "Stopped by a technical or configuration fault"}
	case StatusCancelled:
		return wording{"Conclusa: annullata", "Concluded: cancelled"}
	case StatusExpired:
		return wording{"Conclusa: scaduta prima della consegna", "Concluded: expired before it could be delivered"}
	case StatusAccepted, StatusScheduled, StatusInProgress, StatusOnHold:
	}

	return wording{"Lavorazione conclusa", "Work concluded"}
}
