package db

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// identityRow keeps the provider's name for a person as a keyed hash: it may be a codice fiscale.
type identityRow struct {
	SubjectHash []byte `gorm:"primaryKey"`
	Issuer      string
	UserID      string
	CreatedAt   time.Time
	// IndexKey made the hash.
	IndexKey *int64
}

// TableName is GORM's hook.
func (identityRow) TableName() string { return "identities" }

func identityOf(issuer, subject string) string { return issuer + purposeEnd + subject }

// LinkIdentity lets somebody whom another provider knows as subject sign in as the user. It returns [ErrDuplicate] where
// the provider's person is linked to a user already.
func (s *Store) LinkIdentity(ctx context.Context, userID, issuer, subject string) error {
	const doing = "linking an identity"

	keys := s.keys.pinned()

	hash, by, err := keys.markedIndex(purposeIdentity, identityOf(issuer, subject))
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	hashes, err := keys.blindIndexes(purposeIdentity, identityOf(issuer, subject))
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row := identityRow{SubjectHash: hash, Issuer: issuer, UserID: userID, CreatedAt: s.now(), IndexKey: by}

	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		if err := lockKeys(tx, identitiesOf(issuer), hashes); err != nil {
			return err
		}

		// Under an earlier index key the same person has another hash, which the primary key does not see.
		linked, err := gorm.G[identityRow](tx).Where("subject_hash IN ?", hashes).Count(ctx, "user_id")
		if err == nil && linked > 0 {
			err = fmt.Errorf("the person is linked already: %w", ErrDuplicate)
		}

		if err != nil {
			return reduce("looking for the identity", err)
		}

		return reduce("adding the identity", gorm.G[identityRow](tx).Create(ctx, &row))
	})
}

// UserByIdentity finds the user whom another provider knows as subject. An identity that is kept under an earlier index key
// comes under the primary one by it: what the provider calls somebody is known at this moment only.
func (s *Store) UserByIdentity(ctx context.Context, issuer, subject string) (User, error) {
	keys := s.keys.pinned()

	hash, by, err := keys.markedIndex(purposeIdentity, identityOf(issuer, subject))
	if err != nil {
		return User{}, fmt.Errorf("reading an identity: %w", err)
	}

	hashes, err := keys.blindIndexes(purposeIdentity, identityOf(issuer, subject))
	if err != nil {
		return User{}, fmt.Errorf("reading an identity: %w", err)
	}

	row, err := gorm.G[identityRow](s.gorm).Where("subject_hash IN ?", hashes).Take(ctx)
	if err != nil {
		return User{}, reduce("reading an identity", err)
	}

	if row.IndexKey == nil || *row.IndexKey != *by {
		moved := s.gorm.WithContext(ctx).Model(&identityRow{}).Where("subject_hash = ?", row.SubjectHash).
			Updates(map[string]any{"subject_hash": hash, "index_key": by})
		if moved.Error != nil {
			return User{}, reduce("keeping an identity under the present key", moved.Error)
		}
	}

	return s.User(ctx, row.UserID)
}

// HasIdentity tells whether a user is linked to a person of this provider, or of any where issuer is empty.
func (s *Store) HasIdentity(ctx context.Context, userID, issuer string) (bool, error) {
	query := gorm.G[identityRow](s.gorm).Where("user_id = ?", userID)
	if issuer != "" {
		query = query.Where("issuer = ?", issuer)
	}

	count, err := query.Count(ctx, "user_id")

	return count > 0, reduce("reading identities", err)
}

// Mark signs a text that a browser is to bring back unchanged.
func (s *Store) Mark(text string) (string, error) {
	hash, err := s.keys.blindIndex(purposeMark, text)
	if err != nil {
		return "", fmt.Errorf("marking a text: %w", err)
	}

	return hex.EncodeToString(hash), nil
}

// ErrMark means that the mark is not the text's.
var ErrMark = errors.New("not the mark of the text")

// CheckMark returns [ErrMark] where the mark was not made by [Store.Mark] for this very text.
func (s *Store) CheckMark(text, mark string) error {
	given, err := hex.DecodeString(mark)
	if err != nil {
		return ErrMark
	}

	hashes, err := s.keys.blindIndexes(purposeMark, text)
	if err != nil {
		return fmt.Errorf("checking a mark: %w", err)
	}

	for _, hash := range hashes {
		if subtle.ConstantTimeCompare(hash, given) == 1 {
			return nil
		}
	}

	return ErrMark
}
