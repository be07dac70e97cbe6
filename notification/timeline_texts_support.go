package notification

import "time"

// paused says what is paused, since when and why, as far as that is known.
func (e Entry) paused() wording {
	said := map[Reason]wording{
		ReasonIOPaused:      {"In attesa: app IO è in pausa", "Waiting: app IO is paused"},
		ReasonSMSPaused:     {"In attesa: gli SMS sono in pausa", "Waiting: SMS is paused"},
		ReasonServicePaused: {"In attesa: il servizio è in pausa", "Waiting: the service is paused"},
		ReasonEntePaused:    {"In attesa: l'Ente è in pausa", "Waiting: the Ente is paused"},
	}[e.Reason]

	if !e.Since.IsZero() {
		since := e.Since.In(italianTime())
		said.it += " dal " + since.Format("02/01/2006 15:04")
		said.en += " since " + since.Format("2 Jan 2006 15:04")
	}

	if e.Why != "" {
		said.it += " per: " + e.Why
		said.en += " for: " + e.Why
	}

	return said
}

// italianTime is UTC on machines without time zone data.
func italianTime() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return time.UTC
	}

	return zone
}

func (e Entry) intervened() wording {
	switch InterventionAct(e.Detail) {
	case InterventionRetry:
		return wording{"Intervento su più notifiche: nuovo tentativo", "Intervention on several notifications: retry"}
	case InterventionDecide:
		return wording{
			"Intervento su più notifiche: decisione sull'esito incerto",
			"Intervention on several notifications: decision on the uncertain outcome",
		}
	case InterventionResume:
		return wording{"Intervento su più notifiche: ripresa", "Intervention on several notifications: resume"}
	case InterventionHold:
		return wording{"Intervento su più notifiche: sospensione", "Intervention on several notifications: hold"}
	case InterventionCancel:
		return wording{"Intervento su più notifiche: annullamento", "Intervention on several notifications: cancellation"}
	}

	return wording{"Intervento su più notifiche", "Intervention on several notifications"}
}
