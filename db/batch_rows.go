package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// BatchRow is one row of a batch's file, checked.
type BatchRow struct {
	Number int
	State  notification.RowState
	// NotificationID is the stable id of the notification that the row becomes; empty for a bad row.
	NotificationID string
	// Payload is the row's personal data, stored encrypted; its form is the writer's matter.
	Payload []byte
	// Issues and Repairs are JSON without personal data; empty: none.
	Issues, Repairs json.RawMessage
	DuplicateOf     int // number of the earlier row; 0: none in the file
	// ContentHash is what recipient and content are recognised by; the store keys it. Empty for a bad row.
	ContentHash []byte
	SMSParts    int
}

// lookupBatch is how many values one statement looks for.
const lookupBatch = 1000

// insertBatch is how many rows one statement inserts. SQLite's driver looks through all parameters for each of them, so that many
// rows in one statement take longer than in several. PostgreSQL takes 65,535 parameters, and the widest table, the notifications, has
// fewer than 40 columns.
func insertBatch(tx *gorm.DB) int {
	const onPostgres, onSQLite = 1000, 25

	if tx.Name() == postgresName {
		return onPostgres
	}

	return onSQLite
}

// fileRow is a row of a batch's file.
type fileRow struct {
	BatchID        string `gorm:"primaryKey"`
	Number         int    `gorm:"primaryKey;autoIncrement:false"`
	State          notification.RowState
	NotificationID *string
	Payload        []byte
	Issues         *string
	Repairs        *string
	DuplicateOf    int
	ContentHash    sql.Null[[]byte]
	SMSParts       int
}

// TableName is GORM's hook.
func (fileRow) TableName() string { return "batch_rows" }

// rowSecret is what is encrypted of a row. The content's hash is in it too: under another index key than that of the
// day of the check, what it is compared with has to be computed from it again.
type rowSecret struct {
	Payload     []byte `json:"payload"`
	ContentHash []byte `json:"content_hash,omitempty"`
}

// AddBatchRows keeps checked rows, encrypted. A row that is there already is replaced: a reading that is repeated finds
// the same. [ErrConflict] where check is not the present reading or has ended: of a layout that was put right since, no
// row may come back.
func (s *Store) AddBatchRows(ctx context.Context, id string, check int, rows []BatchRow) error {
	const doing = "keeping rows"

	if len(rows) == 0 {
		return nil
	}

	sealed, err := s.fileRows(id, rows)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		batch, err := lockBatch(ctx, tx, id)
		if err != nil {
			return err
		}

		if !batch.reads(check) {
			return fmt.Errorf("not the present reading: %w", ErrConflict)
		}

		return reduce("adding rows", gorm.G[fileRow](tx, replaceRow()).CreateInBatches(ctx, &sealed, insertBatch(tx)))
	})
}

func replaceRow() clause.OnConflict {
	return clause.OnConflict{
		Columns: []clause.Column{{Name: "batch_id"}, {Name: "number"}},
		DoUpdates: clause.AssignmentColumns([]string{
			"state", "notification_id", "payload", "issues", "repairs", "duplicate_of", "content_hash", "sms_parts",
		}),
	}
}

func (s *Store) fileRows(batchID string, rows []BatchRow) ([]fileRow, error) {
	if err := checkIDs(batchID); err != nil {
		return nil, err
	}

	sealed := make([]fileRow, len(rows))

	for i, row := range rows {
		var err error
		if sealed[i], err = s.fileRow(batchID, row); err != nil {
			return nil, err
		}
	}

	return sealed, nil
}

func (s *Store) fileRow(batchID string, row BatchRow) (stored fileRow, err error) {
	if row.NotificationID != "" {
		if err := checkIDs(row.NotificationID); err != nil {
			return fileRow{}, err
		}
	}

	stored = fileRow{
		BatchID: batchID, Number: row.Number, State: row.State, NotificationID: optionalText(row.NotificationID),
		Issues: optionalJSON(row.Issues), Repairs: optionalJSON(row.Repairs), DuplicateOf: row.DuplicateOf, SMSParts: row.SMSParts,
	}

	secret := rowSecret{Payload: row.Payload, ContentHash: row.ContentHash}
	if stored.Payload, err = s.keys.seal(columnPayload, partID(batchID, row.Number), secret); err != nil {
		return fileRow{}, err
	}

	stored.ContentHash, err = s.keys.optionalIndex(purposeContent, string(row.ContentHash))

	return stored, err
}

func (s *Store) unsealRow(row fileRow) (BatchRow, error) {
	var secret rowSecret
	if err := s.keys.unseal(columnPayload, partID(row.BatchID, row.Number), row.Payload, &secret); err != nil {
		return BatchRow{}, err
	}

	return BatchRow{
		Number: row.Number, State: row.State, NotificationID: textOrEmpty(row.NotificationID), Payload: secret.Payload,
		Issues: jsonOrNil(row.Issues), Repairs: jsonOrNil(row.Repairs), DuplicateOf: row.DuplicateOf,
		ContentHash: secret.ContentHash, SMSParts: row.SMSParts,
	}, nil
}

func (s *Store) unsealRows(doing string, rows []fileRow) ([]BatchRow, error) {
	unsealed := make([]BatchRow, len(rows))

	for i, row := range rows {
		var err error
		if unsealed[i], err = s.unsealRow(row); err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}
	}

	return unsealed, nil
}

// removeSomeRows removes the first rows of a batch, no more than a purge removes at once, and tells how many.
func removeSomeRows(ctx context.Context, tx *gorm.DB, batchID string) (int, error) {
	first := tx.Session(&gorm.Session{NewDB: true}).Model(&fileRow{}).Select("number").
		Where("batch_id = ?", batchID).Order("number").Limit(purgeBatch)

	removed, err := gorm.G[fileRow](tx).Where("batch_id = ? AND number IN (?)", batchID, first).Delete(ctx)

	return removed, reduce("removing rows", err)
}
