package gateway_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
)

func (f tenant) keyed(key string) gateway.Submission {
	submission := f.submission()
	submission.IdempotencyKey = key

	return submission
}

func TestARepeatedSubmissionGivesTheFirstAnswer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		first, err := b.Submit(t.Context(), b.application(), b.keyed("42"))
		require.NoError(t, err)

		written := b.keyed("42")
		written.FiscalCode, written.Phone = "rss mra 80a01 h501u", "+39 333-1234567"

		again, err := b.Submit(t.Context(), b.application(), written)
		require.NoError(t, err)
		require.Equal(t, gateway.Receipt{ID: first.ID, Replayed: true}, again, "another way to write it is no other request")

		other, err := b.Submit(t.Context(), b.application(), b.keyed("43"))
		require.NoError(t, err)
		require.NotEqual(t, first.ID, other.ID)

		unkeyed, err := b.Submit(t.Context(), b.application(), b.submission())
		require.NoError(t, err)
		require.NotEqual(t, first.ID, unkeyed.ID)
		require.Equal(t, 3, b.total(t))
	})
}

func TestAKeyUsedForAnotherRequestIsAConflict(t *testing.T) {
	t.Parallel()

	due := time.Date(2026, time.December, 1, 0, 0, 0, 0, time.UTC)
	changes := map[string]func(*gateway.Submission){
		"reference": func(s *gateway.Submission) { s.ExternalReference = "pratica-43" },
		"recipient": func(s *gateway.Submission) { s.FiscalCode = provisionalCode },
		"phone":     func(s *gateway.Submission) { s.Phone = "" },
		"content":   func(s *gateway.Submission) { s.Content.Markdown += "!" },
		"due date":  func(s *gateway.Submission) { s.Content.DueDate = &due },
		"priority":  func(s *gateway.Submission) { s.Priority = "urgent" },
		"send_at":   func(s *gateway.Submission) { s.SendAt = time.Now().Add(time.Hour) },
		"invalid":   func(s *gateway.Submission) { s.ExpiresAt = time.Now().Add(-time.Hour) },
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		_, err := b.Submit(t.Context(), b.application(), b.keyed("42"))
		require.NoError(t, err)

		for name, change := range changes {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				submission := b.keyed("42")
				change(&submission)

				_, err := b.Submit(t.Context(), b.application(), submission)
				require.ErrorIs(t, err, gateway.ErrIdempotencyConflict)
			})
		}
	})
}

func TestTheSameMomentInAnotherZoneIsTheSameRequest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		rome := time.FixedZone("Europe/Rome", 3600)
		due := time.Date(2026, time.December, 1, 10, 0, 0, 0, time.UTC)
		sameDue := due.In(rome)

		submission := b.keyed("42")
		submission.SendAt = time.Now().Add(time.Hour).UTC()
		submission.Content.DueDate = &due

		first, err := b.Submit(t.Context(), b.application(), submission)
		require.NoError(t, err)

		submission.SendAt = submission.SendAt.In(rome)
		submission.Content.DueDate = &sameDue

		again, err := b.Submit(t.Context(), b.application(), submission)
		require.NoError(t, err)
		require.Equal(t, first.ID, again.ID)
		require.Equal(t, rome, sameDue.Location(), "the caller's own value stays as it was")
	})
}

func TestAKeyIsItsEntesOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)

		mine, err := b.Submit(t.Context(), b.application(), b.keyed("42"))
		require.NoError(t, err)

		theirs, err := b.Submit(t.Context(), foreign.application(), foreign.keyed("42"))
		require.NoError(t, err)
		require.False(t, theirs.Replayed)
		require.NotEqual(t, mine.ID, theirs.ID)

		_, err = b.Submit(t.Context(), foreign.application(), b.keyed("42"))
		requireFields(t, err, map[string]string{"service_id": "unknown"})
	})
}

func TestTwentyAtOnceBecomeOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const requests = 20

		b := newBundle(t, store)
		receipts, errs := make([]gateway.Receipt, requests), make([]error, requests)

		var group sync.WaitGroup
		for i := range requests {
			group.Go(func() { receipts[i], errs[i] = b.Submit(t.Context(), b.application(), b.keyed("42")) })
		}

		group.Wait()

		first := 0

		for i := range requests {
			require.NoError(t, errs[i])
			require.Equal(t, receipts[0].ID, receipts[i].ID)

			if !receipts[i].Replayed {
				first++
			}
		}

		require.Equal(t, 1, first)
		require.Equal(t, 1, b.total(t))
	})
}

func TestAReplayDoesNotDependOnWhatHappenedSince(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()

		brief := b.keyed("brief")
		brief.ExpiresAt = time.Now().Add(4 * time.Second)
		expiring, err := b.Submit(ctx, b.application(), brief)
		require.NoError(t, err)

		paying := b.keyed("paying")
		withPayment(ceiling)(&paying)
		paid, err := b.Submit(ctx, b.application(), paying)
		require.NoError(t, err)

		disabled := b.service
		disabled.Active, disabled.MaxPaymentCents = false, 0
		require.NoError(t, store.UpdateService(ctx, disabled))
		until(t, func() bool { return time.Now().After(brief.ExpiresAt) })

		again, err := b.Submit(ctx, b.application(), brief)
		require.NoError(t, err)
		require.Equal(t, gateway.Receipt{ID: expiring.ID, Replayed: true}, again)

		again, err = b.Submit(ctx, b.application(), paying)
		require.NoError(t, err)
		require.Equal(t, gateway.Receipt{ID: paid.ID, Replayed: true}, again)

		changed := brief
		changed.ExternalReference = "pratica-43"
		_, err = b.Submit(ctx, b.application(), changed)
		require.ErrorIs(t, err, gateway.ErrIdempotencyConflict)

		_, err = b.Submit(ctx, b.application(), b.keyed("new"))
		requireFields(t, err, map[string]string{"service_id": "inactive"})

		require.NoError(t, store.UpdateService(ctx, b.service))

		_, err = b.Submit(ctx, b.application(), b.keyed("new"))
		require.NoError(t, err, "the refused request did not use its key up")
	})
}
