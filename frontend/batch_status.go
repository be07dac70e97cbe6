package frontend

import (
	"slices"

	"github.com/genio-gateway/genio/notification"
)

// batchStatuses are those that a list may be narrowed to, in the order of a batch's life.
func batchStatuses() []notification.BatchStatus {
	return []notification.BatchStatus{
		notification.BatchChecking, notification.BatchMapping, notification.BatchUnreadable, notification.BatchDraft,
		notification.BatchScheduled, notification.BatchSending, notification.BatchPaused, notification.BatchCompleted,
		notification.BatchCancelled, notification.BatchDiscarded,
	}
}

func isBatchStatus(status notification.BatchStatus) bool {
	return slices.Contains(batchStatuses(), status)
}

func batchMark(status notification.BatchStatus, p page) mark {
	shown := mark{Label: p.T("batch.status." + string(status)), Icon: iconInfo, Tone: toneNeutral}

	switch status {
	case notification.BatchChecking, notification.BatchSending:
		shown.Icon, shown.Tone = iconRefresh, toneInfo
	case notification.BatchMapping:
		shown.Icon, shown.Tone = iconHelp, toneWarning
	case notification.BatchUnreadable:
		shown.Icon, shown.Tone = iconFault, toneDanger
	case notification.BatchDraft:
		shown.Icon, shown.Tone = iconWaiting, toneWarning
	case notification.BatchScheduled:
		shown.Icon, shown.Tone = "it-calendar", toneInfo
	case notification.BatchPaused:
		shown.Icon, shown.Tone = iconWarning, toneWarning
	case notification.BatchCompleted:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.BatchCancelled, notification.BatchDiscarded:
		shown.Icon = iconEnded
	}

	return shown
}

// wasConfirmed tells whether the batch's rows are, or were, to be sent.
func wasConfirmed(status notification.BatchStatus) bool {
	switch status {
	case notification.BatchScheduled, notification.BatchSending, notification.BatchPaused, notification.BatchCompleted,
		notification.BatchCancelled:
		return true
	default:
		return false
	}
}
