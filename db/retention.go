package db

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// retentionPage is how many notifications one transaction removes, or removes the content of: others wait for it on SQLite,
// and on PostgreSQL whoever wants one of these.
const retentionPage = 200

// The conditions of the partial indexes notifications_content_due and notifications_outcome_due, word for word. Only settled
// notifications are in them: what is open is never removed.
const (
	holdsContent = "settled_at IS NOT NULL AND content_removed_at IS NULL"
	holdsOutcome = "settled_at IS NOT NULL AND content_removed_at IS NOT NULL"
)

// Removal is what a retention run removes of one Ente.
type Removal struct {
	RunID  string
	EnteID string
	// Before is the time of the end before which something is removed.
	Before time.Time
}

func (r Removal) due(tx *gorm.DB, condition string) *gorm.DB {
	return tx.Model(&notificationRow{}).Where(condition).Where("ente_id = ? AND settled_at < ?", r.EnteID, stamp(r.Before)).
		Order("settled_at").Limit(retentionPage)
}

// locking keeps others from changing the rows meanwhile: one that is retried a moment ago is not among them any more.
func locking(tx *gorm.DB) *gorm.DB { return tx.Clauses(clause.Locking{Strength: noKeyUpdate}) }

// RemoveContent takes texts, payment data and phones away from notifications that ended before a time, some at a time, and
// tells how many they were; 0: none is left. Their recipients' fiscal codes stay. What cannot be decrypted any more stays
// encrypted.
func (s *Store) RemoveContent(ctx context.Context, removal Removal) (removed int, err error) {
	err = s.transaction(ctx, "removing content", func(tx *gorm.DB) error {
		var rows []notificationRow
		if err := removal.due(locking(tx), holdsContent).Select("id", "recipient").Find(&rows).Error; err != nil {
			return reduce("listing content", err)
		}

		for _, row := range rows {
			if err := s.removeContent(ctx, tx, row); err != nil {
				return err
			}
		}

		removed = len(rows)

		return count(ctx, tx, removal.RunID, removal.EnteID, notification.RemovedContent, removed)
	})
	if err != nil {
		return 0, err
	}

	return removed, nil
}

// removeContent leaves an empty content, encrypted as any other: so no reader has to know of rows that hold nothing, and keys
// are changed there as anywhere.
func (s *Store) removeContent(ctx context.Context, tx *gorm.DB, row notificationRow) (err error) {
	now := s.now()
	row.ContentRemovedAt = &now

	var recipient notification.Recipient
	if s.keys.unseal(columnRecipient, row.ID, row.Recipient, &recipient) == nil {
		recipient.Phone = ""

		if row.Recipient, err = s.keys.seal(columnRecipient, row.ID, recipient); err != nil {
			return err
		}
	}

	if row.Content, err = s.keys.seal(columnContent, row.ID, notification.Content{}); err != nil {
		return err
	}

	_, err = gorm.G[notificationRow](tx).Where("id = ?", row.ID).
		Select("recipient", "content", "phone_hash", "content_hash", "content_removed_at").Updates(ctx, row)

	return reduce("removing content", err)
}

// RemoveNotifications removes notifications whole that ended before a time, with all that belongs to them, some at a time, and
// tells how many they were; 0: none is left. Those that still have their content come first to [Store.RemoveContent]. The
// figures stay: they are sums without anybody in them.
func (s *Store) RemoveNotifications(ctx context.Context, removal Removal) (removed int, err error) {
	err = s.transaction(ctx, "removing notifications", func(tx *gorm.DB) error {
		var ids []string
		if err := removal.due(locking(tx), holdsOutcome).Pluck("id", &ids).Error; err != nil {
			return reduce("listing notifications", err)
		}

		if len(ids) == 0 {
			return nil
		}

		if err := removeAll(ctx, tx, ids); err != nil {
			return err
		}

		removed = len(ids)

		return count(ctx, tx, removal.RunID, removal.EnteID, notification.RemovedNotifications, removed)
	})
	if err != nil {
		return 0, err
	}

	return removed, nil
}

// removeAll removes notifications after what refers to them.
func removeAll(ctx context.Context, tx *gorm.DB, ids []string) error {
	attempts := tx.Session(&gorm.Session{NewDB: true, Context: ctx}).Model(&attemptRow{}).Select("id").Where("notification_id IN ?", ids)
	if err := tx.Where("attempt_id IN (?)", attempts).Delete(&providerEventRow{}).Error; err != nil {
		return reduce("removing providers' words", err)
	}

	for _, model := range []any{&attemptRow{}, &runRow{}, &timelineRow{}, &idempotencyRow{}, &interventionItemRow{}} {
		if err := tx.Where("notification_id IN ?", ids).Delete(model).Error; err != nil {
			return reduce("removing what belongs to notifications", err)
		}
	}

	return reduce("removing notifications", tx.Where("id IN ?", ids).Delete(&notificationRow{}).Error)
}

