package db_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

func keysJSON(tb testing.TB, keys *db.Keys) string {
	tb.Helper()

	document, err := keys.JSON()
	require.NoError(tb, err)

	return string(document)
}

func TestKeysSurviveJSON(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		keys, url := newKeys(t), dbtest.URL(t, engine)
		f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: keys}))
		id := f.accepted(t)

		same, err := db.KeysFromJSON([]byte(keysJSON(t, keys)))
		require.NoError(t, err)

		store := dbtest.OpenWith(t, db.Config{URL: url, Keys: same})
		got, err := store.Notification(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, fiscalCode, got.Recipient.FiscalCode)
		require.Equal(t, []string{id}, listedIDs(t, store, db.Filter{FiscalCode: fiscalCode}))

		stranger := dbtest.OpenWith(t, db.Config{URL: url})
		_, err = stranger.Notification(t.Context(), id)
		require.ErrorIs(t, err, db.ErrUndecryptable)
		require.Empty(t, listedIDs(t, stranger, db.Filter{FiscalCode: fiscalCode}))
	})
}

// rotated adds the keys of a second document to the first's and makes the second's primary.
func rotated(t *testing.T, old, fresh *db.Keys) *db.Keys {
	t.Helper()

	type keyset struct { // in the form of Tink's JSON
		PrimaryKeyID json.Number       `json:"primaryKeyId"` //nolint:tagliatelle // Tink's own name.
		Key          []json.RawMessage `json:"key"`
	}

	var documents [2]map[string]keyset

	for i, keys := range []*db.Keys{old, fresh} {
		require.NoError(t, json.Unmarshal([]byte(keysJSON(t, keys)), &documents[i]))
	}

	for name, retired := range documents[0] {
		current := documents[1][name]
		current.Key = append(current.Key, retired.Key...)
		documents[1][name] = current
	}

	document, err := json.Marshal(documents[1])
	require.NoError(t, err)

	keys, err := db.KeysFromJSON(document)
	require.NoError(t, err)

	return keys
}

func TestKeysCanBeRotated(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		old, url := newKeys(t), dbtest.URL(t, engine)
		f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: old}))
		submission := f.submission(t)
		submission.IdempotencyKey = "key"
		before, _, err := f.store.Submit(t.Context(), submission)
		require.NoError(t, err)

		f.store = dbtest.OpenWith(t, db.Config{URL: url, Keys: rotated(t, old, newKeys(t))})
		again := f.submission(t)
		again.IdempotencyKey = "key"
		id, replayed, err := f.store.Submit(t.Context(), again)
		require.NoError(t, err)
		require.True(t, replayed, "a key used before the rotation is still known")
		require.Equal(t, before, id)

		after := f.submission(t)
		after.IdempotencyKey = "another key"
		id, replayed, err = f.store.Submit(t.Context(), after)
		require.NoError(t, err)
		require.False(t, replayed)
		require.ElementsMatch(t, []string{before, id}, listedIDs(t, f.store, db.Filter{FiscalCode: fiscalCode}))
		require.ElementsMatch(t, []string{before, id}, listedIDs(t, f.store, db.Filter{Phone: phone}))
	})
}

func TestKeysFromJSONRefuses(t *testing.T) {
	t.Parallel()

	valid := keysJSON(t, newKeys(t))

	var parts map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(valid), &parts))

	for name, document := range map[string]string{
		"nothing":         "",
		"no object":       "[]",
		"an empty object": "{}",
		"no index":        fmt.Sprintf(`{"encryption": %s}`, parts["encryption"]),
		"keysets swapped": fmt.Sprintf(`{"encryption": %s, "index": %s}`, parts["index"], parts["encryption"]),
		"a broken keyset": fmt.Sprintf(`{"encryption": {"key": "secret"}, "index": %s}`, parts["index"]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := db.KeysFromJSON([]byte(document))
			require.Error(t, err)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func FuzzKeysFromJSON(f *testing.F) {
	keys, err := db.NewKeys()
	require.NoError(f, err)
	f.Add([]byte(keysJSON(f, keys)))
	f.Add([]byte(`{"encryption":{"primaryKeyId":1,"key":[{}]},"index":null}`))

	f.Fuzz(func(t *testing.T, document []byte) {
		keys, err := db.KeysFromJSON(document)
		if err != nil {
			return
		}

		_, err = db.KeysFromJSON([]byte(keysJSON(t, keys)))
		require.NoError(t, err)
	})
}

func TestKeysDoNotPrint(t *testing.T) {
	t.Parallel()

	keys := newKeys(t)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		require.Equal(t, "db.Keys(secret)", fmt.Sprintf(format, keys))
	}
}

func TestLoadOrCreateKeys(t *testing.T) {
	t.Parallel()

	file := filepath.Join(t.TempDir(), "keys.json")

	_, err := db.LoadKeys(file)
	require.ErrorIs(t, err, fs.ErrNotExist)

	const processes = 8

	documents, errs := make([]string, processes), make([]error, processes)

	var group sync.WaitGroup
	for i := range processes {
		group.Go(func() {
			keys, err := db.LoadOrCreateKeys(file)
			if errs[i] = err; err == nil {
				documents[i] = keysJSON(t, keys)
			}
		})
	}

	group.Wait()

	for i := range processes {
		require.NoError(t, errs[i])
		require.JSONEq(t, documents[0], documents[i])
	}

	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no draft may be left behind")

	loaded, err := db.LoadKeys(file)
	require.NoError(t, err)
	require.JSONEq(t, documents[0], keysJSON(t, loaded))
}

func TestLoadKeysRefusesAnOpenFile(t *testing.T) {
	t.Parallel()

	for mode, accepted := range map[fs.FileMode]bool{
		0o600: true, 0o400: true, 0o640: true, 0o440: true, 0o644: false, 0o604: false, 0o660: false, 0o601: false,
	} {
		t.Run(fmt.Sprintf("%04o", mode), func(t *testing.T) {
			t.Parallel()

			file := filepath.Join(t.TempDir(), "keys.json")
			require.NoError(t, os.WriteFile(file, []byte(keysJSON(t, newKeys(t))), 0o600))
			require.NoError(t, os.Chmod(file, mode))

			for _, load := range []func(string) (*db.Keys, error){db.LoadKeys, db.LoadOrCreateKeys} {
				_, err := load(file)
				if accepted {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, "others may touch it")
				}
			}
		})
	}
}

