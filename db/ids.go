package db

import (
	"fmt"

	"github.com/google/uuid"
)

// checkIDs refuses ids that are not UUIDs in their canonical form. PostgreSQL would take other forms and
// store the canonical one, and the associated data of an encryption would no longer match the row.
func checkIDs(ids ...string) error {
	for _, id := range ids {
		parsed, err := uuid.Parse(id)
		if err != nil || parsed.String() != id {
			return fmt.Errorf("an id is not a canonical UUID: %w", ErrInvalid)
		}
	}

	return nil
}

func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", ErrUnavailable)
	}

	return id.String(), nil
}

// optionalText is nil for the empty string, so that partial indexes leave it out.
func optionalText(text string) *string {
	if text == "" {
		return nil
	}

	return &text
}

func textOrEmpty(text *string) string {
	if text == nil {
		return ""
	}

	return *text
}
