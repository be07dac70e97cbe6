package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Rekeyed is what was done so far to bring a table under the primary keys.
type Rekeyed struct {
	Rows int // looked at
	// Values and Hashes were written anew.
	Values, Hashes int
	// Unreadable values are under no key that is there, or damaged. They stay as they are.
	Unreadable int
}

func (r *Rekeyed) add(other Rekeyed) {
	r.Rows += other.Rows
	r.Values += other.Values
	r.Hashes += other.Hashes
	r.Unreadable += other.Unreadable
}

// RekeyableTables are the tables with values that can be brought under other keys.
func (s *Store) RekeyableTables() []string {
	var names []string

	for _, table := range protectedTables() {
		if len(table.sealed) > 0 {
			names = append(names, table.name)
		}
	}

	return names
}

// Primary gives the ids of the keys with which the store writes.
func (s *Store) Primary() (encryption, index uint32) {
	keys := s.keys.pinned()

	return keys.Primary(KeySetEncryption), keys.Primary(KeySetIndex)
}

// Rekey brings a table's values under the primary keys: it encrypts again what is under another key, and makes those keyed
// hashes again that were made with another one. It goes in the order of the primary key, from behind the place after, a page
// of rows at a time; each row is one statement, which does nothing where somebody else has changed the row since, and is then
// tried anew. After each page it calls done with what was done in all, and with the place to go on from; a place of length 0
// means that another call has to begin anew. Done's error ends it.
func (s *Store) Rekey(ctx context.Context, table string, after []string, done func(Rekeyed, []string) error) (Rekeyed, error) {
	doing := "bringing " + table + " under the present keys"

	protected, err := protectedNamed(table)
	if err != nil {
		return Rekeyed{}, fmt.Errorf("%s: %w", doing, err)
	}

	work := rekeying{store: s, keys: s.keys.pinned(), table: protected}

	last, err := protected.decode(after)
	if err != nil {
		return Rekeyed{}, fmt.Errorf("%s: %w", doing, err)
	}

	for {
		rows, err := work.page(ctx, last)
		if err != nil {
			return work.total, fmt.Errorf("%s: %w", doing, err)
		}

		for _, row := range rows {
			if err := work.row(ctx, row); err != nil {
				return work.total, fmt.Errorf("%s: %w", doing, err)
			}
		}

		if len(rows) > 0 {
			last = rows[len(rows)-1].key
		}

		place, _ := protected.encode(last)
		if err := done(work.total, place); err != nil || len(rows) < work.table.size() {
			return work.total, err
		}
	}
}

// rekeyTries is how often a row may be changed by somebody else right before it is written.
const rekeyTries = 100

// rekeying is Rekey under way.
type rekeying struct {
	store *Store
	keys  *Keys
	table protectedTable
	total Rekeyed
}

// storedRow is a row as it was read: the sealed columns and the hashes by their place in protectedTable.columns.
type storedRow struct {
	key    []any
	values [][]byte
	also   []string
}

func (t protectedTable) size() int {
	if t.page == 0 {
		return protectedRows
	}

	return t.page
}

// columns are the sealed ones and then the hashes.
func (t protectedTable) columns() []string {
	names := make([]string, 0, len(t.sealed)+len(t.hashes))
	for _, sealed := range t.sealed {
		names = append(names, sealed.column)
	}

	return append(names, t.hashes...)
}

func (t protectedTable) keyNames() string {
	names := make([]string, len(t.key))
	for i, column := range t.key {
		names[i] = column.name
	}

	return strings.Join(names, ", ")
}

// whereKey compares the key with parameters. A single one stands without parentheses, in which GORM would take bytes for a
// list.
func (t protectedTable) whereKey(operator string) string {
	if len(t.key) == 1 {
		return t.key[0].name + " " + operator + " ?"
	}

	marks := strings.TrimSuffix(strings.Repeat("?, ", len(t.key)), ", ")

	return "(" + t.keyNames() + ") " + operator + " (" + marks + ")"
}

func (t protectedTable) selection() string {
	names := append([]string{t.keyNames()}, t.columns()...)
	for _, column := range t.also {
		names = append(names, "CAST("+column+" AS text)")
	}

	return "SELECT " + strings.Join(names, ", ") + " FROM " + t.name
}

// page reads the rows behind a key.
func (w *rekeying) page(ctx context.Context, after []any) ([]storedRow, error) {
	statement, parameters := w.table.selection(), []any{}
	if after != nil {
		statement += " WHERE " + w.table.whereKey(">")

		parameters = append(parameters, after...)
	}

	statement += fmt.Sprintf(" ORDER BY %s LIMIT %d", w.table.keyNames(), w.table.size())

	return w.read(ctx, statement, parameters)
}

func (w *rekeying) read(ctx context.Context, statement string, parameters []any) (stored []storedRow, err error) {
	const doing = "reading protected values"

	rows, err := w.store.gorm.WithContext(ctx).Raw(statement, parameters...).Rows()
	if err != nil {
		return nil, reduce(doing, err)
	}
	defer func() { err = errors.Join(err, reduce(doing, rows.Close())) }()

	for rows.Next() {
		row := storedRow{
			key: make([]any, len(w.table.key)), values: make([][]byte, len(w.table.columns())), also: make([]string, len(w.table.also)),
		}

		if err := rows.Scan(row.targets()...); err != nil {
			return nil, reduce(doing, err)
		}

		stored = append(stored, row)
	}

	return stored, reduce(doing, rows.Err())
}

