package db_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

// queue is single submissions that wait behind one that does not end yet, so that they are written together.
type queue struct {
	store   *db.Store
	release func()
	group   sync.WaitGroup
}

func queueUp(t *testing.T, store *db.Store) *queue {
	t.Helper()

	return &queue{store: store, release: store.HoldSubmissions(context.WithoutCancel(t.Context()))}
}

// became is what one submission became.
type became struct {
	id       string
	replayed bool
	err      error
}

// submit hands a submission in and returns once it waits.
func (q *queue) submit(ctx context.Context, t *testing.T, submission db.Submission) *became {
	t.Helper()

	var got became

	before := q.store.WaitingSubmissions()

	q.group.Go(func() { got.id, got.replayed, got.err = q.store.Submit(ctx, submission) })
	require.Eventually(t, func() bool { return q.store.WaitingSubmissions() > before }, 10*time.Second, time.Millisecond)

	return &got
}

func (q *queue) goOn() {
	q.release()
	q.group.Wait()
}

func TestSubmissionsAreWrittenTogether(t *testing.T) {
	t.Parallel()

	const many = 40 // more than one transaction takes

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		one, other := newTenant(t, store), newTenant(t, store)
		q := queueUp(t, store)

		var answers []*became

		for i := range many {
			of := one
			if i%2 == 1 {
				of = other
			}

			// Both Enti use the same keys, and some submissions have none.
			submission := of.submission(t)
			if i%5 > 0 {
				submission.IdempotencyKey = fmt.Sprintf("key %d", i/2)
			}

			answers = append(answers, q.submit(t.Context(), t, submission))
		}

		q.goOn()

		for _, got := range answers {
			require.NoError(t, got.err)
			require.False(t, got.replayed)

			_, err := store.Head(t.Context(), got.id)
			require.NoError(t, err)
		}

		waiting, err := store.Unstarted(t.Context(), moment(1_000_000), many)
		require.NoError(t, err)
		require.Len(t, waiting, many)
	})
}

// TestSubmissionsThatAreWrittenTogetherFailAlone: a repetition, a conflict, an unknown service and somebody who went away
// change nothing for those beside them.
func TestSubmissionsThatAreWrittenTogetherFailAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		tenant := newTenant(t, store)
		keyed := func(key, hash string) db.Submission {
			submission := tenant.submission(t)
			submission.IdempotencyKey, submission.RequestHash = key, []byte(hash)

			return submission
		}

		earlier, _, err := store.Submit(t.Context(), keyed("earlier", "same"))
		require.NoError(t, err)

		gone, goAway := context.WithCancel(t.Context())
		unknown := tenant.submission(t)
		unknown.Notification.ServiceID = newID(t)

		q := queueUp(t, store)
		first := q.submit(t.Context(), t, keyed("key", "same"))
		again := q.submit(t.Context(), t, keyed("key", "same"))
		conflict := q.submit(t.Context(), t, keyed("key", "another"))
		replay := q.submit(t.Context(), t, keyed("earlier", "same"))
		ofNobody := q.submit(t.Context(), t, unknown)
		last := q.submit(t.Context(), t, tenant.submission(t))
		withdrawn := q.submit(gone, t, tenant.submission(t))

		goAway()
		require.Eventually(t, func() bool { return store.WaitingSubmissions() == 6 }, 10*time.Second, time.Millisecond)
		q.goOn()

		require.NoError(t, first.err)
		require.False(t, first.replayed)
		require.Equal(t, became{id: first.id, replayed: true}, *again)
		require.ErrorIs(t, conflict.err, db.ErrConflict)
		require.Equal(t, became{id: earlier, replayed: true}, *replay)
		require.ErrorIs(t, ofNobody.err, db.ErrNotFound)
		require.NoError(t, last.err)
		require.ErrorIs(t, withdrawn.err, context.Canceled)

		waiting, err := store.Unstarted(t.Context(), moment(1_000_000), 10)
		require.NoError(t, err)

		var stored []string
		for _, start := range waiting {
			stored = append(stored, start.ID)
		}

		require.ElementsMatch(t, []string{earlier, first.id, last.id}, stored)
	})
}

// TestACommitWhoseAnswerIsLostIsOne: whoever is told of a failure would hand the same in once more.
func TestACommitWhoseAnswerIsLostIsOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		tenant := newTenant(t, store)
		keyed, plain := tenant.submission(t), tenant.submission(t)
		keyed.IdempotencyKey = "key"

		q := &queue{store: store, release: store.LoseCommit(context.WithoutCancel(t.Context()))}
		answers := []*became{q.submit(t.Context(), t, keyed), q.submit(t.Context(), t, plain)}
		q.goOn()

		require.Equal(t, []*became{{id: keyed.Notification.ID}, {id: plain.Notification.ID}}, answers)
	})
}

// BenchmarkSubmits accepts single notifications as 32 applications at once hand them in.
func BenchmarkSubmits(b *testing.B) {
	const applications = 16 // for each processor of two

	for _, engine := range []dbtest.Engine{dbtest.EngineSQLite, dbtest.EnginePostgres} {
		b.Run(string(engine), func(b *testing.B) {
			tenant := newTenant(b, dbtest.Open(b, engine))

			b.SetParallelism(applications)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					submission := tenant.submission(b)
					submission.IdempotencyKey = newID(b)

					if _, _, err := tenant.store.Submit(b.Context(), submission); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
