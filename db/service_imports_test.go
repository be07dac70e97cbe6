package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

const manageKey = "5d1f6f1c0e7b4a3c9f88aa01b2c3d4e5"

// begunImport begins a reading of the Ente's services.
func (f tenant) begunImport(tb testing.TB) string {
	tb.Helper()

	id := newID(tb)
	require.NoError(tb, f.store.CreateServiceImport(tb.Context(),
		db.ServiceImport{ID: id, EnteID: f.ente.ID, CreatedAt: moment(1)}, manageKey))

	return id
}

func TestServiceImports(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, ctx := newTenant(t, store), t.Context()
		id := f.begunImport(t)

		key, err := store.ServiceImportKey(ctx, id)
		require.NoError(t, err)
		require.Equal(t, manageKey, key)

		require.NoError(t, store.StageServices(ctx, id, []db.StagedService{
			{IOServiceID: "01JB", Number: 1, Name: "Biblioteca", Lifecycle: "draft"},
			{IOServiceID: "01JA", Number: 0, Name: "Tributi", MaxPaymentCents: 5000, Lifecycle: "approved"},
		}))
		require.NoError(t, store.StageServices(ctx, id, []db.StagedService{{IOServiceID: "01JA", Name: "once more"}}))
		require.NoError(t, store.StageKeys(ctx, id, "01JA", notification.ServiceKeys{Primary: ioKey, Secondary: otherKey}, ""))
		require.NoError(t, store.StageKeys(ctx, id, "01JB", notification.ServiceKeys{}, "io_forbidden"))
		require.NoError(t, store.StagePublication(ctx, id, "01JA", "published"))
		require.ErrorIs(t, store.StageKeys(ctx, id, "01JX", notification.ServiceKeys{Primary: ioKey}, ""), db.ErrNotFound)
		require.NoError(t, store.NoteServiceImport(ctx, id, "io_unavailable"))

		running, err := store.ServiceImport(ctx, id)
		require.NoError(t, err)
		require.Equal(t, db.ServiceImport{
			ID: id, EnteID: f.ente.ID, State: db.ImportRunning, Problem: "io_unavailable", CreatedAt: moment(1), Found: 2, Fetched: 2,
		}, running)

		found, err := store.StagedServices(ctx, id)
		require.NoError(t, err)
		require.Equal(t, []db.StagedService{
			{
				IOServiceID: "01JA", Name: "Tributi", MaxPaymentCents: 5000, Lifecycle: "approved", Publication: "published", HasKeys: true,
			},
			{IOServiceID: "01JB", Number: 1, Name: "Biblioteca", Lifecycle: "draft", Problem: "io_forbidden"},
		}, found)

		keys, err := store.StagedKeys(ctx, id)
		require.NoError(t, err)
		require.Equal(t, map[string]notification.ServiceKeys{"01JA": {Primary: ioKey, Secondary: otherKey}}, keys)

		require.ErrorIs(t, store.CloseServiceImport(ctx, id, db.ImportDone), db.ErrConflict, "it still runs")
		require.NoError(t, store.FinishServiceImport(ctx, id, ""))
		require.NoError(t, store.FinishServiceImport(ctx, id, "io_unavailable"), "it has ended")

		_, err = store.ServiceImportKey(ctx, id)
		require.ErrorIs(t, err, db.ErrNotFound, "the manage key goes with the reading")
		require.NoError(t, store.CloseServiceImport(ctx, id, db.ImportDone))
		require.ErrorIs(t, store.CloseServiceImport(ctx, id, db.ImportForgotten), db.ErrConflict)

		found, err = store.StagedServices(ctx, id)
		require.NoError(t, err)
		require.Empty(t, found)

		listed, err := store.ServiceImports(ctx, f.ente.ID, 10)
		require.NoError(t, err)
		require.Len(t, listed, 1)
		require.Equal(t, db.ImportDone, listed[0].State)
		require.NotZero(t, listed[0].EndedAt)
		require.Empty(t, listed[0].Problem)
	})
}

