package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// batchFile is a batch's uploaded file. It lives no longer than the activity that reads it.
type batchFile struct {
	ctx   context.Context //nolint:containedctx // batch.File opens without one.
	store *db.Store
	batch notification.Batch
}

var _ batch.File = batchFile{}

// Open reads the file from its beginning.
func (f batchFile) Open() (io.ReadCloser, error) {
	file, err := f.store.OpenBatchFile(f.ctx, f.batch.ID)
	if err != nil {
		return nil, fmt.Errorf("opening the batch's file: %w", err)
	}

	return file, nil
}

// Size is in bytes.
func (f batchFile) Size() int64 { return f.batch.FileSize }

// Name is what the file was called.
func (f batchFile) Name() string { return f.batch.FileName }

// row is what is stored of a checked row. The id of its notification is given now, so that the row becomes the same
// one however often it is sent.
func (c *fileCheck) row(row *batch.Row) (db.BatchRow, error) {
	payload := row.Payload()
	stored := db.BatchRow{
		Number: row.Number, State: stateOfRow(row), DuplicateOf: row.DuplicateOf, SMSParts: row.SMSParts,
	}

	var err error
	if stored.Payload, err = payload.Encode(); err != nil {
		return stored, fmt.Errorf("encoding a row: %w", err)
	}

	if stored.Issues, err = encodeIssues(row.Issues); err != nil {
		return stored, err
	}

	if stored.Repairs, err = encodeIssues(row.Repairs); err != nil || stored.State == notification.RowBad {
		return stored, err
	}

	if stored.ContentHash, err = c.maker.ContentHash(payload); err != nil {
		return stored, fmt.Errorf("recognising a row: %w", err)
	}

	id, err := uuid.NewV7()
	if err != nil {
		return stored, fmt.Errorf("making an id: %w", err)
	}

	stored.NotificationID = id.String()

	return stored, nil
}

func stateOfRow(row *batch.Row) notification.RowState {
	switch {
	case len(row.Issues) > 0:
		return notification.RowBad
	case row.DuplicateOf > 0:
		return notification.RowDuplicate
	}

	return notification.RowGood
}

func encodeIssues(issues []batch.Issue) (json.RawMessage, error) {
	if len(issues) == 0 {
		return nil, nil
	}

	encoded, err := json.Marshal(issues)
	if err != nil {
		return nil, fmt.Errorf("encoding what is wrong with a row: %w", err)
	}

	return encoded, nil
}
