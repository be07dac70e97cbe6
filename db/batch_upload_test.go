package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

const uploadKey = "tari-2026"

// pieces gives a batch a file that is not told to be whole.
func (f tenant) pieces(tb testing.TB) string {
	tb.Helper()

	id := f.batch(tb)
	require.NoError(tb, f.store.AddBatchChunk(tb.Context(), id, 0, []byte("codice_fiscale\n")))

	return id
}

func (f tenant) due(tb testing.TB) int {
	tb.Helper()

	starts, err := f.store.UnstartedBatches(tb.Context(), time.Now().Add(time.Hour), 100)
	require.NoError(tb, err)

	return len(starts)
}

func TestFinishUploadClaimsTheKeyForTheFirst(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, foreign := newTenant(t, store), newTenant(t, store)
		first, second, other := f.pieces(t), f.pieces(t), f.pieces(t)

		earlier, err := store.FinishUpload(t.Context(), first, 15, uploadKey, []byte("file"))
		require.NoError(t, err)
		require.Empty(t, earlier)
		require.Equal(t, 1, f.due(t))

		earlier, err = store.FinishUpload(t.Context(), second, 15, uploadKey, []byte("file"))
		require.NoError(t, err)
		require.Equal(t, first, earlier)

		_, err = store.FinishUpload(t.Context(), other, 15, uploadKey, []byte("another file"))
		require.ErrorIs(t, err, db.ErrConflict)
		require.Equal(t, 1, f.due(t), "neither the repetition nor the conflict waits for a check")

		earlier, err = store.FinishUpload(t.Context(), foreign.pieces(t), 15, uploadKey, []byte("another file"))
		require.NoError(t, err)
		require.Empty(t, earlier, "a key is its Ente's own")

		_, err = store.FinishUpload(t.Context(), first, 15, uploadKey, []byte("file"))
		require.ErrorIs(t, err, db.ErrConflict, "it is whole")
	})
}

func TestFinishUploadWithoutAKeyClaimsNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)

		for range 2 {
			earlier, err := store.FinishUpload(t.Context(), f.pieces(t), 15, "", []byte("file"))
			require.NoError(t, err)
			require.Empty(t, earlier)
		}

		require.Equal(t, 2, f.due(t))
	})
}

func TestFinishUploadConcurrentlyUnderOneKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const uploads = 8

		f := newTenant(t, store)
		ids, errs := make([]string, uploads), make([]error, uploads)

		for i := range uploads {
			ids[i] = f.pieces(t)
		}

		together(t, store, uploads, func(i int) {
			var earlier string

			earlier, errs[i] = store.FinishUpload(t.Context(), ids[i], 15, uploadKey, []byte("file"))
			if earlier != "" {
				ids[i] = earlier
			}
		})

		require.NoError(t, errors.Join(errs...))

		for _, id := range ids {
			require.Equal(t, ids[0], id)
		}

		require.Equal(t, 1, f.due(t))
	})
}

func TestAnUploadsKeyIsRecognisedAfterARotation(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		keys, url := newKeys(t), dbtest.URL(t, engine)
		before := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: keys}))
		first := before.pieces(t)

		_, err := before.store.FinishUpload(t.Context(), first, 15, uploadKey, []byte("file"))
		require.NoError(t, err)

		after := before
		after.store = dbtest.OpenWith(t, db.Config{URL: url, Keys: rotated(t, keys, newKeys(t))})

		earlier, err := after.store.FinishUpload(t.Context(), after.pieces(t), 15, uploadKey, []byte("file"))
		require.NoError(t, err)
		require.Equal(t, first, earlier)
	})
}

func TestRemoveUploadTakesABrokenOneBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		broken, whole := f.pieces(t), f.uploaded(t)

		require.NoError(t, store.RemoveUpload(t.Context(), broken))

		_, err := store.Batch(t.Context(), broken)
		require.ErrorIs(t, err, db.ErrNotFound)

		require.ErrorIs(t, store.RemoveUpload(t.Context(), broken), db.ErrNotFound)
		require.ErrorIs(t, store.RemoveUpload(t.Context(), whole), db.ErrConflict)

		_, err = store.Batch(t.Context(), whole)
		require.NoError(t, err)

		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, store.RemoveUpload(cancelled, whole), context.Canceled)
	})
}
