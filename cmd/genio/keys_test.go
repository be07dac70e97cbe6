package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// TestKeysAreExchanged goes the whole way of docs/operations.md.
func TestKeysAreExchanged(t *testing.T) {
	t.Parallel()

	o := newOffice(t)
	before, err := db.LoadKeys(o.keysFile)
	require.NoError(t, err)

	enteID := o.admin(t, "", "ente", "Comune di Prova", organizationCode)
	serviceID := o.admin(t, ioKey+"\n", "service", enteID, "Anagrafe", "--io-service-id=01JTEST")
	personID := o.admin(t, password, "account", "mario.rossi@comune.example", "Mario Rossi", "--role=operator", "--ente="+enteID)
	store := o.opened(t).Store
	require.NoError(t, store.LinkIdentity(t.Context(), personID, "https://id.example", "subject"))

	for _, set := range []string{"encryption", "index"} {
		old := strconv.FormatUint(uint64(before.Primary(db.KeySet(set))), 10)

		require.Error(t, o.refused(t, "", "keys", "retire", set, old), "the primary key")

		id := o.admin(t, "", "keys", "add", set)
		require.Equal(t, id, o.admin(t, "", "keys", "promote", set, id))
		require.ErrorContains(t, o.refused(t, "", "keys", "retire", set, old), "something is under the key still")
		require.ErrorContains(t, o.refused(t, "", "keys", "promote", set, "1"), "no such key")
	}

	after := o.opened(t).Store
	for _, table := range after.RekeyableTables() {
		_, err := after.Rekey(t.Context(), table, nil, func(db.Rekeyed, []string) error { return nil })
		require.NoError(t, err)
	}

	status := o.admin(t, "", "keys", "status", "--hashes")
	require.Contains(t, status, "services.io_keys")
	require.Contains(t, status, "identities.subject_hash")
	require.Contains(t, status, "by forget")
	require.Equal(t, "Removed: 1 links to a provider of identities, 0 recovery codes.", o.admin(t, "", "keys", "forget"))

	for _, set := range []string{"encryption", "index"} {
		old := strconv.FormatUint(uint64(before.Primary(db.KeySet(set))), 10)

		require.ErrorContains(t, o.refused(t, "", "keys", "remove", set, old), "not retired")

		for _, step := range []string{"retire", "restore", "retire"} {
			require.Equal(t, old, o.admin(t, "", "keys", step, set, old))
		}

		require.Contains(t, o.answer(t, "", "admin", "keys", "list", "--database-keys-file="+o.keysFile), "retired")
		require.Equal(t, old, o.admin(t, "", "keys", "remove", set, old))
	}

	keys, err := db.LoadKeys(o.keysFile)
	require.NoError(t, err)
	require.Len(t, keys.List(), 2)

	last := o.opened(t).Store
	got, err := last.ServiceKeys(t.Context(), serviceID)
	require.NoError(t, err)
	require.Equal(t, notification.ServiceKeys{Primary: ioKey}, got)

	entries, _, err := last.AuditLog(t.Context(), db.AuditFilter{}, db.Cursor{}, 50)
	require.NoError(t, err)

	var acts []string

	for _, entry := range entries {
		if strings.HasPrefix(entry.Action, "keys.") {
			acts = append(acts, entry.Action)
		}
	}

	require.Len(t, acts, 2*2+1+2*4, "every change is noted, and none that was refused: %v", acts)
}
