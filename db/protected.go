package db

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/genio-gateway/genio/notification"
)

// protectedTable is a table with something in it that is encrypted, or that is found by a keyed hash. What is not told here is
// forgotten when keys are exchanged: a test compares the list with the schema.
type protectedTable struct {
	name string
	// key are the columns of the primary key, in its order.
	key []keyColumn
	// page is how many rows are taken at once; 0: protectedRows.
	page   int
	sealed []sealedColumn
	// also are columns that the hashes are made of.
	also []string
	// hashes are columns whose hashes can be made again, and hashed tells from what; empty: from nothing that is there now.
	hashes []string
	hashed func(row protectedRow) (map[string]hashedValue, error)
	// marked are the hashes whose value is kept nowhere; index_key tells their key. The first of them is NULL where there are none.
	marked []string
	// unused is the condition of rows whose marked hashes serve nothing any more; empty: there are none.
	unused string
}

// keyColumn is a column of a primary key.
type keyColumn struct {
	name string
	kind keyKind
}

type keyKind int

const (
	keyText keyKind = iota
	keyNumber
	keyBytes
)

// sealedColumn is a column with ciphertexts; an empty one, or NULL, is none.
type sealedColumn struct {
	column string
	// place tells of which row the ciphertext is, see encryptedColumn.place.
	place func(key []any) string
}

// hashedValue is what a keyed hash is made of.
type hashedValue struct {
	purpose purpose
	value   string
}

// protectedRow is what the hashes of a row are made of.
type protectedRow struct {
	plain map[string][]byte // by column; nil: not there, or gone
	also  map[string]string
}

// encrypted is the name that binds a ciphertext of the column to it.
func (t protectedTable) encrypted(column string) encryptedColumn {
	return encryptedColumn(t.name + "." + column)
}

// keyOf is a primary key; the names tell the kinds.
func keyOf(names ...string) []keyColumn {
	key := make([]keyColumn, len(names))
	for i, name := range names {
		key[i].name = name

		switch {
		case strings.HasSuffix(name, "_hash"):
			key[i].kind = keyBytes
		case name == "number":
			key[i].kind = keyNumber
		}
	}

	return key
}

func columns(names ...string) []string { return names }

// byKey: the ciphertext is bound to the primary key as it is.
func byKey(columns ...string) []sealedColumn {
	sealed := make([]sealedColumn, len(columns))
	for i, column := range columns {
		sealed[i] = sealedColumn{column: column, place: func(key []any) string { return fmt.Sprint(key[0]) }}
	}

	return sealed
}

// byPart: it is bound to a numbered part of a batch.
func byPart(column string) []sealedColumn {
	return []sealedColumn{{column: column, place: func(key []any) string {
		number, _ := key[1].(int64)

		return partID(fmt.Sprint(key[0]), int(number))
	}}}
}

// columnContentHash is the hash of a recipient with a content.
const columnContentHash = "content_hash"

const (
	protectedRows = 200
	// chunkRows: pieces of files are large.
	chunkRows = 8
)

// protectedTables lists every one, in the order in which their values come under new keys.
func protectedTables() []protectedTable {
	part := keyOf("batch_id", "number")
	keyed := keyOf("ente_id", "key_hash")
	request := columns("key_hash", "request_hash")

	return []protectedTable{
		{name: "services", key: keyOf("id"), sealed: byKey("io_keys")},
		{name: "manage_keys", key: keyOf("ente_id"), sealed: byKey("io_key")},
		{name: "service_imports", key: keyOf("id"), sealed: byKey("manage_key")},
		{name: "staged_services", key: keyOf("import_id", "io_service_id"), sealed: ofStaged("details", "io_keys")},
		{name: "second_factors", key: keyOf("user_id"), sealed: byKey("secret")},
		{name: "webhooks", key: keyOf("id"), sealed: byKey("target")},
		{name: "erasures", key: keyOf("id"), sealed: byKey("fiscal_code")},
		{name: "test_recipients", key: keyOf("user_id"), sealed: byKey("recipient")},
		{name: "sessions", key: keyOf("token_hash"), sealed: ofSessions()},
		{name: "recipient_checks", key: keyOf("id"), sealed: byKey("fiscal_code")},
		{name: "bulk_requests", key: keyed, sealed: ofBulks(), marked: request},
		{name: "idempotency_keys", key: keyed, marked: request},
		{name: "batches", key: keyOf("id"), marked: request},
		{name: "identities", key: keyOf("subject_hash"), marked: columns("subject_hash")},
		{
			name: "recovery_codes", key: keyOf("user_id", "code_hash"), marked: columns("code_hash"),
			unused: "used_at IS NOT NULL",
		},
		{name: "batch_chunks", key: part, page: chunkRows, sealed: byPart("data")},
		{name: "batch_rows", key: part, sealed: byPart("payload"), hashes: columns("content_hash"), hashed: hashedOfRow},
		{
			name: notificationRow{}.TableName(), key: keyOf("id"), sealed: byKey("recipient", "content"), also: columns("service_id"),
			hashes: columns("fiscal_code_hash", "phone_hash", "content_hash"), hashed: hashedOfNotification,
		},
	}
}

