package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"
)

// Channel is the service that received an entry.
type Channel string

// The channels.
const (
	ChannelIO     Channel = "io"
	ChannelTwilio Channel = "twilio"
)

// Answer is what the sender heard about a stored message.
type Answer string

// Answers to a stored message.
const (
	AnswerCreated       Answer = "created"
	AnswerNone          Answer = "none"           // never answered, connection cut
	AnswerBadGateway    Answer = "bad_gateway"    // 502 of an intermediary
	AnswerInternalError Answer = "internal_error" // 500 although stored
)

// Entry is one message that was received and stored. A call that was refused, or cut before it was processed, makes
// no entry.
type Entry struct {
	Channel   Channel   `json:"channel"`
	At        time.Time `json:"at"`
	Recipient string    `json:"recipient"` // codice fiscale, or phone in E.164
	// Key is the subscription key of IO, Account the SID of Twilio.
	Key     string `json:"key,omitempty"`
	Account string `json:"account,omitempty"`
	// EnteID and ServiceID are the key's; empty on Twilio.
	EnteID    string `json:"ente_id,omitempty"`
	ServiceID string `json:"service_id,omitempty"`
	// Sender is the SMS's From or Messaging Service.
	Sender     string `json:"sender,omitempty"`
	ProviderID string `json:"provider_id"`
	Answer     Answer `json:"answer"`
	// Status is the provider's own word at the time of reading.
	Status string `json:"status"`
	// MayReach is false once the message surely does not reach the citizen.
	MayReach bool `json:"may_reach"`
	// Text is the subject on IO and the whole text of an SMS.
	Text string `json:"text"`
	// ContentHash is the same for the same channel, recipient and content.
	ContentHash string `json:"content_hash"`
}

// progress is where a message stands: the provider's word, and whether it may still reach the citizen.
type progress func(now time.Time) (status string, mayReach bool)

type ledgerRecord struct {
	entry    Entry
	progress progress
}

func (r ledgerRecord) at(now time.Time) Entry {
	entry := r.entry
	entry.Status, entry.MayReach = r.progress(now)

	return entry
}

type ledger struct {
	mu       sync.Mutex
	records  *bounded[ledgerRecord]
	counters Counters
}

func newLedger(maxEntries int) *ledger {
	return &ledger{records: newBounded[ledgerRecord](maxEntries), counters: newCounters()}
}

func (l *ledger) record(entry Entry, progress progress) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.records.put(entry.ProviderID, ledgerRecord{entry: entry, progress: progress})
}

func (l *ledger) count(one tally) {
	l.mu.Lock()
	defer l.mu.Unlock()

	one.addTo(&l.counters)
}

func (l *ledger) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.records = newBounded[ledgerRecord](l.records.limit)
	l.counters = newCounters()
}

func (l *ledger) entries(now time.Time) []Entry {
	l.mu.Lock()
	records := l.records.all()
	l.mu.Unlock()

	entries := make([]Entry, 0, len(records))
	for _, record := range records {
		entries = append(entries, record.at(now))
	}

	return entries
}

func (l *ledger) snapshot() Counters {
	l.mu.Lock()
	defer l.mu.Unlock()

	counters := l.counters.clone()
	counters.Evicted = l.records.evicted

	return counters
}

func (l *ledger) restoreCounters(counters Counters) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.counters = counters.clone()
	l.records.evicted = counters.Evicted
}

func contentHash(channel Channel, recipient string, parts ...string) string {
	hash := sha256.Sum256([]byte(strings.Join(append([]string{string(channel), recipient}, parts...), "\x00")))

	return hex.EncodeToString(hash[:])
}
