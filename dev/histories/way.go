package histories

import (
	"fmt"
	"slices"
	"strings"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// way is how one run of a notification went.
type way struct {
	// name tells where it turned off and how it ended, such as delivered_sms-after_io_rejected.
	name string
	// shape is the sequence of its steps without their reasons: what replay can tell apart.
	shape   string
	history *historypb.History
}

func wayOf(history *historypb.History) way {
	run := runOf(history)
	entries := workflows.TimelineOf([]workflows.RunHistory{{Number: run, Events: history.GetEvents()}}).Entries

	return way{name: nameOf(run, entries), shape: shapeOf(run, entries), history: history}
}

func shapeOf(run int, entries []notification.Entry) string {
	var shape strings.Builder

	fmt.Fprintf(&shape, "retried: %t", run > 1)

	for _, entry := range entries {
		fmt.Fprintf(&shape, ", %s %s %s %s", entry.Kind, entry.Channel, entry.State, entry.Detail)

		if wasAskedFor(entry) {
			shape.WriteString(" asked")
		}
	}

	return shape.String()
}

func nameOf(run int, entries []notification.Entry) string {
	if len(entries) == 0 {
		return "not_begun"
	}

	ending := entries[len(entries)-1]
	parts := []string{endingOf(ending)}

	if run > 1 {
		parts = slices.Insert(parts, 0, "retried")
	}

	for _, entry := range entries[:len(entries)-1] {
		// A turn that comes twice, such as a second doubt, needs no second word.
		if turn := turnOf(entry, ending.Reason); turn != "" && !slices.Contains(parts, turn) {
			parts = append(parts, turn)
		}
	}

	return strings.Join(parts, "-")
}

// runOf reads the number of the run from the workflow's input.
func runOf(history *historypb.History) int {
	started := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()

	var in workflows.NotificationInput
	if err := converter.GetDefaultDataConverter().FromPayloads(started.GetInput(), &in); err != nil {
		return 0
	}

	return in.Run
}

func endingOf(last notification.Entry) string {
	switch {
	case last.Kind != notification.EntrySettled:
		return "open_" + string(last.Kind)
	case last.Status == notification.StatusDelivered:
		return "delivered_" + string(last.Channel)
	case last.Status == notification.StatusCancelled, last.Status == notification.StatusExpired:
		return string(last.Reason)
	default:
		return string(last.Status) + "_" + string(last.Reason)
	}
}

// turnOf names what made a notification leave the straight way; empty where it did not.
func turnOf(entry notification.Entry, final notification.Reason) string {
	switch entry.Kind {
	case notification.EntryScheduled:
		return "scheduled"
	case notification.EntryOnHold:
		if entry.Reason == notification.ReasonHeldByOperator {
			return string(entry.Reason)
		}

		return "held"
	case notification.EntryDecided:
		return "decided_" + entry.Detail
	case notification.EntryProfile, notification.EntrySentIO, notification.EntryDeliveredIO, notification.EntrySentSMS,
		notification.EntrySkipped:
		if entry.State != notification.EntryDone && entry.Reason != final {
			return "after_" + string(entry.Reason)
		}
	case notification.EntryDeliveredSMS:
		if wasAskedFor(entry) {
			return "asked"
		}
	case notification.EntryAccepted, notification.EntryStarted, notification.EntryValidated, notification.EntrySMSReport,
		notification.EntryCancelAsked, notification.EntryHoldAsked, notification.EntryResumeAsked, notification.EntryResumed,
		notification.EntrySettled, notification.EntryQuietHours, notification.EntryIntervened, notification.EntryRetryAsked,
		notification.EntryRevealed, notification.EntryToldApplication:
	}

	return ""
}

// wasAskedFor tells the SMS's outcome that the provider gave when asked from one that it reported.
func wasAskedFor(entry notification.Entry) bool {
	return entry.Kind == notification.EntryDeliveredSMS && entry.Tries > 0
}
