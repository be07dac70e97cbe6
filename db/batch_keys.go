package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// keyedRequest is an idempotency key and its request, as keyed hashes: the first pair is what is written, the lists
// recognise what was written before a rotation of the index keys.
type keyedRequest struct {
	key, request   []byte
	keys, requests [][]byte
	by             *int64 // the index key of the first pair
}

func (s *Store) keyedRequest(p purpose, key string, request []byte) (keyed keyedRequest, err error) {
	keys := s.keys.pinned()

	if keyed.key, keyed.by, err = keys.markedIndex(p, key); err != nil {
		return keyedRequest{}, err
	}

	if keyed.request, err = keys.blindIndex(purposeRequest, string(request)); err != nil {
		return keyedRequest{}, err
	}

	if keyed.keys, err = keys.blindIndexes(p, key); err != nil {
		return keyedRequest{}, err
	}

	keyed.requests, err = keys.blindIndexes(purposeRequest, string(request))

	return keyed, err
}

// same is ErrConflict where the request under the key was another one.
func (k keyedRequest) same(requestHash []byte) error {
	if !slices.ContainsFunc(k.requests, func(hash []byte) bool { return bytes.Equal(hash, requestHash) }) {
		return fmt.Errorf("the idempotency key belongs to another request: %w", ErrConflict)
	}

	return nil
}

// createOnce keeps a batch unless the key is taken. Of concurrent uploads the first inserts; the others wait for it.
func (s *Store) createOnce(ctx context.Context, doing string, row batchRow, b NewBatch) (id string, replayed bool, err error) {
	keyed, err := s.keyedRequest(purposeBatchKey, b.IdempotencyKey, b.RequestHash)
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", doing, err)
	}

	row.KeyHash = sql.Null[[]byte]{V: keyed.key, Valid: true}
	row.RequestHash = sql.Null[[]byte]{V: keyed.request, Valid: true}
	row.IndexKey = keyed.by
	id = row.ID

	err = s.atomically(ctx, func(tx *gorm.DB) error {
		earlier, err := claimBatchKey(ctx, tx, row, keyed)
		if errors.Is(err, errReplayed) {
			id = earlier
		}

		return err
	})

	if errors.Is(err, errReplayed) {
		return id, true, nil
	}

	if err != nil {
		return "", false, reduce(doing, err)
	}

	return id, false, nil
}

// claimBatchKey inserts the batch; where an earlier one has the key it gives that one's id with errReplayed, which rolls
// the insertion back.
func claimBatchKey(ctx context.Context, tx *gorm.DB, row batchRow, keyed keyedRequest) (earlierID string, err error) {
	if err := lockKeys(tx, batchesOf(row.EnteID), keyed.keys); err != nil {
		return "", err
	}

	inserted := gorm.WithResult()
	taken := clause.OnConflict{Columns: []clause.Column{{Name: columnEnteID}, {Name: "key_hash"}}, DoNothing: true}

	if err := gorm.G[batchRow](tx, taken, inserted).Create(ctx, &row); err != nil {
		return "", reduce("adding the batch", err)
	}

	fresh := inserted.RowsAffected == 1
	if fresh && len(keyed.keys) == 1 {
		return "", nil
	}

	earlier, err := gorm.G[batchRow](tx).
		Where("ente_id = ? AND key_hash IN ? AND id <> ?", row.EnteID, keyed.keys, row.ID).Take(ctx)
	if fresh && errors.Is(err, gorm.ErrRecordNotFound) {
		return "", nil
	}

	if err != nil {
		return "", reduce("reading the idempotency key", err)
	}

	if err := keyed.same(earlier.RequestHash.V); err != nil {
		return "", err
	}

	return earlier.ID, errReplayed
}

// forgetBatchKeys leaves the batches themselves, of which there are few.
func (s *Store) forgetBatchKeys(ctx context.Context, before time.Time) (int, error) {
	forgotten := forgetKeys(s.gorm.WithContext(ctx), before)

	return int(forgotten.RowsAffected), reduce("forgetting keys of batches", forgotten.Error)
}

func forgetKeys(tx *gorm.DB, before time.Time) *gorm.DB {
	return tx.Model(&batchRow{}).Where("key_hash IS NOT NULL AND created_at < ?", stamp(before)).
		Updates(map[string]any{"key_hash": nil, "request_hash": nil, "index_key": nil})
}
