package gateway

import (
	"io"
	"time"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/notification"
)

// BatchUpload is a file that an Ente hands in.
type BatchUpload struct {
	ServiceID  string
	TemplateID string
	// TemplateVersion is the template's version to use; 0: the latest.
	TemplateVersion int
	Name            string // at most 100 characters; empty: the file's name
	FileName        string
	Priority        notification.Priority // empty: bulk
	// Columns maps headers of the file to fields, for applications that know; empty: found by the names.
	Columns map[string]batch.Field
	File    io.Reader
	// IdempotencyKey: a repeated upload with the same key gives the first answer again.
	IdempotencyKey string
}

// BatchView is a batch as an actor may see it.
type BatchView struct {
	notification.Batch

	EnteName     string
	ServiceName  string
	TemplateName string
	// Layout is how the file is read. Unmapped are the fields that a column has to be found for before it can be.
	Layout   batch.Layout
	Unmapped []batch.Field
	// Placeholders are those of the template, in the order of their columns in a positional layout.
	Placeholders []string

	// Doubling is the character of Counts.Doubling and what would cost less in its place; zero: no SMS is doubled.
	Doubling Substitution

	Progress notification.BatchProgress
	Forecast Forecast
	Possible BatchPossible
	// Links are to what sets the batch right, or is set right by it; only of a batch that is read by itself.
	Links BatchLinks
}

// BatchPossible tells which acts make sense for a batch now.
type BatchPossible struct {
	Remap, Sample, Confirm, Pause, Resume, Cancel, Discard bool
}

// Forecast says what sending a batch will take.
type Forecast struct {
	// ToSend is how many rows would be sent.
	ToSend int
	// Duration at the Ente's quota, as if it sent nothing else.
	Duration time.Duration
	// Rate is notifications per minute: measured while the batch is sent, expected before.
	Rate float64
	// EndsAt is when the batch will be through; zero where it is not known.
	EndsAt time.Time
	// Sampled tells that the numbers of SMS come from a sample; otherwise they are the most that there can be.
	Sampled bool
	// SMS is how many citizens get an SMS, in SMSParts parts; unreachable are those without IO and phone.
	SMS, SMSParts, Unreachable int
	// CostMicros is what they cost, in millionths of a euro; 0 where no price is configured.
	CostMicros int64
}

// BatchQuery asks for batches; empty fields do not filter.
type BatchQuery struct {
	EnteID     string
	ServiceIDs []string
	Statuses   []notification.BatchStatus
	Cursor     string
	Limit      int // 1 to 100; 0: 25
}

// BatchPage is one page of batches, newest first.
type BatchPage struct {
	Items []BatchView
	Next  string
}

// RowQuery asks for rows of a batch.
type RowQuery struct {
	States []notification.RowState // empty: all
	// Repaired asks for those rows only in which something was repaired.
	Repaired bool
	After    int // the last row's number of the page before
	Limit    int // 1 to 100; 0: 25
}

// RowView is a row as an actor may see it.
type RowView struct {
	Number         int
	State          notification.RowState
	NotificationID string // of a good row, or of a duplicate that is sent
	Issues         []IssueView
	Repairs        []IssueView
	// DuplicateOf is the number of the earlier row; 0 where it repeats a notification of the last 24 hours.
	DuplicateOf int
}

// IssueView is what is wrong with a cell, in words.
type IssueView struct {
	batch.Issue

	ColumnName string // the header, or the column's letter as spreadsheets have it
	Message    string // English: what is wrong and what to do
	Messaggio  string // Italian
}

// RowPage is one page of rows, in the file's order.
type RowPage struct {
	Items []RowView
	// Next is the After of the following page; 0 on the last one.
	Next int
}

// RowPreview is a row as the citizen will see it.
type RowPreview struct {
	Number           int
	MaskedFiscalCode string
	MaskedPhone      string
	// Content is filled for the citizen; in English too where the template has it.
	Content notification.Content
	SMS     SMSPreview
	// Previous and Following are the numbers of the good rows around this one; 0: none.
	Previous, Following int
}

// SMSPreview is a text as an SMS.
type SMSPreview struct {
	Text    string
	Parts   int
	Unicode bool // written in UCS-2, of which 70 characters fit
	// Doubling are the characters that make it so, each with what could stand in its place ("" where nothing could).
	Doubling []Substitution
}

// Substitution is a character of an SMS and what would cost less.
type Substitution struct {
	Character string
	Instead   string
}

// Confirmation lets a batch be sent.
type Confirmation struct {
	// SendAt: zero is at once.
	SendAt time.Time
	// IncludeDuplicates sends rows too that repeat others.
	IncludeDuplicates bool
	// Check is the reading of the file that the person saw; another one since is refused with ErrState.
	Check int
}

// TableFormat is how a table is handed out.
type TableFormat string

// The formats.
const (
	TableCSV  TableFormat = "csv"
	TableXLSX TableFormat = "xlsx"
)

// Bulk is many submissions at once.
type Bulk struct {
	Items          []Submission // 1 to 1,000
	IdempotencyKey string
}

// BulkReceipt tells what became of each item, in their order.
type BulkReceipt struct {
	Items    []BulkResult
	Replayed bool // the whole was submitted before
}

// BulkResult is what became of one item: a receipt, or what is wrong with it.
type BulkResult struct {
	Receipt

	// Errors are the item's invalid fields; Conflict tells that its idempotency key was used for another request.
	Errors   notification.FieldErrors
	Conflict bool
}
