package db_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// plainBytes are columns of bytes that no key protects: hashes of long random texts.
func plainBytes() []string {
	return []string{"api_keys.secret_hash", "invitations.token_hash", "sessions.token_hash"}
}

// TestEveryColumnOfBytesIsToldOf: a column that is encrypted, or searched by a keyed hash, comes under new keys, and counts
// before a key is removed.
func TestEveryColumnOfBytesIsToldOf(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		query := `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'bytea'`
		if store.ORM().Name() == "sqlite" {
			query = `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
				WHERE m.type = 'table' AND lower(c.type) = 'blob'`
		}

		var stored []string

		require.NoError(t, store.ORM().Raw(query).Scan(&stored).Error)
		require.NotEmpty(t, stored)
		require.ElementsMatch(t, stored, append(db.ProtectedColumns(), plainBytes()...))
	})
}

// promoted adds a key to each keyset and makes it the primary one.
func promoted(t *testing.T, keys *db.Keys) *db.Keys {
	t.Helper()

	for _, set := range db.KeySets() {
		with, id, err := keys.Add(set)
		require.NoError(t, err)
		keys, err = with.Promote(set, id)
		require.NoError(t, err)
	}

	return keys
}

// without retires and removes every key but the primary ones.
func without(t *testing.T, keys *db.Keys) *db.Keys {
	t.Helper()

	for _, key := range keys.List() {
		if key.Primary {
			continue
		}

		retired, err := keys.Retire(key.Set, key.ID)
		require.NoError(t, err)
		keys, err = retired.Remove(key.Set, key.ID)
		require.NoError(t, err)
	}

	return keys
}

// rekey brings everything under the primary keys.
func rekey(t *testing.T, store *db.Store) (total db.Rekeyed) {
	t.Helper()

	for _, table := range store.RekeyableTables() {
		done, err := store.Rekey(t.Context(), table, nil, func(db.Rekeyed, []string) error { return nil })
		require.NoError(t, err)

		total.Rows += done.Rows
		total.Values += done.Values
		total.Hashes += done.Hashes
		total.Unreadable += done.Unreadable
	}

	return total
}

// earlier are the uses of other keys than the primary ones.
func earlier(t *testing.T, store *db.Store) (brought, kept []db.KeyUse) {
	t.Helper()

	uses, err := store.KeyUses(t.Context(), true)
	require.NoError(t, err)

	encryption, index := store.Primary()

	for _, use := range uses {
		switch {
		case use.Set == db.KeySetEncryption && use.Key == encryption, use.Set == db.KeySetIndex && use.Key == index:
		case use.Kept:
			kept = append(kept, use)
		default:
			brought = append(brought, use)
		}
	}

	return brought, kept
}

// recognisable has the hash of its content, as what the API accepts has.
func recognisable(n *notification.Notification) {
	n.ContentHash = notification.ContentHash(n.ServiceID, n.Recipient.FiscalCode, n.Content)
}

func TestRekey(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		keys, url := newKeys(t), dbtest.URL(t, engine)
		store := dbtest.OpenWith(t, db.Config{URL: url, Keys: keys})
		storeEverything(t, store)

		f := newTenant(t, store)
		id := f.accepted(t, recognisable)
		person := newUser(t, store, f)
		require.NoError(t, store.LinkIdentity(t.Context(), person.ID, "https://id.example", "another subject"))

		// Each table and column with something protected is there, or this test would not see what it does to it.
		uses, err := store.KeyUses(t.Context(), true)
		require.NoError(t, err)

		var counted []string

		for _, use := range uses {
			require.NotZero(t, use.Values, use)
			counted = append(counted, use.Table+"."+use.Column)
		}

		slices.Sort(counted)
		require.Equal(t, db.CountedColumns(), slices.Compact(counted))

		brought, kept := earlier(t, store)
		require.Empty(t, kept)

		foreign := ofNothingThere(brought)

		changed := promoted(t, keys)
		after := dbtest.OpenWith(t, db.Config{URL: url, Keys: changed})

		total := rekey(t, after)
		require.NotZero(t, total.Values)
		require.NotZero(t, total.Hashes)
		require.Zero(t, total.Unreadable)

		brought, kept = earlier(t, after)
		require.Equal(t, foreign, brought, "nothing is under the earlier keys, but hashes of what is not there")
		require.NotEmpty(t, kept)

		// A second time there is nothing to do.
		require.Equal(t, db.Rekeyed{Rows: total.Rows}, rekey(t, after))

		// What is kept under an earlier index key goes by being used, or forgotten.
		_, err = after.UserByIdentity(t.Context(), "https://id.example", "another subject")
		require.NoError(t, err)
		identities, codes, err := after.ForgetHashes(t.Context())
		require.NoError(t, err)
		require.Equal(t, [2]int{1, 1}, [2]int{identities, codes})

		// Everything can be read and found without the old keys.
		last := dbtest.OpenWith(t, db.Config{URL: url, Keys: without(t, changed)})
		found, err := last.Notification(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, fiscalCode, found.Recipient.FiscalCode)
		require.Equal(t, markdown, found.Content.Markdown)
		require.Contains(t, listedIDs(t, last, db.Filter{FiscalCode: fiscalCode}), id)
		require.Contains(t, listedIDs(t, last, db.Filter{Phone: phone}), id)

		again, err := last.SentSince(t.Context(), f.ente.ID,
			notification.ContentHash(f.service.ID, fiscalCode, found.Content), moment(0))
		require.NoError(t, err)
		require.Equal(t, id, again.ID)

		io, err := last.ServiceKeys(t.Context(), f.service.ID)
		require.NoError(t, err)
		require.Equal(t, ioKey, io.Primary)

		data, known, err := last.Sessions().FindCtx(t.Context(), "session-token")
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, "data of the session", string(data))

		same, err := last.UserByIdentity(t.Context(), "https://id.example", "another subject")
		require.NoError(t, err)
		require.Equal(t, person.ID, same.ID)
	})
}

