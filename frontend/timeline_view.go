package frontend

import (
	"slices"

	"github.com/genio-gateway/genio/notification"
)

// timelineDay is the part of a story that happened on one day.
type timelineDay struct {
	Date   string
	Events []timelineEvent
}

// timelineEvent is one entry of the story.
type timelineEvent struct {
	mark
	At       moment
	Sentence string
	Notes    []string // what else there is to say, in whole sentences
	Run      string   // which run begins here, where there are several; else empty
}

func (f *Frontend) timelineDays(entries []notification.Entry, p page) []timelineDay {
	var days []timelineDay

	several := slices.ContainsFunc(entries, func(entry notification.Entry) bool { return entry.Run > 1 })

	for _, entry := range entries {
		event := f.timelineEvent(entry, p)
		if several && entry.Kind == notification.EntryStarted && entry.Run > 0 {
			event.Run = p.T("layer.run", entry.Run)
		}

		if len(days) == 0 || days[len(days)-1].Date != event.At.Date {
			days = append(days, timelineDay{Date: event.At.Date})
		}

		last := &days[len(days)-1]
		last.Events = append(last.Events, event)
	}

	return days
}

func (f *Frontend) timelineEvent(entry notification.Entry, p page) timelineEvent {
	return timelineEvent{
		mark:     entryMark(entry, p),
		At:       f.moment(entry.At, p.Lang),
		Sentence: entry.Sentence(p.Lang),
		Notes:    f.notes(entry, p),
	}
}

// notes adds to the sentence what explains it: the reason, the tries so far and what comes next.
func (f *Frontend) notes(entry notification.Entry, p page) []string {
	var notes []string

	if reason := reasonNote(entry, p.Lang); reason != "" {
		notes = append(notes, reason)
	}

	if entry.Kind == notification.EntryIntervened {
		notes = append(notes, p.T("timeline.why", entry.Why))
		if entry.By != "" {
			notes = append(notes, p.T("timeline.by", entry.By))
		}
	}

	if entry.Kind == notification.EntryScheduled && !entry.Until.IsZero() {
		notes = append(notes, p.T("timeline.until", f.moment(entry.Until, p.Lang).String()))
	}

	if entry.Kind == notification.EntryRevealed && entry.Detail != "" {
		notes = append(notes, p.T("reveal.why", entry.Detail))
	}

	if entry.LastReason != "" {
		notes = append(notes, p.T("timeline.last_failure", explain(entry.LastReason, p.Lang).Message))
	}

	if tries := f.triesNote(entry, p); tries != "" {
		notes = append(notes, tries)
	}

	return notes
}

// reasonNote is empty where it would say nothing new: a good end needs no reason, and that of the whole
// notification stands at the head of the page.
func reasonNote(entry notification.Entry, lang notification.Lang) string {
	if entry.State == notification.EntryDone || entry.Kind == notification.EntrySettled {
		return ""
	}

	message := explain(entry.Reason, lang).Message
	if message == entry.Sentence(lang)+"." {
		return ""
	}

	return message
}

func (f *Frontend) triesNote(entry notification.Entry, p page) string {
	running, next := entry.State == notification.EntryRunning, f.moment(entry.NextTry, p.Lang)

	switch {
	case running && next.Set && entry.LastReason != "":
		return p.T("timeline.next_try", next.Clock, entry.Tries+1)
	case running && next.Set:
		return p.T("timeline.next_look", next.Clock)
	case running || entry.Tries <= 1 || entry.LastReason == "":
		// Waiting is looking again and again: how often tells nobody anything.
		return ""
	case entry.State == notification.EntryDone:
		return p.T("timeline.succeeded", entry.Tries)
	default:
		return p.T("timeline.tries", entry.Tries)
	}
}

// entryMark draws how an entry went; its label is for those who do not see the drawing.
func entryMark(entry notification.Entry, p page) mark {
	switch entry.State {
	case notification.EntryDone:
		if entry.Kind == notification.EntryDeliveredIO || entry.Kind == notification.EntryDeliveredSMS ||
			entry.Status == notification.StatusDelivered {
			return mark{Label: p.T("timeline.done"), Icon: iconDone, Tone: toneSuccess}
		}

		return mark{Label: p.T("timeline.done"), Icon: "it-check", Tone: toneInfo}
	case notification.EntryNegative:
		return mark{Label: p.T("timeline.negative"), Icon: "it-minus", Tone: toneWarning}
	case notification.EntryFault:
		return mark{Label: p.T("timeline.fault"), Icon: iconFault, Tone: toneDanger}
	case notification.EntryRunning:
	}

	return mark{Label: p.T("timeline.running"), Icon: iconClock, Tone: toneNeutral}
}
