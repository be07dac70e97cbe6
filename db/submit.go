package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// Submission is a validated notification that asks to be accepted.
type Submission struct {
	// Notification needs its ID, Ente, service, recipient, content, policy and priority. Where they are zero,
	// AcceptedAt becomes now, Run 1, and Status scheduled or accepted, as SendAt is later than AcceptedAt or not.
	Notification notification.Notification
	// IdempotencyKey is the Ente's own name of this request. Empty: nothing protects from a double submission.
	IdempotencyKey string
	// RequestHash tells whether two requests under one key are the same.
	RequestHash []byte
}

// idempotencyRow remembers which notification a request became. Key and request are kept as keyed hashes:
// Enti have been seen to make such keys out of a codice fiscale, and a request can be guessed from its hash
// where all but the codice fiscale is known.
type idempotencyRow struct {
	EnteID         string `gorm:"primaryKey"`
	KeyHash        []byte `gorm:"primaryKey"`
	RequestHash    []byte
	NotificationID string
	CreatedAt      time.Time
	// IndexKey made both hashes.
	IndexKey *int64
}

// TableName is GORM's hook.
func (idempotencyRow) TableName() string { return "idempotency_keys" }

// errReplayed rolls a transaction back in which an earlier submission was found.
var errReplayed = errors.New("replayed")

// Submit stores a notification and its idempotency record in one transaction: once it returns nil, the
// notification survives a crash. Where the Ente used the key before for the same request, it gives the id of
// that notification and replayed; for another request it returns [ErrConflict]. An unknown Ente or a
// service that is not the Ente's is [ErrNotFound].
func (s *Store) Submit(ctx context.Context, submission Submission) (id string, replayed bool, err error) {
	const doing = "accepting a notification"

	n := s.accept(submission.Notification)

	row, err := s.prepare(n)
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", doing, err)
	}

	own := &submitted{row: row, id: n.ID}

	if submission.IdempotencyKey != "" {
		wish, err := s.claimOf(n, submission)
		if err != nil {
			return "", false, fmt.Errorf("%s: %w", doing, err)
		}

		own.claim = &wish
	}

	if s.submissions == nil {
		err = s.writeSubmission(ctx, own)
	} else {
		err = s.submissions.do(ctx, own, s.writeSubmissions)
	}

	if errors.Is(err, errReplayed) {
		return own.id, true, nil
	}

	if err != nil {
		return "", false, reduce(doing, err)
	}

	return n.ID, false, nil
}

// accept fills in what the caller may leave out.
func (s *Store) accept(n notification.Notification) notification.Notification {
	n.AcceptedAt = stampOr(n.AcceptedAt, s.now())
	n.Run = max(n.Run, 1)

	if n.Status == "" {
		n.Status = notification.StatusAccepted
		if n.SendAt.After(n.AcceptedAt) {
			n.Status = notification.StatusScheduled
		}
	}

	return n
}

func (s *Store) prepare(n notification.Notification) (notificationRow, error) {
	if err := checkIDs(n.ID, n.EnteID, n.ServiceID); err != nil {
		return notificationRow{}, err
	}

	if n.Status != notification.StatusAccepted && n.Status != notification.StatusScheduled {
		return notificationRow{}, fmt.Errorf("a notification begins accepted or scheduled: %w", ErrInvalid)
	}

	return s.notificationRow(n)
}

// claim is the wish to use an idempotency key for a notification. The hashes under every index key serve to
// recognize what was written before a rotation.
type claim struct {
	row           idempotencyRow
	keyHashes     [][]byte
	requestHashes [][]byte
}

func (s *Store) claimOf(n notification.Notification, submission Submission) (claim, error) {
	keyed, err := s.keyedRequest(purposeIdempotencyKey, submission.IdempotencyKey, submission.RequestHash)
	if err != nil {
		return claim{}, err
	}

	return claim{
		row: idempotencyRow{
			EnteID: n.EnteID, KeyHash: keyed.key, RequestHash: keyed.request, NotificationID: n.ID, CreatedAt: s.now(),
			IndexKey: keyed.by,
		},
		keyHashes: keyed.keys, requestHashes: keyed.requests,
	}, nil
}

// take claims the key. Where an earlier submission has it, take gives that one's notification with
// errReplayed, or ErrConflict if the request was another. Of concurrent submissions the first inserts; the
// others wait in their insert (PostgreSQL) or for the write lock (SQLite) until it has committed, and then
// insert nothing. ON CONFLICT, unlike a caught error, leaves PostgreSQL's transaction usable.
func (c *claim) take(ctx context.Context, tx *gorm.DB) (earlierID string, err error) {
	if err := lockKeys(tx, claimsOf(c.row.EnteID), c.keyHashes); err != nil {
		return "", err
	}

	inserted := gorm.WithResult()
	if err := gorm.G[idempotencyRow](tx, clause.OnConflict{DoNothing: true}, inserted).Create(ctx, &c.row); err != nil {
		return "", reduce("claiming the idempotency key", err)
	}

	onlyKey := len(c.keyHashes) == 1
	if inserted.RowsAffected == 1 && onlyKey {
		return "", nil
	}

	earlierID, err = c.earlier(ctx, tx)

	switch {
	case inserted.RowsAffected == 1 && errors.Is(err, gorm.ErrRecordNotFound):
		return "", nil
	case errors.Is(err, errReplayed):
		return earlierID, errReplayed
	}

	return "", reduce("reading the idempotency key", err)
}

// earlier gives the notification of the earlier submission that has the key, with errReplayed, or ErrConflict if its
// request was another; gorm.ErrRecordNotFound where there is none.
func (c *claim) earlier(ctx context.Context, tx *gorm.DB) (id string, err error) {
	earlier, err := gorm.G[idempotencyRow](tx).
		Where("ente_id = ? AND key_hash IN ? AND notification_id <> ?", c.row.EnteID, c.keyHashes, c.row.NotificationID).
		Take(ctx)
	if err != nil {
		return "", err //nolint:wrapcheck // told apart by the callers.
	}

	sameRequest := slices.ContainsFunc(c.requestHashes, func(hash []byte) bool { return bytes.Equal(hash, earlier.RequestHash) })
	if !sameRequest {
		return "", fmt.Errorf("the idempotency key belongs to another request: %w", ErrConflict)
	}

	return earlier.NotificationID, errReplayed
}

// PurgeIdempotencyKeys forgets the keys used before a time, those of batches included, and tells how many there were.
func (s *Store) PurgeIdempotencyKeys(ctx context.Context, before time.Time) (int, error) {
	purged, err := s.purge(ctx, "purging idempotency keys", oldIdempotencyKeys(before))
	if err != nil {
		return purged, err
	}

	ofBatches, err := s.forgetBatchKeys(ctx, before)

	return purged + ofBatches, err
}

func oldIdempotencyKeys(before time.Time) oldRows {
	return oldRows{model: &idempotencyRow{}, since: columnCreatedAt, before: before}
}