// ofNothingThere are the uses of which no key is known: the fixtures have hashes of contents that nobody stored.
func ofNothingThere(uses []db.KeyUse) (foreign []db.KeyUse) {
	for _, use := range uses {
		if use.Key == 0 {
			foreign = append(foreign, use)
		}
	}

	return foreign
}

// TestRekeyGoesOn after a process that ended in its midst, and looks at nothing twice.
func TestRekeyGoesOn(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		keys, url := newKeys(t), dbtest.URL(t, engine)
		f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: keys}))

		for range 3 {
			f.drafted(t, slices.Repeat([]notification.RowState{good}, 90)...)
		}

		f.store = dbtest.OpenWith(t, db.Config{URL: url, Keys: promoted(t, keys)})

		ctx, kill := context.WithCancel(t.Context())
		place := []string(nil)
		first, err := f.store.Rekey(ctx, "batch_rows", nil, func(_ db.Rekeyed, reached []string) error {
			place = reached

			kill()

			return ctx.Err()
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, place, 2)
		require.Equal(t, db.Rekeyed{Rows: 200, Values: 200, Hashes: 200}, first)

		rest, err := f.store.Rekey(t.Context(), "batch_rows", place, func(db.Rekeyed, []string) error { return nil })
		require.NoError(t, err)
		require.Equal(t, db.Rekeyed{Rows: 70, Values: 70, Hashes: 70}, rest)

		for _, wrong := range [][]string{{"one"}, {"batch", "no number"}} {
			_, err = f.store.Rekey(t.Context(), "batch_rows", wrong, func(db.Rekeyed, []string) error { return nil })
			require.ErrorIs(t, err, db.ErrInvalid)
		}

		_, err = f.store.Rekey(t.Context(), "enti", nil, func(db.Rekeyed, []string) error { return nil })
		require.ErrorIs(t, err, db.ErrInvalid)
	})
}

// TestRekeyLeavesWhatItCannotRead and what is not there.
func TestRekeyLeavesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		keys, url := newKeys(t), dbtest.URL(t, engine)
		f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: keys}))
		damaged, erased, emptied, whole := f.accepted(t), f.accepted(t), f.accepted(t), f.accepted(t)
		orm := f.store.ORM()
		require.NoError(t, orm.Exec("UPDATE notifications SET recipient = ? WHERE id = ?", []byte("damaged"), damaged).Error)
		require.NoError(t, orm.Exec("UPDATE notifications SET fiscal_code_hash = ? WHERE id = ?", []byte("erased"), erased).Error)
		require.NoError(t, orm.Exec("UPDATE notifications SET content = ?, phone_hash = NULL WHERE id = ?", []byte{}, emptied).Error)

		f.store = dbtest.OpenWith(t, db.Config{URL: url, Keys: promoted(t, keys)})
		done, err := f.store.Rekey(t.Context(), "notifications", nil, func(db.Rekeyed, []string) error { return nil })
		require.NoError(t, err)
		require.Equal(t, db.Rekeyed{Rows: 4, Values: 1 + 2 + 1 + 2, Hashes: 0 + 1 + 1 + 2, Unreadable: 1}, done)
		require.ElementsMatch(t, []string{damaged, whole, emptied}, idsByFiscalCode(t, f.store))

		var kept []byte

		require.NoError(t, orm.Raw("SELECT recipient FROM notifications WHERE id = ?", damaged).Row().Scan(&kept))
		require.Equal(t, "damaged", string(kept))
	})
}

