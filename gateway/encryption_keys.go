package gateway

import (
	"context"
	"errors"
	"strconv"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/workflows"
)

// ErrUnderWay means that it is being done already.
var ErrUnderWay = errors.New("under way already")

// ChangeKeys has the keys changed that protect what is stored, and notes who did it: either both or neither. The verb is one of
// add, promote, retire, restore and remove; an id of 0 is of a key that is not known before. Change's error comes back as it is.
func (g *Gateway) ChangeKeys(ctx context.Context, actor Actor, verb string, set db.KeySet, change func() (id uint32, err error)) error {
	if !actor.mayGovern() {
		return ErrForbidden
	}

	return g.audited(ctx, actor, func(*db.Store) (Act, error) {
		id, err := change()

		return keysAct(verb, "scope", string(set), "key", strconv.FormatUint(uint64(id), 10)), err
	})
}

// Reencrypt begins to bring everything that is stored under the primary keys, in the background. [ErrUnderWay] where that is
// being done already.
func (g *Gateway) Reencrypt(ctx context.Context, actor Actor) error {
	if !actor.mayGovern() {
		return ErrForbidden
	}

	if err := g.audit(ctx, actor, keysAct("reencrypt")); err != nil {
		return err
	}

	encryption, index := g.Store.Primary()

	_, err := g.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.ReencryptionID, TaskQueue: workflows.TaskQueue, WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, workflows.ReencryptionWorkflow, workflows.ReencryptionInput{Encryption: encryption, Index: index})
	if _, under := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); under {
		return ErrUnderWay
	}

	return temporalError("beginning to encrypt again", err)
}

// ForgetHashes removes the links to a provider of identities and the recovery codes that are kept under another index key than
// the primary one, and tells how many of each: their people have to be invited again, and to make new codes.
func (g *Gateway) ForgetHashes(ctx context.Context, actor Actor) (identities, codes int, err error) {
	if !actor.mayGovern() {
		return 0, 0, ErrForbidden
	}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		if identities, codes, err = store.ForgetHashes(ctx); err != nil {
			return Act{}, storeError("forgetting hashes", err)
		}

		return keysAct("forget", "rows", strconv.Itoa(identities+codes)), nil
	})

	return identities, codes, err //nolint:wrapcheck // the change has wrapped it
}

func keysAct(verb string, detail ...string) Act {
	return Act{Name: "keys." + verb, Object: "keys", ObjectID: "keys", Detail: detailOf(detail)}
}
