package frontend

import "github.com/genio-gateway/genio/notification"

// mark is a state as it is shown: in words, with a drawing, and in a tone that only underlines them.
type mark struct {
	Label string
	Icon  string
	Tone  string // "neutral", "info", "success", "warning" or "danger"
}

// The tones, which the style sheet knows by these names.
const (
	toneNeutral = "neutral"
	toneInfo    = "info"
	toneSuccess = "success"
	toneWarning = "warning"
	toneDanger  = "danger"
)

// Drawings that several states share.
const (
	iconDone     = "it-check-circle"
	iconFault    = "it-error"
	iconUnderWay = "it-refresh"
)

func statusMark(status notification.Status, lang notification.Lang) mark {
	shown := mark{Label: status.Label(lang), Icon: "it-info-circle", Tone: toneNeutral}

	switch status {
	case notification.StatusAccepted:
		shown.Icon, shown.Tone = "it-inbox", toneInfo
	case notification.StatusScheduled:
		shown.Icon, shown.Tone = "it-calendar", toneInfo
	case notification.StatusInProgress:
		shown.Icon, shown.Tone = iconUnderWay, toneInfo
	case notification.StatusOnHold:
		shown.Icon, shown.Tone = "it-warning-circle", toneWarning
	case notification.StatusDelivered:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.StatusNotDelivered:
		shown.Icon, shown.Tone = "it-minus-circle", toneWarning
	case notification.StatusFailed:
		shown.Icon, shown.Tone = iconFault, toneDanger
	case notification.StatusCancelled:
		shown.Icon = "it-close-circle"
	case notification.StatusExpired:
		shown.Icon = "it-clock"
	}

	return shown
}

func attemptMark(status notification.AttemptStatus, lang notification.Lang) mark {
	shown := mark{Label: status.Label(lang), Icon: "it-info-circle", Tone: toneNeutral}

	switch status {
	case notification.AttemptPending:
		shown.Icon, shown.Tone = "it-clock", toneInfo
	case notification.AttemptSending, notification.AttemptSent:
		shown.Icon, shown.Tone = iconUnderWay, toneInfo
	case notification.AttemptDelivered:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.AttemptFailed:
		shown.Icon, shown.Tone = iconFault, toneDanger
	case notification.AttemptSkipped:
		shown.Icon = "it-minus-circle"
	case notification.AttemptUncertain:
		shown.Icon, shown.Tone = "it-help-circle", toneWarning
	}

	return shown
}

// explanation is a reason in words.
type explanation struct {
	Given   bool
	Message string
	Action  string
}

func explain(reason notification.Reason, lang notification.Lang) explanation {
	if reason == "" {
		return explanation{}
	}

	text := reason.Describe()
	if lang == notification.English {
		return explanation{Given: true, Message: text.Message, Action: text.Action}
	}

	return explanation{Given: true, Message: text.Messaggio, Action: text.Azione}
}
