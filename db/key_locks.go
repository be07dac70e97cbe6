package db

import (
	"hash/fnv"
	"slices"

	"gorm.io/gorm"
)

// The unique values that are known by their keyed hashes only, and within what they are unique.
func claimsOf(enteID string) string     { return "claims/" + enteID }
func bulksOf(enteID string) string      { return "bulks/" + enteID }
func batchesOf(enteID string) string    { return "batches/" + enteID }
func identitiesOf(issuer string) string { return "identities/" + issuer }

// keyLocks is how many locks each scope has: so few that a bulk of a thousand keys does not fill PostgreSQL's table of locks.
const keyLocks = 64

// lockKeys lets, until the transaction ends, nobody else claim one of the values whose hashes under every index key are
// given. While keys are exchanged it has to: of two processes one may still write with the old primary key and the other with
// the new one, and the same value then has two hashes, of which no unique index knows that they are one. All who know several
// keys know the same ones at such a time, so the first hash tells the lock. On SQLite the transaction itself is the lock.
func lockKeys(tx *gorm.DB, scope string, values ...[][]byte) error {
	if tx.Name() != postgresName {
		return nil
	}

	sum := fnv.New64a()
	_, _ = sum.Write([]byte(scope))

	var locks []int64

	for _, hashes := range values {
		if len(hashes) > 1 {
			//nolint:gosec // 64 bits are 64 bits, whatever they mean.
			locks = append(locks, int64(sum.Sum64()&^(keyLocks-1)|uint64(hashes[0][0]&(keyLocks-1))))
		}
	}

	// In one order, so that two transactions do not wait for each other in a circle.
	slices.Sort(locks)

	for _, lock := range slices.Compact(locks) {
		if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", lock).Error; err != nil {
			return reduce("waiting for others with the same key", err)
		}
	}

	return nil
}
