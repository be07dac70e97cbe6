package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// UnsentBatches counts the batches of an Ente that hold a file which was not confirmed: those being taken in included.
func (s *Store) UnsentBatches(ctx context.Context, enteID string) (int, error) {
	unsent := []notification.BatchStatus{
		notification.BatchChecking, notification.BatchMapping, notification.BatchUnreadable, notification.BatchDraft,
	}

	count, err := gorm.G[batchRow](s.gorm).Where("ente_id = ? AND status IN ? AND NOT emptied", enteID, unsent).Count(ctx, "*")

	return int(count), reduce("counting unsent batches", err)
}

// FinishUpload is UploadedBatch for an upload with an idempotency key, of which only now all is known: the request's
// hash covers the file too. Where the Ente used the key before for the same upload, it gives that batch's id and leaves
// this one as it is; for another one [ErrConflict]. An empty key claims nothing.
func (s *Store) FinishUpload(
	ctx context.Context, batchID string, size int64, key string, requestHash []byte,
) (earlierID string, err error) {
	const doing = "ending an upload"

	if key == "" {
		return "", s.UploadedBatch(ctx, batchID, size)
	}

	keyed, err := s.keyedRequest(purposeBatchKey, key, requestHash)
	if err != nil {
		return "", fmt.Errorf("%s: %w", doing, err)
	}

	earlierID, err = s.finishUpload(ctx, doing, batchID, size, keyed)
	if errors.Is(err, ErrDuplicate) {
		// Of concurrent uploads another one ended first, which is there to be found now.
		earlierID, err = s.finishUpload(ctx, doing, batchID, size, keyed)
	}

	return earlierID, err
}

func (s *Store) finishUpload(
	ctx context.Context, doing, batchID string, size int64, keyed keyedRequest,
) (earlierID string, err error) {
	err = s.transaction(ctx, doing, func(tx *gorm.DB) error {
		row, err := lockBatch(ctx, tx, batchID)
		if err != nil {
			return err
		}

		if !row.uploading() {
			return fmt.Errorf("the file is whole: %w", ErrConflict)
		}

		if err := lockKeys(tx, batchesOf(row.EnteID), keyed.keys); err != nil {
			return err
		}

		if earlierID, err = keyed.earlierUpload(ctx, tx, row); err != nil || earlierID != "" {
			return err
		}

		if err := keyed.claimFor(ctx, tx, row); err != nil {
			return err
		}

		s.endUpload(&row, size)

		return saveBatch(ctx, tx, row)
	})

	return earlierID, err
}

// earlierUpload is the batch that has the key; empty: there is none.
func (k keyedRequest) earlierUpload(ctx context.Context, tx *gorm.DB, row batchRow) (id string, err error) {
	earlier, err := gorm.G[batchRow](tx).Where("ente_id = ? AND key_hash IN ? AND id <> ?", row.EnteID, k.keys, row.ID).Take(ctx)

	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return "", nil
	case err != nil:
		return "", reduce("reading the idempotency key", err)
	}

	return earlier.ID, k.same(earlier.RequestHash.V)
}

func (k keyedRequest) claimFor(ctx context.Context, tx *gorm.DB, row batchRow) error {
	row.KeyHash = sql.Null[[]byte]{V: k.key, Valid: true}
	row.RequestHash = sql.Null[[]byte]{V: k.request, Valid: true}
	row.IndexKey = k.by
	_, err := gorm.G[batchRow](tx).Where("id = ?", row.ID).Select("key_hash", "request_hash", "index_key").Updates(ctx, row)

	return reduce("claiming the idempotency key", err)
}

// RemoveUpload takes a batch back whose file is not whole, as if it had never been. [ErrConflict] where it is.
func (s *Store) RemoveUpload(ctx context.Context, batchID string) error {
	return s.transaction(ctx, "removing an upload", func(tx *gorm.DB) error {
		row, err := lockBatch(ctx, tx, batchID)
		if err != nil {
			return err
		}

		if !row.uploading() {
			return fmt.Errorf("the file is whole: %w", ErrConflict)
		}

		if _, err := gorm.G[chunkRow](tx).Where("batch_id = ?", batchID).Delete(ctx); err != nil {
			return reduce("removing the file", err)
		}

		_, err = gorm.G[batchRow](tx).Where("id = ?", batchID).Delete(ctx)

		return reduce("removing the batch", err)
	})
}
