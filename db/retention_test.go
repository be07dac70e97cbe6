package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

const day = 24 * time.Hour

// begunRetention begins a run and gives its id.
func begunRetention(t *testing.T, store *db.Store) string {
	t.Helper()

	id := newID(t)
	require.NoError(t, store.BeginRetention(t.Context(), id))

	return id
}

// delivered submits a notification, hands it over by SMS, and settles it.
func (f tenant) delivered(t *testing.T) string {
	t.Helper()

	id := f.begun(t)
	claim, err := f.store.BeginAttempt(t.Context(), id, notification.ChannelSMS, "")
	require.NoError(t, err)
	_, err = f.store.RecordAttempt(t.Context(), claim.Attempt.ID, db.AttemptChange{
		Status: notification.AttemptSent, ProviderID: "SM" + id, ProviderStatus: "sent", Segments: 2,
	})
	require.NoError(t, err)
	require.NoError(t, f.store.RecordProviderEvent(t.Context(), claim.Attempt.ID, "delivered", moment(5)))
	require.NoError(t, f.store.Settle(t.Context(), id, db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS,
	}))
	require.NoError(t, f.store.SaveTimeline(t.Context(), id, []byte(`{"entries":[]}`)))

	return id
}

// allFigures are the figures as they would be shown, folded or not.
func allFigures(t *testing.T, store *db.Store) map[db.Figure]int {
	t.Helper()

	found := figures(t, store, db.FigureFilter{})
	require.NotEmpty(t, found)

	return found
}

func TestRemoveContent(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f, neighbour := newTenant(t, store), newTenant(t, store)

		old, open, theirs := f.delivered(t), f.begun(t), neighbour.delivered(t)
		failed := f.begun(t)
		f.settle(t, failed, notification.StatusFailed, notification.ReasonIOKeyRejected)

		now = now.Add(90 * day)
		recent := f.delivered(t)
		before := allFigures(t, store)
		run := begunRetention(t, store)
		removal := db.Removal{RunID: run, EnteID: f.ente.ID, Before: moment(1)}

		for _, want := range []int{2, 0} {
			removed, err := store.RemoveContent(t.Context(), removal)
			require.NoError(t, err)
			require.Equal(t, want, removed)
		}

		n, err := store.Notification(t.Context(), old)
		require.NoError(t, err)
		require.Equal(t, notification.Content{}, n.Content)
		require.Equal(t, notification.Recipient{FiscalCode: fiscalCode}, n.Recipient)
		require.Equal(t, now, n.ContentRemovedAt)
		require.Equal(t, notification.StatusDelivered, n.Status)
		require.Equal(t, "pratica-42", n.ExternalReference)

		for _, id := range []string{open, recent, theirs} {
			n, err := store.Notification(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, subject, n.Content.Subject)
			require.Equal(t, phone, n.Recipient.Phone)
			require.Zero(t, n.ContentRemovedAt)
		}

		byPhone, _, err := store.List(t.Context(), db.Filter{EnteID: f.ente.ID, Phone: phone}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Len(t, byPhone, 2)

		byCode, _, err := store.List(t.Context(), db.Filter{EnteID: f.ente.ID, FiscalCode: fiscalCode}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Len(t, byCode, 4)

		_, err = store.ResetForRetry(t.Context(), failed)
		require.ErrorIs(t, err, db.ErrConflict, "nothing is left to be sent")
		require.Equal(t, before, allFigures(t, store))

		read, err := store.RetentionRun(t.Context(), run, f.ente.ID)
		require.NoError(t, err)
		require.Equal(t, 2, read.Total(notification.RemovedContent))
	})
}

// TestRemoveContentThatCannotBeRead: a lost key must not keep content for ever.
func TestRemoveContentThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.delivered(t)
		require.NoError(t, store.ORM().Exec("UPDATE notifications SET recipient = content WHERE id = ?", id).Error)

		removed, err := store.RemoveContent(t.Context(), db.Removal{RunID: begunRetention(t, store), EnteID: f.ente.ID, Before: farFuture()})
		require.NoError(t, err)
		require.Equal(t, 1, removed)
		require.NotZero(t, f.head(t, id).ContentRemovedAt)
	})
}

