package notification

// tellsWho: of other kinds, the person is told beside the sentence.
func (e Entry) tellsWho() bool {
	return e.By != "" && e.Kind != EntryIntervened && !e.Reason.Paused()
}

// byPerson tells who did what. An act that is not done was asked for: the workflow has not heard of it, as far as known.
func (e Entry) byPerson() wording {
	if e.State != EntryDone {
		return e.askedBy()
	}

	switch e.Kind {
	case EntryCancelAsked:
		return e.cancelledBy()
	case EntryHoldAsked:
		return wording{"Messa in sospeso da " + e.By, "Put on hold by " + e.By}
	case EntryResumeAsked:
		return wording{"Ripresa da " + e.By, "Resumed by " + e.By}
	case EntryDecided:
		return e.decidedBy()
	case EntryRetryAsked:
		return wording{"Nuovo tentativo chiesto da " + e.By, "Another try asked for by " + e.By}
	case EntryRevealed:
		return wording{"Destinatario mostrato in chiaro a " + e.By, "The recipient was shown in clear to " + e.By}
	default:
		return wording{"Operazione registrata a nome di " + e.By, "Act recorded under the name of " + e.By}
	}
}

func (e Entry) cancelledBy() wording {
	if e.Reason == ReasonPaid {
		return wording{"Annullata da " + e.By + ": il pagamento è avvenuto", "Cancelled by " + e.By + ": the payment was made"}
	}

	return wording{"Annullata da " + e.By, "Cancelled by " + e.By}
}

func (e Entry) decidedBy() wording {
	switch e.Detail {
	case decisionResend:
		return wording{e.By + " ha deciso di inviare di nuovo su app IO", e.By + " decided to send to app IO again"}
	case decisionSMS:
		return wording{e.By + " ha deciso di passare all'SMS", e.By + " decided to go on to SMS"}
	case decisionClose:
		return wording{e.By + " ha deciso di chiudere la notifica", e.By + " decided to close the notification"}
	default:
		return wording{e.By + " ha deciso come proseguire", e.By + " decided how to go on"}
	}
}

func (e Entry) askedBy() wording {
	switch e.Kind {
	case EntryCancelAsked:
		return wording{"Annullamento chiesto da " + e.By, "Cancellation asked for by " + e.By}
	case EntryHoldAsked:
		return wording{"Sospensione chiesta da " + e.By, "Hold asked for by " + e.By}
	case EntryResumeAsked:
		return wording{"Ripresa chiesta da " + e.By, "Resumption asked for by " + e.By}
	case EntryDecided:
		return wording{"Decisione comunicata da " + e.By, "Decision given by " + e.By}
	case EntryRetryAsked:
		return wording{"Nuovo tentativo chiesto da " + e.By, "Another try asked for by " + e.By}
	case EntryRevealed:
		return wording{"Destinatario in chiaro chiesto da " + e.By, "The recipient in clear asked for by " + e.By}
	default:
		return wording{"Operazione chiesta da " + e.By, "Act asked for by " + e.By}
	}
}
