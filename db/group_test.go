package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// crowd is transactions that wait behind one that does not end yet, so that they are committed together.
type crowd struct {
	tenant tenant
	leave  chan struct{}
	group  sync.WaitGroup
}

func gather(t *testing.T) *crowd {
	t.Helper()

	c := &crowd{tenant: newTenant(t, dbtest.Open(t, dbtest.EngineSQLite)), leave: make(chan struct{})}
	entered := make(chan struct{})

	c.group.Go(func() {
		_ = c.tenant.store.Together(context.WithoutCancel(t.Context()), func(*db.Store) error {
			close(entered)
			<-c.leave

			return nil
		})
	})
	<-entered

	return c
}

// let runs something that waits in the crowd, and returns once it waits there.
func (c *crowd) let(t *testing.T, run func()) {
	t.Helper()

	before := c.tenant.store.Waiting()

	c.group.Go(run)
	require.Eventually(t, func() bool { return c.tenant.store.Waiting() > before }, 10*time.Second, time.Millisecond)
}

func (c *crowd) goOn() {
	close(c.leave)
	c.group.Wait()
}

// add stores a service within a transaction, and ends it with err.
func (c *crowd) add(ctx context.Context, id string, err error) error {
	return c.tenant.store.Together(ctx, func(within *db.Store) error {
		service := c.tenant.service
		service.ID, service.Name, service.IOServiceID = id, id, id

		return errors.Join(within.CreateService(ctx, service, notification.ServiceKeys{Primary: ioKey}), err)
	})
}

func (c *crowd) stored(t *testing.T, id string) bool {
	t.Helper()

	_, err := c.tenant.store.Service(t.Context(), id)
	if err != nil {
		require.ErrorIs(t, err, db.ErrNotFound)
	}

	return err == nil
}

func TestTransactionsThatAreCommittedTogetherFailAlone(t *testing.T) {
	t.Parallel()

	c := gather(t)
	errOwn := errors.New("of its own")
	cancelled, cancel := context.WithCancel(t.Context())
	first, failed, panicked, withdrawn, last := newID(t), newID(t), newID(t), newID(t), newID(t)

	var firstErr, failedErr, withdrawnErr, lastErr error

	var recovered any

	c.let(t, func() { firstErr = c.add(t.Context(), first, nil) })
	c.let(t, func() { failedErr = c.add(t.Context(), failed, errOwn) })
	c.let(t, func() {
		defer func() { recovered = recover() }()

		_ = c.tenant.store.Together(t.Context(), func(within *db.Store) error {
			service := c.tenant.service
			service.ID = panicked
			_ = within.CreateService(t.Context(), service, notification.ServiceKeys{Primary: ioKey})

			panic("of its own")
		})
	})

	gone := make(chan struct{})

	c.let(t, func() {
		withdrawnErr = c.add(cancelled, withdrawn, nil)

		close(gone)
	})

	cancel()
	<-gone

	c.let(t, func() { lastErr = c.add(t.Context(), last, nil) })
	require.False(t, c.stored(t, first), "nothing is there before the commit")
	c.goOn()

	require.NoError(t, firstErr)
	require.ErrorIs(t, failedErr, errOwn)
	require.Equal(t, "of its own", recovered)
	require.ErrorIs(t, withdrawnErr, context.Canceled)
	require.NoError(t, lastErr)
	require.Equal(t, []bool{true, false, false, false, true}, []bool{
		c.stored(t, first), c.stored(t, failed), c.stored(t, panicked), c.stored(t, withdrawn), c.stored(t, last),
	})
}

// TestNobodyIsToldOfASuccessThatWasUndone: a fault upon which SQLite rolls the whole transaction back fails everybody in it.
func TestNobodyIsToldOfASuccessThatWasUndone(t *testing.T) {
	t.Parallel()

	c := gather(t)
	before, after := newID(t), newID(t)

	var beforeErr, faultErr, afterErr error

	c.let(t, func() { beforeErr = c.add(t.Context(), before, nil) })
	c.let(t, func() {
		faultErr = c.tenant.store.Together(t.Context(), func(within *db.Store) error {
			return within.Exec("INSERT OR ROLLBACK INTO enti (id) SELECT id FROM enti")
		})
	})
	c.let(t, func() { afterErr = c.add(t.Context(), after, nil) })
	c.goOn()

	require.Error(t, faultErr)
	require.ErrorIs(t, beforeErr, db.ErrUnavailable)
	require.ErrorIs(t, afterErr, db.ErrUnavailable)
	require.Equal(t, []bool{false, false}, []bool{c.stored(t, before), c.stored(t, after)})
}

