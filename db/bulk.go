package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// BulkSubmission is many submissions that are accepted in one transaction.
type BulkSubmission struct {
	EnteID         string
	Items          []Submission
	IdempotencyKey string // of the whole; empty: none
	RequestHash    []byte // of the whole
	// Answer is what is kept for a repetition: it is given the results of the items.
	Answer func([]BulkItem) ([]byte, error)
}

// BulkItem is what became of one item.
type BulkItem struct {
	ID       string
	Replayed bool
	Conflict bool // its key was used for another request
}

// bulkRow remembers what was answered to a bulk. The answer is encrypted: it repeats the Ente's own references.
type bulkRow struct {
	EnteID      string `gorm:"primaryKey"`
	KeyHash     []byte `gorm:"primaryKey"`
	RequestHash []byte
	Answer      []byte
	CreatedAt   time.Time
	// IndexKey made both hashes.
	IndexKey *int64
}

// TableName is GORM's hook.
func (bulkRow) TableName() string { return "bulk_requests" }

// place identifies the row, for the encryption that is bound to it.
func (r bulkRow) place() string { return fmt.Sprintf("%s/%x", r.EnteID, r.KeyHash) }

// bulk is a bulk on its way into the database.
type bulk struct {
	BulkSubmission

	store *Store
	whole *keyedRequest // nil: no key of the whole
	items []bulkItem
}

// bulkItem is an item that is ready to be written.
type bulkItem struct {
	row   notificationRow
	claim *claim // nil: no key
}

// SubmitBulk stores all items in one transaction. Where the whole was submitted before under the same key it gives the
// answer kept then; [ErrConflict] where the key was used for another request. An item whose own key was used before is
// not stored: it is a replay or a conflict, also of another item of the same bulk, of which the first counts.
func (s *Store) SubmitBulk(ctx context.Context, submission BulkSubmission) (items []BulkItem, earlier []byte, err error) {
	const doing = "accepting many notifications"

	b, err := s.prepareBulk(submission)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", doing, err)
	}

	err = s.atomically(ctx, func(tx *gorm.DB) (err error) {
		var own *bulkRow
		if own, earlier, err = b.claimWhole(ctx, tx); err != nil {
			return err
		}

		if items, err = b.write(ctx, tx); err != nil {
			return err
		}

		return b.keepAnswer(ctx, tx, own, items)
	})

	if errors.Is(err, errReplayed) {
		return nil, earlier, nil
	}

	if err != nil {
		return nil, nil, reduce(doing, err)
	}

	return items, nil, nil
}

// prepareBulk does what costs time before the transaction, in which others may wait.
func (s *Store) prepareBulk(submission BulkSubmission) (bulk, error) {
	// Two items with the same key must have the same hash, even if the keys are changed meanwhile.
	steady := *s
	steady.keys = s.keys.pinned()
	s = &steady

	b := bulk{store: s, BulkSubmission: submission, items: make([]bulkItem, len(submission.Items))}

	for i, item := range submission.Items {
		var err error
		if b.items[i], err = s.bulkItem(submission.EnteID, item); err != nil {
			return bulk{}, err
		}
	}

	if submission.IdempotencyKey == "" {
		return b, nil
	}

	whole, err := s.keyedRequest(purposeBulkKey, submission.IdempotencyKey, submission.RequestHash)
	b.whole = &whole

	return b, err
}

func (s *Store) bulkItem(enteID string, submission Submission) (bulkItem, error) {
	n := s.accept(submission.Notification)
	if n.EnteID != enteID {
		return bulkItem{}, fmt.Errorf("an item of another Ente: %w", ErrInvalid)
	}

	row, err := s.prepare(n)
	if err != nil || submission.IdempotencyKey == "" {
		return bulkItem{row: row}, err
	}

	wish, err := s.claimOf(n, submission)

	return bulkItem{row: row, claim: &wish}, err
}

