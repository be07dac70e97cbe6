package workflows

import (
	"context"
	"fmt"
	"time"
)

// Names of the workflows of batches and of the pace, as Temporal's own tools show them.
const (
	BatchCheckWorkflow  = "BatchCheck"
	BatchSampleWorkflow = "BatchSample"
	BatchWorkflow       = "Batch"
)

// Signals that a batch's workflow understands. None has a payload: what counts is the status in the database, which is
// changed before the signal is sent.
const (
	SignalPauseBatch  = "pause-batch"
	SignalResumeBatch = "resume-batch"
	SignalCancelBatch = "cancel-batch"
)

// Names of the activities: the methods of BatchActivities.
const (
	ActivityCheckBatch     = "CheckBatch"
	ActivityDrawSample     = "DrawSample"
	ActivityCheckBatchRow  = "CheckBatchRow"
	ActivityRecordSample   = "RecordSample"
	ActivitySendBatchPage  = "SendBatchPage"
	ActivityAwaitBatchEnd  = "AwaitBatchEnd"
	ActivityCancelOpenRows = "CancelOpenRows"
	ActivityFinishBatch    = "FinishBatch"
)

// FailureBatchCancelled is the type of the error with which the wait for a batch's end is broken off: somebody cancelled
// the batch, and the signal that says so was lost.
const FailureBatchCancelled = "batch_cancelled"

// BatchCheckID is the workflow ID of one reading of a batch's file.
func BatchCheckID(batchID string, check int) string {
	return fmt.Sprintf("batch-check/%s/%d", batchID, check)
}

// BatchSampleID is the workflow ID of a sample of profile checks among the rows that one reading found.
func BatchSampleID(batchID string, check int) string {
	return fmt.Sprintf("batch-sample/%s/%d", batchID, check)
}

// BatchID is the workflow ID of the sending of a batch.
func BatchID(batchID string) string { return "batch/" + batchID }

// BatchCheckInput starts the reading of a batch's file.
type BatchCheckInput struct {
	BatchID string `json:"batch_id"`
	EnteID  string `json:"ente_id"`
	Check   int    `json:"check"`
}

// BatchSampleInput starts a sample of profile checks.
type BatchSampleInput struct {
	BatchID string `json:"batch_id"`
	EnteID  string `json:"ente_id"`
	Check   int    `json:"check"`
}

// BatchInput starts, or goes on with, the sending of a batch.
type BatchInput struct {
	BatchID string    `json:"batch_id"`
	EnteID  string    `json:"ente_id"`
	SendAt  time.Time `json:"send_at,omitzero"`
	// After is the number of the last row that was handed to delivery.
	After int `json:"after,omitempty"`
	// Sent tells that no row is left to hand over.
	Sent bool `json:"sent,omitempty"`
}

// SampleDraw is which rows a sample asks about.
type SampleDraw struct {
	Rows []int `json:"rows"`
}

// SampleRow names a row to ask IO about.
type SampleRow struct {
	BatchID string `json:"batch_id"`
	Row     int    `json:"row"`
}

// Reach is how a citizen of a sample can be reached.
type Reach string

// The answers of a sample.
const (
	ReachIO      Reach = "io"
	ReachSMS     Reach = "sms"
	ReachNone    Reach = "none"
	ReachUnknown Reach = "unknown" // IO did not answer
)

// SampleResult counts the answers of a sample.
type SampleResult struct {
	BatchID string        `json:"batch_id"`
	Check   int           `json:"check"`
	Answers map[Reach]int `json:"answers"`
}

// BatchPage asks for the next rows to be handed to delivery.
type BatchPage struct {
	BatchID string `json:"batch_id"`
	After   int    `json:"after"`
}

// BatchPageResult tells how far the hand-over got.
type BatchPageResult struct {
	// Last is the number of the last row that was handed over; the page's After where none was.
	Last int `json:"last"`
	// Done tells that no row is left.
	Done bool `json:"done,omitempty"`
	// Halted tells that the batch is paused, cancelled or gone: the workflow looks why.
	Halted BatchHalt `json:"halted,omitempty"`
}

// BatchHalt is why a batch is not sent on.
type BatchHalt string

// The reasons to halt.
const (
	HaltPaused    BatchHalt = "paused"
	HaltCancelled BatchHalt = "cancelled"
)

// BatchEnd is how a batch ends.
type BatchEnd struct {
	BatchID   string `json:"batch_id"`
	Cancelled bool   `json:"cancelled,omitempty"`
}

// BatchActivities is what the workflows of batches ask of the outside world.
type BatchActivities interface {
	// CheckBatch reads the file, stores its rows and what was found. It may be repeated.
	CheckBatch(ctx context.Context, in BatchCheckInput) error
	// DrawSample picks the rows of a sample.
	DrawSample(ctx context.Context, in BatchSampleInput) (SampleDraw, error)
	// CheckBatchRow asks IO about the citizen of one row.
	CheckBatchRow(ctx context.Context, row SampleRow) (Reach, error)
	// RecordSample stores what the sample found.
	RecordSample(ctx context.Context, result SampleResult) error
	// SendBatchPage is retried until there is room for more notifications under way, and then hands over the next rows.
	SendBatchPage(ctx context.Context, page BatchPage) (BatchPageResult, error)
	// AwaitBatchEnd is retried until every notification of the batch has ended. It fails with FailureBatchCancelled where
	// the batch was cancelled.
	AwaitBatchEnd(ctx context.Context, in BatchEnd) error
	// CancelOpenRows cancels what is under way. A further try goes on where the one before was.
	CancelOpenRows(ctx context.Context, in BatchEnd) error
	// FinishBatch stores the end.
	FinishBatch(ctx context.Context, in BatchEnd) error
}
