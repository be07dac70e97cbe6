package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// RowResult is what became of one row, for its report.
type RowResult struct {
	Number            int
	NotificationID    string
	ExternalReference string
	FiscalCode        string
	Status            notification.Status // empty: not handed to delivery yet
	Reason            notification.Reason
	Channel           notification.Channel
	AcceptedAt        time.Time
	SentToIOAt        time.Time
	SentBySMSAt       time.Time
	SettledAt         time.Time
	SMSParts          int
	// Payload is the row's, where it was not handed to delivery yet: reference and codice fiscale are only in there.
	Payload []byte
}

// RowResults reads what became of the rows that are sent, in the file's order after a number.
func (s *Store) RowResults(ctx context.Context, id string, after, limit int) ([]RowResult, error) {
	const doing = "reading a batch's results"

	batch, err := batchOf(ctx, s.gorm, id)
	if err != nil {
		return nil, reduce(doing, err)
	}

	rows, err := rowPage(ctx, s.gorm, id, RowFilter{States: batch.sendable()}, after, limit)
	if err != nil {
		return nil, reduce(doing, err)
	}

	sent, err := s.sentOf(ctx, rows)
	if err != nil {
		return nil, reduce(doing, err)
	}

	results := make([]RowResult, len(rows))
	for i, row := range rows {
		if results[i], err = s.rowResult(row, sent); err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}
	}

	return results, nil
}

// sentRows are notifications with their attempts, by the notification's id.
type sentRows struct {
	notifications map[string]notificationRow
	attempts      map[string][]attemptRow
}

func (s *Store) sentOf(ctx context.Context, rows []fileRow) (sentRows, error) {
	sent := sentRows{notifications: make(map[string]notificationRow, len(rows)), attempts: make(map[string][]attemptRow, len(rows))}

	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = textOrEmpty(row.NotificationID)
	}

	if len(ids) == 0 {
		return sent, nil
	}

	notifications, err := gorm.G[notificationRow](s.gorm).Omit("content").Where("id IN ?", ids).Find(ctx)
	if err != nil {
		return sentRows{}, reduce("reading notifications", err)
	}

	for _, n := range notifications {
		sent.notifications[n.ID] = n
	}

	attempts, err := gorm.G[attemptRow](s.gorm).Where("notification_id IN ?", ids).Order("ordinal").Find(ctx)
	if err != nil {
		return sentRows{}, reduce("reading attempts", err)
	}

	for _, attempt := range attempts {
		sent.attempts[attempt.NotificationID] = append(sent.attempts[attempt.NotificationID], attempt)
	}

	return sent, nil
}

func (s *Store) rowResult(row fileRow, sent sentRows) (RowResult, error) {
	id := textOrEmpty(row.NotificationID)

	n, handed := sent.notifications[id]
	if !handed {
		unsealed, err := s.unsealRow(row)

		return RowResult{Number: row.Number, NotificationID: id, Payload: unsealed.Payload}, err
	}

	known, err := s.withRecipient(n)
	if err != nil {
		return RowResult{}, err
	}

	result := RowResult{
		Number: row.Number, NotificationID: id, ExternalReference: known.ExternalReference, FiscalCode: known.Recipient.FiscalCode,
		Status: known.Status, Reason: known.Reason, Channel: known.Channel, AcceptedAt: known.AcceptedAt, SettledAt: known.SettledAt,
	}
	result.addAttempts(sent.attempts[id])

	return result, nil
}

// addAttempts takes each channel's latest sending, and the parts of every SMS: each was paid for.
func (r *RowResult) addAttempts(attempts []attemptRow) {
	for _, attempt := range attempts {
		if attempt.SentAt == nil {
			continue
		}

		switch attempt.Channel {
		case notification.ChannelIO:
			r.SentToIOAt = attempt.SentAt.UTC()
		case notification.ChannelSMS:
			r.SentBySMSAt = attempt.SentAt.UTC()
			r.SMSParts += attempt.Segments
		}
	}
}
