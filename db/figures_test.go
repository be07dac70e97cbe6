package db_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// recount counts every notification and every attempt anew, without any figure. Times it tells by their bounds only.
func recount(t *testing.T, store *db.Store, filter db.FigureFilter) map[db.Figure]int {
	t.Helper()

	counted := make(map[db.Figure]int)
	page, more, err := store.List(t.Context(), db.Filter{EnteID: filter.EnteID, From: filter.From, To: filter.To}, db.Cursor{}, 10_000)
	require.NoError(t, err)
	require.False(t, more)

	for _, n := range page {
		figure := db.Figure{Day: italianDay(t, n.AcceptedAt), Measure: db.MeasureOpen, Status: n.Status, Reason: n.Reason}

		if n.Status.Final() {
			figure.Measure, figure.Channel = db.MeasureSettled, n.Channel
		}

		counted[figure]++

		if n.Status == notification.StatusDelivered {
			counted[db.Figure{Measure: db.MeasureToDelivery, Channel: n.Channel}]++
		}

		recountAttempts(t, store, n, counted)
	}

	return counted
}

func recountAttempts(t *testing.T, store *db.Store, n notification.Notification, counted map[db.Figure]int) {
	t.Helper()

	attempts, err := store.Attempts(t.Context(), n.ID)
	require.NoError(t, err)

	handed := false

	for _, attempt := range attempts {
		if attempt.Channel == notification.ChannelSMS && !attempt.SentAt.IsZero() && attempt.Segments > 0 {
			figure := db.Figure{Day: italianDay(t, n.AcceptedAt), Measure: db.MeasureSMSParts, Channel: notification.ChannelSMS}
			counted[figure] += attempt.Segments
		}

		handed = handed || attempt.Channel == notification.ChannelIO && !attempt.SentAt.IsZero()
	}

	if handed {
		counted[db.Figure{Measure: db.MeasureToIO, Channel: notification.ChannelIO}]++
	}
}

func italianDay(t *testing.T, at time.Time) string {
	t.Helper()

	italy, err := time.LoadLocation("Europe/Rome")
	require.NoError(t, err)

	return at.In(italy).Format(time.DateOnly)
}

// figures are the store's own, with times as recount has them.
func figures(t *testing.T, store *db.Store, filter db.FigureFilter) map[db.Figure]int {
	t.Helper()

	read, err := store.Figures(t.Context(), filter)
	require.NoError(t, err)

	summed := make(map[db.Figure]int)

	for _, figure := range read {
		total := figure.Total
		figure.Total = 0

		// What is not folded yet tells an end and its time in one.
		if figure.Measure == db.MeasureSettled && figure.Bucket > 0 {
			summed[db.Figure{Measure: db.MeasureToDelivery, Channel: figure.Channel}] += total
		}

		if figure.Measure == db.MeasureToIO || figure.Measure == db.MeasureToDelivery {
			figure = db.Figure{Measure: figure.Measure, Channel: figure.Channel}
		}

		figure.Bucket = 0
		summed[figure] += total
	}

	for figure, total := range summed {
		if total == 0 {
			delete(summed, figure)
		}
	}

	return summed
}

// history lives a notification's life at random, through what the store offers to delivery.
type history struct {
	random *rand.Rand
	tenant tenant
	ids    []string
}

func (h *history) accept(t *testing.T) {
	t.Helper()

	h.ids = append(h.ids, h.tenant.accepted(t, func(n *notification.Notification) {
		// Around midnight, summer time included: Italian days are not those of UTC.
		n.AcceptedAt = time.Date(2026, time.October, 23+h.random.IntN(4), 20+h.random.IntN(6), h.random.IntN(60), 0, 0, time.UTC)
		if h.random.IntN(4) == 0 {
			n.SendAt = n.AcceptedAt.Add(time.Hour)
		}
	}))
}

// act does something that may happen to a notification; what its state does not allow is refused, as it would be.
func (h *history) act(t *testing.T) {
	t.Helper()

	id := h.ids[h.random.IntN(len(h.ids))]
	store := h.tenant.store
	endings := []db.Settlement{
		{Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO},
		{Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS},
		{Status: notification.StatusNotDelivered, Reason: notification.ReasonSMSNoPhone},
		{Status: notification.StatusFailed, Reason: notification.ReasonSMSUnconfirmed},
		{Status: notification.StatusFailed, Reason: notification.ReasonIOKeyRejected},
		{Status: notification.StatusCancelled, Reason: notification.ReasonPaid},
	}

	switch h.random.IntN(8) {
	case 0:
		_, err := store.Begin(t.Context(), id, db.Run{Number: h.tenant.head(t, id).Run, TemporalID: "run"})
		requireAllowed(t, err)
	case 1:
		requireAllowed(t, store.SetHold(t.Context(), id, notification.ReasonHeldByOperator))
	case 2:
		requireAllowed(t, store.ClearHold(t.Context(), id))
	case 3:
		_, err := store.ResetForRetry(t.Context(), id)
		requireAllowed(t, err)
	case 4:
		requireAllowed(t, store.UpgradeSettlement(t.Context(), id, endings[h.random.IntN(2)]))
	case 5:
		h.attempt(t, id)
	default:
		requireAllowed(t, store.Settle(t.Context(), id, endings[h.random.IntN(len(endings))]))
	}
}