func ofStaged(columns ...string) []sealedColumn {
	sealed := byKey(columns...)
	for i := range sealed {
		sealed[i].place = func(key []any) string { return stagedPlace(fmt.Sprint(key[0]), fmt.Sprint(key[1])) }
	}

	return sealed
}

func ofSessions() []sealedColumn {
	return []sealedColumn{{column: "data", place: func(key []any) string {
		hash, _ := key[0].([]byte)

		return hex.EncodeToString(hash)
	}}}
}

func ofBulks() []sealedColumn {
	return []sealedColumn{{column: "answer", place: func(key []any) string {
		hash, _ := key[1].([]byte)

		return bulkRow{EnteID: fmt.Sprint(key[0]), KeyHash: hash}.place()
	}}}
}

// hashedOfRow gives what the hash of a batch's row is made of.
func hashedOfRow(row protectedRow) (map[string]hashedValue, error) {
	var secret rowSecret
	if err := json.Unmarshal(row.plain["payload"], &secret); err != nil {
		return nil, fmt.Errorf("decoding a row of a batch: %w", ErrUndecryptable)
	}

	return map[string]hashedValue{columnContentHash: {purposeContent, string(secret.ContentHash)}}, nil
}

// hashedOfNotification gives what the hashes of a notification are made of, as far as it is still there.
func hashedOfNotification(row protectedRow) (map[string]hashedValue, error) {
	var (
		recipient notification.Recipient
		content   notification.Content
	)

	if row.plain["recipient"] == nil {
		return nil, nil //nolint:nilnil // What is gone has no hash.
	}

	if err := json.Unmarshal(row.plain["recipient"], &recipient); err != nil {
		return nil, fmt.Errorf("decoding a recipient: %w", ErrUndecryptable)
	}

	hashed := map[string]hashedValue{
		"fiscal_code_hash": {purposeFiscalCode, recipient.FiscalCode},
		"phone_hash":       {purposePhone, recipient.Phone},
	}

	if row.plain["content"] == nil {
		return hashed, nil
	}

	if err := json.Unmarshal(row.plain["content"], &content); err != nil {
		return nil, fmt.Errorf("decoding a content: %w", ErrUndecryptable)
	}

	contentHash := notification.ContentHash(row.also["service_id"], recipient.FiscalCode, content)
	hashed[columnContentHash] = hashedValue{purposeContent, string(contentHash)}

	return hashed, nil
}

// encode gives the key as text, to go on after it; false: it holds a hash, which stays in the database.
func (t protectedTable) encode(key []any) (place []string, ok bool) {
	if len(key) == 0 {
		return nil, true
	}

	place = make([]string, len(key))

	for i, column := range t.key {
		switch column.kind {
		case keyBytes:
			return nil, false
		case keyNumber:
			number, _ := key[i].(int64)
			place[i] = strconv.FormatInt(number, 10)
		case keyText:
			place[i] = fmt.Sprint(key[i])
		}
	}

	return place, true
}

func (t protectedTable) decode(place []string) ([]any, error) {
	if len(place) == 0 {
		return nil, nil
	}

	if len(place) != len(t.key) {
		return nil, fmt.Errorf("a place in %s: %w", t.name, ErrInvalid)
	}

	key := make([]any, len(place))

	for i, column := range t.key {
		key[i] = place[i]

		if column.kind == keyNumber {
			number, err := strconv.ParseInt(place[i], 10, 64)
			if err != nil {
				return nil, fmt.Errorf("a place in %s: %w", t.name, ErrInvalid)
			}

			key[i] = number
		}
	}

	return key, nil
}

func protectedNamed(name string) (protectedTable, error) {
	for _, table := range protectedTables() {
		if table.name == name {
			return table, nil
		}
	}

	return protectedTable{}, fmt.Errorf("the table is not one with protected values: %w", ErrInvalid)
}