func TestKeysAreExchangedStepByStep(t *testing.T) {
	t.Parallel()

	for _, set := range db.KeySets() {
		keys := newKeys(t)
		old := keys.Primary(set)

		with, id, err := keys.Add(set)
		require.NoError(t, err)
		require.Len(t, keys.List(), 2, "the keys themselves stay as they are")
		require.Equal(t, old, with.Primary(set), "a new key is not the primary one yet")
		require.Contains(t, with.List(), db.KeyInfo{Set: set, ID: id})

		_, err = with.Retire(set, old)
		require.ErrorIs(t, err, db.ErrPrimaryKey)

		promoted, err := with.Promote(set, id)
		require.NoError(t, err)
		require.Equal(t, id, promoted.Primary(set))
		_, err = promoted.Remove(set, old)
		require.ErrorIs(t, err, db.ErrLiveKey)

		retired, err := promoted.Retire(set, old)
		require.NoError(t, err)
		require.Contains(t, retired.List(), db.KeyInfo{Set: set, ID: old, Retired: true})
		_, err = retired.Promote(set, old)
		require.ErrorIs(t, err, db.ErrRetiredKey)

		restored, err := retired.Restore(set, old)
		require.NoError(t, err)
		require.Equal(t, promoted.List(), restored.List())

		removed, err := retired.Remove(set, old)
		require.NoError(t, err)
		_, err = removed.Key(set, old)
		require.ErrorIs(t, err, db.ErrUnknownKey)

		for _, change := range []func(db.KeySet, uint32) (*db.Keys, error){
			keys.Promote, keys.Retire, keys.Restore, keys.Remove,
		} {
			_, err = change(set, id)
			require.ErrorIs(t, err, db.ErrUnknownKey)
		}
	}

	_, _, err := newKeys(t).Add("other")
	require.ErrorIs(t, err, db.ErrInvalid)
}

func TestReplaceKeys(t *testing.T) {
	t.Parallel()

	file := filepath.Join(t.TempDir(), "keys.json")
	follower, err := db.LoadOrCreateKeys(file)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(file, 0o640))

	add := func(keys *db.Keys) (*db.Keys, error) {
		with, _, err := keys.Add(db.KeySetIndex)

		return with, err
	}
	require.NoError(t, db.ReplaceKeys(file, add))

	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	require.Len(t, follower.List(), 2)

	changed, err := follower.Follow(file)
	require.NoError(t, err)
	require.True(t, changed)
	require.Len(t, follower.List(), 3)
	changed, err = follower.Follow(file)
	require.NoError(t, err)
	require.False(t, changed)

	// Nobody's change is lost to another one.
	err = db.ReplaceKeys(file, func(keys *db.Keys) (*db.Keys, error) {
		require.NoError(t, db.ReplaceKeys(file, add))

		return add(keys)
	})
	require.ErrorIs(t, err, db.ErrKeysChanged)

	_, err = follower.Follow(file)
	require.NoError(t, err)
	require.Len(t, follower.List(), 4)

	// What cannot be made is not written, and nothing stays behind.
	require.ErrorIs(t, db.ReplaceKeys(file, func(*db.Keys) (*db.Keys, error) { return nil, db.ErrUnknownKey }), db.ErrUnknownKey)

	link := filepath.Join(t.TempDir(), "link.json")
	require.NoError(t, os.Symlink(file, link))
	require.ErrorContains(t, db.ReplaceKeys(link, add), "no ordinary file")

	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, entries, 1)

	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	_, err = follower.Follow(file)
	require.Error(t, err)
	require.Len(t, follower.List(), 4, "what is known stays in use")
}
