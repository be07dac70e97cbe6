package db_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// page makes notifications of rows.
func (f tenant) page(tb testing.TB, batchID string, rows []db.BatchRow) []notification.Notification {
	tb.Helper()

	page := make([]notification.Notification, len(rows))
	for i, r := range rows {
		page[i] = f.notificationOf(tb, batchID, r)
	}

	return page
}

// TestAcceptRowsTwice: what is there already stays, and what is new beside it is added.
func TestAcceptRowsTwice(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(5)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		id, rows := f.confirmed(t, false, good, good, good, good)
		page := f.page(t, id, rows)

		starts, err := store.AcceptRows(t.Context(), page[:3])
		require.NoError(t, err)
		require.Equal(t, []string{page[0].ID, page[1].ID, page[2].ID}, idsOf(starts))
		require.Equal(t, db.Start{
			ID: page[0].ID, EnteID: f.ente.ID, ServiceID: f.service.ID, Priority: notification.PriorityBulk,
			Policy: notification.DefaultPolicy(), ExpiresAt: moment(600), Run: 1,
		}, starts[0])
		require.Equal(t, moment(5), f.stored(t, id).StartedAt)

		got, err := store.Notification(t.Context(), page[0].ID)
		require.NoError(t, err)
		require.Equal(t, page[0].Recipient, got.Recipient)
		require.Equal(t, page[0].Content, got.Content)
		require.Equal(t, notification.StatusAccepted, got.Status)

		require.NoError(t, store.MarkStarted(t.Context(), page[0].ID, 1, "run-1"))
		f.settle(t, page[1].ID, notification.StatusCancelled, notification.ReasonCancelledByEnte)

		now = moment(6)
		changed := slices.Clone(page)
		changed[0].ExternalReference = "another"
		slices.Reverse(changed)

		starts, err = store.AcceptRows(t.Context(), changed)
		require.NoError(t, err)
		require.Equal(t, []string{page[3].ID, page[2].ID}, idsOf(starts), "in the order of the notifications given")
		require.Equal(t, "pratica-42", f.head(t, page[0].ID).ExternalReference)
		require.Equal(t, notification.StatusCancelled, f.head(t, page[1].ID).Status)
		require.Equal(t, moment(5), f.stored(t, id).StartedAt)
	})
}

func TestAcceptRowsConcurrently(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const processes, size = 8, 50

		f := newTenant(t, store)
		id, rows := f.confirmed(t, false, slices.Repeat(states(good), size)...)
		starts, errs := make([][]db.Start, processes), make([]error, processes)

		together(t, store, processes, func(i int) {
			page := f.page(t, id, rows)
			if i%2 == 1 {
				slices.Reverse(page)
			}

			starts[i], errs[i] = store.AcceptRows(t.Context(), page)
		})

		for i := range processes {
			require.NoError(t, errs[i])
			require.Len(t, starts[i], size)
		}

		counts, err := store.CountByStatus(t.Context(), db.Filter{BatchID: id})
		require.NoError(t, err)
		require.Equal(t, map[notification.Status]int{notification.StatusAccepted: size}, counts)
	})
}

func TestAcceptRowsRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id, rows := f.confirmed(t, false, good, good)
		other, _ := f.confirmed(t, false, good)

		nothing, err := store.AcceptRows(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, nothing)

		tests := map[string]struct {
			change func(n *notification.Notification)
			want   error
		}{
			"another batch's row":  {func(n *notification.Notification) { n.BatchID = other }, db.ErrInvalid},
			"an id that is none":   {func(n *notification.Notification) { n.ID = fiscalCode }, db.ErrInvalid},
			"a final status":       {func(n *notification.Notification) { n.Status = notification.StatusFailed }, db.ErrInvalid},
			"an unknown service":   {func(n *notification.Notification) { n.ServiceID = newID(t) }, db.ErrNotFound},
			"an unknown priority":  {func(n *notification.Notification) { n.Priority = "later" }, db.ErrInvalid},
			"a neighbour's tenant": {func(n *notification.Notification) { n.EnteID = newTenant(t, store).ente.ID }, db.ErrNotFound},
		}
		for name, test := range tests {
			page := f.page(t, id, rows)
			test.change(&page[1])

			_, err := store.AcceptRows(t.Context(), page)
			require.ErrorIs(t, err, test.want, name)
		}

		counts, err := store.CountByStatus(t.Context(), db.Filter{BatchID: id})
		require.NoError(t, err)
		require.Empty(t, counts, "a page is accepted as a whole or not at all")

		unknown := f.page(t, newID(t), rows)
		_, err = store.AcceptRows(t.Context(), unknown)
		require.ErrorIs(t, err, db.ErrNotFound)

		f.move(t, id, notification.BatchCancelled)
		_, err = store.AcceptRows(t.Context(), f.page(t, id, rows))
		require.ErrorIs(t, err, db.ErrConflict, "nothing more of a cancelled batch is sent")
	})
}
