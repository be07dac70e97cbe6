package notification

import "time"

// EntryKind names what an entry of a timeline tells.
type EntryKind string

// The kinds of entry.
const (
	EntryAccepted     EntryKind = "accepted"
	EntryStarted      EntryKind = "started"       // a workflow run began
	EntryScheduled    EntryKind = "scheduled"     // waits for its sending time
	EntryValidated    EntryKind = "validated"     // codice fiscale in order
	EntryProfile      EntryKind = "profile"       // IO's answer about the citizen
	EntrySentIO       EntryKind = "sent_io"       // IO took the message over, or not
	EntryDeliveredIO  EntryKind = "delivered_io"  // IO's word about the delivery, or its silence
	EntrySkipped      EntryKind = "skipped"       // a channel was left out
	EntryQuietHours   EntryKind = "quiet_hours"   // an SMS waits for the end of the service's quiet hours
	EntrySentSMS      EntryKind = "sent_sms"      // the SMS provider took the text over, or not
	EntryDeliveredSMS EntryKind = "delivered_sms" // the SMS provider's word about the delivery
	EntrySMSReport    EntryKind = "sms_report"    // a status callback arrived
	EntryCancelAsked  EntryKind = "cancel_asked"
	EntryHoldAsked    EntryKind = "hold_asked"
	EntryOnHold       EntryKind = "on_hold"
	EntryResumeAsked  EntryKind = "resume_asked"
	EntryResumed      EntryKind = "resumed"
	EntryDecided      EntryKind = "decided"
	EntryIntervened   EntryKind = "intervened" // an act on many notifications, this one among them; Detail has the act
	EntrySettled      EntryKind = "settled"
	// EntryToldApplication: the Ente's application was told of the end, or is being told.
	EntryToldApplication EntryKind = "told_application"

	EntryRetryAsked EntryKind = "retry_asked" // the audit log alone tells it, to people, and the next one too
	EntryRevealed   EntryKind = "revealed"    // somebody looked at the recipient unmasked
)

// EntryState tells how an entry went.
type EntryState string

// The states of an entry.
const (
	EntryDone     EntryState = "done"      // well
	EntryNegative EntryState = "negative"  // with an answer that the sender would not have wished
	EntryFault    EntryState = "fault"     // by a fault
	EntryRunning  EntryState = "under_way" // not finished yet
)

// Entry is one event of a notification's story.
type Entry struct {
	At    time.Time  `json:"at"`
	Kind  EntryKind  `json:"kind"`
	State EntryState `json:"state"`
	// Reason explains the entry; empty where nothing has to be explained.
	Reason  Reason  `json:"reason,omitempty"`
	Channel Channel `json:"channel,omitempty"`
	Status  Status  `json:"status,omitempty"` // of a settled notification
	// Tries is how often the step was tried, 0 where it makes no sense; LastReason why the last try but
	// the successful one failed; NextTry when the next one comes, while the step is under way.
	Tries      int       `json:"tries,omitempty"`
	LastReason Reason    `json:"last_reason,omitempty"`
	NextTry    time.Time `json:"next_try,omitzero"`
	// Until is the moment that a waiting entry waits for.
	Until time.Time `json:"until,omitzero"`
	// Since is when the pause began that a waiting entry waits for the end of.
	Since time.Time `json:"since,omitzero"`
	// Detail is the word of a decision, the name of an intervention's act, the provider's own status, or why somebody looked.
	Detail string `json:"detail,omitempty"`
	// Why is what a person gave as the reason of a pause or of an intervention.
	Why string `json:"why,omitempty"`
	Run int    `json:"run,omitempty"`
	// By is who did it, where it is known and the reader may know; of an act that is done, the workflow has heard of it.
	By string `json:"by,omitempty"`
}

// TimelineSource tells where a timeline was read.
type TimelineSource string

// The sources, from the richest to the poorest.
const (
	TimelineFromHistory  TimelineSource = "history"  // the workflow's history
	TimelineFromArchive  TimelineSource = "archive"  // stored before the history went
	TimelineFromDatabase TimelineSource = "database" // the rows alone, while Temporal cannot be reached
)

// Timeline is the story of one notification, oldest entry first.
type Timeline struct {
	Source  TimelineSource `json:"source"`
	Entries []Entry        `json:"entries"`
	// Away tells that Temporal did not answer when the timeline was read, so that no workflow can be told anything now.
	Away bool `json:"-"`
}
