package db_test

import (
	"bytes"
	stdio "io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

// file reads a batch's file to its end.
func (f tenant) file(tb testing.TB, id string) ([]byte, error) {
	tb.Helper()

	file, err := f.store.OpenBatchFile(tb.Context(), id)
	if err != nil {
		return nil, err
	}

	content, err := stdio.ReadAll(file)
	require.NoError(tb, file.Close())

	return content, err
}

func TestBatchFileIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)

		for _, pieces := range [][]string{{}, {"one"}, {"one", "", "three", "f"}} {
			id := f.batch(t)

			var want bytes.Buffer

			for i, piece := range pieces {
				want.WriteString(piece)
				require.NoError(t, store.AddBatchChunk(t.Context(), id, i, []byte(piece)))
			}

			_, err := store.OpenBatchFile(t.Context(), id)
			require.ErrorIs(t, err, db.ErrConflict, "the file is not whole")

			require.NoError(t, store.UploadedBatch(t.Context(), id, int64(want.Len())))
			require.EqualValues(t, want.Len(), f.stored(t, id).FileSize)

			for range 2 {
				file, err := store.OpenBatchFile(t.Context(), id)
				require.NoError(t, err)
				require.NoError(t, iotest.TestReader(file, want.Bytes()))
				require.NoError(t, file.Close())
			}
		}
	})
}

func TestBatchFileRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.uploaded(t)

		require.ErrorIs(t, store.AddBatchChunk(t.Context(), id, 2, []byte("more")), db.ErrConflict)
		require.ErrorIs(t, store.UploadedBatch(t.Context(), id, 1), db.ErrConflict)
		require.ErrorIs(t, store.AddBatchChunk(t.Context(), newID(t), 0, nil), db.ErrNotFound)
		require.ErrorIs(t, store.UploadedBatch(t.Context(), newID(t), 0), db.ErrNotFound)
		_, err := store.OpenBatchFile(t.Context(), newID(t))
		require.ErrorIs(t, err, db.ErrNotFound)

		broken := f.batch(t)
		require.NoError(t, store.AddBatchChunk(t.Context(), broken, 0, []byte("one")))
		require.ErrorIs(t, store.AddBatchChunk(t.Context(), broken, 0, []byte("one")), db.ErrDuplicate)

		require.NoError(t, store.UploadedBatch(t.Context(), broken, 6))
		_, err = f.file(t, broken)
		require.ErrorIs(t, err, db.ErrNotFound, "half a file must not look like a whole one")
	})
}

func TestPiecesOfFilesAreBoundToTheirPlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.uploaded(t)
		content, err := f.file(t, id)
		require.NoError(t, err)
		require.Contains(t, string(content), fiscalCode)

		require.NoError(t, store.ORM().Exec("UPDATE batch_chunks SET data = (SELECT data FROM batch_chunks WHERE number = 0)").Error)
		_, err = f.file(t, id)
		require.ErrorIs(t, err, db.ErrUndecryptable)
	})
}
