package db

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	// submissionsLimit bounds how many single submissions are written by one transaction.
	submissionsLimit = 32
	// submissionsPatience bounds how long the others wait for a database that does not answer; then each waits alone, for as
	// long as its own caller does.
	submissionsPatience = 10 * time.Second
)

// submissions writes those together that come while others are being written. An insert of fifty rows takes little longer
// than that of one: a burst of single submissions is accepted nearly as fast as a bulk.
type submissions struct{ together[*submitted] }

// submitted is a submission on its way into the database.
type submitted struct {
	row   notificationRow
	claim *claim // nil: no key
	// id is the notification that it became, where an earlier one has its key.
	id string
}

func newSubmissions() *submissions {
	return &submissions{together[*submitted]{limit: submissionsLimit}}
}

// writeSubmissions writes all in one transaction. Where that fails, or one of them repeats another, each is written alone: so each fails
// alone, and the first of a key counts.
func (s *Store) writeSubmissions(all []*joined[*submitted]) {
	if len(all) > 1 && s.insertNew(all) == nil {
		return
	}

	for _, one := range all {
		one.err = s.writeSubmission(one.ctx, one.what)

		// A commit whose answer was lost may have been one.
		if len(all) > 1 && one.err != nil && !errors.Is(one.err, errReplayed) && s.holds(one.ctx, one.what.row.ID) {
			one.err = nil
		}
	}
}

func (s *Store) holds(ctx context.Context, notificationID string) bool {
	count, err := gorm.G[notificationRow](s.gorm).Where("id = ?", notificationID).Count(ctx, "id")

	return err == nil && count > 0
}

var errNotNew = errors.New("not every submission is new")

// insertNew is for submissions that nothing is known of.
func (s *Store) insertNew(all []*joined[*submitted]) error {
	rows, claims := make([]notificationRow, len(all)), make([]idempotencyRow, 0, len(all))

	for i, one := range all {
		rows[i] = one.what.row

		switch wish := one.what.claim; {
		case wish == nil:
		case len(wish.keyHashes) > 1:
			// While keys are exchanged, what is new takes more than a look at one row.
			return errNotNew
		default:
			claims = append(claims, wish.row)
		}
	}

	// In the order of the hashes, as bulks are, so that two transactions do not wait for each other in a circle.
	slices.SortFunc(claims, func(a, b idempotencyRow) int {
		return cmp.Or(bytes.Compare(a.KeyHash, b.KeyHash), cmp.Compare(a.EnteID, b.EnteID))
	})

	// Whoever goes away does not take the others' submissions with him.
	ctx, done := context.WithTimeout(context.WithoutCancel(all[0].ctx), submissionsPatience)
	defer done()

	return s.atomically(ctx, func(tx *gorm.DB) error {
		tx = tx.WithContext(ctx)

		if len(claims) > 0 {
			claimed := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&claims)
			if claimed.Error != nil {
				return reduce("claiming the idempotency keys", claimed.Error)
			}

			if claimed.RowsAffected < int64(len(claims)) {
				return errNotNew
			}
		}

		return reduce("adding notifications", tx.Create(&rows).Error)
	})
}

// writeSubmission gives errReplayed where an earlier submission has the key.
func (s *Store) writeSubmission(ctx context.Context, own *submitted) error {
	if own.claim == nil {
		return s.statement(ctx, func(tx *gorm.DB) error {
			return reduce("adding the notification", gorm.G[notificationRow](tx).Create(ctx, &own.row))
		})
	}

	return s.atomically(ctx, func(tx *gorm.DB) error {
		if earlier, err := own.claim.take(ctx, tx); err != nil {
			own.id = earlier

			return err
		}

		return reduce("adding the notification", gorm.G[notificationRow](tx).Create(ctx, &own.row))
	})
}
