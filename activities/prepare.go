package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// Prepare marks the notification as under way, validates its codice fiscale and tells what earlier runs achieved.
func (a *Activities) Prepare(ctx context.Context, step workflows.Step) (workflows.Plan, error) {
	run := db.Run{Number: step.Run, TemporalID: activity.GetInfo(ctx).WorkflowExecution.RunID}

	n, err := a.Store.Begin(ctx, step.NotificationID, run)
	if err != nil {
		return workflows.Plan{}, storeFault("beginning the notification", err)
	}

	plan := workflows.Plan{
		HasPhone: n.Recipient.Phone != "",
		IO:       stateOf(notification.LastAttempt(n.Attempts, notification.ChannelIO)),
		SMS:      stateOf(notification.LastAttempt(n.Attempts, notification.ChannelSMS)),
	}

	kind, err := a.FiscalCodes.Validate(n.Recipient.FiscalCode)
	if err != nil {
		plan.Reason = notification.ReasonFiscalCodeInvalid

		return plan, nil //nolint:nilerr // an invalid code is an outcome of the notification, not a fault.
	}

	plan.Provisional = kind == fiscalcode.Provisional

	return plan, nil
}

func stateOf(attempt *notification.Attempt) workflows.AttemptState {
	if attempt == nil {
		return workflows.AttemptState{}
	}

	return workflows.AttemptState{AttemptID: attempt.ID, Status: attempt.Status, Reason: attempt.Reason}
}
