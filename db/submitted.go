package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// Submitted asks, without accepting anything, which notification an earlier submission of the Ente under this
// idempotency key became. It returns [ErrNotFound] for a key that was not used, and [ErrConflict] for one that was
// used for another request.
func (s *Store) Submitted(ctx context.Context, enteID, key string, requestHash []byte) (id string, err error) {
	const doing = "looking for an earlier submission"

	question := Submission{IdempotencyKey: key, RequestHash: requestHash}

	// No notification of its own: none has the nil id.
	nobody := notification.Notification{ID: uuid.Nil.String(), EnteID: enteID}

	claim, err := s.claimOf(nobody, question)
	if err != nil {
		return "", fmt.Errorf("%s: %w", doing, err)
	}

	id, err = claim.earlier(ctx, s.gorm)

	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return "", fmt.Errorf("%s: %w", doing, ErrNotFound)
	case errors.Is(err, errReplayed):
		return id, nil
	}

	return "", reduce(doing, err)
}
