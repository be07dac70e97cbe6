package db_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

func listedIDs(t *testing.T, store *db.Store, filter db.Filter) []string {
	t.Helper()

	page, more, err := store.List(t.Context(), filter, db.Cursor{}, 100)
	require.NoError(t, err)
	require.False(t, more)

	ids := make([]string, len(page))
	for i, n := range page {
		ids[i] = n.ID
	}

	return ids
}

func TestListPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const total, pageSize = 7, 3

		f := newTenant(t, store)
		newTenant(t, store).accepted(t)

		var want []string

		for i := range total {
			// Pairs share a time, to the fraction of a second, so that the id has to decide.
			id := f.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(i / 2).Add(123_456_000) })
			want = append(want, id)
		}

		slices.Reverse(want)

		var (
			got    []string
			cursor db.Cursor
		)

		for {
			page, more, err := store.List(t.Context(), db.Filter{EnteID: f.ente.ID}, cursor, pageSize)
			require.NoError(t, err)

			for _, n := range page {
				got = append(got, n.ID)
				require.Equal(t, notification.Recipient{FiscalCode: fiscalCode, Phone: phone}, n.Recipient)
				require.Zero(t, n.Content)
				require.Nil(t, n.Attempts)
			}

			require.Equal(t, len(got) < total, more)

			if !more {
				break
			}

			require.Len(t, page, pageSize)
			last := page[len(page)-1]
			cursor = db.Cursor{AcceptedAt: last.AcceptedAt, ID: last.ID}
		}

		require.Equal(t, want, got)
	})
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)
		second := f.service
		second.ID = newID(t)
		require.NoError(t, store.CreateService(t.Context(), second, notification.ServiceKeys{}))

		plain := f.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(1) })
		other := f.accepted(t, func(n *notification.Notification) {
			n.AcceptedAt, n.ServiceID, n.BatchID, n.ExternalReference = moment(2), second.ID, "", ""
			n.Recipient = notification.Recipient{FiscalCode: "VRDNNA85B41F205X"}
		})
		delivered := f.accepted(t, func(n *notification.Notification) { n.AcceptedAt, n.BatchID = moment(3), "batch-2" })
		require.NoError(t, store.Settle(t.Context(), delivered, db.Settlement{
			Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS,
		}))
		foreign := neighbour.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(4) })

		tests := map[string]struct {
			filter db.Filter
			want   []string
		}{
			"nothing":  {db.Filter{}, []string{foreign, delivered, other, plain}},
			"Ente":     {db.Filter{EnteID: f.ente.ID}, []string{delivered, other, plain}},
			"services": {db.Filter{ServiceIDs: []string{second.ID, neighbour.service.ID}}, []string{foreign, other}},
			"status":   {db.Filter{Statuses: []notification.Status{notification.StatusDelivered}}, []string{delivered}},
			"statuses": {
				db.Filter{EnteID: f.ente.ID, Statuses: []notification.Status{"accepted", "delivered"}},
				[]string{delivered, other, plain},
			},
			"reason": {db.Filter{Reasons: []notification.Reason{notification.ReasonSMSDelivered, "x"}}, []string{delivered}},
			"reasons": {
				db.Filter{EnteID: f.ente.ID, Reasons: []notification.Reason{notification.ReasonSMSDelivered, ""}},
				[]string{delivered, other, plain},
			},
			"channel":     {db.Filter{Channel: notification.ChannelSMS}, []string{delivered}},
			"batch":       {db.Filter{BatchID: "batch-2"}, []string{delivered}},
			"reference":   {db.Filter{EnteID: f.ente.ID, ExternalReference: "pratica-42"}, []string{delivered, plain}},
			"fiscal code": {db.Filter{FiscalCode: "VRDNNA85B41F205X"}, []string{other}},
			"phone":       {db.Filter{EnteID: f.ente.ID, Phone: phone}, []string{delivered, plain}},
			"from":        {db.Filter{From: moment(3)}, []string{foreign, delivered}},
			"to":          {db.Filter{To: moment(3)}, []string{other, plain}},
			"no such":     {db.Filter{EnteID: neighbour.ente.ID, FiscalCode: "VRDNNA85B41F205X"}, []string{}},
		}
		for name, test := range tests {
			require.Equal(t, test.want, listedIDs(t, store, test.filter), name)

			counts, err := store.CountByStatus(t.Context(), test.filter)
			require.NoError(t, err)

			total := 0
			for _, count := range counts {
				total += count
			}

			require.Len(t, test.want, total, name)

			found, err := store.CountUpTo(t.Context(), test.filter, 2)
			require.NoError(t, err)
			require.Equal(t, min(2, total), found, name)
		}

		counts, err := store.CountByStatus(t.Context(), db.Filter{EnteID: f.ente.ID})
		require.NoError(t, err)
		require.Equal(t, map[notification.Status]int{notification.StatusAccepted: 2, notification.StatusDelivered: 1}, counts)
	})
}

// TestSeveralReasonsComeInOneOrder: pages of several reasons give every notification once, the newest first.
func TestSeveralReasonsComeInOneOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		reasons := []notification.Reason{notification.ReasonIOKeyRejected, notification.ReasonIOForbidden, notification.ReasonIOUnavailable}

		var want []string

		for i := range 9 {
			id := f.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(i / 2) })
			f.settle(t, id, notification.StatusFailed, reasons[i%len(reasons)])

			if i%len(reasons) != 2 {
				want = append(want, id)
			}
		}

		slices.Reverse(want)

		var (
			got    []string
			cursor db.Cursor
		)

		for more := true; more; {
			var (
				page []notification.Notification
				err  error
			)

			page, more, err = store.List(t.Context(), db.Filter{EnteID: f.ente.ID, Reasons: reasons[:2]}, cursor, 2)
			require.NoError(t, err)
			require.NotEmpty(t, page)

			for _, n := range page {
				got = append(got, n.ID)
				cursor = db.Cursor{AcceptedAt: n.AcceptedAt, ID: n.ID}
			}
		}

		require.Equal(t, want, got)
	})
}