// TestRemoveNotifications: all of a notification goes, and no figure changes, whether it is folded yet or not.
func TestRemoveNotifications(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f, neighbour := newTenant(t, store), newTenant(t, store)

		old, open, theirs := f.delivered(t), f.begun(t), neighbour.delivered(t)
		keyed := f.submission(t)
		keyed.IdempotencyKey = "one"
		_, _, err := store.Submit(t.Context(), keyed)
		require.NoError(t, err)
		f.settle(t, keyed.Notification.ID, notification.StatusExpired, notification.ReasonExpired)

		_, err = store.FoldFigures(t.Context(), 3)
		require.NoError(t, err)

		before := allFigures(t, store)
		removal := db.Removal{RunID: begunRetention(t, store), EnteID: f.ente.ID, Before: moment(1)}

		// What has its content still is not removed whole.
		removed, err := store.RemoveNotifications(t.Context(), removal)
		require.NoError(t, err)
		require.Zero(t, removed)

		_, err = store.RemoveContent(t.Context(), removal)
		require.NoError(t, err)

		for _, want := range []int{2, 0} {
			removed, err := store.RemoveNotifications(t.Context(), removal)
			require.NoError(t, err)
			require.Equal(t, want, removed)
		}

		for _, id := range []string{old, keyed.Notification.ID} {
			_, err := store.Head(t.Context(), id)
			require.ErrorIs(t, err, db.ErrNotFound)
		}

		for table, want := range map[string]int64{
			"notifications": 2, "attempts": 1, "provider_events": 1, "timelines": 1, "runs": 2, "idempotency_keys": 0,
		} {
			var left int64

			require.NoError(t, store.ORM().Table(table).Count(&left).Error)
			require.Equal(t, want, left, table)
		}

		f.head(t, open)
		f.head(t, theirs)
		require.Equal(t, before, allFigures(t, store))

		_, err = store.FoldFigures(t.Context(), 1000)
		require.NoError(t, err)
		require.Equal(t, before, allFigures(t, store))
	})
}

func TestRemoveNotificationsOfInterventions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		f.delivered(t)

		intervention := notification.Intervention{
			ID: newID(t), Act: notification.InterventionCancel, Choice: "paid", Why: "Pagate allo sportello", ByRole: "support",
			CreatedAt: farFuture(),
		}
		require.NoError(t, store.CreateIntervention(t.Context(), intervention))
		_, err := store.CollectItems(t.Context(), intervention.ID, db.Filter{EnteID: f.ente.ID}, 10, 10)
		require.NoError(t, err)

		removal := db.Removal{RunID: begunRetention(t, store), EnteID: f.ente.ID, Before: farFuture()}
		_, err = store.RemoveContent(t.Context(), removal)
		require.NoError(t, err)
		removed, err := store.RemoveNotifications(t.Context(), removal)
		require.NoError(t, err)
		require.Equal(t, 1, removed)

		purged, err := store.PurgeInterventions(t.Context(), farFuture())
		require.NoError(t, err)
		require.Zero(t, purged, "it has not ended")

		require.NoError(t, store.FinishIntervention(t.Context(), intervention.ID))
		purged, err = store.PurgeInterventions(t.Context(), farFuture())
		require.NoError(t, err)
		require.Equal(t, 1, purged)
	})
}

func TestRemoveBatches(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		completed, rows := f.confirmed(t, false, good)
		f.accept(t, completed, rows...)
		f.move(t, completed, notification.BatchCompleted)

		draft, _ := f.drafted(t, good)

		discarded, err := store.DiscardDrafts(t.Context(), f.ente.ID, farFuture())
		require.NoError(t, err)
		require.Equal(t, 1, discarded)
		require.Equal(t, notification.BatchDiscarded, f.stored(t, draft).Status)

		_, err = store.PurgeBatches(t.Context(), f.ente.ID, farFuture())
		require.NoError(t, err)

		removed, err := store.RemoveBatches(t.Context(), f.ente.ID, farFuture())
		require.NoError(t, err)
		require.Equal(t, 1, removed, "the other one still has a notification")
		f.stored(t, completed)

		f.settle(t, rows[0].NotificationID, notification.StatusExpired, notification.ReasonExpired)

		removal := db.Removal{RunID: begunRetention(t, store), EnteID: f.ente.ID, Before: farFuture()}
		_, err = store.RemoveContent(t.Context(), removal)
		require.NoError(t, err)
		_, err = store.RemoveNotifications(t.Context(), removal)
		require.NoError(t, err)

		removed, err = store.RemoveBatches(t.Context(), f.ente.ID, farFuture())
		require.NoError(t, err)
		require.Equal(t, 1, removed)
	})
}

