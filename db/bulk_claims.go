package db

import (
	"bytes"
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// claimItems claims the items' keys, all at once, and tells of each item whether it is new, a replay or a conflict.
func (b *bulk) claimItems(ctx context.Context, tx *gorm.DB) ([]BulkItem, error) {
	firsts := b.firstClaims()

	stored, err := claimAll(ctx, tx, b.EnteID, firsts)
	if err != nil {
		return nil, err
	}

	results := make([]BulkItem, len(b.items))

	for i, item := range b.items {
		results[i] = BulkItem{ID: item.row.ID}

		if item.claim != nil {
			results[i] = item.claim.outcome(firsts[string(item.claim.row.KeyHash)], stored)
		}
	}

	return results, unclaim(ctx, tx, b.EnteID, firsts, stored)
}

// firstClaims are the claims of each key's first item, by the key's hash.
func (b *bulk) firstClaims() map[string]*claim {
	firsts := make(map[string]*claim)

	for _, item := range b.items {
		if item.claim == nil {
			continue
		}

		if key := string(item.claim.row.KeyHash); firsts[key] == nil {
			firsts[key] = item.claim
		}
	}

	return firsts
}

// claimAll inserts what is not there and reads what is there then, by the key's hash. Everybody inserts in the order of
// the hashes, so that two bulks with the same keys do not wait for each other in a circle.
func claimAll(ctx context.Context, tx *gorm.DB, enteID string, firsts map[string]*claim) (map[string]idempotencyRow, error) {
	if len(firsts) == 0 {
		return nil, nil //nolint:nilnil // No key is an ordinary case here, and nothing is found in a nil map.
	}

	var (
		rows   []idempotencyRow
		hashes [][]byte
		taken  [][][]byte
	)

	for _, first := range firsts {
		rows = append(rows, first.row)
		hashes = append(hashes, first.keyHashes...)
		taken = append(taken, first.keyHashes)
	}

	if err := lockKeys(tx, claimsOf(enteID), taken...); err != nil {
		return nil, err
	}

	slices.SortFunc(rows, func(a, b idempotencyRow) int { return bytes.Compare(a.KeyHash, b.KeyHash) })

	if err := gorm.G[idempotencyRow](tx, clause.OnConflict{DoNothing: true}).CreateInBatches(ctx, &rows, insertBatch(tx)); err != nil {
		return nil, reduce("claiming the idempotency keys", err)
	}

	stored := make(map[string]idempotencyRow, len(rows))

	for part := range slices.Chunk(hashes, lookupBatch) {
		found, err := gorm.G[idempotencyRow](tx).Where("ente_id = ? AND key_hash IN ?", enteID, part).Find(ctx)
		if err != nil {
			return nil, reduce("reading the idempotency keys", err)
		}

		for _, row := range found {
			stored[string(row.KeyHash)] = row
		}
	}

	return stored, nil
}

// earlierIn gives the record of an earlier submission under the claim's key; false where there is none.
func (c *claim) earlierIn(stored map[string]idempotencyRow) (idempotencyRow, bool) {
	for _, hash := range c.keyHashes {
		if row, ok := stored[string(hash)]; ok && row.NotificationID != c.row.NotificationID {
			return row, true
		}
	}

	return idempotencyRow{}, false
}

// outcome compares a claim with whatever had the key first: an earlier submission, or the first item with it.
func (c *claim) outcome(first *claim, stored map[string]idempotencyRow) BulkItem {
	owner, taken := first.earlierIn(stored)

	switch {
	case taken:
	case c == first:
		return BulkItem{ID: c.row.NotificationID}
	default:
		owner = first.row
	}

	sameRequest := slices.ContainsFunc(c.requestHashes, func(hash []byte) bool { return bytes.Equal(hash, owner.RequestHash) })
	if !sameRequest {
		return BulkItem{Conflict: true}
	}

	return BulkItem{ID: owner.NotificationID, Replayed: true}
}

// unclaim takes back the claims that turned out to repeat one from before a rotation of the index keys: under the
// present key nothing was in their way.
func unclaim(ctx context.Context, tx *gorm.DB, enteID string, firsts map[string]*claim, stored map[string]idempotencyRow) error {
	var vain [][]byte

	for key, first := range firsts {
		if _, taken := first.earlierIn(stored); taken && stored[key].NotificationID == first.row.NotificationID {
			vain = append(vain, first.row.KeyHash)
		}
	}

	for part := range slices.Chunk(vain, lookupBatch) {
		if _, err := gorm.G[idempotencyRow](tx).Where("ente_id = ? AND key_hash IN ?", enteID, part).Delete(ctx); err != nil {
			return reduce("giving back idempotency keys", err)
		}
	}

	return nil
}
