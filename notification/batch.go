package notification

import "time"

// BatchStatus is where a batch of notifications stands.
type BatchStatus string

// The states of a batch. Until it is confirmed it is a draft of which nothing is sent.
const (
	BatchChecking   BatchStatus = "checking"   // the file is being read
	BatchMapping    BatchStatus = "mapping"    // a person has to say what the columns hold
	BatchUnreadable BatchStatus = "unreadable" // the file cannot be read; Problem says why
	BatchDraft      BatchStatus = "draft"      // checked, waits for its confirmation
	BatchScheduled  BatchStatus = "scheduled"  // confirmed, waits for its time
	BatchSending    BatchStatus = "sending"
	BatchPaused     BatchStatus = "paused"
	BatchCompleted  BatchStatus = "completed" // every row that was to be sent has ended
	BatchCancelled  BatchStatus = "cancelled" // stopped while sending; what was under way ends by itself
	BatchDiscarded  BatchStatus = "discarded" // thrown away before anything was sent
)

// Final tells whether nothing more happens to the batch.
func (s BatchStatus) Final() bool {
	return s == BatchUnreadable || s == BatchCompleted || s == BatchCancelled || s == BatchDiscarded
}

// RowState is what a check found about a row.
type RowState string

// The states of a row.
const (
	RowGood      RowState = "good"
	RowBad       RowState = "bad"
	RowDuplicate RowState = "duplicate" // of an earlier row, or of a notification of the last 24 hours
)

// Batch is a file of notifications of one service, made from one template.
type Batch struct {
	ID              string // UUID version 7
	EnteID          string
	ServiceID       string
	TemplateID      string
	TemplateVersion int

	// Name is what the Ente calls it, such as "TARI 2026"; no personal data.
	Name string
	// FileName is what the file was called.
	FileName string
	FileSize int64

	Status BatchStatus
	// Problem is the code of what makes the file unreadable.
	Problem string
	// Priority of its notifications; bulk unless said otherwise.
	Priority Priority
	// Check counts the readings of the file: 1, and one more for each change of the layout.
	Check int

	Counts BatchCounts
	// Sample is what a sample of profile checks found; zero: none was asked for.
	Sample BatchSample

	// IncludeDuplicates tells that rows which repeat others are sent too.
	IncludeDuplicates bool

	CreatedBy   string // id of the user or API key
	CreatedAt   time.Time
	CheckedAt   time.Time
	ConfirmedAt time.Time
	SendAt      time.Time // zero: at once
	StartedAt   time.Time // when the first rows were handed to delivery
	EndedAt     time.Time
	// Corrects is the id of the batch that this one sets right, for the same audience; empty: none.
	Corrects string
}

// BatchCounts is what the check found.
type BatchCounts struct {
	Rows       int `json:"rows"`
	Good       int `json:"good"`
	Bad        int `json:"bad"`
	Duplicates int `json:"duplicates"`
	// WithPhone counts the good rows that an SMS can be sent to, and SMSParts the parts of all their SMS.
	WithPhone int `json:"with_phone"`
	SMSParts  int `json:"sms_parts"`
	// Doubled counts the good rows whose SMS has a character that doubles its cost, Doubling is the most frequent one.
	Doubled  int    `json:"doubled"`
	Doubling string `json:"doubling,omitempty"`
	Repaired int    `json:"repaired"`
	// WholeAmounts tells that no amount of the file has cents: perhaps it is in cents, and not in euro.
	WholeAmounts bool `json:"whole_amounts,omitempty"`
	// MonthFirst counts the rows with a date such as 12/31/2026: in other rows of that column day and month may be the
	// wrong way round without showing it.
	MonthFirst int `json:"month_first,omitempty"`
}

// SampleState is where a sample of profile checks stands.
type SampleState string

// The states of a sample.
const (
	SampleWanted  SampleState = "wanted"
	SampleRunning SampleState = "running"
	SampleDone    SampleState = "done"
)

// UnderWay tells whether somebody waits for the sample.
func (s SampleState) UnderWay() bool { return s == SampleWanted || s == SampleRunning }

// BatchSample is what asking IO about some of the citizens found.
type BatchSample struct {
	State SampleState `json:"state,omitempty"` // empty: none
	// Asked citizens, of whom OnIO can be reached there; NotOnIO cannot and have a phone, Unreachable have none.
	Asked       int `json:"asked"`
	OnIO        int `json:"on_io"`
	NotOnIO     int `json:"not_on_io"`
	Unreachable int `json:"unreachable"`
	// Unknown are those about whom IO gave no answer.
	Unknown int `json:"unknown"`
}

// BatchProgress is what has become of a batch's rows so far.
type BatchProgress struct {
	ToSend       int // rows that are, or would be, sent
	Queued       int // not handed to delivery yet
	InProgress   int
	OnHold       int
	DeliveredIO  int
	DeliveredSMS int
	NotDelivered int
	Failed       int
	Cancelled    int
	Expired      int
}

// Ended counts the rows that have come to their end.
func (p BatchProgress) Ended() int {
	return p.DeliveredIO + p.DeliveredSMS + p.NotDelivered + p.Failed + p.Cancelled + p.Expired
}
