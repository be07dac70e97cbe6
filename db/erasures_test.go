package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

const otherFiscalCode = "VRDNNA85B41F205X"

// asked keeps a request to erase, made at a time after everything of the tests.
func (f tenant) asked(t *testing.T, change ...func(*notification.Erasure)) notification.Erasure {
	t.Helper()

	wanted := notification.Erasure{
		ID: newID(t), EnteID: f.ente.ID, Why: "Protocollo 1234/2026", OpenOnes: notification.OpenWait, ByID: newID(t), ByName: "Olga",
		CreatedAt: farFuture(), Found: 2,
	}
	for _, c := range change {
		c(&wanted)
	}

	require.NoError(t, f.store.CreateErasure(t.Context(), wanted, fiscalCode))

	return wanted
}

func TestEraseSettled(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)
		sent, open, theirs := f.delivered(t), f.begun(t), neighbour.delivered(t)
		other := f.accepted(t, func(n *notification.Notification) { n.Recipient.FiscalCode = otherFiscalCode })
		f.settle(t, other, notification.StatusExpired, notification.ReasonExpired)

		keyed := f.submission(t)
		keyed.IdempotencyKey = "chiave"
		_, _, err := store.Submit(t.Context(), keyed)
		require.NoError(t, err)
		f.settle(t, keyed.Notification.ID, notification.StatusExpired, notification.ReasonExpired)

		before, of := allFigures(t, store), f.asked(t)

		for _, want := range []int{2, 0} {
			erased, err := store.EraseSettled(t.Context(), of, fiscalCode)
			require.NoError(t, err)
			require.Equal(t, want, erased)
		}

		n, err := store.Notification(t.Context(), sent)
		require.NoError(t, err)
		require.Equal(t, notification.Recipient{}, n.Recipient)
		require.Equal(t, notification.Content{}, n.Content)
		require.Empty(t, n.ExternalReference)
		require.NotZero(t, n.ErasedAt)
		require.Equal(t, n.ErasedAt, n.ContentRemovedAt)
		require.Equal(t, notification.StatusDelivered, n.Status)
		require.Len(t, n.Attempts, 1)
		require.Empty(t, n.Attempts[0].ProviderID)

		_, err = store.AttemptByProviderID(t.Context(), notification.ChannelSMS, "SM"+sent)
		require.ErrorIs(t, err, db.ErrNotFound)

		for _, filter := range []db.Filter{{EnteID: f.ente.ID, FiscalCode: fiscalCode}, {EnteID: f.ente.ID, Phone: phone}} {
			left, _, err := store.List(t.Context(), filter, db.Cursor{}, 10)
			require.NoError(t, err)

			var ids []string
			for _, one := range left {
				ids = append(ids, one.ID)
			}

			require.Contains(t, ids, open)
			require.NotContains(t, ids, sent)
			require.NotContains(t, ids, keyed.Notification.ID)
		}

		theirsLeft, err := store.Notification(t.Context(), theirs)
		require.NoError(t, err)
		require.Equal(t, fiscalCode, theirsLeft.Recipient.FiscalCode)

		otherLeft, err := store.Notification(t.Context(), other)
		require.NoError(t, err)
		require.Equal(t, subject, otherLeft.Content.Subject)

		require.Equal(t, before, allFigures(t, store))

		waiting, err := store.CountOpenOfCitizen(t.Context(), of, fiscalCode)
		require.NoError(t, err)
		require.Equal(t, 1, waiting)

		ids, err := store.OpenOfCitizen(t.Context(), of, fiscalCode, "", 10)
		require.NoError(t, err)
		require.Equal(t, []string{open}, ids)

		// Sending again is possible, also under the key that was used before.
		keyed.Notification.ID = newID(t)
		_, replayed, err := store.Submit(t.Context(), keyed)
		require.NoError(t, err)
		require.False(t, replayed)

		read, err := store.Erasure(t.Context(), of.ID)
		require.NoError(t, err)
		require.Equal(t, 2, read.Erased.Notifications)
	})
}

// TestErasureOfWhatWasThere: what is sent after the request is not touched by it.
func TestErasureOfWhatWasThere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		of := f.asked(t, func(e *notification.Erasure) { e.CreatedAt = moment(1) })
		at := f.delivered(t)
		later := f.accepted(t, func(n *notification.Notification) { n.AcceptedAt = moment(2) })
		f.settle(t, later, notification.StatusExpired, notification.ReasonExpired)

		erased, err := store.EraseSettled(t.Context(), of, fiscalCode)
		require.NoError(t, err)
		require.Equal(t, 1, erased)
		require.NotZero(t, f.head(t, at).ErasedAt)
		require.Zero(t, f.head(t, later).ErasedAt)
	})
}

func TestEraseBatchRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		of := f.asked(t)
		id, rows := f.confirmed(t, false, good, good, bad)
		f.accept(t, id, rows[0])

		// Handed to delivery already: it has to end first.
		erased, err := store.EraseBatchRow(t.Context(), of, id, rows[0].Number, true)
		require.NoError(t, err)
		require.False(t, erased)

		// Waits for its turn: it goes, as far as it is to be cancelled.
		erased, err = store.EraseBatchRow(t.Context(), of, id, rows[1].Number, false)
		require.NoError(t, err)
		require.False(t, erased)
		erased, err = store.EraseBatchRow(t.Context(), of, id, rows[1].Number, true)
		require.NoError(t, err)
		require.True(t, erased)
		require.Equal(t, 1, f.stored(t, id).Counts.Good)
		require.Equal(t, 2, f.stored(t, id).Counts.Bad)

		// Nobody would send a bad one.
		erased, err = store.EraseBatchRow(t.Context(), of, id, rows[2].Number, false)
		require.NoError(t, err)
		require.True(t, erased)

		f.move(t, id, notification.BatchCompleted)

		erased, err = store.EraseBatchRow(t.Context(), of, id, rows[0].Number, false)
		require.NoError(t, err)
		require.False(t, erased, "its notification is open")

		f.settle(t, rows[0].NotificationID, notification.StatusExpired, notification.ReasonExpired)

		erased, err = store.EraseBatchRow(t.Context(), of, id, rows[0].Number, false)
		require.NoError(t, err)
		require.True(t, erased)
		require.NotZero(t, f.head(t, rows[0].NotificationID).ErasedAt)

		left, err := store.BatchRows(t.Context(), id, db.RowFilter{}, 0, 10)
		require.NoError(t, err)
		require.Len(t, left, 3)

		for _, row := range left {
			require.JSONEq(t, "{}", string(row.Payload))
			require.Empty(t, row.ContentHash)
		}

		read, err := store.Erasure(t.Context(), of.ID)
		require.NoError(t, err)
		require.Equal(t, notification.ErasedCounts{Notifications: 1, BatchRows: 3}, read.Erased)

		kept, err := store.KeptBatches(t.Context(), of, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Len(t, kept, 1)
		require.Equal(t, id, kept[0].ID)

		kept, err = store.KeptBatches(t.Context(), of, db.Cursor{AcceptedAt: kept[0].CreatedAt, ID: id}, 10)
		require.NoError(t, err)
		require.Empty(t, kept)
	})
}

func TestEraseChecks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)

		for _, check := range []db.RecipientCheck{
			{EnteID: f.ente.ID, ServiceID: f.service.ID, FiscalCode: fiscalCode},
			{EnteID: f.ente.ID, ServiceID: f.service.ID, FiscalCode: otherFiscalCode},
			{EnteID: neighbour.ente.ID, ServiceID: neighbour.service.ID, FiscalCode: fiscalCode},
		} {
			check.ID = newID(t)
			require.NoError(t, store.CreateRecipientCheck(t.Context(), check))
		}

		erased, err := store.EraseChecks(t.Context(), f.asked(t), fiscalCode)
		require.NoError(t, err)
		require.Equal(t, 1, erased)

		everywhere := f.asked(t, func(e *notification.Erasure) { e.EnteID = "" })
		erased, err = store.EraseChecks(t.Context(), everywhere, fiscalCode)
		require.NoError(t, err)
		require.Equal(t, 1, erased)
	})
}

func TestErasureRequests(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(10)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f, neighbour := newTenant(t, store), newTenant(t, store)

		first := f.asked(t, func(e *notification.Erasure) { e.CreatedAt = moment(1) })
		second := neighbour.asked(t, func(e *notification.Erasure) { e.CreatedAt = moment(2) })

		due, err := store.UnstartedErasures(t.Context(), moment(2), 10)
		require.NoError(t, err)
		require.Len(t, due, 1)
		require.Equal(t, first.ID, due[0].ID)
		require.NoError(t, store.MarkErasureStarted(t.Context(), first.ID))

		of, code, err := store.ErasureSubject(t.Context(), first.ID)
		require.NoError(t, err)
		require.Equal(t, fiscalCode, code)
		require.Equal(t, 2, of.Found)

		require.NoError(t, store.NoteErasure(t.Context(), first.ID, 3, []string{"draft"}))
		require.NoError(t, store.FinishErasure(t.Context(), first.ID))
		require.NoError(t, store.NoteErasure(t.Context(), first.ID, 4, nil), "it has ended, and stays so")

		ended, code, err := store.ErasureSubject(t.Context(), first.ID)
		require.NoError(t, err)
		require.Empty(t, code)
		require.Equal(t, notification.ErasureCompleted, ended.Status)
		require.Equal(t, moment(10), ended.EndedAt)
		require.Zero(t, ended.Waiting)
		require.Equal(t, []string{"draft"}, ended.Drafts)

		page, more, err := store.Erasures(t.Context(), "", db.Cursor{}, 1)
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, second.ID, page[0].ID)

		page, more, err = store.Erasures(t.Context(), "", db.Cursor{AcceptedAt: page[0].CreatedAt, ID: second.ID}, 1)
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, first.ID, page[0].ID)

		page, _, err = store.Erasures(t.Context(), neighbour.ente.ID, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Len(t, page, 1)

		purged, err := store.PurgeErasures(t.Context(), farFuture())
		require.NoError(t, err)
		require.Equal(t, 1, purged, "one is under way")
	})
}
