package activities_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

func TestSendBatchPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		b.setQuota(t, 240) // room for all, and for those that are sent again

		id := b.sending(t, append(citizenRows(130), "nobody;;"+addressee)...)
		ids := idsOf(b.rows(t, id, goodRow))

		require.Equal(t, workflows.BatchPageResult{Last: 101}, b.sent(t, id, 0))
		require.ElementsMatch(t, ids[:100], b.starter.started())
		require.Equal(t, notification.BatchSending, b.batch(t, id).Status)
		require.NotZero(t, b.batch(t, id).StartedAt)

		// Whoever handed the page over died before saying so.
		require.Equal(t, workflows.BatchPageResult{Last: 101}, b.sent(t, id, 0))
		require.Len(t, b.starter.started(), 100)

		require.Equal(t, workflows.BatchPageResult{Last: 131, Done: true}, b.sent(t, id, 101))
		require.ElementsMatch(t, ids, b.starter.started())
		require.Equal(t, workflows.BatchPageResult{Last: 131, Done: true}, b.sent(t, id, 131), "nothing is left")

		progress, err := store.BatchProgress(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, notification.BatchProgress{ToSend: 130, InProgress: 130}, progress)

		first, err := store.Notification(t.Context(), ids[0])
		require.NoError(t, err)
		require.Equal(t, simulator.FiscalCode(simulator.CitizenDelivered, 0), first.Recipient.FiscalCode)
		require.Equal(t, "Rinnovo del documento di "+addressee, first.Content.Subject)
		require.Equal(t, id, first.BatchID)
		require.Equal(t, notification.PriorityBulk, first.Priority)
	})
}

func TestScheduledBatchBeginsWithItsFirstPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		id := b.draft(t, citizenRows(1)...)
		require.NoError(t, store.ConfirmBatch(t.Context(), id, 1, inAnHour(), false))
		require.Equal(t, notification.BatchScheduled, b.batch(t, id).Status)

		require.Equal(t, workflows.BatchPageResult{Last: 2, Done: true}, b.sent(t, id, 0))
		require.Equal(t, notification.BatchSending, b.batch(t, id).Status)
	})
}

func TestSendBatchPageWaitsForRoom(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		b.setQuota(t, 10) // so few that the least is what counts

		id := b.sending(t, citizenRows(60)...)
		require.Equal(t, workflows.BatchPageResult{Last: 51}, b.sent(t, id, 0))

		_, err := b.send(t, id, 51)
		require.Equal(t, 500*time.Millisecond, requireRetry(t, err, workflows.FailureStillWaiting))

		// Too little room is not used either, until there is some more.
		ids := b.starter.started()
		for _, handed := range ids[:24] {
			b.begun(t, handed, notification.ChannelIO)
		}

		_, err = b.send(t, id, 51)
		requireRetry(t, err, workflows.FailureStillWaiting)

		b.begun(t, ids[24], notification.ChannelIO)
		require.Equal(t, workflows.BatchPageResult{Last: 61, Done: true}, b.sent(t, id, 51))
	})
}

func TestRoomFollowsTheQuota(t *testing.T) {
	t.Parallel()

	b := newBatchBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	b.setQuota(t, 80)

	id := b.sending(t, citizenRows(130)...)
	require.Equal(t, 81, b.sent(t, id, 0).Last)

	_, err := b.send(t, id, 81)
	requireRetry(t, err, workflows.FailureStillWaiting)

	b.setQuota(t, 160)
	require.Equal(t, workflows.BatchPageResult{Last: 131, Done: true}, b.sent(t, id, 81))
}

// Rows whose time comes later keep no place from those after them.
func TestRowsThatRestTakeNoRoom(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		b.setQuota(t, 10)

		tomorrow := time.Now().AddDate(0, 0, 2).Format("02/01/2006")
		rows := citizenRows(80)

		for i := range rows {
			if i < 60 {
				rows[i] += ";" + tomorrow
			} else {
				rows[i] += ";"
			}
		}

		id := b.uploaded(t, fileOf(columns+";Data invio", rows...))
		b.check(t, id)
		require.NoError(t, store.ConfirmBatch(t.Context(), id, 1, time.Time{}, false))

		require.Equal(t, 51, b.sent(t, id, 0).Last)
		require.Equal(t, workflows.BatchPageResult{Last: 81, Done: true}, b.sent(t, id, 51))
	})
}