// claimWhole claims the key of the whole. Where an earlier bulk has it, it gives that one's answer with errReplayed, or
// ErrConflict if that was another request. Of concurrent ones the first inserts and the others wait for it.
func (b *bulk) claimWhole(ctx context.Context, tx *gorm.DB) (own *bulkRow, answer []byte, err error) {
	if b.whole == nil {
		return nil, nil, nil
	}

	own = &bulkRow{
		EnteID: b.EnteID, KeyHash: b.whole.key, RequestHash: b.whole.request, Answer: []byte{}, CreatedAt: b.store.now(),
		IndexKey: b.whole.by,
	}
	inserted := gorm.WithResult()

	if err := lockKeys(tx, bulksOf(b.EnteID), b.whole.keys); err != nil {
		return nil, nil, err
	}

	if err := gorm.G[bulkRow](tx, clause.OnConflict{DoNothing: true}, inserted).Create(ctx, own); err != nil {
		return nil, nil, reduce("claiming the bulk's key", err)
	}

	earlier := gorm.G[bulkRow](tx).Where("ente_id = ? AND key_hash IN ?", b.EnteID, b.whole.keys)

	if inserted.RowsAffected == 1 {
		if len(b.whole.keys) == 1 {
			return own, nil, nil
		}

		earlier = earlier.Where("key_hash <> ?", own.KeyHash)
	}

	row, err := earlier.Take(ctx)
	if inserted.RowsAffected == 1 && errors.Is(err, gorm.ErrRecordNotFound) {
		return own, nil, nil
	}

	if err != nil {
		return nil, nil, reduce("reading the bulk's key", err)
	}

	answer, err = b.answerOf(row)

	return nil, answer, err
}

// answerOf gives an earlier answer, with errReplayed.
func (b *bulk) answerOf(row bulkRow) ([]byte, error) {
	if err := b.whole.same(row.RequestHash); err != nil {
		return nil, err
	}

	answer, err := b.store.keys.unsealBytes(columnAnswer, row.place(), row.Answer)
	if err != nil {
		return nil, err
	}

	return append([]byte{}, answer...), errReplayed
}

// write stores the items that are new, and tells what became of each.
func (b *bulk) write(ctx context.Context, tx *gorm.DB) ([]BulkItem, error) {
	results, err := b.claimItems(ctx, tx)
	if err != nil {
		return nil, err
	}

	rows := make([]notificationRow, 0, len(b.items))

	for i, item := range b.items {
		if !results[i].Replayed && !results[i].Conflict {
			rows = append(rows, item.row)
		}
	}

	if len(rows) == 0 {
		return results, nil
	}

	err = gorm.G[notificationRow](tx).CreateInBatches(ctx, &rows, insertBatch(tx))

	return results, reduce("adding notifications", err)
}

func (b *bulk) keepAnswer(ctx context.Context, tx *gorm.DB, own *bulkRow, items []BulkItem) error {
	if own == nil {
		return nil
	}

	var answer []byte

	if b.Answer != nil {
		var err error
		if answer, err = b.Answer(items); err != nil {
			return fmt.Errorf("making the answer: %w", ErrInvalid)
		}
	}

	sealed, err := b.store.keys.sealBytes(columnAnswer, own.place(), answer)
	if err != nil {
		return err
	}

	_, err = gorm.G[bulkRow](tx).Where("ente_id = ? AND key_hash = ?", own.EnteID, own.KeyHash).Update(ctx, "answer", sealed)

	return reduce("keeping the answer", err)
}

// PurgeBulkRequests forgets the bulks submitted before a time and tells how many there were.
func (s *Store) PurgeBulkRequests(ctx context.Context, before time.Time) (int, error) {
	return s.purge(ctx, "purging bulk requests", oldBulkRequests(before))
}

func oldBulkRequests(before time.Time) oldRows {
	return oldRows{model: &bulkRow{}, since: columnCreatedAt, before: before}
}
