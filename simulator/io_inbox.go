package simulator

import (
	"sync"
	"time"
)

// IO's words for a message's status.
const (
	statusAccepted  = "ACCEPTED"
	statusThrottled = "THROTTLED"
	statusProcessed = "PROCESSED"
	statusRejected  = "REJECTED"
	statusFailed    = "FAILED"
)

// ioMessage is a message that IO accepted. It never changes: its status follows from the time.
type ioMessage struct {
	id         string
	fiscalCode string
	sender     caller
	submission submission
	acceptedAt time.Time
	settledAt  time.Time
	outcome    CitizenOutcome
	answer     Answer
}

func (m ioMessage) status(now time.Time) string {
	settled := !now.Before(m.settledAt)

	switch {
	case m.outcome == CitizenThrottled && !settled:
		return statusThrottled
	case m.outcome == CitizenNeverProcessed, !settled:
		return statusAccepted
	default:
		return m.finalStatus()
	}
}

func (m ioMessage) finalStatus() string {
	switch m.outcome {
	case CitizenNotOnIO, CitizenSenderNotAllowed, CitizenRejected:
		return statusRejected
	case CitizenFailed:
		return statusFailed
	default:
		return statusProcessed
	}
}

func (m ioMessage) progress(now time.Time) (status string, mayReach bool) {
	return m.status(now), m.finalStatus() == statusProcessed
}

func (m ioMessage) entry() Entry {
	return Entry{
		Channel: ChannelIO, At: m.acceptedAt, Recipient: m.fiscalCode,
		Key: m.sender.key, EnteID: m.sender.EnteID, ServiceID: m.sender.ServiceID,
		ProviderID: m.id, Answer: m.answer, Text: m.submission.content.Subject,
		ContentHash: contentHash(ChannelIO, m.fiscalCode, m.submission.content.Subject, m.submission.content.Markdown),
	}
}

// keepMessage stores a message that IO accepted.
func (s *Simulator) keepMessage(message ioMessage) {
	s.ioInbox.put(message)
	s.ledger.record(message.entry(), message.progress)
}

// ioInbox holds the accepted messages.
type ioInbox struct {
	mu       sync.Mutex
	messages *bounded[ioMessage]
}

func newIOInbox(maxEntries int) *ioInbox {
	return &ioInbox{messages: newBounded[ioMessage](maxEntries)}
}

func (i *ioInbox) put(message ioMessage) {
	i.mu.Lock()
	defer i.mu.Unlock()

	i.messages.put(message.id, message)
}

func (i *ioInbox) get(id string) (ioMessage, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()

	return i.messages.get(id)
}

// all lists the oldest first.
func (i *ioInbox) all() []ioMessage {
	i.mu.Lock()
	defer i.mu.Unlock()

	return i.messages.all()
}