func TestBatchThatIsNotToBeSentHalts(t *testing.T) {
	t.Parallel()

	paused := workflows.BatchPageResult{Last: 7, Halted: workflows.HaltPaused}
	cancelled := workflows.BatchPageResult{Last: 7, Halted: workflows.HaltCancelled}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		moved := func(to notification.BatchStatus) func(*testing.T, string) {
			return func(t *testing.T, id string) {
				t.Helper()
				require.NoError(t, store.ConfirmBatch(t.Context(), id, 1, time.Time{}, false))
				b.move(t, id, to)
			}
		}

		for name, test := range map[string]struct {
			before func(*testing.T, string)
			want   workflows.BatchPageResult
		}{
			"paused":    {moved(notification.BatchPaused), paused},
			"cancelled": {moved(notification.BatchCancelled), cancelled},
			"completed": {moved(notification.BatchCompleted), cancelled},
			"discarded": {func(t *testing.T, id string) {
				t.Helper()
				require.NoError(t, store.ConfirmBatch(t.Context(), id, 1, inAnHour(), false))
				require.NoError(t, store.DiscardBatch(t.Context(), id))
			}, cancelled},
			"a draft": {func(*testing.T, string) {}, cancelled},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.draft(t, citizenRow(simulator.CitizenDelivered, 1, ""))
				test.before(t, id)
				status := b.batch(t, id).Status

				require.Equal(t, test.want, b.sent(t, id, 7))
				require.Equal(t, status, b.batch(t, id).Status)
				require.Empty(t, b.starter.started())
			})
		}
	})
}

func TestBatchOfWhomMayNotSendIsPaused(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		for name, switchOff := range map[string]func(*testing.T, batchBench){
			"service": func(t *testing.T, b batchBench) {
				t.Helper()

				b.service.Active = false
				require.NoError(t, b.store.UpdateService(t.Context(), b.service))
			},
			"Ente": func(t *testing.T, b batchBench) {
				t.Helper()

				ente, err := b.store.Ente(t.Context(), b.service.EnteID)
				require.NoError(t, err)

				ente.Active = false
				require.NoError(t, b.store.UpdateEnte(t.Context(), ente))
			},
		} {
			b := newBatchBench(t, dbtest.Open(t, engine))
			id := b.sending(t, citizenRow(simulator.CitizenDelivered, 1, ""))
			switchOff(t, b)

			require.Equal(t, workflows.BatchPageResult{Last: 1, Halted: workflows.HaltPaused}, b.sent(t, id, 1), name)
			require.Equal(t, notification.BatchPaused, b.batch(t, id).Status, name)
			require.Empty(t, b.starter.started(), name)
		}
	})
}

func TestDuplicatesAreSentWhereTheEnteWantsThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		twice := citizenRow(simulator.CitizenDelivered, 1, "")

		for include, numbers := range map[bool][]int{false: {2, 4}, true: {2, 3, 4}} {
			id := b.draft(t, twice, twice, citizenRow(simulator.CitizenDelivered, 2, ""))
			require.NoError(t, store.ConfirmBatch(t.Context(), id, 1, time.Time{}, include))

			before := len(b.starter.started())
			require.Equal(t, workflows.BatchPageResult{Last: 4, Done: true}, b.sent(t, id, 0))

			want := []string{}

			for _, row := range b.rows(t, id) {
				if slices.Contains(numbers, row.Number) {
					want = append(want, row.NotificationID)
				}
			}

			require.ElementsMatch(t, want, b.starter.started()[before:])

			// Else the second file would repeat the first.
			b.forget(t, id)
		}
	})
}

func TestWhatCannotBeStartedIsLeftToTheSweep(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		b.starter.fails = true
		id := b.sending(t, citizenRows(20)...)

		require.Equal(t, workflows.BatchPageResult{Last: 21, Done: true}, b.sent(t, id, 0))

		left, err := store.Unstarted(t.Context(), inAnHour(), 100)
		require.NoError(t, err)

		ids := make([]string, len(left))
		for i, start := range left {
			ids[i] = start.ID
		}

		require.ElementsMatch(t, idsOf(b.rows(t, id)), ids)

		// A page that comes again starts them.
		b.starter.fails = false
		b.sent(t, id, 0)
		require.ElementsMatch(t, ids, b.starter.started())
	})
}