func (r *storedRow) targets() []any {
	var targets []any

	for i := range r.key {
		targets = append(targets, &r.key[i])
	}

	for i := range r.values {
		targets = append(targets, &r.values[i])
	}

	for i := range r.also {
		targets = append(targets, &r.also[i])
	}

	return targets
}

// row brings one under the present keys. Where somebody changed it meanwhile, it is read again.
func (w *rekeying) row(ctx context.Context, row storedRow) error {
	w.total.Rows++

	for range rekeyTries {
		change, unreadable := w.changeOf(row)
		if len(change.columns) == 0 {
			w.total.Unreadable += unreadable

			return nil
		}

		written, err := w.write(ctx, row, change)
		if err != nil {
			return err
		}

		if written {
			change.done.Unreadable = unreadable
			w.total.add(change.done)

			return nil
		}

		again, err := w.read(ctx, w.table.selection()+" WHERE "+w.table.whereKey("="), row.key)
		if err != nil || len(again) == 0 {
			return err
		}

		row = again[0]
	}

	return fmt.Errorf("a row changes faster than it can be written: %w", ErrConflict)
}

// rowChange is what has to be written to a row.
type rowChange struct {
	columns []string
	values  []any
	done    Rekeyed
}

func (c *rowChange) set(column string, value []byte) {
	c.columns, c.values = append(c.columns, column+" = ?"), append(c.values, value)
}

// changeOf tells what is under other keys in a row, as it has to be, and how many of its values cannot be read.
func (w *rekeying) changeOf(row storedRow) (change rowChange, unreadable int) {
	primary := w.keys.Primary(KeySetEncryption)
	rehash := len(w.table.hashes) > 0 && len(w.keys.now().prfs.PRFs) > 1
	content := protectedRow{plain: make(map[string][]byte), also: make(map[string]string)}

	for i, sealed := range w.table.sealed {
		present, known := cipherKey(row.values[i])
		stale := !known || present != primary

		if len(row.values[i]) == 0 || (!stale && !rehash) {
			continue
		}

		place := sealed.place(row.key)

		plain, err := w.keys.unsealBytes(w.table.encrypted(sealed.column), place, row.values[i])
		if err != nil {
			unreadable++

			continue
		}

		content.plain[sealed.column] = plain

		if !stale {
			continue
		}

		if again, err := w.keys.sealBytes(w.table.encrypted(sealed.column), place, plain); err == nil {
			change.set(sealed.column, again)
			change.done.Values++
		}
	}

	if rehash {
		unreadable += w.rehash(&change, row, content)
	}

	return change, unreadable
}

// rehash makes those hashes again that are the value's under another key. Any other one belongs to a value that is gone, such
// as an erased one, and stays.
func (w *rekeying) rehash(change *rowChange, row storedRow, content protectedRow) (unreadable int) {
	for i, column := range w.table.also {
		content.also[column] = row.also[i]
	}

	for i, column := range w.table.hashes {
		stored := row.values[len(w.table.sealed)+i]
		if len(stored) == 0 {
			continue
		}

		_, fresh, err := w.hashOf(column, content, stored)
		if err != nil {
			return 1
		}

		if fresh != nil {
			change.set(column, fresh)
			change.done.Hashes++
		}
	}

	return 0
}

// hashOf tells which key a stored hash was made with, and what it is to be instead; nil where it is right, or the hash of
// something that is not there any more.
func (w *rekeying) hashOf(column string, content protectedRow, stored []byte) (key uint32, fresh []byte, err error) {
	if len(content.plain) == 0 {
		return 0, nil, nil
	}

	values, err := w.table.hashed(content)
	if err != nil {
		return 0, nil, err
	}

	value, there := values[column]
	if !there {
		return 0, nil, nil
	}

	prfs := w.keys.now().prfs

	for id, one := range prfs.PRFs {
		hash, err := one.ComputePRF(indexed(value.purpose, value.value), blindIndexBytes)
		if err != nil {
			return 0, nil, fmt.Errorf("indexing a %s: %w", value.purpose, ErrInvalid)
		}

		if !bytes.Equal(hash, stored) {
			continue
		}

		if id == prfs.PrimaryID {
			return id, nil, nil
		}

		fresh, err := w.keys.blindIndex(value.purpose, value.value)

		return id, fresh, err
	}

	return 0, nil, nil
}

// write changes a row that is still as it was read.
func (w *rekeying) write(ctx context.Context, row storedRow, change rowChange) (written bool, err error) {
	conditions := []string{w.table.whereKey("=")}
	parameters := slices.Concat(change.values, row.key)

	for i, column := range w.table.columns() {
		if len(row.values[i]) == 0 {
			conditions = append(conditions, "("+column+" IS NULL OR length("+column+") = 0)")

			continue
		}

		conditions = append(conditions, column+" = ?")
		parameters = append(parameters, row.values[i])
	}

	statement := "UPDATE " + w.table.name + " SET " + strings.Join(change.columns, ", ") + " WHERE " + strings.Join(conditions, " AND ")
	updated := w.store.gorm.WithContext(ctx).Exec(statement, parameters...)

	return updated.RowsAffected == 1, reduce("writing protected values", updated.Error)
}
