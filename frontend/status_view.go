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
	iconClock   = "it-clock"
	iconDone    = "it-check-circle"
	iconEnded   = "it-close-circle"
	iconFault   = "it-error"
	iconHelp    = "it-help-circle"
	iconInfo    = "it-info-circle"
	iconMinus   = "it-minus-circle"
	iconRefresh = "it-refresh"
	iconWaiting = "it-inbox"
	iconWarning = "it-warning-circle"
)

func statusMark(status notification.Status, lang notification.Lang) mark {
	shown := mark{Label: status.Label(lang), Icon: iconInfo, Tone: toneNeutral}

	switch status {
	case notification.StatusAccepted:
		shown.Icon, shown.Tone = iconWaiting, toneInfo
	case notification.StatusScheduled:
		shown.Icon, shown.Tone = "it-calendar", toneInfo
	case notification.StatusInProgress:
		shown.Icon, shown.Tone = iconRefresh, toneInfo
	case notification.StatusOnHold:
		shown.Icon, shown.Tone = iconWarning, toneWarning
	case notification.StatusDelivered:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.StatusNotDelivered:
		shown.Icon, shown.Tone = iconMinus, toneWarning
	case notification.StatusFailed:
		shown.Icon, shown.Tone = iconFault, toneDanger
	case notification.StatusCancelled:
		shown.Icon = iconEnded
	case notification.StatusExpired:
		shown.Icon = iconClock
	}

	return shown
}

func attemptMark(status notification.AttemptStatus, lang notification.Lang) mark {
	shown := mark{Label: status.Label(lang), Icon: iconInfo, Tone: toneNeutral}

	switch status {
	case notification.AttemptPending:
		shown.Icon, shown.Tone = iconClock, toneInfo
	case notification.AttemptSending, notification.AttemptSent:
		shown.Icon, shown.Tone = iconRefresh, toneInfo
	case notification.AttemptDelivered:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.AttemptFailed:
		shown.Icon, shown.Tone = iconFault, toneDanger
	case notification.AttemptSkipped:
		shown.Icon = iconMinus
	case notification.AttemptUncertain:
		shown.Icon, shown.Tone = iconHelp, toneWarning
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
