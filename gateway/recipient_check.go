package gateway

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// checkPatience is how long an application waits for the answer of a recipient check.
const checkPatience = 10 * time.Second

// CheckRecipient asks IO whether the citizen can be reached by this service, through the same paced queue as
// every other call. Where the answer takes too long it returns ErrUnavailable.
func (g *Gateway) CheckRecipient(ctx context.Context, actor Actor, serviceID, fiscalCode string) (Reachability, error) {
	if !actor.MayChange() {
		return Reachability{}, ErrForbidden
	}

	fiscalCode = fiscalcode.Normalise(fiscalCode)

	service, err := g.sendingService(ctx, actor, serviceID)
	if err != nil {
		return Reachability{}, err
	}

	kind, err := g.FiscalCodes.Validate(fiscalCode)
	if err != nil {
		return Reachability{}, g.checkFiscalCode("fiscal_code", fiscalCode)
	}

	if kind == fiscalcode.Provisional {
		return Reachability{Reason: notification.ReasonFiscalCodeProvisional}, nil
	}

	return g.askIO(ctx, service, fiscalCode)
}

func (g *Gateway) askIO(ctx context.Context, service notification.Service, fiscalCode string) (Reachability, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Reachability{}, fmt.Errorf("making an id: %w", err)
	}

	check := db.RecipientCheck{
		ID: id.String(), EnteID: service.EnteID, ServiceID: service.ID, FiscalCode: fiscalCode, CreatedAt: time.Now().UTC(),
	}
	if err := g.Store.CreateRecipientCheck(ctx, check); err != nil {
		return Reachability{}, storeError("storing the recipient check", err)
	}

	defer g.forget(ctx, check.ID)

	ctx, done := context.WithTimeout(ctx, checkPatience)
	defer done()

	run, err := g.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       workflows.RecipientCheckID(check.ID),
		TaskQueue:                workflows.TaskQueue,
		WorkflowExecutionTimeout: 2 * checkPatience,
		Priority:                 workflows.PriorityOf(service.EnteID, workflows.RecipientCheckPriority),
	}, workflows.RecipientCheckWorkflow, workflows.RecipientCheckInput{CheckID: check.ID, EnteID: service.EnteID})
	if err != nil {
		return Reachability{}, temporalError("starting the recipient check", err)
	}

	var answer workflows.ProfileResult
	if err := run.Get(ctx, &answer); err != nil {
		return Reachability{}, temporalError("waiting for the recipient check", err)
	}

	if answer.Reason.Ending() == notification.StatusFailed && !answer.Reachable {
		return Reachability{}, fmt.Errorf("IO did not answer the recipient check: %w", ErrUnavailable)
	}

	return Reachability{ReachableOnIO: answer.Reachable, Reason: answer.Reason}, nil
}

// forget removes the fiscal code as soon as the answer is there, also when the caller has gone.
func (g *Gateway) forget(ctx context.Context, checkID string) {
	if err := g.Store.DeleteRecipientCheck(context.WithoutCancel(ctx), checkID); err != nil {
		g.Log.Warn("recipient check not deleted", zap.String("check_id", checkID), zap.Error(err))
	}
}
