package simulator

import (
	"slices"
	"sync"
	"time"
)

// Twilio's words for a message's status.
const (
	smsAccepted    = "accepted"
	smsQueued      = "queued"
	smsSent        = "sent"
	smsDelivered   = "delivered"
	smsUndelivered = "undelivered"
	smsFailed      = "failed"
)

// Twilio's codes for a message that was accepted and not delivered.
const (
	codeUnreachable    = 30003
	codeUnknownHandset = 30005
	codeLandline       = 30006
	codeFiltered       = 30007
	codeUnknownError   = 30008
	codeExpired        = 30036
)

// smsStep is one status of a message, from a moment on.
type smsStep struct {
	status    string
	at        time.Time
	errorCode int
}

// sms is a message that Twilio accepted. It never changes: its status follows from the time.
type sms struct {
	sid       string
	account   string
	form      smsForm
	outcome   PhoneOutcome
	createdAt time.Time
	// steps come in order of time; the first is the initial status.
	steps  []smsStep
	answer Answer
}

// errorText is Twilio's word for the code of a message that was not delivered.
func errorText(code int) string {
	switch code {
	case codeUnreachable:
		return "Unreachable destination handset"
	case codeUnknownHandset:
		return "Unknown destination handset"
	case codeLandline:
		return "Landline or unreachable carrier"
	case codeFiltered:
		return "Message filtered"
	case codeExpired:
		return "Validity period expired"
	default:
		return "Unknown error"
	}
}

// stepsOf is what becomes of an accepted message.
func stepsOf(outcome PhoneOutcome, viaService bool, createdAt time.Time, config TwilioConfig) []smsStep {
	sentAt := createdAt.Add(config.SentAfter)
	settledAt := sentAt.Add(config.SettledAfter)
	steps := []smsStep{{status: smsQueued, at: createdAt}}

	if viaService {
		steps = []smsStep{{status: smsAccepted, at: createdAt}, {status: smsQueued, at: createdAt.Add(config.SentAfter / 2)}}
	}

	undelivered := map[PhoneOutcome]int{
		PhoneUnreachable: codeUnreachable, PhoneUnknown: codeUnknownHandset, PhoneLandline: codeLandline,
		PhoneUnknownError: codeUnknownError, PhoneExpired: codeExpired,
	}

	switch {
	case outcome == PhoneFiltered:
		return append(steps, smsStep{status: smsFailed, at: sentAt, errorCode: codeFiltered})
	case outcome == PhoneUnconfirmed:
		return append(steps, smsStep{status: smsSent, at: sentAt})
	case undelivered[outcome] != 0:
		return append(steps, smsStep{status: smsSent, at: sentAt},
			smsStep{status: smsUndelivered, at: settledAt, errorCode: undelivered[outcome]})
	default:
		return append(steps, smsStep{status: smsSent, at: sentAt}, smsStep{status: smsDelivered, at: settledAt})
	}
}

func (m sms) step(now time.Time) smsStep {
	current := m.steps[0]
	for _, step := range m.steps[1:] {
		if !now.Before(step.at) {
			current = step
		}
	}

	return current
}

func (m sms) progress(now time.Time) (status string, mayReach bool) {
	last := m.steps[len(m.steps)-1].status

	return m.step(now).status, last == smsSent || last == smsDelivered
}

// sentAt is zero before the message was sent.
func (m sms) sentAt(now time.Time) time.Time {
	for _, step := range m.steps {
		if step.status == smsSent && !now.Before(step.at) {
			return step.at
		}
	}

	return time.Time{}
}

func (m sms) entry() Entry {
	return Entry{
		Channel: ChannelTwilio, At: m.createdAt, Recipient: m.form.to, Account: m.account, Sender: m.form.from + m.form.messagingService,
		ProviderID: m.sid, Answer: m.answer, Text: m.form.body, ContentHash: contentHash(ChannelTwilio, m.form.to, m.form.body),
	}
}

// keepSMS stores a message that Twilio accepted.
func (s *Simulator) keepSMS(message sms) {
	s.smsOutbox.put(message)
	s.ledger.record(message.entry(), message.progress)
}

// smsOutbox holds the accepted messages.
type smsOutbox struct {
	mu       sync.Mutex
	messages *bounded[sms]
}

func newSMSOutbox(maxEntries int) *smsOutbox {
	return &smsOutbox{messages: newBounded[sms](maxEntries)}
}

func (o *smsOutbox) put(message sms) {
	o.mu.Lock()
	defer o.mu.Unlock()

	o.messages.put(message.sid, message)
}

func (o *smsOutbox) get(sid string) (sms, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()

	return o.messages.get(sid)
}

// all lists the oldest first.
func (o *smsOutbox) all() []sms {
	o.mu.Lock()
	defer o.mu.Unlock()

	return o.messages.all()
}

// matching lists the newest first, as Twilio does.
func (o *smsOutbox) matching(matches func(sms) bool) []sms {
	all := o.all()
	all = slices.DeleteFunc(all, func(message sms) bool { return !matches(message) })
	slices.Reverse(all)

	return all
}