func TestRetentionUsesItsIndexes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)
		fill(t, f)
		fill(t, neighbour)
		// Half of them have ended, and half of these are without content.
		require.NoError(t, store.ORM().Exec(
			"UPDATE notifications SET status = 'expired', settled_at = accepted_at WHERE queued_at < accepted_at").Error)
		require.NoError(t, store.ORM().Exec("UPDATE notifications SET content_removed_at = settled_at WHERE accepted_at > ?", moment(30)).Error)
		require.NoError(t, store.ORM().Exec("ANALYZE").Error)

		for index, statement := range store.RetentionStatements(t.Context(), f.ente.ID, moment(40)) {
			requireIndexed(t, explain(t, store, statement.SQL, statement.Parameters...), index)
		}
	})
}

func TestAuditLogIsKeptForFiveYears(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		old := entry(f, "service.create", "one", 0)
		old.At = time.Now().AddDate(-5, 0, -2)
		young := entry(f, "service.create", "two", 0)
		young.At = time.Now().AddDate(-5, 0, 2)

		require.NoError(t, store.Audit(t.Context(), old))
		require.NoError(t, store.Audit(t.Context(), young))

		_, err := store.PurgeAudit(t.Context(), time.Now().AddDate(-4, 0, 0))
		require.ErrorIs(t, err, db.ErrInvalid)

		purged, err := store.PurgeAudit(t.Context(), time.Now().AddDate(-5, 0, -1))
		require.NoError(t, err)
		require.Equal(t, 1, purged)

		left, _, err := store.AuditLog(t.Context(), db.AuditFilter{}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Len(t, left, 1)
		require.Equal(t, "two", left[0].ObjectID)
	})
}

func TestRetentionRuns(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)

		_, found, err := store.LatestRetention(t.Context())
		require.NoError(t, err)
		require.False(t, found)

		died := begunRetention(t, store)
		now = moment(1)
		run := begunRetention(t, store)
		require.NoError(t, store.BeginRetention(t.Context(), run), "it may be repeated")

		require.NoError(t, store.NoteRemoved(t.Context(), run, f.ente.ID, notification.RemovedDrafts, 2))
		require.NoError(t, store.NoteRemoved(t.Context(), run, f.ente.ID, notification.RemovedDrafts, 3))
		require.NoError(t, store.NoteRemoved(t.Context(), run, "", notification.RemovedSessions, 4))
		require.NoError(t, store.NoteRemoved(t.Context(), run, "", notification.RemovedAudit, 0))
		require.NoError(t, store.FinishRetention(t.Context(), run))

		runs, err := store.RetentionRuns(t.Context(), "", 10)
		require.NoError(t, err)
		require.Len(t, runs, 2)
		require.Equal(t, notification.RetentionRun{
			ID: run, Status: notification.RetentionCompleted, StartedAt: moment(1), EndedAt: moment(1),
			Counts: []notification.RetentionCount{
				{Kind: notification.RemovedSessions, Total: 4},
				{EnteID: f.ente.ID, Kind: notification.RemovedDrafts, Total: 5},
			},
		}, runs[0])
		require.Equal(t, died, runs[1].ID)
		require.Equal(t, notification.RetentionFailed, runs[1].Status)

		ours, err := store.RetentionRuns(t.Context(), f.ente.ID, 1)
		require.NoError(t, err)
		require.Len(t, ours[0].Counts, 1)

		now = moment(2)
		faulty := begunRetention(t, store)
		require.NoError(t, store.NoteNotRemoved(t.Context(), faulty, f.ente.ID, notification.RemovedContent))
		require.NoError(t, store.FinishRetention(t.Context(), faulty))

		latest, found, err := store.LatestRetention(t.Context())
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, notification.RetentionFailed, latest.Status)

		purged, err := store.PurgeRetentionRuns(t.Context(), moment(2))
		require.NoError(t, err)
		require.Equal(t, 2, purged)
		_, err = store.RetentionRun(t.Context(), run, "")
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestRetentionOfAnEnte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)

		usual, err := store.Retention(t.Context(), f.ente.ID)
		require.NoError(t, err)
		require.Equal(t, notification.Retention{ContentDays: 90, OutcomeDays: 730}, usual)

		f.ente.Retention = notification.Retention{ContentDays: 30, OutcomeDays: 365}
		require.NoError(t, store.UpdateEnte(t.Context(), f.ente))

		changed, err := store.Retention(t.Context(), f.ente.ID)
		require.NoError(t, err)
		require.Equal(t, f.ente.Retention, changed)

		f.ente.Retention = notification.Retention{ContentDays: 365, OutcomeDays: 364}
		require.ErrorIs(t, store.UpdateEnte(t.Context(), f.ente), db.ErrInvalid)

		ids, err := store.EnteIDs(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{f.ente.ID}, ids)
	})
}