// Somebody cancels as soon as a page has begun, most often before its rows are handed over.
func TestBatchThatIsCancelledInBetweenHalts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)

		for n := range 50 {
			id := b.sending(t, citizenRow(simulator.CitizenDelivered, n, ""))
			before := len(b.starter.started())
			cancelled := make(chan error, 1)

			go func() { cancelled <- cancelWhenBegun(t.Context(), store, id) }()

			page, err := b.send(t, id, 0)
			require.NoError(t, err)
			require.NoError(t, <-cancelled)

			if page.Halted != "" {
				require.Equal(t, workflows.BatchPageResult{Halted: workflows.HaltCancelled}, page)
				require.Len(t, b.starter.started(), before)

				return
			}
		}

		require.Fail(t, "it never came in between")
	})
}

func cancelWhenBegun(ctx context.Context, store *db.Store, id string) error {
	for {
		stored, err := store.Batch(ctx, id)
		if err != nil {
			return err
		}

		if !stored.StartedAt.IsZero() {
			return store.MoveBatch(ctx, id, []notification.BatchStatus{notification.BatchSending}, notification.BatchCancelled)
		}
	}
}

// Somebody pauses while a page looks whether it may be sent: whatever comes first, it is no fault.
func TestPauseAtAnyMomentIsNoFault(t *testing.T) {
	t.Parallel()

	running, paused := []notification.BatchStatus{notification.BatchSending}, []notification.BatchStatus{notification.BatchPaused}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		id := b.sending(t, citizenRow(simulator.CitizenDelivered, 1, ""))

		for range 40 {
			pausing := make(chan error, 1)

			go func() { pausing <- store.MoveBatch(t.Context(), id, running, notification.BatchPaused) }()

			if _, err := b.send(t, id, 2); err != nil {
				requireRetry(t, err, workflows.FailureStillWaiting)
			}

			require.NoError(t, <-pausing)
			require.NoError(t, store.MoveBatch(t.Context(), id, paused, notification.BatchSending))
		}
	})
}

// An Ente may get a longer name while its batch rests; the SMS begins with it.
func TestRowThatBreaksALimitByNowIsRejectedAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		long := simulator.FiscalCode(simulator.CitizenDelivered, 40) + ";;" + strings.Repeat("a", 90)
		rows := citizenRows(3)
		id := b.sending(t, rows[0], long, rows[1], rows[2])
		require.Equal(t, 4, b.batch(t, id).Counts.Good)

		ente, err := store.Ente(t.Context(), b.service.EnteID)
		require.NoError(t, err)

		ente.Name = strings.Repeat("n", 1520)
		require.NoError(t, store.UpdateEnte(t.Context(), ente))

		require.Equal(t, workflows.BatchPageResult{Last: 5, Done: true}, b.sent(t, id, 0))
		require.ElementsMatch(t, idsOf(b.rows(t, id, goodRow)), b.starter.started())
		require.Len(t, b.starter.started(), 3)

		rejected := b.rows(t, id, badRow)
		require.Len(t, rejected, 1)
		require.Equal(t, 3, rejected[0].Number)
		require.JSONEq(t, `[{"column": 0, "code": "sms_text_too_long"}]`, string(rejected[0].Issues))

		progress, err := store.BatchProgress(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, notification.BatchProgress{ToSend: 3, InProgress: 3}, progress)
	})
}

func TestUnknownBatchIsNotSent(t *testing.T) {
	t.Parallel()

	b := newBatchBench(t, dbtest.Open(t, dbtest.EngineSQLite))

	_, err := b.send(t, newID(t), 0)
	requireFinal(t, err)
}

func (b batchBench) setQuota(t *testing.T, calls int) {
	t.Helper()

	ente, err := b.store.Ente(t.Context(), b.service.EnteID)
	require.NoError(t, err)

	ente.IOCalls = calls
	require.NoError(t, b.store.UpdateEnte(t.Context(), ente))
}

// forget takes the notifications of a batch out of those that a later file may repeat.
func (b batchBench) forget(t *testing.T, id string) {
	t.Helper()

	open, err := b.store.OpenOfBatch(t.Context(), id, "", batch.MaxRows)
	require.NoError(t, err)

	for _, open := range open {
		require.NoError(t, b.store.Settle(t.Context(), open, db.Settlement{
			Status: notification.StatusCancelled, Reason: notification.ReasonCancelledByEnte, Run: 1,
		}))
	}
}