func TestAServiceImportThatFailed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, ctx := newTenant(t, store), t.Context()
		id := f.begunImport(t)

		require.NoError(t, store.FinishServiceImport(ctx, id, "io_key_rejected"))

		failed, err := store.ServiceImport(ctx, id)
		require.NoError(t, err)
		require.Equal(t, db.ImportFailed, failed.State)
		require.Equal(t, "io_key_rejected", failed.Problem)

		unstarted := f.begunImport(t)
		require.NoError(t, store.DiscardServiceImport(ctx, unstarted))
		_, err = store.ServiceImport(ctx, unstarted)
		require.ErrorIs(t, err, db.ErrNotFound)

		require.ErrorIs(t, store.CreateServiceImport(ctx, db.ServiceImport{ID: newID(t), EnteID: newID(t)}, manageKey), db.ErrNotFound)
	})
}

func TestPurgeServiceImports(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, ctx := newTenant(t, store), t.Context()
		id := f.begunImport(t)
		require.NoError(t, store.StageServices(ctx, id, []db.StagedService{{IOServiceID: "01JA", Name: "Tributi"}}))

		purged, err := store.PurgeServiceImports(ctx, moment(1))
		require.NoError(t, err)
		require.Zero(t, purged)

		purged, err = store.PurgeServiceImports(ctx, moment(2))
		require.NoError(t, err)
		require.Equal(t, 1, purged)

		_, err = store.ServiceImport(ctx, id)
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}

func TestManageKeys(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, ctx := newTenant(t, store), t.Context()

		_, err := store.ManageKey(ctx, f.ente.ID)
		require.ErrorIs(t, err, db.ErrNotFound)

		saved, err := store.ManageKeySaved(ctx, f.ente.ID)
		require.NoError(t, err)
		require.Zero(t, saved)

		for _, key := range []string{otherKey, manageKey} {
			require.NoError(t, store.SetManageKey(ctx, f.ente.ID, key))

			kept, err := store.ManageKey(ctx, f.ente.ID)
			require.NoError(t, err)
			require.Equal(t, key, kept)
		}

		saved, err = store.ManageKeySaved(ctx, f.ente.ID)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), saved, time.Minute)

		require.NoError(t, store.RemoveManageKey(ctx, f.ente.ID))
		require.NoError(t, store.RemoveManageKey(ctx, f.ente.ID))
		_, err = store.ManageKey(ctx, f.ente.ID)
		require.ErrorIs(t, err, db.ErrNotFound)
		require.ErrorIs(t, store.SetManageKey(ctx, newID(t), manageKey), db.ErrNotFound)
	})
}

func TestChangingAnAPIKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, ctx := newTenant(t, store), t.Context()
		key := db.APIKey{ID: newID(t), EnteID: f.ente.ID, Name: "gestionale", CreatedAt: moment(1), ExpiresAt: moment(100)}
		require.NoError(t, store.CreateAPIKey(ctx, key, []byte("hash")))

		seen, err := store.APIKey(ctx, key.ID)
		require.NoError(t, err)
		require.Equal(t, 1, seen.Version)
		require.Empty(t, seen.IPRanges)

		changed := seen
		changed.Name, changed.IPRanges, changed.ExpiresAt = "protocollo", []string{"192.0.2.0/24", "2001:db8::/32"}, time.Time{}
		require.NoError(t, store.UpdateAPIKey(ctx, changed))
		require.ErrorIs(t, store.UpdateAPIKey(ctx, changed), db.ErrConflict, "it was seen before the change")

		changed.Version = 2
		read, err := store.APIKey(ctx, key.ID)
		require.NoError(t, err)
		require.Equal(t, changed, read)

		read.SuccessorID, read.ExpiresAt = newID(t), moment(50)
		require.NoError(t, store.ReplaceAPIKey(ctx, read))

		replaced, err := store.APIKey(ctx, key.ID)
		require.NoError(t, err)
		require.Equal(t, read.SuccessorID, replaced.SuccessorID)
		require.Equal(t, moment(50), replaced.ExpiresAt)
		require.ErrorIs(t, store.ReplaceAPIKey(ctx, replaced), db.ErrConflict, "it has a successor")

		require.NoError(t, store.RevokeAPIKey(ctx, f.ente.ID, key.ID))
		require.ErrorIs(t, store.UpdateAPIKey(ctx, replaced), db.ErrConflict, "it is revoked")

		_, err = store.APIKey(ctx, newID(t))
		require.ErrorIs(t, err, db.ErrNotFound)
	})
}
