package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func TestSubmitKeepsEverything(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		submission := f.submission(t)

		id, replayed, err := store.Submit(t.Context(), submission)
		require.NoError(t, err)
		require.False(t, replayed)

		want := submission.Notification
		want.Status, want.Run, want.Attempts = notification.StatusAccepted, 1, []notification.Attempt{}

		got, err := store.Notification(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, want, got)

		want.Recipient, want.Content, want.Attempts = notification.Recipient{}, notification.Content{}, nil
		require.Equal(t, want, f.head(t, id))
	})
}

func TestSubmitForLaterIsScheduled(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.accepted(t, func(n *notification.Notification) { n.SendAt = moment(90) })

		head := f.head(t, id)
		require.Equal(t, notification.StatusScheduled, head.Status)
		require.Equal(t, moment(90), head.SendAt)
	})
}

func TestSubmitTwiceUnderOneKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		first := f.submission(t)
		first.IdempotencyKey = "key"
		id, replayed, err := store.Submit(t.Context(), first)
		require.NoError(t, err)
		require.False(t, replayed)

		again := f.submission(t)
		again.IdempotencyKey = "key"
		sameID, replayed, err := store.Submit(t.Context(), again)
		require.NoError(t, err)
		require.True(t, replayed)
		require.Equal(t, id, sameID)

		other := f.submission(t)
		other.IdempotencyKey, other.RequestHash = "key", []byte("another request")
		_, _, err = store.Submit(t.Context(), other)
		require.ErrorIs(t, err, db.ErrConflict)

		neighbour := newTenant(t, store)
		ofNeighbour := neighbour.submission(t)
		ofNeighbour.IdempotencyKey = "key"
		_, replayed, err = store.Submit(t.Context(), ofNeighbour)
		require.NoError(t, err)
		require.False(t, replayed, "another Ente's key is another key")

		counts, err := store.CountByStatus(t.Context(), db.Filter{EnteID: f.ente.ID})
		require.NoError(t, err)
		require.Equal(t, map[notification.Status]int{notification.StatusAccepted: 1}, counts)
	})
}

func TestSubmitConcurrentlyUnderOneKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const submitters = 20

		f := newTenant(t, store)
		ids, fresh, errs := make([]string, submitters), make([]bool, submitters), make([]error, submitters)

		together(t, store, submitters, func(i int) {
			submission := f.submission(t)
			submission.IdempotencyKey = "key"

			var replayed bool

			ids[i], replayed, errs[i] = store.Submit(t.Context(), submission)
			fresh[i] = !replayed
		})

		stored := 0

		for i := range submitters {
			require.NoError(t, errs[i])
			require.Equal(t, ids[0], ids[i])

			if fresh[i] {
				stored++
			}
		}

		require.Equal(t, 1, stored)

		page, _, err := store.List(t.Context(), db.Filter{EnteID: f.ente.ID}, db.Cursor{}, submitters)
		require.NoError(t, err)
		require.Len(t, page, 1)
		require.Equal(t, ids[0], page[0].ID)
	})
}

func TestSubmitRefuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		change func(t *testing.T, f tenant, s *db.Submission)
		want   error
	}{
		"an id that is no UUID": {
			func(_ *testing.T, _ tenant, s *db.Submission) { s.Notification.ID = fiscalCode }, db.ErrInvalid,
		},
		"a final status": {
			func(_ *testing.T, _ tenant, s *db.Submission) { s.Notification.Status = notification.StatusFailed }, db.ErrInvalid,
		},
		"an unknown priority": {
			func(_ *testing.T, _ tenant, s *db.Submission) { s.Notification.Priority = "later" }, db.ErrInvalid,
		},
		"an unknown Ente": {
			func(t *testing.T, _ tenant, s *db.Submission) { t.Helper(); s.Notification.EnteID = newID(t) }, db.ErrNotFound,
		},
		"a neighbour's service": {
			func(t *testing.T, f tenant, s *db.Submission) {
				t.Helper()
				s.Notification.ServiceID = newTenant(t, f.store).service.ID
			}, db.ErrNotFound,
		},
		"an id twice": {
			func(t *testing.T, f tenant, s *db.Submission) { t.Helper(); s.Notification.ID = f.accepted(t) }, db.ErrDuplicate,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				f := newTenant(t, store)

				for _, key := range []string{"", "key"} {
					submission := f.submission(t)
					submission.IdempotencyKey = key
					test.change(t, f, &submission)

					_, _, err := store.Submit(t.Context(), submission)
					require.ErrorIs(t, err, test.want)
					require.NotContains(t, err.Error(), fiscalCode)
				}

				good := f.submission(t)
				good.IdempotencyKey = "key"
				_, replayed, err := store.Submit(t.Context(), good)
				require.NoError(t, err)
				require.False(t, replayed, "a refused submission must not use up its key")
			})
		})
	}
}

func TestPurgeIdempotencyKeys(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)

		for _, key := range []string{"old", "new"} {
			submission := f.submission(t)
			submission.IdempotencyKey = key
			_, _, err := store.Submit(t.Context(), submission)
			require.NoError(t, err)

			now = now.Add(moment(10).Sub(moment(0)))
		}

		purged, err := store.PurgeIdempotencyKeys(t.Context(), moment(10))
		require.NoError(t, err)
		require.Equal(t, 1, purged)

		for key, known := range map[string]bool{"old": false, "new": true} {
			submission := f.submission(t)
			submission.IdempotencyKey = key
			_, replayed, err := store.Submit(t.Context(), submission)
			require.NoError(t, err)
			require.Equal(t, known, replayed, key)
		}
	})
}

func TestSubmittedAsksWithoutAccepting(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		submission := f.submission(t)
		submission.IdempotencyKey, submission.RequestHash = "request-1", []byte("one request")
		enteID := submission.Notification.EnteID

		_, err := store.Submitted(t.Context(), enteID, "request-1", []byte("one request"))
		require.ErrorIs(t, err, db.ErrNotFound)

		id, _, err := store.Submit(t.Context(), submission)
		require.NoError(t, err)

		earlier, err := store.Submitted(t.Context(), enteID, "request-1", []byte("one request"))
		require.NoError(t, err)
		require.Equal(t, id, earlier)

		_, err = store.Submitted(t.Context(), enteID, "request-1", []byte("another request"))
		require.ErrorIs(t, err, db.ErrConflict)
		_, err = store.Submitted(t.Context(), newID(t), "request-1", []byte("one request"))
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}
