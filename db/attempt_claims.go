package db

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// Claim is the answer to the question whether a channel may be called now.
type Claim struct {
	Attempt notification.Attempt
	// Before is the attempt's status before the claim; empty where the attempt is new. "sending" without
	// Call: another call is under way, or its worker died in it.
	Before notification.AttemptStatus
	// Call tells that the caller, and nobody else, is to call the provider now and to record the outcome.
	Call bool
}

// BeginAttempt writes down, before a provider is called, that it is about to be. Whatever happens later, a
// call that may have reached the provider is thus never repeated unknowingly.
//
// The first attempt of a channel, and one that is pending, become sending and the caller owns the call. Any
// other state is left and told, except that a new attempt follows the one that supersedes names, if that is
// still the latest and is uncertain, failed or skipped. Naming it makes the wish safe to repeat: a caller
// that is run again after its new attempt came to nothing does not get a second one. Where a call would be
// due but the notification is settled, BeginAttempt returns [ErrConflict].
func (s *Store) BeginAttempt(
	ctx context.Context, notificationID string, channel notification.Channel, supersedes string,
) (claim Claim, err error) {
	err = s.transaction(ctx, "beginning an attempt", func(tx *gorm.DB) error {
		parent, err := lockNotification(ctx, tx, notificationID)
		if err != nil {
			return err
		}

		latest, err := latestAttempt(ctx, tx, notificationID, channel)
		if err != nil {
			return err
		}

		if latest != nil {
			claim = Claim{Attempt: latest.attempt(), Before: latest.Status}
		}

		if !callDue(latest, supersedes) {
			return nil
		}

		if parent.Status.Final() {
			return fmt.Errorf("the notification is settled: %w", ErrConflict)
		}

		claim, err = s.own(ctx, tx, notificationID, channel, latest)

		return err
	})
	if err != nil {
		return Claim{}, err
	}

	return claim, nil
}

func callDue(latest *attemptRow, supersedes string) bool {
	if latest == nil {
		return true
	}

	switch latest.Status {
	case notification.AttemptPending:
		return true
	case notification.AttemptUncertain, notification.AttemptFailed, notification.AttemptSkipped:
		return latest.ID == supersedes
	case notification.AttemptSending, notification.AttemptSent, notification.AttemptDelivered:
		return false
	default:
		return false
	}
}

// own gives the caller the call: of the pending attempt, or of a new one.
func (s *Store) own(
	ctx context.Context, tx *gorm.DB, notificationID string, channel notification.Channel, latest *attemptRow,
) (Claim, error) {
	now := s.now()

	if latest != nil && latest.Status == notification.AttemptPending {
		row := *latest
		row.CalledAt = &now
		row.Status = notification.AttemptSending
		row.Reason = ""
		row.Calls++

		return Claim{Attempt: row.attempt(), Before: latest.Status, Call: true}, saveAttempt(ctx, tx, row)
	}

	row, err := s.nextAttempt(notificationID, channel, latest, notification.AttemptSending)
	if err != nil {
		return Claim{}, err
	}

	row.Calls = 1
	row.CalledAt = &now

	return Claim{Attempt: row.attempt(), Call: true}, addAttempt(ctx, tx, row)
}

// SkipAttempt writes down that a channel is not used, and why: as a new attempt, or in the pending one, of
// which nothing reached the provider. Skipping again for the same reason changes nothing. It returns
// [ErrConflict] where the channel's latest attempt may have reached the provider: that is no skipping.
func (s *Store) SkipAttempt(
	ctx context.Context, notificationID string, channel notification.Channel, reason notification.Reason,
) error {
	return s.transaction(ctx, "skipping a channel", func(tx *gorm.DB) error {
		if _, err := lockNotification(ctx, tx, notificationID); err != nil {
			return err
		}

		latest, err := latestAttempt(ctx, tx, notificationID, channel)
		if err != nil {
			return err
		}

		if latest == nil {
			return s.addSkipped(ctx, tx, notificationID, channel, nil, reason)
		}

		switch latest.Status {
		case notification.AttemptSkipped:
			if latest.Reason == reason {
				return nil
			}

			return s.addSkipped(ctx, tx, notificationID, channel, latest, reason)
		case notification.AttemptFailed:
			return s.addSkipped(ctx, tx, notificationID, channel, latest, reason)
		case notification.AttemptPending:
			now := s.now()
			latest.Status, latest.Reason, latest.SettledAt = notification.AttemptSkipped, reason, &now

			return saveAttempt(ctx, tx, *latest)
		case notification.AttemptSending, notification.AttemptSent, notification.AttemptDelivered, notification.AttemptUncertain:
			return fmt.Errorf("the channel may have been used: %w", ErrConflict)
		default:
			return fmt.Errorf("an attempt of unknown status: %w", ErrConflict)
		}
	})
}

func (s *Store) addSkipped(
	ctx context.Context, tx *gorm.DB,
	notificationID string, channel notification.Channel, latest *attemptRow, reason notification.Reason,
) error {
	row, err := s.nextAttempt(notificationID, channel, latest, notification.AttemptSkipped)
	if err != nil {
		return err
	}

	row.Reason = reason
	row.SettledAt = &row.StartedAt

	return addAttempt(ctx, tx, row)
}