// attempt hands over on a channel, again where it may be; the number of parts comes at once or later.
func (h *history) attempt(t *testing.T, id string) {
	t.Helper()

	channel := []notification.Channel{notification.ChannelIO, notification.ChannelSMS}[h.random.IntN(2)]
	supersedes := ""

	attempts, err := h.tenant.store.Attempts(t.Context(), id)
	require.NoError(t, err)

	for _, attempt := range attempts {
		if attempt.Channel == channel {
			supersedes = attempt.ID
		}
	}

	claim, err := h.tenant.store.BeginAttempt(t.Context(), id, channel, supersedes)
	if err != nil {
		requireAllowed(t, err)

		return
	}

	news := []notification.AttemptStatus{
		notification.AttemptSent, notification.AttemptUncertain, notification.AttemptFailed, notification.AttemptPending,
		notification.AttemptDelivered,
	}
	change := db.AttemptChange{Status: news[h.random.IntN(len(news))]}

	if channel == notification.ChannelSMS {
		change.Segments = h.random.IntN(4)
	}

	_, err = h.tenant.store.RecordAttempt(t.Context(), claim.Attempt.ID, change)
	require.NoError(t, err)
}

func requireAllowed(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		require.ErrorIs(t, err, db.ErrConflict)
	}
}

// TestFiguresAreExact: whatever happens to notifications, and however far the figures are folded, they are what counting
// everything gives.
func TestFiguresAreExact(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		random := rand.New(rand.NewPCG(2026, 11))
		tenants := []tenant{newTenant(t, store), newTenant(t, store)}
		histories := []*history{{random: random, tenant: tenants[0]}, {random: random, tenant: tenants[1]}}

		for step := range 600 {
			one := histories[random.IntN(len(histories))]
			if len(one.ids) == 0 || random.IntN(4) == 0 {
				one.accept(t)
			} else {
				one.act(t)
			}

			if random.IntN(20) == 0 {
				_, err := store.FoldFigures(t.Context(), 1+random.IntN(30))
				require.NoError(t, err)
			}

			if step%100 == 99 {
				requireExact(t, store, tenants[0].ente.ID)
			}
		}

		for {
			folded, err := store.FoldFigures(t.Context(), 50)
			require.NoError(t, err)
			requireExact(t, store, tenants[1].ente.ID)

			if folded == 0 {
				break
			}
		}
	})
}

func requireExact(t *testing.T, store *db.Store, enteID string) {
	t.Helper()

	day := func(day int) time.Time {
		italy, err := time.LoadLocation("Europe/Rome")
		require.NoError(t, err)

		return time.Date(2026, time.October, day, 0, 0, 0, 0, italy)
	}

	for _, filter := range []db.FigureFilter{
		{}, {EnteID: enteID}, {From: day(24), To: day(26)}, {EnteID: enteID, From: day(25)}, {To: day(25)},
	} {
		require.Equal(t, recount(t, store, filter), figures(t, store, filter), filter)
	}

	service, err := store.Services(t.Context(), enteID)
	require.NoError(t, err)

	for _, filter := range []db.Filter{
		{},
		{EnteID: enteID},
		{ServiceIDs: []string{service[0].ID}},
		{EnteID: enteID, ServiceIDs: []string{service[0].ID}, Channel: notification.ChannelSMS},
		{Statuses: []notification.Status{notification.StatusFailed, notification.StatusOnHold}, From: day(24)},
		{Reasons: []notification.Reason{notification.ReasonIOKeyRejected, notification.ReasonHeldByOperator}, To: day(26)},
		{EnteID: enteID, From: day(25), To: day(26)},
		{From: day(25).Add(time.Minute)},
		{BatchID: "batch-1", EnteID: enteID},
		{ExternalReference: "pratica-42"},
	} {
		one, err := store.CountByStatus(t.Context(), filter)
		require.NoError(t, err)
		counts, err := store.Counts(t.Context(), filter, 10_000)
		require.NoError(t, err)
		require.Equal(t, db.Counts{ByStatus: one}, counts, filter)
	}
}