// TestACancellationUndoesNobodysWork: whoever goes away while the group is being written has his work written with the others'.
func TestACancellationUndoesNobodysWork(t *testing.T) {
	t.Parallel()

	c := gather(t)
	ctx, cancel := context.WithCancel(t.Context())
	first, gone, last := newID(t), newID(t), newID(t)

	var firstErr, goneErr, lastErr error

	c.let(t, func() { firstErr = c.add(t.Context(), first, nil) })
	c.let(t, func() {
		goneErr = c.tenant.store.Together(ctx, func(within *db.Store) error {
			cancel()

			service := c.tenant.service
			service.ID, service.Name, service.IOServiceID = gone, gone, gone

			return within.CreateService(ctx, service, notification.ServiceKeys{Primary: ioKey})
		})
	})
	c.let(t, func() { lastErr = c.add(t.Context(), last, nil) })
	c.goOn()

	require.NoError(t, errors.Join(firstErr, goneErr, lastErr))
	require.Equal(t, []bool{true, true, true}, []bool{c.stored(t, first), c.stored(t, gone), c.stored(t, last)})
}

// TestTransactionsThatAreCommittedTogetherSeeEachOther: of two that add the same, the second finds the first's, though neither is
// committed yet.
func TestTransactionsThatAreCommittedTogetherSeeEachOther(t *testing.T) {
	t.Parallel()

	c := gather(t)
	id := newID(t)

	var firstErr, secondErr error

	c.let(t, func() { firstErr = c.add(t.Context(), id, nil) })
	c.let(t, func() { secondErr = c.add(t.Context(), id, nil) })
	c.goOn()

	require.NoError(t, firstErr)
	require.ErrorIs(t, secondErr, db.ErrDuplicate)
	require.True(t, c.stored(t, id))
}

// TestManyTransactionsAtOnce: more than a group takes, each of which ends with its own result.
func TestManyTransactionsAtOnce(t *testing.T) {
	t.Parallel()

	const many = 100

	c := gather(t)
	ids, errs := make([]string, many), make([]error, many)

	for i := range ids {
		ids[i] = newID(t)
		c.let(t, func() { errs[i] = c.add(t.Context(), ids[i], nil) })
	}

	c.goOn()
	require.NoError(t, errors.Join(errs...))

	for _, id := range ids {
		require.True(t, c.stored(t, id))
	}
}

// BenchmarkRecords: sixteen at once record what became of an attempt, each in a transaction of its own.
func BenchmarkRecords(b *testing.B) {
	for _, engine := range dbtest.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			store := dbtest.Open(b, engine)
			tenant := newTenant(b, store)

			attempts := make(chan string, atOnce)
			for range atOnce {
				attempts <- tenant.sending(b)
			}

			b.SetParallelism(atOnce)
			b.ResetTimer()
			b.RunParallel(func(next *testing.PB) {
				for next.Next() {
					id := <-attempts
					if _, err := store.RecordAttempt(b.Context(), id, db.AttemptChange{ProviderStatus: "ACCEPTED"}); err != nil {
						b.Error(err)
					}

					attempts <- id
				}
			})
		})
	}
}

const atOnce = 16

// sending is the id of an attempt whose call is under way.
func (f tenant) sending(tb testing.TB) string {
	tb.Helper()

	claim, err := f.store.BeginAttempt(tb.Context(), f.submitted(tb), notification.ChannelIO, "")
	require.NoError(tb, err)

	return claim.Attempt.ID
}

// submitted is the id of a notification that was accepted.
func (f tenant) submitted(tb testing.TB) string {
	tb.Helper()

	id := newID(tb)
	_, _, err := f.store.Submit(tb.Context(), db.Submission{Notification: notification.Notification{
		ID: id, EnteID: f.ente.ID, ServiceID: f.service.ID, Policy: notification.DefaultPolicy(), Priority: notification.PriorityNormal,
		Recipient: notification.Recipient{FiscalCode: fiscalCode}, Content: notification.Content{Subject: subject, Markdown: markdown},
	}})
	require.NoError(tb, err)

	return id
}
