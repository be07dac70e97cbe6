package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// notificationRow is a notification and, at once, its own outbox: started_run < run says that the workflow
// of the current run has still to be started.
type notificationRow struct {
	ID                string
	EnteID            string
	ServiceID         string
	BatchID           *string
	ExternalReference *string
	Recipient         []byte
	Content           []byte
	FiscalCodeHash    []byte
	PhoneHash         sql.Null[[]byte]
	ContentHash       sql.Null[[]byte]
	Policy            notification.Policy `gorm:"serializer:json"`
	Priority          notification.Priority
	Status            notification.Status
	Reason            notification.Reason
	Channel           notification.Channel
	Language          notification.Lang
	AcceptedAt        time.Time
	// QueuedAt is when the current run became ready to start: at acceptance, or at the latest retry.
	QueuedAt   time.Time
	SendAt     *time.Time
	ExpiresAt  *time.Time
	SettledAt  *time.Time
	Run        int
	StartedRun int
	// Archived tells that the timeline was stored after the latest settlement.
	Archived         bool
	ContentRemovedAt *time.Time
	ErasedAt         *time.Time
}

// TableName is GORM's hook.
func (notificationRow) TableName() string { return "notifications" }

func (s *Store) notificationRow(n notification.Notification) (notificationRow, error) {
	row := notificationRow{
		ID: n.ID, EnteID: n.EnteID, ServiceID: n.ServiceID,
		BatchID: optionalText(n.BatchID), ExternalReference: optionalText(n.ExternalReference),
		Policy: n.Policy, Priority: n.Priority, Status: n.Status, Reason: n.Reason, Channel: n.Channel,
		Language: n.Language, AcceptedAt: stamp(n.AcceptedAt), QueuedAt: stamp(n.AcceptedAt),
		SendAt: optionalStamp(n.SendAt), ExpiresAt: optionalStamp(n.ExpiresAt), Run: n.Run,
	}

	if err := s.sealPersonalData(&row, n); err != nil {
		return notificationRow{}, err
	}

	return row, nil
}

func (s *Store) sealPersonalData(row *notificationRow, n notification.Notification) (err error) {
	if row.Recipient, err = s.keys.seal(columnRecipient, n.ID, n.Recipient); err != nil {
		return err
	}

	if row.Content, err = s.keys.seal(columnContent, n.ID, n.Content); err != nil {
		return err
	}

	if row.FiscalCodeHash, err = s.keys.blindIndex(purposeFiscalCode, n.Recipient.FiscalCode); err != nil {
		return err
	}

	if row.PhoneHash, err = s.keys.optionalIndex(purposePhone, n.Recipient.Phone); err != nil {
		return err
	}

	row.ContentHash, err = s.keys.optionalIndex(purposeContent, string(n.ContentHash))

	return err
}

// head is the notification without personal data and without its attempts.
func (r notificationRow) head() notification.Notification {
	return notification.Notification{
		ID: r.ID, EnteID: r.EnteID, ServiceID: r.ServiceID,
		BatchID: textOrEmpty(r.BatchID), ExternalReference: textOrEmpty(r.ExternalReference),
		Policy: r.Policy, Priority: r.Priority, Status: r.Status, Reason: r.Reason, Channel: r.Channel,
		Language: r.Language, AcceptedAt: r.AcceptedAt.UTC(), SendAt: timeOrZero(r.SendAt), ExpiresAt: timeOrZero(r.ExpiresAt),
		SettledAt: timeOrZero(r.SettledAt), Run: r.Run,
		ContentRemovedAt: timeOrZero(r.ContentRemovedAt), ErasedAt: timeOrZero(r.ErasedAt),
	}
}

func (s *Store) withRecipient(row notificationRow) (notification.Notification, error) {
	n := row.head()

	if err := s.keys.unseal(columnRecipient, row.ID, row.Recipient, &n.Recipient); err != nil {
		return notification.Notification{}, err
	}

	return n, nil
}

// decrypted is the notification without its attempts.
func (s *Store) decrypted(row notificationRow) (notification.Notification, error) {
	n, err := s.withRecipient(row)
	if err != nil {
		return notification.Notification{}, err
	}

	if err := s.keys.unseal(columnContent, row.ID, row.Content, &n.Content); err != nil {
		return notification.Notification{}, err
	}

	return n, nil
}

// whole decrypts a row and reads its attempts.
func (s *Store) whole(ctx context.Context, tx *gorm.DB, row notificationRow) (notification.Notification, error) {
	n, err := s.decrypted(row)
	if err != nil {
		return notification.Notification{}, err
	}

	n.Attempts, err = attemptsOf(ctx, tx, row.ID)
	if err != nil {
		return notification.Notification{}, err
	}

	return n, nil
}

// Notification reads and decrypts a notification, with its attempts.
func (s *Store) Notification(ctx context.Context, id string) (notification.Notification, error) {
	row, err := gorm.G[notificationRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Notification{}, reduce("reading a notification", err)
	}

	n, err := s.whole(ctx, s.gorm, row)
	if err != nil {
		return notification.Notification{}, fmt.Errorf("reading a notification: %w", err)
	}

	return n, nil
}

// Head reads a notification without its personal data, that is without recipient and content, and without
// its attempts. It decrypts nothing.
func (s *Store) Head(ctx context.Context, id string) (notification.Notification, error) {
	row, err := gorm.G[notificationRow](s.gorm).Omit("recipient", "content").Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Notification{}, reduce("reading a notification's state", err)
	}

	return row.head(), nil
}

// SetLanguage notes in which of the content's languages the citizen is addressed.
func (s *Store) SetLanguage(ctx context.Context, id string, lang notification.Lang) error {
	updated, err := s.change(ctx, func(tx *gorm.DB) (int, error) {
		return gorm.G[notificationRow](tx).Where("id = ?", id).Update(ctx, "language", lang)
	})

	return changedOne("noting a notification's language", updated, err)
}

// lockNotification reads a notification's state and keeps others from changing it until the transaction
// ends. What is encrypted stays where it is.
func lockNotification(ctx context.Context, tx *gorm.DB, id string) (notificationRow, error) {
	row, err := gorm.G[notificationRow](tx, clause.Locking{Strength: noKeyUpdate}).Omit("recipient", "content").
		Where("id = ?", id).Take(ctx)

	return row, reduce("locking the notification", err)
}

// lockWhole is lockNotification with what is encrypted.
func lockWhole(ctx context.Context, tx *gorm.DB, id string) (notificationRow, error) {
	row, err := gorm.G[notificationRow](tx, clause.Locking{Strength: noKeyUpdate}).Where("id = ?", id).Take(ctx)

	return row, reduce("locking the notification", err)
}

// saveState writes the columns that change in a notification's life.
func saveState(ctx context.Context, tx *gorm.DB, row notificationRow) error {
	_, err := gorm.G[notificationRow](tx).Where("id = ?", row.ID).
		Select("status", "reason", "channel", "settled_at", "run", "queued_at", "archived").
		Updates(ctx, row)

	return reduce("changing the notification", err)
}
