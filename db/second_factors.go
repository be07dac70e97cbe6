package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// SecondFactorPace bounds the guessing of second factors: so many wrong ones within such a time, and none is looked at until
// that time is over.
type SecondFactorPace struct {
	Tries  int
	Within time.Duration
}

// ErrPaced means too many wrong second factors; later ones are not even looked at for a while. The first of them is told apart from
// those after it, which are [ErrStillPaced] too: whoever goes on trying must not fill the log of acts.
var (
	ErrPaced      = errors.New("too many tries")
	ErrStillPaced = fmt.Errorf("again: %w", ErrPaced)
)

type secondFactorRow struct {
	UserID    string `gorm:"primaryKey"`
	Secret    []byte
	LastStep  int64
	Failures  int64
	FailingAt time.Time
	CreatedAt time.Time
}

// TableName is GORM's hook.
func (secondFactorRow) TableName() string { return "second_factors" }

type recoveryCodeRow struct {
	UserID   string `gorm:"primaryKey"`
	CodeHash []byte `gorm:"primaryKey"`
	UsedAt   *time.Time
	// IndexKey made the hash.
	IndexKey *int64
}

// TableName is GORM's hook.
func (recoveryCodeRow) TableName() string { return "recovery_codes" }

// SetSecondFactor gives a user a second factor, in the place of an earlier one, with recovery codes. The code of step, by
// which the user has shown to have it, is not accepted again.
func (s *Store) SetSecondFactor(ctx context.Context, userID, secret string, step int64, recoveryCodes []string) error {
	sealed, err := s.keys.seal(columnTOTP, userID, secret)
	if err != nil {
		return fmt.Errorf("storing a second factor: %w", err)
	}

	row := secondFactorRow{UserID: userID, Secret: sealed, LastStep: step, FailingAt: s.now(), CreatedAt: s.now()}

	return s.transaction(ctx, "storing a second factor", func(tx *gorm.DB) error {
		replace := clause.OnConflict{Columns: []clause.Column{{Name: "user_id"}}, UpdateAll: true}
		if err := gorm.G[secondFactorRow](tx, replace).Create(ctx, &row); err != nil {
			return reduce("storing the secret", err)
		}

		return s.replaceRecoveryCodes(ctx, tx, userID, recoveryCodes)
	})
}

// SetRecoveryCodes replaces a user's recovery codes.
func (s *Store) SetRecoveryCodes(ctx context.Context, userID string, codes []string) error {
	return s.transaction(ctx, "storing recovery codes", func(tx *gorm.DB) error {
		return s.replaceRecoveryCodes(ctx, tx, userID, codes)
	})
}

func (s *Store) replaceRecoveryCodes(ctx context.Context, tx *gorm.DB, userID string, codes []string) error {
	if _, err := gorm.G[recoveryCodeRow](tx).Where("user_id = ?", userID).Delete(ctx); err != nil {
		return reduce("removing the recovery codes", err)
	}

	for _, code := range codes {
		hash, by, err := s.keys.markedIndex(purposeRecoveryCode, recoveryCodeOf(userID, code))
		if err != nil {
			return err
		}

		row := recoveryCodeRow{UserID: userID, CodeHash: hash, IndexKey: by}
		if err := gorm.G[recoveryCodeRow](tx).Create(ctx, &row); err != nil {
			return reduce("storing a recovery code", err)
		}
	}

	return nil
}

func recoveryCodeOf(userID, code string) string { return userID + "/" + code }

// HasSecondFactor tells whether a user has one, and how many recovery codes are left.
func (s *Store) HasSecondFactor(ctx context.Context, userID string) (has bool, codesLeft int, err error) {
	count, err := gorm.G[secondFactorRow](s.gorm).Where("user_id = ?", userID).Count(ctx, "user_id")
	if err != nil {
		return false, 0, reduce("looking for a second factor", err)
	}

	left, err := gorm.G[recoveryCodeRow](s.gorm).Where("user_id = ? AND used_at IS NULL", userID).Count(ctx, "user_id")

	return count > 0, int(left), reduce("counting recovery codes", err)
}

