package db

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
)

// purpose keeps the hashes of different kinds of values apart.
type purpose string

const (
	purposeFiscalCode     purpose = "fiscal_code"
	purposePhone          purpose = "phone"
	purposeIdempotencyKey purpose = "idempotency_key"
	purposeRequest        purpose = "request"
	purposeBatchKey       purpose = "batch_key"
	purposeBulkKey        purpose = "bulk_key"
	purposeContent        purpose = "content"
	purposeRecoveryCode   purpose = "recovery_code"
	purposeIdentity       purpose = "identity"
	purposeMark           purpose = "mark"
)

const (
	blindIndexBytes = 32
	// purposeEnd cannot occur in a purpose, so no purpose and value run into another pair's input.
	purposeEnd = "\x00"
)

// blindIndex is HMAC-SHA256 of purpose and normalised value under the primary index key. Unlike a plain
// hash it cannot be reversed by trying every codice fiscale or phone number without that key.
func (k *Keys) blindIndex(p purpose, value string) ([]byte, error) {
	hash, _, err := k.markedIndex(p, value)

	return hash, err
}

// markedIndex is the blind index, and the id of the key that it was made with. Rows keep that id where their hash cannot be
// made again, because the value is kept nowhere: whoever wants to do without the key has to know whether they are left.
func (k *Keys) markedIndex(p purpose, value string) (hash []byte, key *int64, err error) {
	prfs := k.now().prfs

	hash, err = prfs.ComputePrimaryPRF(indexed(p, value), blindIndexBytes)
	if err != nil {
		return nil, nil, fmt.Errorf("indexing a %s: %w", p, ErrInvalid)
	}

	return hash, new(int64(prfs.PrimaryID)), nil
}

func indexed(p purpose, value string) []byte { return []byte(string(p) + purposeEnd + value) }

// optionalIndex is the blind index of a value that may be missing.
func (k *Keys) optionalIndex(p purpose, value string) (sql.Null[[]byte], error) {
	if value == "" {
		return sql.Null[[]byte]{}, nil
	}

	hash, err := k.blindIndex(p, value)

	return sql.Null[[]byte]{V: hash, Valid: err == nil}, err
}

// blindIndexes is the value's hash under every index key, for rows that were written before a rotation.
func (k *Keys) blindIndexes(p purpose, value string) ([][]byte, error) {
	prfs := k.now().prfs.PRFs
	hashes := make([][]byte, 0, len(prfs))

	for _, id := range slices.Sorted(maps.Keys(prfs)) {
		hash, err := prfs[id].ComputePRF(indexed(p, value), blindIndexBytes)
		if err != nil {
			return nil, fmt.Errorf("indexing a %s: %w", p, ErrInvalid)
		}

		hashes = append(hashes, hash)
	}

	return hashes, nil
}