// foldUntil folds until nothing more comes and nothing is left.
func foldUntil(t *testing.T, store *db.Store, done <-chan struct{}) {
	t.Helper()

	for {
		folded, err := store.FoldFigures(t.Context(), 7)
		require.NoError(t, err)

		select {
		case <-done:
			if folded == 0 {
				return
			}
		default:
		}
	}
}

// TestFoldingAtOnce: two workers fold while delivery goes on; nothing is counted twice and nothing is lost.
func TestFoldingAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)

		var (
			settling, folding sync.WaitGroup
			done              = make(chan struct{})
		)

		for worker := range 4 {
			settling.Go(func() {
				for range 25 {
					id := f.accepted(t, func(n *notification.Notification) { n.ExternalReference = strconv.Itoa(worker) })
					f.settle(t, id, notification.StatusFailed, notification.ReasonIOKeyRejected)

					_, err := store.ResetForRetry(t.Context(), id)
					require.NoError(t, err)
					require.NoError(t, store.Settle(t.Context(), id, db.Settlement{
						Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
					}))
				}
			})
		}

		for range 2 {
			folding.Go(func() { foldUntil(t, store, done) })
		}

		settling.Wait()
		close(done)
		folding.Wait()

		require.Equal(t, map[db.Figure]int{
			{
				Day: "2026-11-23", Measure: db.MeasureSettled, Status: notification.StatusDelivered,
				Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
			}: 100,
			{Measure: db.MeasureToDelivery, Channel: notification.ChannelIO}: 100,
		}, figures(t, store, db.FigureFilter{}))
	})
}

func TestTimesOfFigures(t *testing.T) {
	t.Parallel()

	for _, engine := range dbtest.Engines() {
		for _, took := range []time.Duration{0, time.Millisecond, 1300 * time.Millisecond, time.Minute, 26 * time.Hour, 40 * 24 * time.Hour} {
			t.Run(fmt.Sprint(engine, took), func(t *testing.T) {
				t.Parallel()

				due := moment(30)
				store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: func() time.Time { return due.Add(took) }})
				f := newTenant(t, store)
				// It was to be sent later than it was accepted: time counts from there.
				id := f.accepted(t, func(n *notification.Notification) { n.SendAt = due })

				claim, err := store.BeginAttempt(t.Context(), id, notification.ChannelIO, "")
				require.NoError(t, err)
				_, err = store.RecordAttempt(t.Context(), claim.Attempt.ID, db.AttemptChange{Status: notification.AttemptSent})
				require.NoError(t, err)
				require.NoError(t, store.Settle(t.Context(), id, db.Settlement{
					Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
				}))

				_, err = store.FoldFigures(t.Context(), 10)
				require.NoError(t, err)
				read, err := store.Figures(t.Context(), db.FigureFilter{EnteID: f.ente.ID})
				require.NoError(t, err)

				for _, measure := range []db.Measure{db.MeasureToIO, db.MeasureToDelivery} {
					i := slices.IndexFunc(read, func(figure db.Figure) bool { return figure.Measure == measure })
					require.GreaterOrEqual(t, i, 0, measure)
					require.Equal(t, 1, read[i].Total)
					require.InEpsilon(t, max(took, time.Millisecond), db.BucketTime(read[i].Bucket), 0.1, measure)
				}
			})
		}
	}
}

func TestCountsStopWhereTheyAreMany(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		for range 5 {
			f.accepted(t)
		}

		filter := db.Filter{ExternalReference: "pratica-42"}
		counts, err := store.Counts(t.Context(), filter, 5)
		require.NoError(t, err)
		require.Equal(t, db.Counts{ByStatus: map[notification.Status]int{notification.StatusAccepted: 5}}, counts)

		counts, err = store.Counts(t.Context(), filter, 4)
		require.NoError(t, err)
		require.Equal(t, db.Counts{More: true}, counts)
	})
}

func TestOpenStates(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)
		f.settle(t, f.accepted(t), notification.StatusFailed, notification.ReasonIOKeyRejected)

		for minutes := range 3 {
			id := f.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(100 - 45*minutes) })
			require.NoError(t, store.SetHold(t.Context(), id, notification.ReasonHeldByOperator))
		}

		neighbour.accepted(t)

		states, err := store.OpenStates(t.Context(), f.ente.ID)
		require.NoError(t, err)
		require.Equal(t, []db.OpenState{{
			Status: notification.StatusOnHold, Reason: notification.ReasonHeldByOperator, Total: 3, Oldest: moment(0),
		}}, states)

		states, err = store.OpenStates(t.Context(), "")
		require.NoError(t, err)
		require.Len(t, states, 2)
	})
}
