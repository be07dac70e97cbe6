package db

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// AttemptChange is news of an attempt, from the call itself or from the provider later.
type AttemptChange struct {
	// Status is the attempt's new one, as far as the order of statuses lets it. Empty: the provider's words
	// alone are news.
	Status notification.AttemptStatus
	Reason notification.Reason
	// ProviderID is kept once it is known; empty leaves it. It is unique: where another attempt of the
	// channel has it, this one keeps none.
	ProviderID string
	// ProviderStatus is the provider's own word; empty leaves it.
	ProviderStatus string
	// Segments of an SMS; 0 leaves it.
	Segments int
	// Release gives the call back because it is known not to have reached the provider: a sending attempt
	// becomes pending. It is the same as the status pending.
	Release bool
}

// RecordAttempt applies news of an attempt and gives the attempt as it then is. News that comes too late
// changes nothing, which is no error, because providers' callbacks arrive in any order:
//   - delivered, failed and skipped are never left, whichever came first;
//   - sent becomes delivered or failed only, uncertain also sent;
//   - pending, "known not sent", comes from sending only.
//
// A provider's id is taken even from late news where none is known yet, and so are segments. [ErrInvalid]
// tells of a status that is no news: sending is BeginAttempt's to give.
func (s *Store) RecordAttempt(ctx context.Context, attemptID string, news AttemptChange) (notification.Attempt, error) {
	return s.recordNews(ctx, attemptID, nil, news)
}

// RecordNews is RecordAttempt for whoever has read the attempt a moment ago: where it is still so, it need not be read again.
func (s *Store) RecordNews(ctx context.Context, read notification.Attempt, news AttemptChange) (notification.Attempt, error) {
	row := rowOfAttempt(read)

	return s.recordNews(ctx, read.ID, &row, news)
}

func (s *Store) recordNews(ctx context.Context, id string, read *attemptRow, news AttemptChange) (notification.Attempt, error) {
	const doing = "recording an attempt"

	if news.Release {
		news.Status = notification.AttemptPending
	}

	if news.Status == notification.AttemptSending {
		return notification.Attempt{}, fmt.Errorf("%s: sending is no outcome: %w", doing, ErrInvalid)
	}

	recorded, err := s.record(ctx, doing, id, read, news)

	if errors.Is(err, ErrDuplicate) {
		// The provider's message is another attempt's; the rest is news all the same. PostgreSQL's transaction
		// cannot go on after that, and asking beforehand would cost every attempt a query.
		news.ProviderID = ""
		recorded, err = s.record(ctx, doing, id, read, news)
	}

	if err != nil {
		return notification.Attempt{}, err
	}

	return recorded, nil
}

// record writes the news on what was read, or, where somebody changed the attempt since, on what it is now.
func (s *Store) record(
	ctx context.Context, doing, id string, read *attemptRow, news AttemptChange,
) (notification.Attempt, error) {
	for ; ; read = nil {
		if read == nil {
			row, err := gorm.G[attemptRow](s.gorm).Where("id = ?", id).Take(ctx)
			if err != nil {
				return notification.Attempt{}, reduce(doing, err)
			}

			read = &row
		}

		recorded, undisturbed, err := s.recordUndisturbed(ctx, *read, news)
		if err != nil || undisturbed {
			return recorded, reduce(doing, err)
		}
	}
}

// recordUndisturbed writes what is news of the attempt as it was read, unless somebody changed it in between, which is rare:
// then undisturbed is false and nothing is written. It spares a lock and a transaction.
func (s *Store) recordUndisturbed(
	ctx context.Context, before attemptRow, news AttemptChange,
) (recorded notification.Attempt, undisturbed bool, err error) {
	after := before
	s.apply(&after, news)

	err = s.statement(ctx, func(tx *gorm.DB) error {
		same := gorm.G[attemptRow](tx).Where("id = ? AND status = ? AND reason = ? AND provider_status = ? AND calls = ? AND segments = ?",
			before.ID, before.Status, before.Reason, before.ProviderStatus, before.Calls, before.Segments)
		if before.ProviderID == nil {
			same = same.Where("provider_id IS NULL")
		} else {
			same = same.Where("provider_id = ?", *before.ProviderID)
		}

		count, err := attemptState(same).Updates(ctx, after)
		undisturbed = count == 1

		return reduce("changing the attempt", err)
	})

	return after.attempt(), undisturbed, err
}

func (s *Store) apply(row *attemptRow, news AttemptChange) {
	if row.ProviderID == nil {
		row.ProviderID = optionalText(news.ProviderID)
	}

	if news.Segments > 0 {
		row.Segments = news.Segments
	}

	advances := mayBecome(row.Status, news.Status)

	// A settled attempt keeps the word that settled it; an open one takes any later word.
	current := advances || news.Status == row.Status || (news.Status == "" && !row.Status.Final())
	if current && news.ProviderStatus != "" {
		row.ProviderStatus = news.ProviderStatus
	}

	switch {
	case advances:
		s.advance(row, news)
	case news.Status == row.Status && !row.Status.Final() && news.Reason != "":
		// Such as "not processed in time": still sent, and now it is known why nobody waits any longer.
		row.Reason = news.Reason
	}
}

func (s *Store) advance(row *attemptRow, news AttemptChange) {
	row.Status, row.Reason = news.Status, news.Reason
	now := s.now()

	if row.SentAt == nil && (news.Status == notification.AttemptSent || news.Status == notification.AttemptDelivered) {
		row.SentAt = &now
	}

	if news.Status.Final() {
		row.SettledAt = &now
	}
}

// mayBecome is the order of an attempt's statuses.
func mayBecome(from, to notification.AttemptStatus) bool {
	switch to {
	case notification.AttemptDelivered, notification.AttemptFailed:
		return !from.Final()
	case notification.AttemptSent:
		return !from.Final() && from != notification.AttemptSent
	case notification.AttemptUncertain, notification.AttemptSkipped:
		return from == notification.AttemptPending || from == notification.AttemptSending
	case notification.AttemptPending:
		return from == notification.AttemptSending
	case notification.AttemptSending:
		return false
	default:
		return false
	}
}

// attemptState chooses the columns that change in an attempt's life.
func attemptState(attempts gorm.ChainInterface[attemptRow]) gorm.ChainInterface[attemptRow] {
	return attempts.Select("status", "reason", "provider_id", "provider_status", "calls", "segments", "called_at", "sent_at", "settled_at")
}

// saveAttempt writes what changes in an attempt's life.
func saveAttempt(ctx context.Context, tx *gorm.DB, row attemptRow) error {
	_, err := attemptState(gorm.G[attemptRow](tx).Where("id = ?", row.ID)).Updates(ctx, row)

	return reduce("changing the attempt", err)
}