// RemoveSecondFactor takes a user's second factor and recovery codes away.
func (s *Store) RemoveSecondFactor(ctx context.Context, userID string) error {
	return s.transaction(ctx, "removing a second factor", func(tx *gorm.DB) error {
		if _, err := gorm.G[recoveryCodeRow](tx).Where("user_id = ?", userID).Delete(ctx); err != nil {
			return reduce("removing the recovery codes", err)
		}

		removed, err := gorm.G[secondFactorRow](tx).Where("user_id = ?", userID).Delete(ctx)

		return changedOne("removing the secret", removed, err)
	})
}

// CheckCode lets match say which time step a code belongs to, if any. It is right where match finds one that is later than
// that of the last code. It returns [ErrPaced] or [ErrStillPaced] where the pace allows no try, and [ErrNotFound] where there is no
// second factor.
func (s *Store) CheckCode(
	ctx context.Context, userID string, pace SecondFactorPace, match func(secret string) (step int64, found bool),
) (right bool, err error) {
	return s.tryFactor(ctx, userID, pace, func(_ *gorm.DB, row *secondFactorRow) (bool, error) {
		var secret string
		if err := s.keys.unseal(columnTOTP, userID, row.Secret, &secret); err != nil {
			return false, err
		}

		step, found := match(secret)
		if !found || step <= row.LastStep {
			return false, nil
		}

		row.LastStep = step

		return true, nil
	})
}

// UseRecoveryCode uses a recovery code up, and tells whether it was one. It counts as a try as [Store.CheckCode] does.
func (s *Store) UseRecoveryCode(ctx context.Context, userID string, pace SecondFactorPace, code string) (right bool, err error) {
	hashes, err := s.keys.blindIndexes(purposeRecoveryCode, recoveryCodeOf(userID, code))
	if err != nil {
		return false, fmt.Errorf("using a recovery code: %w", err)
	}

	return s.tryFactor(ctx, userID, pace, func(tx *gorm.DB, _ *secondFactorRow) (bool, error) {
		used, err := gorm.G[recoveryCodeRow](tx).Where("user_id = ? AND code_hash IN ? AND used_at IS NULL", userID, hashes).
			Update(ctx, "used_at", s.now())

		return used > 0, reduce("using a recovery code up", err)
	})
}

func (s *Store) tryFactor(
	ctx context.Context, userID string, pace SecondFactorPace, try func(tx *gorm.DB, row *secondFactorRow) (bool, error),
) (right bool, err error) {
	var paced error

	err = s.transaction(ctx, "checking a second factor", func(tx *gorm.DB) error {
		row, err := gorm.G[secondFactorRow](tx, clause.Locking{Strength: noKeyUpdate}).Where("user_id = ?", userID).Take(ctx)
		if err != nil {
			return reduce("reading the second factor", err)
		}

		if now := s.now(); now.Sub(row.FailingAt) >= pace.Within {
			row.Failures, row.FailingAt = 0, now
		}

		if row.Failures > int64(pace.Tries) {
			paced = ErrStillPaced

			return nil
		}

		if row.Failures == int64(pace.Tries) {
			paced = ErrPaced
			row.Failures++

			return noteTry(ctx, tx, row)
		}

		if right, err = try(tx, &row); err != nil {
			return err
		}

		row.Failures++
		if right {
			row.Failures = 0
		}

		return noteTry(ctx, tx, row)
	})
	if err != nil {
		return false, err
	}

	return right, paced
}

func noteTry(ctx context.Context, tx *gorm.DB, row secondFactorRow) error {
	_, err := gorm.G[secondFactorRow](tx).Where("user_id = ?", row.UserID).
		Select("last_step", "failures", "failing_at").Updates(ctx, row)

	return reduce("noting the try", err)
}
