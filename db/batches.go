package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// NewBatch is an uploaded batch that asks to be kept.
type NewBatch struct {
	Batch notification.Batch
	// Layout is what is known of the file's layout beforehand, as JSON; empty: nothing.
	Layout         json.RawMessage
	IdempotencyKey string // empty: none
	// RequestHash tells whether two uploads under one key are the same.
	RequestHash []byte
}

// StoredBatch is a batch with what only its readers understand.
type StoredBatch struct {
	notification.Batch

	Layout json.RawMessage
}

// batchRow is a batch and, at once, the outbox of its workflows: check_due, sample_due and send_due say which of them
// have still to be started.
type batchRow struct {
	ID                string
	EnteID            string
	ServiceID         string
	TemplateID        string
	TemplateVersion   int
	Name              string
	FileName          string
	FileSize          int64
	Status            notification.BatchStatus
	Problem           string
	Priority          notification.Priority
	CheckNumber       int
	Layout            *string
	Counts            notification.BatchCounts `gorm:"serializer:json"`
	Sample            notification.BatchSample `gorm:"serializer:json"`
	IncludeDuplicates bool
	// ToSend is known from the confirmation on.
	ToSend      *int
	CreatedBy   string
	CreatedAt   time.Time
	CheckedAt   *time.Time
	ConfirmedAt *time.Time
	SendAt      *time.Time
	StartedAt   *time.Time
	EndedAt     *time.Time
	KeyHash     sql.Null[[]byte]
	RequestHash sql.Null[[]byte]
	// IndexKey made both hashes.
	IndexKey  *int64
	CheckDue  bool
	SampleDue bool
	SendDue   bool
	// QueuedAt is when the latest of its workflows became due; nil: the file is not whole yet.
	QueuedAt *time.Time
	// Emptied tells that file and rows are gone.
	Emptied bool
	// Corrects is the batch that this one sets right.
	Corrects *string
}

// TableName is GORM's hook.
func (batchRow) TableName() string { return "batches" }

func (r batchRow) batch() StoredBatch {
	return StoredBatch{
		Layout: jsonOrNil(r.Layout),
		Batch: notification.Batch{
			ID: r.ID, EnteID: r.EnteID, ServiceID: r.ServiceID, TemplateID: r.TemplateID, TemplateVersion: r.TemplateVersion,
			Name: r.Name, FileName: r.FileName, FileSize: r.FileSize, Status: r.Status, Problem: r.Problem,
			Priority: r.Priority, Check: r.CheckNumber, Counts: r.Counts, Sample: r.Sample,
			IncludeDuplicates: r.IncludeDuplicates, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.UTC(),
			CheckedAt: timeOrZero(r.CheckedAt), ConfirmedAt: timeOrZero(r.ConfirmedAt), SendAt: timeOrZero(r.SendAt),
			StartedAt: timeOrZero(r.StartedAt), EndedAt: timeOrZero(r.EndedAt), Corrects: textOrEmpty(r.Corrects),
		},
	}
}

// CreateBatch keeps a batch whose status is checking. Where the Ente used the key before for the same upload it gives
// that batch's id and replayed; for another one [ErrConflict]. Where they are zero, Priority becomes bulk and Check 1.
func (s *Store) CreateBatch(ctx context.Context, b NewBatch) (id string, replayed bool, err error) {
	const doing = "creating a batch"

	row, err := s.newBatchRow(b)
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", doing, err)
	}

	if b.IdempotencyKey == "" {
		return row.ID, false, reduce(doing, create(ctx, s, &row))
	}

	return s.createOnce(ctx, doing, row, b)
}

func (s *Store) newBatchRow(b NewBatch) (batchRow, error) {
	batch := b.Batch

	if err := checkIDs(batch.ID, batch.EnteID, batch.ServiceID, batch.TemplateID); err != nil {
		return batchRow{}, err
	}

	if batch.Status != "" && batch.Status != notification.BatchChecking {
		return batchRow{}, fmt.Errorf("a batch begins with its check: %w", ErrInvalid)
	}

	if batch.Priority == "" {
		batch.Priority = notification.PriorityBulk
	}

	return batchRow{
		ID: batch.ID, EnteID: batch.EnteID, ServiceID: batch.ServiceID, TemplateID: batch.TemplateID,
		TemplateVersion: batch.TemplateVersion, Name: batch.Name, FileName: batch.FileName, FileSize: batch.FileSize,
		Status: notification.BatchChecking, Priority: batch.Priority, CheckNumber: max(batch.Check, 1),
		Layout: optionalJSON(b.Layout), CreatedBy: batch.CreatedBy, CreatedAt: stampOr(batch.CreatedAt, s.now()),
		Corrects: optionalText(batch.Corrects),
	}, nil
}

// Batch reads a batch.
func (s *Store) Batch(ctx context.Context, id string) (StoredBatch, error) {
	row, err := batchOf(ctx, s.gorm, id)
	if err != nil {
		return StoredBatch{}, reduce("reading a batch", err)
	}

	return row.batch(), nil
}

func batchOf(ctx context.Context, tx *gorm.DB, id string) (batchRow, error) {
	row, err := gorm.G[batchRow](tx).Where("id = ?", id).Take(ctx)

	return row, reduce("reading the batch", err)
}

// lockBatch reads a batch and keeps others from changing it, and from adding to it, until the transaction ends.
func lockBatch(ctx context.Context, tx *gorm.DB, id string) (batchRow, error) {
	row, err := gorm.G[batchRow](tx, clause.Locking{Strength: noKeyUpdate}).Where("id = ?", id).Take(ctx)

	return row, reduce("locking the batch", err)
}

// changeBatch lets decide see the locked batch and change it, or refuse.
func (s *Store) changeBatch(ctx context.Context, doing, id string, decide func(row *batchRow) error) error {
	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		row, err := lockBatch(ctx, tx, id)
		if err != nil {
			return err
		}

		if err := decide(&row); err != nil {
			return err
		}

		return saveBatch(ctx, tx, row)
	})
}

// saveBatch writes the columns that change in a batch's life.
func saveBatch(ctx context.Context, tx *gorm.DB, row batchRow) error {
	_, err := gorm.G[batchRow](tx).Where("id = ?", row.ID).
		Select("file_size", "status", "problem", "check_number", "layout", "counts", "sample", "include_duplicates", "to_send",
			"checked_at", "confirmed_at", "send_at", "started_at", "ended_at",
			"check_due", "sample_due", "send_due", "queued_at", "emptied").
		Updates(ctx, row)

	return reduce("changing the batch", err)
}

// optionalJSON is nil for a document that says nothing, so that partial indexes leave it out.
func optionalJSON(document json.RawMessage) *string {
	switch string(document) {
	case "", "null", "[]", "{}":
		return nil
	default:
		text := string(document)

		return &text
	}
}

func jsonOrNil(document *string) json.RawMessage {
	if document == nil {
		return nil
	}

	return json.RawMessage(*document)
}
