package gateway

import (
	"context"
	"fmt"
	"strconv"

	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/workflows"
)

// maxIOCalls is far above what PagoPA gives the fastest senders (250 calls in 5 s).
const maxIOCalls = 100_000

// SetIOQuota says how many calls app IO allows an Ente in its window of 5 seconds, over all its services and keys. Calls
// that wait already are made at the new rate.
func (g *Gateway) SetIOQuota(ctx context.Context, actor Actor, enteID string, calls int) error {
	if !actor.mayGovern() {
		return ErrForbidden
	}

	if calls < 1 || calls > maxIOCalls {
		return invalid("io_calls", "range",
			fmt.Sprintf("1 to %d calls in 5 seconds", maxIOCalls), fmt.Sprintf("da 1 a %d chiamate in 5 secondi", maxIOCalls))
	}

	ente, err := g.Store.Ente(ctx, enteID)
	if err != nil {
		return storeError("reading the Ente", err)
	}

	before := ente.IOCalls
	ente.IOCalls = calls

	act := enteAct("set_quota", ente, "from", strconv.Itoa(before), "to", strconv.Itoa(calls))
	if err := g.storeEnte(ctx, actor, ente, act); err != nil {
		return err
	}

	_, err = g.Temporal.SignalWithStartWorkflow(ctx, workflows.PaceID(enteID), workflows.SignalQuota, nil,
		client.StartWorkflowOptions{TaskQueue: workflows.TaskQueue}, workflows.PaceWorkflow, workflows.PaceInput{EnteID: enteID})

	return temporalError("telling of the quota", err)
}
