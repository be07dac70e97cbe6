package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// histories are the timelines that Temporal would still know: all but the forgotten ones.
type histories struct {
	forgotten map[string]bool
	asked     map[string][]string
	onAsk     func()
}

var errForgotten = errors.New("no such history")

// Timeline tells one step for each run.
func (h *histories) Timeline(_ context.Context, runIDs []string, id string) (notification.Timeline, error) {
	h.asked[id] = runIDs

	if h.onAsk != nil {
		h.onAsk()
	}

	if h.forgotten[id] {
		return notification.Timeline{}, errForgotten
	}

	timeline := notification.Timeline{Source: notification.TimelineFromHistory}
	for range runIDs {
		timeline.Entries = append(timeline.Entries, notification.Entry{Kind: notification.EntrySettled})
	}

	return timeline, nil
}

// newArchive is a bench whose clock is two hours late, so that whatever it settles was settled long ago.
func newArchive(t *testing.T, engine dbtest.Engine) (bench, *histories) {
	t.Helper()

	store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: func() time.Time {
		return time.Now().Add(-2 * time.Hour)
	}})
	b := newBench(t, store)
	known := &histories{forgotten: map[string]bool{}, asked: map[string][]string{}}
	b.does.Timelines = known

	return b, known
}

func (b bench) settled(t *testing.T, n int) []string {
	t.Helper()

	ids := make([]string, n)
	for i := range ids {
		ids[i] = b.toCitizen(t, simulator.CitizenDelivered, i)
		require.NoError(t, b.store.MarkStarted(t.Context(), ids[i], 1, "run-of-"+ids[i]))
		require.NoError(t, b.store.Settle(t.Context(), ids[i], db.Settlement{
			Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered,
		}))
	}

	return ids
}

func (b bench) archived(t *testing.T, id string) bool {
	t.Helper()

	_, err := b.store.Timeline(t.Context(), id)
	if err != nil {
		require.ErrorIs(t, err, db.ErrNotFound)
	}

	return err == nil
}

func TestArchiveTimelines(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		const moreThanTwoBatches = 405

		b, known := newArchive(t, engine)
		open := b.toCitizen(t, simulator.CitizenDelivered, 1)
		ids := b.settled(t, moreThanTwoBatches)
		k := b.task(t, workflows.ActivityArchiveTimelines)

		stored, err := run[int](k)
		require.NoError(t, err)
		require.Equal(t, moreThanTwoBatches, stored)
		require.Equal(t, moreThanTwoBatches, k.heartbeat)
		require.False(t, b.archived(t, open))

		for _, id := range ids {
			require.Equal(t, []string{"run-of-" + id}, known.asked[id])
		}

		content, err := b.store.Timeline(t.Context(), ids[0])
		require.NoError(t, err)

		var timeline notification.Timeline

		require.NoError(t, json.Unmarshal(content, &timeline))
		require.Equal(t, notification.TimelineFromArchive, timeline.Source)
		require.Len(t, timeline.Entries, 1)

		stored, err = run[int](k)
		require.NoError(t, err)
		require.Zero(t, stored)
	})
}

func TestArchiveLeavesWhatIsFresh(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	b.does.Timelines = &histories{asked: map[string][]string{}}
	id := b.settled(t, 1)[0]

	stored, err := run[int](b.task(t, workflows.ActivityArchiveTimelines))
	require.NoError(t, err)
	require.Zero(t, stored)
	require.False(t, b.archived(t, id))
}

func TestUnreadableHistoryDoesNotStopTheArchive(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		const unreadable, all = 201, 203 // more than one batch in front of the readable ones

		b, known := newArchive(t, engine)
		ids := b.settled(t, all)

		for _, id := range ids[:unreadable] {
			known.forgotten[id] = true
		}

		stored, err := run[int](b.task(t, workflows.ActivityArchiveTimelines))
		require.NoError(t, err)
		require.Equal(t, all-unreadable, stored)
		require.True(t, b.archived(t, ids[all-1]))

		// They are tried again the next time.
		known.forgotten = nil
		stored, err = run[int](b.task(t, workflows.ActivityArchiveTimelines))
		require.NoError(t, err)
		require.Equal(t, unreadable, stored)
	})
}

// TestWhatIsRemovedMeanwhileDoesNotStopTheArchive: retention removes notifications while others are archived.
func TestWhatIsRemovedMeanwhileDoesNotStopTheArchive(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		b, known := newArchive(t, engine)
		ids := b.settled(t, 2)
		later, err := b.store.Head(t.Context(), ids[1])
		require.NoError(t, err)

		removal := db.Removal{RunID: newID(t), EnteID: later.EnteID, Before: later.SettledAt}
		require.NoError(t, b.store.BeginRetention(t.Context(), removal.RunID))

		var (
			removed   int
			removeErr error
		)

		known.onAsk = sync.OnceFunc(func() {
			if _, removeErr = b.store.RemoveContent(t.Context(), removal); removeErr == nil {
				removed, removeErr = b.store.RemoveNotifications(t.Context(), removal)
			}
		})

		stored, err := run[int](b.task(t, workflows.ActivityArchiveTimelines))
		require.NoError(t, err)
		require.NoError(t, removeErr)
		require.Equal(t, 1, removed)
		require.Equal(t, 1, stored)
		require.True(t, b.archived(t, ids[1]))
	})
}

func TestArchiveEndsWithItsWorker(t *testing.T) {
	t.Parallel()

	working, cancel := context.WithCancel(t.Context())
	defer cancel()

	b, known := newArchive(t, dbtest.EngineSQLite)
	ids := b.settled(t, 2)
	known.onAsk = cancel
	k := b.task(t, workflows.ActivityArchiveTimelines)
	k.ctx = working

	_, err := run[int](k)
	require.Error(t, err)
	require.Len(t, known.asked, 1)
	require.False(t, b.archived(t, ids[0]))
}