// nilID is the Ente of what is nobody's in particular.
const nilID = "00000000-0000-0000-0000-000000000000"

type retentionCountRow struct {
	RunID  string
	EnteID string
	Kind   notification.RetentionKind
	Total  int64
	Failed bool
}

// TableName is GORM's hook.
func (retentionCountRow) TableName() string { return "retention_counts" }

// count adds to what a run has removed of a kind, within the transaction that removes it.
func count(ctx context.Context, tx *gorm.DB, runID, enteID string, kind notification.RetentionKind, removed int) error {
	return addCount(ctx, tx, retentionCountRow{RunID: runID, EnteID: enteID, Kind: kind, Total: int64(removed)})
}

func addCount(ctx context.Context, tx *gorm.DB, row retentionCountRow) error {
	if row.Total == 0 && !row.Failed {
		return nil
	}

	if row.EnteID == "" {
		row.EnteID = nilID
	}

	add := clause.OnConflict{
		Columns: []clause.Column{{Name: "run_id"}, {Name: columnEnteID}, {Name: "kind"}},
		DoUpdates: clause.Assignments(map[string]any{
			"total":  gorm.Expr("retention_counts.total + excluded.total"),
			"failed": gorm.Expr("retention_counts.failed OR excluded.failed"),
		}),
	}

	return reduce("counting what was removed", gorm.G[retentionCountRow](tx, add).Create(ctx, &row))
}

// NoteRemoved adds to what a run has removed of a kind; the empty Ente: nobody's in particular.
func (s *Store) NoteRemoved(ctx context.Context, runID, enteID string, kind notification.RetentionKind, removed int) error {
	return count(ctx, s.gorm, runID, enteID, kind, removed)
}

// NoteNotRemoved notes that something of a kind could not be removed.
func (s *Store) NoteNotRemoved(ctx context.Context, runID, enteID string, kind notification.RetentionKind) error {
	return addCount(ctx, s.gorm, retentionCountRow{RunID: runID, EnteID: enteID, Kind: kind, Failed: true})
}

// erase takes the citizen out of a settled notification: recipient, content, reference, and what the providers call its
// messages. How it ended and when stays, about nobody.
func (s *Store) erase(ctx context.Context, tx *gorm.DB, row notificationRow) (err error) {
	now := s.now()
	row.ErasedAt, row.ExternalReference = &now, nil
	row.PhoneHash, row.ContentHash = sql.Null[[]byte]{}, sql.Null[[]byte]{}

	if row.ContentRemovedAt == nil {
		row.ContentRemovedAt = &now
	}

	if err := s.sealPersonalData(&row, notification.Notification{ID: row.ID}); err != nil {
		return err
	}

	_, err = gorm.G[notificationRow](tx).Where("id = ?", row.ID).
		Select("recipient", "content", "fiscal_code_hash", "phone_hash", "content_hash", "external_reference",
			"content_removed_at", "erased_at").
		Updates(ctx, row)
	if err != nil {
		return reduce("erasing a notification", err)
	}

	if _, err := gorm.G[attemptRow](tx).Where("notification_id = ?", row.ID).Update(ctx, "provider_id", gorm.Expr("NULL")); err != nil {
		return reduce("forgetting the providers' names", err)
	}

	_, err = gorm.G[idempotencyRow](tx).Where("notification_id = ?", row.ID).Delete(ctx)

	return reduce("forgetting the idempotency key", err)
}

// Retention reads for how long an Ente keeps its notifications.
func (s *Store) Retention(ctx context.Context, enteID string) (notification.Retention, error) {
	row, err := gorm.G[enteRow](s.gorm).Select("content_days", "outcome_days").Where("id = ?", enteID).Take(ctx)
	if err != nil {
		return notification.Retention{}, reduce("reading an Ente's retention", err)
	}

	return notification.Retention{ContentDays: row.ContentDays, OutcomeDays: row.OutcomeDays}, nil
}

// EnteIDs lists the ids of all Enti.
func (s *Store) EnteIDs(ctx context.Context) ([]string, error) {
	var ids []string

	err := s.gorm.WithContext(ctx).Model(&enteRow{}).Order("id").Pluck("id", &ids).Error

	return ids, reduce("listing the Enti", err)
}
