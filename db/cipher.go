package db

import (
	"encoding/json"
	"fmt"
)

// encryptedColumn is a column that holds one encrypted JSON document, or one encrypted piece of bytes, in each row.
type encryptedColumn string

const (
	columnRecipient  encryptedColumn = "notifications.recipient"
	columnContent    encryptedColumn = "notifications.content"
	columnIOKeys     encryptedColumn = "services.io_keys"
	columnFiscalCode encryptedColumn = "recipient_checks.fiscal_code"
	columnSession    encryptedColumn = "sessions.data"
	columnChunk      encryptedColumn = "batch_chunks.data"
	columnPayload    encryptedColumn = "batch_rows.payload"
	columnAnswer     encryptedColumn = "bulk_requests.answer"

	columnManageKey     encryptedColumn = "manage_keys.io_key"
	columnImportKey     encryptedColumn = "service_imports.manage_key"
	columnStagedDetails encryptedColumn = "staged_services.details"
	columnStagedKeys    encryptedColumn = "staged_services.io_keys"
	columnErasure       encryptedColumn = "erasures.fiscal_code"
	columnTester        encryptedColumn = "test_recipients.recipient"
	columnTOTP          encryptedColumn = "second_factors.secret"
	columnWebhook       encryptedColumn = "webhooks.target"
)

// place is the associated data of an encryption: it binds the ciphertext to its table, column and row, so
// that whoever can write to the database cannot move one citizen's data into another's row.
func (c encryptedColumn) place(rowID string) []byte { return []byte(string(c) + "/" + rowID) }

func (k *Keys) seal(column encryptedColumn, rowID string, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", column, ErrInvalid)
	}

	return k.sealBytes(column, rowID, plain)
}

func (k *Keys) sealBytes(column encryptedColumn, rowID string, plain []byte) ([]byte, error) {
	sealed, err := k.now().aead.Encrypt(plain, column.place(rowID))
	if err != nil {
		return nil, fmt.Errorf("encrypting %s: %w", column, ErrInvalid)
	}

	return sealed, nil
}

func (k *Keys) unseal(column encryptedColumn, rowID string, sealed []byte, value any) error {
	plain, err := k.unsealBytes(column, rowID, sealed)
	if err != nil {
		return err
	}

	if err := json.Unmarshal(plain, value); err != nil {
		return fmt.Errorf("decoding %s of %s: %w", column, rowID, ErrUndecryptable)
	}

	return nil
}

func (k *Keys) unsealBytes(column encryptedColumn, rowID string, sealed []byte) ([]byte, error) {
	plain, err := k.now().aead.Decrypt(sealed, column.place(rowID))
	if err != nil {
		return nil, fmt.Errorf("decrypting %s of %s: %w", column, rowID, ErrUndecryptable)
	}

	return plain, nil
}
