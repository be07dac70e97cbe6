package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// KeyUse says how many values of a column are under a key.
type KeyUse struct {
	Table, Column string
	Set           KeySet
	// Key is the key's id; 0: not known. Such a ciphertext is damaged; such a hash was written by a version that did not note its
	// key, or is of a value that is not there any more.
	Key uint32
	// Kept: the values are kept nowhere, so that nothing brings them under another key but their end, or their use.
	Kept   bool
	Values int
}

// KeyUses counts what is under which key. It reads each table with protected values once: all of it in pages where the keyed
// hashes of values that are there are asked for too, which takes long.
func (s *Store) KeyUses(ctx context.Context, hashes bool) ([]KeyUse, error) {
	const doing = "counting what is under which key"

	var uses []KeyUse

	for _, table := range protectedTables() {
		found, err := s.keyUsesOf(ctx, table)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}

		uses = append(uses, found...)

		if !hashes || len(table.hashes) == 0 {
			continue
		}

		if found, err = s.hashUses(ctx, table); err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}

		uses = append(uses, found...)
	}

	return uses, nil
}

// keyUsesOf counts what can be counted by the values themselves.
func (s *Store) keyUsesOf(ctx context.Context, table protectedTable) ([]KeyUse, error) {
	var uses []KeyUse

	for _, sealed := range table.sealed {
		found, err := s.ciphertexts(ctx, table, sealed.column)
		if err != nil {
			return nil, err
		}

		uses = append(uses, found...)
	}

	if len(table.marked) == 0 {
		return uses, nil
	}

	found, err := s.markedHashes(ctx, table)

	return append(uses, found...), err
}

func (s *Store) ciphertexts(ctx context.Context, table protectedTable, column string) ([]KeyUse, error) {
	begun := fmt.Sprintf("substr(%s, 1, %d)", column, cipherPrefix)
	query := s.gorm.WithContext(ctx).Table(table.name).Select(begun + " AS begun, count(*) AS total").
		Where(column + " IS NOT NULL AND length(" + column + ") > 0").Group(begun)

	var counts []struct {
		Begun []byte
		Total int
	}

	if err := query.Scan(&counts).Error; err != nil {
		return nil, reduce("counting ciphertexts", err)
	}

	// Several damaged ones are told as one number.
	totals := make(map[uint32]int)

	for _, count := range counts {
		id, _ := cipherKey(count.Begun)
		totals[id] += count.Total
	}

	return usesOf(totals, KeyUse{Table: table.name, Column: column, Set: KeySetEncryption}), nil
}

func (s *Store) markedHashes(ctx context.Context, table protectedTable) ([]KeyUse, error) {
	var counts []struct {
		IndexKey *int64
		Total    int
	}

	query := s.gorm.WithContext(ctx).Table(table.name).Select("index_key, count(*) AS total").
		Where(table.marked[0] + " IS NOT NULL").Group("index_key")
	if table.unused != "" {
		query = query.Where("NOT (" + table.unused + ")")
	}

	if err := query.Scan(&counts).Error; err != nil {
		return nil, reduce("counting keyed hashes", err)
	}

	totals := make(map[uint32]int)

	for _, count := range counts {
		if count.IndexKey == nil {
			totals[0] += count.Total
		} else {
			totals[uint32(*count.IndexKey)] += count.Total //nolint:gosec // it was one when it was written.
		}
	}

	return usesOf(totals, KeyUse{Table: table.name, Column: table.marked[0], Set: KeySetIndex, Kept: true}), nil
}

// hashUses finds out by which key each hash of a value that is there was made.
func (s *Store) hashUses(ctx context.Context, table protectedTable) ([]KeyUse, error) {
	look := rekeying{store: s, keys: s.keys.pinned(), table: table}
	totals := make(map[string]map[uint32]int)

	for _, column := range table.hashes {
		totals[column] = make(map[uint32]int)
	}

	for after := []any(nil); ; {
		rows, err := look.page(ctx, after)
		if err != nil {
			return nil, err
		}

		for _, row := range rows {
			if err := look.countHashes(row, totals); err != nil {
				return nil, err
			}
		}

		if len(rows) < table.size() {
			break
		}

		after = rows[len(rows)-1].key
	}

	var uses []KeyUse
	for _, column := range table.hashes {
		uses = append(uses, usesOf(totals[column], KeyUse{Table: table.name, Column: column, Set: KeySetIndex})...)
	}

	return uses, nil
}

func (w *rekeying) countHashes(row storedRow, totals map[string]map[uint32]int) error {
	content := protectedRow{plain: make(map[string][]byte), also: make(map[string]string)}

	for i, column := range w.table.also {
		content.also[column] = row.also[i]
	}

	for i, sealed := range w.table.sealed {
		plain, err := w.keys.unsealBytes(w.table.encrypted(sealed.column), sealed.place(row.key), row.values[i])
		if err == nil {
			content.plain[sealed.column] = plain
		}
	}

	for i, column := range w.table.hashes {
		stored := row.values[len(w.table.sealed)+i]
		if len(stored) == 0 {
			continue
		}

		key, _, err := w.hashOf(column, content, stored)
		if err != nil && !errors.Is(err, ErrUndecryptable) {
			return err
		}

		totals[column][key]++
	}

	return nil
}

func usesOf(totals map[uint32]int, of KeyUse) []KeyUse {
	uses := make([]KeyUse, 0, len(totals))

	for id, total := range totals {
		use := of
		use.Key, use.Values = id, total
		uses = append(uses, use)
	}

	slices.SortFunc(uses, func(a, b KeyUse) int { return cmp.Compare(a.Key, b.Key) })

	return uses
}

// ForgetHashes removes what people only lose some comfort by, and what is kept under another index key than the primary one,
// or under one that was not noted: the links to a provider of identities, which are made again with an invitation, and recovery
// codes that are left, which can be made anew. It tells how many of each.
func (s *Store) ForgetHashes(ctx context.Context) (identities, codes int, err error) {
	const earlier = "index_key IS NULL OR index_key <> ?"

	present := s.keys.now().prfs.PrimaryID

	err = s.transaction(ctx, "forgetting hashes under earlier keys", func(tx *gorm.DB) (err error) {
		if identities, err = gorm.G[identityRow](tx).Where(earlier, present).Delete(ctx); err != nil {
			return reduce("forgetting identities", err)
		}

		codes, err = gorm.G[recoveryCodeRow](tx).Where(earlier, present).Delete(ctx)

		return reduce("forgetting recovery codes", err)
	})

	return identities, codes, err
}