// idsByFiscalCode looks without decrypting, since one recipient is damaged.
func idsByFiscalCode(t *testing.T, store *db.Store) (ids []string) {
	t.Helper()

	query, parameters, err := store.PageStatement(t.Context(), db.Filter{FiscalCode: fiscalCode}, db.Cursor{}, 10)
	require.NoError(t, err)

	rows, err := store.Pool().QueryContext(t.Context(), "SELECT CAST(id AS text) FROM ("+query+") AS found", parameters...)
	require.NoError(t, err)

	defer func() { require.NoError(t, rows.Close()) }()

	for rows.Next() {
		var id string

		require.NoError(t, rows.Scan(&id))
		ids = append(ids, id)
	}

	require.NoError(t, rows.Err())

	return ids
}

// TestRekeyUnderWrites: what others write meanwhile is never overwritten.
func TestRekeyUnderWrites(t *testing.T) { //nolint:gocognit // One story.
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		keys, url := newKeys(t), dbtest.URL(t, engine)
		f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: keys}))
		changed := promoted(t, keys)
		after := dbtest.OpenWith(t, db.Config{URL: url, Keys: changed})
		sessions := f.store.Sessions()

		const tokens = 20

		for i := range tokens {
			require.NoError(t, sessions.CommitCtx(t.Context(), strconv.Itoa(i), []byte("0"), farFuture()))
		}

		var writers sync.WaitGroup

		last := make([]string, tokens)
		stop := make(chan struct{})

		for _, store := range []*db.Store{f.store, after} {
			writers.Go(func() {
				for round := 1; ; round++ {
					for i := range tokens {
						// Each writer has its own sessions.
						if (i%2 == 0) != (store == after) {
							continue
						}

						select {
						case <-stop:
							return
						default:
						}

						data := strconv.Itoa(round)
						if err := store.Sessions().CommitCtx(t.Context(), strconv.Itoa(i), []byte(data), farFuture()); err == nil {
							last[i] = data
						}
					}
				}
			})
		}

		for range 10 {
			_, err := after.Rekey(t.Context(), "sessions", nil, func(db.Rekeyed, []string) error { return nil })
			require.NoError(t, err)
		}

		close(stop)
		writers.Wait()
		rekey(t, after)

		only := dbtest.OpenWith(t, db.Config{URL: url, Keys: without(t, changed)})

		for i := range tokens {
			data, found, err := only.Sessions().FindCtx(t.Context(), strconv.Itoa(i))
			require.NoError(t, err)
			require.True(t, found)

			if last[i] != "" {
				require.Equal(t, last[i], string(data))
			}
		}
	})
}

// TestOneKeyUnderTwoIndexKeys: while some processes write with the old primary key and others with the new one, a repeated
// request is one notification, a repeated bulk one bulk, and a person of a provider is linked once.
func TestOneKeyUnderTwoIndexKeys(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		keys, url := newKeys(t), dbtest.URL(t, engine)
		with, id, err := keys.Add(db.KeySetIndex)
		require.NoError(t, err)
		ahead, err := with.Promote(db.KeySetIndex, id)
		require.NoError(t, err)

		f := newTenant(t, dbtest.OpenWith(t, db.Config{URL: url, Keys: with}))
		stores := []*db.Store{f.store, dbtest.OpenWith(t, db.Config{URL: url, Keys: ahead})}
		person := newUser(t, f.store, f)

		for round := range 20 {
			key := fmt.Sprint("key ", round)

			var (
				both  sync.WaitGroup
				ids   [2]string
				bulks [2][]db.BulkItem
				links [2]error
				errs  [4]error
			)

			for i, store := range stores {
				both.Go(func() {
					submission := f.submission(t)
					submission.IdempotencyKey = key
					ids[i], _, errs[i] = store.Submit(t.Context(), submission)

					bulk := f.bulk(t, key+"/1", key+"/2")
					bulks[i], _, errs[2+i] = store.SubmitBulk(t.Context(), bulk)
					links[i] = store.LinkIdentity(t.Context(), person.ID, "https://id.example", key)
				})
			}

			both.Wait()

			for _, err := range errs {
				require.NoError(t, err)
			}

			require.Equal(t, ids[0], ids[1])
			require.Equal(t, bulks[0][0].ID, bulks[1][0].ID)
			require.Equal(t, bulks[0][1].ID, bulks[1][1].ID)
			require.NotEqual(t, links[0] == nil, links[1] == nil, links)
		}
	})
}
