package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// MarkRepeated makes duplicates of the good rows whose content went to their recipient since a time, in a notification
// of the same Ente that is not one of this batch and was not cancelled. It tells how many there were; FinishCheck takes
// their phones and SMS parts off. [ErrConflict] where check is not the present reading or has ended.
func (s *Store) MarkRepeated(ctx context.Context, id string, check int, since time.Time) (rows int, err error) {
	err = s.transaction(ctx, "looking for repetitions", func(tx *gorm.DB) error {
		batch, err := lockBatch(ctx, tx, id)
		if err != nil {
			return err
		}

		if !batch.reads(check) {
			return fmt.Errorf("not the present reading: %w", ErrConflict)
		}

		if len(s.keys.now().prfs.PRFs) == 1 {
			rows, err = markAtOnce(tx, batch, since)
		} else {
			rows, err = s.markByPages(ctx, tx, batch, since)
		}

		return err
	})
	if err != nil {
		return 0, err
	}

	return rows, nil
}

// recentlySent are the notifications that a row may repeat.
const recentlySent = "ente_id = ? AND accepted_at >= ? AND (batch_id IS NULL OR batch_id <> ?) AND status <> 'cancelled'"

// markAtOnce compares the hashes as they are stored: all were made with the one index key.
func markAtOnce(tx *gorm.DB, batch batchRow, since time.Time) (int, error) {
	marked := markRepeated(tx, batch, since)

	return int(marked.RowsAffected), reduce("marking repetitions", marked.Error)
}

func markRepeated(tx *gorm.DB, batch batchRow, since time.Time) *gorm.DB {
	return tx.Exec(markRepeatedRows, batch.ID, batch.EnteID, stamp(since), batch.ID)
}

const markRepeatedRows = `
	UPDATE batch_rows SET state = 'duplicate'
	WHERE batch_id = ? AND state = 'good' AND EXISTS (
		SELECT 1 FROM notifications WHERE notifications.content_hash = batch_rows.content_hash AND ` + recentlySent + `
	)`

// markByPages computes the hashes under every index key: an earlier notification may have that of a key which has been
// retired since.
func (s *Store) markByPages(ctx context.Context, tx *gorm.DB, batch batchRow, since time.Time) (marked int, err error) {
	good := RowFilter{States: []notification.RowState{notification.RowGood}}

	for after := 0; ; {
		page, err := rowPage(ctx, tx, batch.ID, good, after, purgeBatch)
		if err != nil || len(page) == 0 {
			return marked, err
		}

		after = page[len(page)-1].Number

		repeated, err := s.repeatedOf(ctx, tx, batch, since, page)
		if err != nil {
			return marked, err
		}

		changed, err := gorm.G[fileRow](tx).Where("batch_id = ? AND number IN ?", batch.ID, repeated).
			Update(ctx, "state", notification.RowDuplicate)
		if err != nil {
			return marked, reduce("marking repetitions", err)
		}

		marked += changed
	}
}

// repeatedOf gives the numbers of the rows whose content went out recently.
func (s *Store) repeatedOf(ctx context.Context, tx *gorm.DB, batch batchRow, since time.Time, page []fileRow) ([]int, error) {
	numbers := make(map[string][]int)

	for _, row := range page {
		hashes, err := s.contentHashes(row)
		if err != nil {
			return nil, err
		}

		for _, hash := range hashes {
			numbers[string(hash)] = append(numbers[string(hash)], row.Number)
		}
	}

	var repeated []int

	for hashes := range slices.Chunk(keysOf(numbers), lookupBatch) {
		sent, err := gorm.G[notificationRow](tx).Select("content_hash").
			Where(recentlySent, batch.EnteID, stamp(since), batch.ID).Where("content_hash IN ?", hashes).Find(ctx)
		if err != nil {
			return nil, reduce("looking for contents", err)
		}

		for _, n := range sent {
			repeated = append(repeated, numbers[string(n.ContentHash.V)]...)
		}
	}

	return repeated, nil
}

func (s *Store) contentHashes(row fileRow) ([][]byte, error) {
	unsealed, err := s.unsealRow(row)
	if err != nil || len(unsealed.ContentHash) == 0 {
		return nil, err
	}

	return s.keys.blindIndexes(purposeContent, string(unsealed.ContentHash))
}

func keysOf(numbers map[string][]int) [][]byte {
	keys := make([][]byte, 0, len(numbers))
	for key := range numbers {
		keys = append(keys, []byte(key))
	}

	return keys
}

// smsTotal is what SMS of some rows would be.
type smsTotal struct {
	Phones int
	Parts  int
}

// repeatedSMS counts the SMS of the rows that repeat a notification, and not an earlier row.
func repeatedSMS(ctx context.Context, tx *gorm.DB, id string) (total smsTotal, err error) {
	err = tx.WithContext(ctx).Model(&fileRow{}).
		Select("count(CASE WHEN sms_parts > 0 THEN 1 END) AS phones, coalesce(sum(sms_parts), 0) AS parts").
		Where("batch_id = ? AND state = ? AND duplicate_of = 0", id, notification.RowDuplicate).
		Scan(&total).Error

	return total, reduce("counting repeated SMS", err)
}
