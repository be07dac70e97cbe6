package db

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// Settlement is the end of a notification.
type Settlement struct {
	// Status must be a final one.
	Status notification.Status
	Reason notification.Reason
	// Channel is the one that delivered; empty where none did.
	Channel notification.Channel
	// Run limits the settlement to that run, so that a late word of an earlier run cannot end a retry.
	// 0: whichever run is under way.
	Run int
}

// Run is one workflow run of a notification.
type Run struct {
	Number     int // 1, and one more for each retry
	TemporalID string
}

// Begin puts a notification to work and gives all of it, decrypted, with its attempts. It notes the run, also where
// whoever started it could not. It returns [ErrConflict] for a settled notification and for any but its present run:
// such a run has nothing to do.
func (s *Store) Begin(ctx context.Context, id string, run Run) (begun notification.Notification, err error) {
	err = s.transaction(ctx, "beginning a notification", func(tx *gorm.DB) error {
		row, err := lockWhole(ctx, tx, id)
		if err != nil {
			return err
		}

		if row.Status.Final() || row.Run != run.Number {
			return fmt.Errorf("not the notification's present run: %w", ErrConflict)
		}

		if row.StartedRun < run.Number {
			if err := s.noteRun(ctx, tx, id, run); err != nil {
				return err
			}
		}

		fresh := row.Run == 1 && (row.Status == notification.StatusAccepted || row.Status == notification.StatusScheduled)

		if row.Status != notification.StatusInProgress {
			row.Status, row.Reason = notification.StatusInProgress, ""
			if err := saveState(ctx, tx, row); err != nil {
				return err
			}
		}

		if begun, err = s.decrypted(row); err != nil || fresh {
			return err // nothing is attempted before a notification was put to work.
		}

		begun.Attempts, err = attemptsOf(ctx, tx, id)

		return err
	})

	return begun, err
}

// SetHold makes an open notification wait for a person. On a settled one it does nothing.
func (s *Store) SetHold(ctx context.Context, id string, reason notification.Reason) error {
	return s.changeLocked(ctx, "holding a notification", id, func(row *notificationRow) bool {
		if row.Status.Final() {
			return false
		}

		row.Status, row.Reason = notification.StatusOnHold, reason

		return true
	})
}

// ClearHold puts a held notification back to work. On any other it does nothing.
func (s *Store) ClearHold(ctx context.Context, id string) error {
	return s.changeLocked(ctx, "resuming a notification", id, func(row *notificationRow) bool {
		if row.Status != notification.StatusOnHold {
			return false
		}

		row.Status, row.Reason = notification.StatusInProgress, ""

		return true
	})
}

// Settle ends an open notification. The first settlement stands: on a settled notification, and on another
// run than the settlement's, it does nothing; except that a delivery is recorded where one was still possible.
func (s *Store) Settle(ctx context.Context, id string, settlement Settlement) error {
	const doing = "settling a notification"

	if !settlement.Status.Final() {
		return fmt.Errorf("%s: the status is not final: %w", doing, ErrInvalid)
	}

	if settled, err := s.settleOpen(ctx, id, settlement); err != nil || settled {
		return reduce(doing, err)
	}

	return s.changeLocked(ctx, doing, id, func(row *notificationRow) bool {
		news := !row.Status.Final() || settlement.Status == notification.StatusDelivered && awaitsConfirmation(row)
		if !news || settlement.ofOtherRun(row) {
			return false
		}

		s.settle(row, settlement)

		return true
	})
}

// settleOpen is the usual end: of an open notification, by the run under way. One statement is enough for it, which decides
// and writes at once.
func (s *Store) settleOpen(ctx context.Context, id string, settlement Settlement) (settled bool, err error) {
	row := notificationRow{}
	s.settle(&row, settlement)

	err = s.statement(ctx, func(tx *gorm.DB) error {
		open := gorm.G[notificationRow](tx).Where("id = ? AND settled_at IS NULL", id)
		if settlement.Run != 0 {
			open = open.Where("run = ?", settlement.Run)
		}

		count, err := open.Select("status", "reason", "channel", "settled_at", "archived").Updates(ctx, row)
		settled = count == 1

		return err //nolint:wrapcheck // the caller says what was being done.
	})

	return settled, err
}

// UpgradeSettlement records a delivery of which the provider told late: after the notification was settled
// as not_delivered, or as failed for want of a confirmation. On any other it does nothing. Nothing but
// delivered is accepted.
func (s *Store) UpgradeSettlement(ctx context.Context, id string, settlement Settlement) error {
	const doing = "recording a late delivery"

	if settlement.Status != notification.StatusDelivered {
		return fmt.Errorf("%s: the status is not delivered: %w", doing, ErrInvalid)
	}

	return s.changeLocked(ctx, doing, id, func(row *notificationRow) bool {
		if !awaitsConfirmation(row) || settlement.ofOtherRun(row) {
			return false
		}

		s.settle(row, settlement)

		return true
	})
}

func (t Settlement) ofOtherRun(row *notificationRow) bool { return t.Run != 0 && t.Run != row.Run }

func (s *Store) settle(row *notificationRow, settlement Settlement) {
	now := s.now()
	row.Status, row.Reason, row.Channel = settlement.Status, settlement.Reason, settlement.Channel
	row.SettledAt, row.Archived = &now, false
}

// awaitsConfirmation tells whether a delivery would be news: nobody was reached so far as is known, or
// nobody could tell.
func awaitsConfirmation(row *notificationRow) bool {
	if row.Status == notification.StatusNotDelivered {
		return true
	}

	if row.Status != notification.StatusFailed {
		return false
	}

	switch row.Reason {
	case notification.ReasonSMSUnconfirmed, notification.ReasonSMSOutcomeUncertain,
		notification.ReasonIOOutcomeUncertain, notification.ReasonIONotProcessedInTime:
		return true
	default:
		return false
	}
}

// ResetForRetry makes a failed notification ready for its next run: accepted, not started, without reason
// and settlement. Its attempts stay. It gives the notification's new head. On any status but failed it
// returns [ErrConflict].
func (s *Store) ResetForRetry(ctx context.Context, id string) (head notification.Notification, err error) {
	err = s.transaction(ctx, "preparing a retry", func(tx *gorm.DB) error {
		row, err := lockNotification(ctx, tx, id)
		if err != nil {
			return err
		}

		if row.Status != notification.StatusFailed {
			return fmt.Errorf("only a failed notification can be retried: %w", ErrConflict)
		}

		if row.ContentRemovedAt != nil {
			return fmt.Errorf("nothing is left to be sent: %w", ErrConflict)
		}

		row.Status, row.Reason, row.Channel = notification.StatusAccepted, "", ""
		row.SettledAt, row.Archived = nil, false
		row.Run++
		row.QueuedAt = s.now()
		head = row.head()

		return saveState(ctx, tx, row)
	})
	if err != nil {
		return notification.Notification{}, err
	}

	return head, nil
}

// changeLocked lets decide see the locked row and change it; what it changed is written.
func (s *Store) changeLocked(
	ctx context.Context, doing, id string, decide func(row *notificationRow) (changed bool),
) error {
	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		row, err := lockNotification(ctx, tx, id)
		if err != nil {
			return err
		}

		if !decide(&row) {
			return nil
		}

		return saveState(ctx, tx, row)
	})
}
