package notification

// Lang is a language in which GeNIO speaks to people.
type Lang string

// The languages. Italian comes first: anything that is not English is answered in Italian.
const (
	Italian Lang = "it"
	English Lang = "en"
)

// Valid tells whether l is one of the languages above.
func (l Lang) Valid() bool { return l == Italian || l == English }

// wording is one text in every language.
type wording struct{ it, en string }

func (w wording) in(lang Lang) string {
	if lang == English {
		return w.en
	}

	return w.it
}

// Label names the status as people read it, such as "Consegnata". An unknown status is its own code.
func (s Status) Label(lang Lang) string {
	return s.wording().in(lang)
}

func (s Status) wording() wording {
	switch s {
	case StatusAccepted:
		return wording{"Accettata", "Accepted"}
	case StatusScheduled:
		return wording{"Programmata", "Scheduled"}
	case StatusInProgress:
		return wording{"In lavorazione", "In progress"}
	case StatusOnHold:
		return wording{"In sospeso", "On hold"}
	case StatusDelivered:
		return wording{"Consegnata", "Delivered"}
	case StatusNotDelivered:
		return wording{"Non consegnata", "Not delivered"}
	case StatusFailed:
		return wording{"Non riuscita", "Failed"}
	case StatusCancelled:
		return wording{"Annullata", "Cancelled"}
	case StatusExpired:
		return wording{"Scaduta", "Expired"}
	}

	return wording{string(s), string(s)}
}

// Label names the status of an attempt as people read it, such as "Esito incerto".
func (s AttemptStatus) Label(lang Lang) string {
	return s.wording().in(lang)
}

func (s AttemptStatus) wording() wording {
	switch s {
	case AttemptPending:
		return wording{"In attesa di invio", "Waiting to be sent"}
	case AttemptSending:
		return wording{"Invio in corso", "Being sent"}
	case AttemptSent:
		return wording{"Inviato, in attesa di conferma", "Sent, awaiting confirmation"}
	case AttemptDelivered:
		return wording{"Consegnato", "Delivered"}
	case AttemptFailed:
		return wording{"Non riuscito", "Failed"}
	case AttemptSkipped:
		return wording{"Non usato", "Not used"}
	case AttemptUncertain:
		return wording{"Esito incerto", "Outcome uncertain"}
	}

	return wording{string(s), string(s)}
}

// Label names the channel as people read it, such as "app IO".
func (c Channel) Label(lang Lang) string {
	return c.wording().in(lang)
}

func (c Channel) wording() wording {
	switch c {
	case ChannelIO:
		return wording{"App IO", "App IO"}
	case ChannelSMS:
		return wording{"SMS", "SMS"}
	}

	return wording{string(c), string(c)}
}

// Label names the priority as people read it, such as "Urgente".
func (p Priority) Label(lang Lang) string {
	return p.wording().in(lang)
}

func (p Priority) wording() wording {
	switch p {
	case PriorityUrgent:
		return wording{"Urgente", "Urgent"}
	case PriorityNormal:
		return wording{"Normale", "Normal"}
	case PriorityBulk:
		return wording{"Massiva", "Bulk"}
	}

	return wording{string(p), string(p)}
}
