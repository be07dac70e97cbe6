package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// OpenRun is a notification that has not ended, whose present run was started: identifiers only.
type OpenRun struct {
	ID         string
	EnteID     string
	Status     notification.Status
	Reason     notification.Reason
	Run        int
	AcceptedAt time.Time
}

// OpenRuns gives a page of the notifications of one open status whose present run was started, and became ready before
// queuedBefore; the latest accepted first. They are found by their status, of which those that have ended have another.
func (s *Store) OpenRuns(
	ctx context.Context, status notification.Status, queuedBefore time.Time, after Cursor, limit int,
) ([]OpenRun, error) {
	var rows []OpenRun
	if err := openRuns(s.gorm.WithContext(ctx), status, queuedBefore, after, limit).Scan(&rows).Error; err != nil {
		return nil, reduce("listing open notifications", err)
	}

	return rows, nil
}

func openRuns(tx *gorm.DB, status notification.Status, queuedBefore time.Time, after Cursor, limit int) *gorm.DB {
	query := tx.Model(&notificationRow{}).Select("id, ente_id, status, reason, run, accepted_at").
		Where("status = ? AND started_run = run AND queued_at < ?", status, stamp(queuedBefore)).
		Order("accepted_at DESC, id DESC").Limit(limit)
	if after.ID != "" {
		query = query.Where("(accepted_at, id) < (?, ?)", stamp(after.AcceptedAt), after.ID)
	}

	return query
}

// State is how far a notification has come: identifiers only.
type State struct {
	ID        string
	EnteID    string
	Status    notification.Status
	Run       int
	SettledAt *time.Time
}

// States reads the states of notifications, by id; what is not there is left out, and so is an id that is none.
func (s *Store) States(ctx context.Context, ids []string) (map[string]State, error) {
	known := make([]string, 0, len(ids))

	for _, id := range ids {
		if checkIDs(id) == nil {
			known = append(known, id)
		}
	}

	states := make(map[string]State, len(known))
	if len(known) == 0 {
		return states, nil
	}

	var rows []State

	err := s.gorm.WithContext(ctx).Model(&notificationRow{}).Select("id, ente_id, status, run, settled_at").
		Where("id IN ?", known).Scan(&rows).Error
	if err != nil {
		return nil, reduce("reading the states of notifications", err)
	}

	for _, row := range rows {
		states[row.ID] = row
	}

	return states, nil
}

// RestartLost makes an open notification ready for another run, since Temporal does not know the workflow of this one: what
// its attempts achieved is not done again. [ErrConflict] where it has ended or another run is its present one.
func (s *Store) RestartLost(ctx context.Context, id string, run int) (start Start, err error) {
	err = s.transaction(ctx, "restarting a notification", func(tx *gorm.DB) error {
		row, err := lockNotification(ctx, tx, id)
		if err != nil {
			return err
		}

		if row.Status.Final() || row.Run != run || row.StartedRun < run {
			return fmt.Errorf("the notification has moved on: %w", ErrConflict)
		}

		if row.Status != notification.StatusScheduled {
			row.Status = notification.StatusAccepted
		}

		row.Reason = ""
		row.Run++
		row.QueuedAt = s.now()
		start = row.start()

		return saveState(ctx, tx, row)
	})
	if err != nil {
		return Start{}, err
	}

	return start, nil
}

// Call is a hand-over with the state of its notification: identifiers only.
type Call struct {
	AttemptID      string
	NotificationID string
	EnteID         string
	ServiceID      string
	Channel        notification.Channel
	Status         notification.AttemptStatus
	ProviderID     *string
	CalledAt       time.Time
	// Ended tells that the notification has.
	Ended bool
}

const callColumns = "attempts.id AS attempt_id, attempts.notification_id, notifications.ente_id, notifications.service_id, " +
	"attempts.channel, attempts.status, attempts.provider_id, attempts.called_at, notifications.settled_at IS NOT NULL AS ended"

// CallFilter says which hand-overs are meant. Zero fields do not filter.
type CallFilter struct {
	From, To time.Time // of the last call; From included
	Channel  notification.Channel
	Statuses []notification.AttemptStatus
	// Taken leaves out those that the provider is not known to have taken over.
	Taken bool
	// Ended leaves out those of notifications that have not ended.
	Ended bool
}

// Calls gives a page of hand-overs in the order of their last calls. The cursor's AcceptedAt is the time of the call.
func (s *Store) Calls(ctx context.Context, filter CallFilter, after Cursor, limit int) ([]Call, error) {
	var rows []Call
	if err := calls(s.gorm.WithContext(ctx), filter, after, limit).Scan(&rows).Error; err != nil {
		return nil, reduce("listing hand-overs", err)
	}

	return rows, nil
}

func calls(tx *gorm.DB, filter CallFilter, after Cursor, limit int) *gorm.DB {
	query := tx.Table("attempts").Select(callColumns).Joins("JOIN notifications ON notifications.id = attempts.notification_id").
		Where("attempts.called_at >= ? AND attempts.called_at < ?", stamp(filter.From), stamp(filter.To)).
		Order("attempts.called_at, attempts.id").Limit(limit)

	if filter.Channel != "" {
		query = query.Where("attempts.channel = ?", filter.Channel)
	}

	if len(filter.Statuses) > 0 {
		query = query.Where("attempts.status IN ?", filter.Statuses)
	}

	if filter.Taken {
		query = query.Where("attempts.provider_id IS NOT NULL")
	}

	if filter.Ended {
		query = query.Where("notifications.settled_at IS NOT NULL")
	}

	if after.ID != "" {
		query = query.Where("(attempts.called_at, attempts.id) > (?, ?)", stamp(after.AcceptedAt), after.ID)
	}

	return query
}

// CallsByProvider finds the hand-overs behind a provider's own ids, by that id.
func (s *Store) CallsByProvider(ctx context.Context, channel notification.Channel, providerIDs []string) (map[string]Call, error) {
	found := make(map[string]Call, len(providerIDs))
	if len(providerIDs) == 0 {
		return found, nil
	}

	var rows []Call

	err := s.gorm.WithContext(ctx).Table("attempts").Select(callColumns).
		Joins("JOIN notifications ON notifications.id = attempts.notification_id").
		Where("attempts.channel = ? AND attempts.provider_id IN ?", channel, providerIDs).Scan(&rows).Error
	if err != nil {
		return nil, reduce("reading hand-overs by their provider's ids", err)
	}

	for _, row := range rows {
		found[textOrEmpty(row.ProviderID)] = row
	}

	return found, nil
}
