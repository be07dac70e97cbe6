package batch

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// RowPayload is what is kept of a row: everything that is personal in it, to be stored encrypted.
type RowPayload struct {
	// Cells are the row as it was in the file, of bad rows too: a rejected row is handed back as it came.
	Cells []string `json:"cells"`

	// The rest is there for rows without issues only.

	Recipient notification.Recipient `json:"recipient"`
	Reference string                 `json:"reference,omitempty"`
	SendAt    time.Time              `json:"send_at,omitzero"` // zero: with the batch
	DueDate   *time.Time             `json:"due_date,omitempty"`
	Payment   *notification.Payment  `json:"payment,omitempty"`
	// Values are the placeholders' values, in the order of the template's placeholders.
	Values []string `json:"values,omitempty"`
}

// Payload is what is kept of the row.
func (r *Row) Payload() RowPayload {
	if len(r.Issues) > 0 {
		return RowPayload{Cells: r.Cells}
	}

	return RowPayload{
		Cells: r.Cells, Recipient: r.Recipient, Reference: r.Reference, SendAt: r.SendAt, DueDate: r.DueDate,
		Payment: r.Payment, Values: r.Values,
	}
}

// Encode writes the payload as it is stored.
func (p RowPayload) Encode() ([]byte, error) {
	encoded, err := json.Marshal(p)
	if err != nil {
		// The encoder's words could repeat a value.
		return nil, errors.New("a row that cannot be encoded")
	}

	return encoded, nil
}

// DecodePayload reads what Encode wrote.
func DecodePayload(encoded []byte) (RowPayload, error) {
	var payload RowPayload

	if err := json.Unmarshal(encoded, &payload); err != nil {
		// The decoder's words could repeat a value.
		return RowPayload{}, errors.New("a stored row that cannot be read")
	}

	return payload, nil
}
