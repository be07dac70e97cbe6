package db_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

const io = notification.ChannelIO

func (f tenant) claim(tb testing.TB, id, supersedes string) db.Claim {
	tb.Helper()

	claim, err := f.store.BeginAttempt(tb.Context(), id, io, supersedes)
	require.NoError(tb, err)

	return claim
}

func (f tenant) record(tb testing.TB, attemptID string, change db.AttemptChange) notification.Attempt {
	tb.Helper()

	attempt, err := f.store.RecordAttempt(tb.Context(), attemptID, change)
	require.NoError(tb, err)

	stored, err := f.store.Attempt(tb.Context(), attemptID)
	require.NoError(tb, err)
	require.Equal(tb, stored, attempt)

	return attempt
}

func TestBeginAttemptConcurrently(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const workers = 10

		f := newTenant(t, store)
		id := f.begun(t)
		claims, errs := make([]db.Claim, workers), make([]error, workers)

		together(t, store, workers, func(i int) {
			claims[i], errs[i] = store.BeginAttempt(t.Context(), id, io, "")
		})

		calls := 0

		for i, claim := range claims {
			require.NoError(t, errs[i])
			require.Equal(t, claims[0].Attempt.ID, claim.Attempt.ID)

			if claim.Call {
				calls++

				require.Empty(t, claim.Before)
			} else {
				require.Equal(t, notification.AttemptSending, claim.Before)
			}
		}

		require.Equal(t, 1, calls)
	})
}

func TestBeginAttemptAfterRelease(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)

		first := f.claim(t, id, "")
		require.True(t, first.Call)
		require.Equal(t, 1, first.Attempt.Ordinal)
		require.Equal(t, 1, first.Attempt.Calls)
		require.Equal(t, notification.AttemptSending, first.Attempt.Status)

		released := f.record(t, first.Attempt.ID, db.AttemptChange{Release: true, Reason: notification.ReasonIOUnavailable})
		require.Equal(t, notification.AttemptPending, released.Status)
		require.Equal(t, notification.ReasonIOUnavailable, released.Reason)

		second := f.claim(t, id, "")
		require.True(t, second.Call)
		require.Equal(t, notification.AttemptPending, second.Before)
		require.Equal(t, first.Attempt.ID, second.Attempt.ID)
		require.Equal(t, 2, second.Attempt.Calls)
		require.Empty(t, second.Attempt.Reason)
		require.False(t, second.Attempt.CalledAt.Before(first.Attempt.CalledAt))
		require.False(t, first.Attempt.CalledAt.IsZero())

		attempts, err := store.Attempts(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, []notification.Attempt{second.Attempt}, attempts)
	})
}

func TestBeginAttemptAfterAnOutcome(t *testing.T) {
	t.Parallel()

	tests := []struct {
		latest     notification.AttemptStatus
		superseded bool
		newAttempt bool
	}{
		{notification.AttemptSent, true, false},
		{notification.AttemptDelivered, true, false},
		{notification.AttemptSkipped, false, false},
		{notification.AttemptSkipped, true, true},
		{notification.AttemptFailed, false, false},
		{notification.AttemptFailed, true, true},
		{notification.AttemptUncertain, false, false},
		{notification.AttemptUncertain, true, true},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s, superseded %t", test.latest, test.superseded), func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)
				id := f.begun(t)
				latest := f.record(t, f.claim(t, id, "").Attempt.ID, db.AttemptChange{Status: test.latest})

				supersedes := ""
				if test.superseded {
					supersedes = latest.ID
				}

				claim := f.claim(t, id, supersedes)
				require.Equal(t, test.newAttempt, claim.Call)

				if !test.newAttempt {
					require.Equal(t, db.Claim{Attempt: latest, Before: test.latest}, claim)

					return
				}

				require.Empty(t, claim.Before)
				require.Equal(t, 2, claim.Attempt.Ordinal)
				require.Equal(t, 1, claim.Attempt.Calls)

				attempts, err := store.Attempts(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, []notification.Attempt{latest, claim.Attempt}, attempts)

				// The same wish once more, after the new attempt came to nothing: it was fulfilled already.
				failed := f.record(t, claim.Attempt.ID, db.AttemptChange{Status: notification.AttemptFailed})
				require.Equal(t, db.Claim{Attempt: failed, Before: notification.AttemptFailed}, f.claim(t, id, supersedes))
			})
		})
	}
}

func TestBeginAttemptOfASettledNotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)
		f.record(t, f.claim(t, id, "").Attempt.ID, db.AttemptChange{Status: notification.AttemptSent})
		f.settle(t, id, notification.StatusCancelled, notification.ReasonPaid)

		require.False(t, f.claim(t, id, "").Call)

		_, err := store.BeginAttempt(t.Context(), id, notification.ChannelSMS, "")
		require.ErrorIs(t, err, db.ErrConflict)

		_, err = store.BeginAttempt(t.Context(), newID(t), io, "")
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestSkipAttempt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)

		for range 2 {
			require.NoError(t, store.SkipAttempt(t.Context(), id, io, notification.ReasonIOProfileNotFound))
		}

		require.NoError(t, store.SkipAttempt(t.Context(), id, io, notification.ReasonIOSenderNotAllowed))

		attempts, err := store.Attempts(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, attempts, 2)
		require.Equal(t, notification.AttemptSkipped, attempts[0].Status)
		require.Equal(t, notification.ReasonIOProfileNotFound, attempts[0].Reason)
		require.Zero(t, attempts[0].Calls)
		require.Equal(t, attempts[0].StartedAt, attempts[0].SettledAt)
		require.Equal(t, 2, attempts[1].Ordinal)

		require.ErrorIs(t, store.SkipAttempt(t.Context(), newID(t), io, notification.ReasonPaid), db.ErrNotFound)
	})
}

func TestSkipAttemptAfterACall(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.begun(t)
		attempt := f.claim(t, id, "").Attempt
		require.ErrorIs(t, store.SkipAttempt(t.Context(), id, io, notification.ReasonPaid), db.ErrConflict)

		f.record(t, attempt.ID, db.AttemptChange{Release: true})
		require.NoError(t, store.SkipAttempt(t.Context(), id, io, notification.ReasonPaid))

		attempts, err := store.Attempts(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, attempts, 1, "nothing of the pending attempt had reached the provider")
		require.Equal(t, notification.AttemptSkipped, attempts[0].Status)
		require.Equal(t, 1, attempts[0].Calls)
	})
}

func TestRecordAttemptOrder(t *testing.T) {
	t.Parallel()

	const (
		pending   = notification.AttemptPending
		sent      = notification.AttemptSent
		delivered = notification.AttemptDelivered
		failed    = notification.AttemptFailed
		skipped   = notification.AttemptSkipped
		uncertain = notification.AttemptUncertain
	)

	tests := []struct{ first, then, want notification.AttemptStatus }{
		{sent, delivered, delivered},
		{sent, failed, failed},
		{sent, uncertain, sent},
		{sent, pending, sent},
		{sent, skipped, sent},
		{uncertain, sent, sent},
		{uncertain, delivered, delivered},
		{uncertain, failed, failed},
		{uncertain, pending, uncertain},
		{pending, delivered, delivered},
		{pending, skipped, skipped},
		{delivered, failed, delivered},
		{delivered, sent, delivered},
		{delivered, pending, delivered},
		{failed, delivered, failed},
		{failed, uncertain, failed},
		{skipped, sent, skipped},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s then %s", test.first, test.then), func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)
				id := f.claim(t, f.begun(t), "").Attempt.ID

				first := f.record(t, id, db.AttemptChange{Status: test.first, Reason: "first", ProviderStatus: "FIRST"})
				require.Equal(t, test.first, first.Status)

				then := f.record(t, id, db.AttemptChange{Status: test.then, Reason: "then", ProviderStatus: "THEN"})
				require.Equal(t, test.want, then.Status)

				if test.want == test.first {
					require.Equal(t, first, then, "news that comes too late changes nothing")
				} else {
					require.Equal(t, notification.Reason("then"), then.Reason)
					require.Equal(t, "THEN", then.ProviderStatus)
				}

				require.Equal(t, then.Status.Final(), !then.SettledAt.IsZero())
			})
		})
	}
}

func TestRecordAttemptKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.claim(t, f.begun(t), "").Attempt.ID

		sent := f.record(t, id, db.AttemptChange{
			Status: notification.AttemptSent, ProviderID: "MESSAGE-1", ProviderStatus: "queued", Segments: 2,
		})
		require.Equal(t, "MESSAGE-1", sent.ProviderID)
		require.False(t, sent.SentAt.IsZero())

		polled := f.record(t, id, db.AttemptChange{ProviderStatus: "sending"})
		require.Equal(t, notification.AttemptSent, polled.Status)
		require.Equal(t, "sending", polled.ProviderStatus)

		delivered := f.record(t, id, db.AttemptChange{Status: notification.AttemptDelivered, ProviderID: "MESSAGE-2"})
		require.Equal(t, "MESSAGE-1", delivered.ProviderID)
		require.Equal(t, "sending", delivered.ProviderStatus)
		require.Equal(t, 2, delivered.Segments)
		require.Equal(t, sent.SentAt, delivered.SentAt)

		late := f.record(t, id, db.AttemptChange{ProviderStatus: "sent", Segments: 3})
		require.Equal(t, "sending", late.ProviderStatus, "a settled attempt keeps the word that settled it")
		require.Equal(t, 3, late.Segments)

		found, err := store.AttemptByProviderID(t.Context(), io, "MESSAGE-1")
		require.NoError(t, err)
		require.Equal(t, late, found)

		for _, unknown := range []struct {
			channel notification.Channel
			id      string
		}{{io, "MESSAGE-2"}, {notification.ChannelSMS, "MESSAGE-1"}, {io, ""}} {
			_, err = store.AttemptByProviderID(t.Context(), unknown.channel, unknown.id)
			require.ErrorIs(t, err, db.ErrNotFound)
		}
	})
}

func TestRecordAttemptRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.claim(t, f.begun(t), "").Attempt.ID

		_, err := store.RecordAttempt(t.Context(), id, db.AttemptChange{Status: notification.AttemptSending})
		require.ErrorIs(t, err, db.ErrInvalid)

		_, err = store.RecordAttempt(t.Context(), newID(t), db.AttemptChange{Status: notification.AttemptSent})
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

// TestNewsOfAnAttemptThatChangedSinceItWasRead is judged by what the attempt is now.
func TestNewsOfAnAttemptThatChangedSinceItWasRead(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		read := f.claim(t, f.begun(t), "").Attempt

		sent := db.AttemptChange{Status: notification.AttemptSent, ProviderID: newID(t), ProviderStatus: "queued"}
		atOnce, err := store.RecordNews(t.Context(), read, sent)
		require.NoError(t, err)

		stored, err := store.Attempt(t.Context(), read.ID)
		require.NoError(t, err)
		require.Equal(t, stored, atOnce)
		require.Equal(t, notification.AttemptSent, stored.Status)

		late, err := store.RecordNews(t.Context(), read, db.AttemptChange{Status: notification.AttemptPending})
		require.NoError(t, err)
		require.Equal(t, stored, late, "what is sent is not unsent")

		_, err = store.RecordNews(t.Context(), notification.Attempt{ID: newID(t)}, sent)
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestRecordAttemptConcurrently(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		read := f.claim(t, f.begun(t), "").Attempt
		outcomes := []notification.AttemptStatus{
			notification.AttemptDelivered, notification.AttemptFailed, notification.AttemptSent, notification.AttemptUncertain,
			notification.AttemptPending, notification.AttemptDelivered, notification.AttemptFailed, notification.AttemptSent,
		}
		recorded, errs := make([]notification.Attempt, len(outcomes)), make([]error, len(outcomes))

		together(t, store, len(outcomes), func(i int) {
			news := db.AttemptChange{Status: outcomes[i], Reason: notification.Reason(outcomes[i])}
			if i%2 == 0 {
				recorded[i], errs[i] = store.RecordAttempt(t.Context(), read.ID, news)
			} else {
				recorded[i], errs[i] = store.RecordNews(t.Context(), read, news)
			}
		})

		stored, err := store.Attempt(t.Context(), read.ID)
		require.NoError(t, err)
		require.True(t, stored.Status.Final())
		require.Equal(t, string(stored.Status), string(stored.Reason), "status and reason must come from one piece of news")

		for i, attempt := range recorded {
			require.NoError(t, errs[i])

			if attempt.Status.Final() {
				require.Equal(t, stored.Status, attempt.Status, "nobody may have been told of another end")
			}
		}
	})
}

func TestAProvidersMessageBelongsToOneAttempt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		first := f.claim(t, f.begun(t), "").Attempt
		second := f.claim(t, f.begun(t), "").Attempt
		news := db.AttemptChange{Status: notification.AttemptSent, ProviderID: "message-1", ProviderStatus: "ACCEPTED", Segments: 2}

		require.Equal(t, "message-1", f.record(t, first.ID, news).ProviderID)

		other := f.record(t, second.ID, news)
		require.Empty(t, other.ProviderID)
		require.Equal(t, notification.AttemptSent, other.Status)
		require.Equal(t, "ACCEPTED", other.ProviderStatus)
		require.Equal(t, 2, other.Segments)

		owner, err := store.AttemptByProviderID(t.Context(), io, "message-1")
		require.NoError(t, err)
		require.Equal(t, first.ID, owner.ID)

		// It may still learn its own, and another channel's ids are other ids.
		require.Equal(t, "message-2", f.record(t, second.ID, db.AttemptChange{ProviderID: "message-2"}).ProviderID)

		text, err := store.BeginAttempt(t.Context(), f.begun(t), notification.ChannelSMS, "")
		require.NoError(t, err)
		require.Equal(t, "message-1", f.record(t, text.Attempt.ID, news).ProviderID)
	})
}

func TestAProvidersMessageBelongsToOneAttemptConcurrently(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const rivals = 8

		f := newTenant(t, store)
		ids, recorded, errs := make([]string, rivals), make([]notification.Attempt, rivals), make([]error, rivals)

		for i := range ids {
			ids[i] = f.claim(t, f.begun(t), "").Attempt.ID
		}

		together(t, store, rivals, func(i int) {
			recorded[i], errs[i] = store.RecordAttempt(t.Context(), ids[i],
				db.AttemptChange{Status: notification.AttemptSent, ProviderID: "message-1"})
		})

		owner, err := store.AttemptByProviderID(t.Context(), io, "message-1")
		require.NoError(t, err)

		for i, attempt := range recorded {
			require.NoError(t, errs[i])
			require.Equal(t, notification.AttemptSent, attempt.Status)

			stored, err := store.Attempt(t.Context(), ids[i])
			require.NoError(t, err)
			require.Equal(t, stored, attempt)
			require.Equal(t, ids[i] == owner.ID, attempt.ProviderID != "")
		}
	})
}
