package gateway_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/workflows"
)

func TestReencrypt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		require.NoError(t, b.Reencrypt(t.Context(), system()))

		starts := b.temporal.startsOf(workflows.ReencryptionID)
		require.Len(t, starts, 1)
		require.Equal(t, workflows.ReencryptionWorkflow, starts[0].GetWorkflowType().GetName())
		require.Equal(t, workflows.TaskQueue, starts[0].GetTaskQueue().GetName())

		var in workflows.ReencryptionInput

		decode(t, starts[0].GetInput(), &in)

		encryption, index := store.Primary()
		require.Equal(t, workflows.ReencryptionInput{Encryption: encryption, Index: index}, in)

		b.temporal.mutex.Lock()
		b.temporal.onStart = func(*startRequest) (*startResponse, error) {
			return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("", "", "")
		}
		b.temporal.mutex.Unlock()
		require.ErrorIs(t, b.Reencrypt(t.Context(), system()), gateway.ErrUnderWay)

		require.Equal(t, []string{"keys.reencrypt", "keys.reencrypt"}, b.doneBy(t, system().ID)[:2])
	})
}

func TestChangeKeysNotesWhatWasDone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		require.NoError(t, b.ChangeKeys(t.Context(), system(), "add", db.KeySetIndex, func() (uint32, error) { return 7, nil }))

		failed := errors.New("the file cannot be written")
		err := b.ChangeKeys(t.Context(), system(), "promote", db.KeySetIndex, func() (uint32, error) { return 7, failed })
		require.ErrorIs(t, err, failed)

		_, _, err = b.ForgetHashes(t.Context(), system())
		require.NoError(t, err)

		entries, _, err := store.AuditLog(t.Context(), db.AuditFilter{ActorIDs: []string{system().ID}}, db.Cursor{}, 2)
		require.NoError(t, err)
		require.Equal(t, "keys.forget", entries[0].Action)
		require.Equal(t, "keys.add", entries[1].Action)
		require.Equal(t, map[string]string{"scope": "index", "key": "7"}, entries[1].Detail)
	})
}

func TestKeysAreForThoseWhoGovern(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		for _, actor := range []gateway.Actor{b.application(), b.user(gateway.RoleAdministrator), support(), {}} {
			require.ErrorIs(t, b.Reencrypt(t.Context(), actor), gateway.ErrForbidden)
			require.ErrorIs(t, b.ChangeKeys(t.Context(), actor, "add", db.KeySetIndex, nil), gateway.ErrForbidden)

			_, _, err := b.ForgetHashes(t.Context(), actor)
			require.ErrorIs(t, err, gateway.ErrForbidden)
		}

		require.Empty(t, b.temporal.startsOf(workflows.ReencryptionID))
	})
}
