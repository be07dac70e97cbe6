package activities

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// stray looks for running workflows of notifications that are not there, or have ended. A row is there before its workflow
// and settled just before that closes; the index may list for a while what is closed, so suspects are looked at one by one.
func (c *comparison) stray(ctx context.Context) error {
	token, err := base64.StdEncoding.DecodeString(c.page.Cursor)
	if err != nil {
		return storeFault("reading the cursor", db.ErrInvalid)
	}

	page, next, err := c.Executions.RunningPage(ctx, workflows.NotificationWorkflow, token)
	if err != nil {
		return engineFault(ctx, "listing running workflows", err)
	}

	ids := make([]string, 0, len(page))

	for _, one := range page {
		if id, ok := workflows.IDOfNotification(one.ID); ok {
			ids = append(ids, id)
		}
	}

	states, err := c.Store.States(ctx, ids)
	if err != nil {
		return storeFault("reading the notifications of running workflows", err)
	}

	for _, id := range ids {
		c.looked(ctx)

		state, there := states[id]
		if there && (state.SettledAt == nil || time.Since(*state.SettledAt) < c.Grace.start()) {
			continue
		}

		if err := c.strayOne(ctx, id); err != nil {
			return err
		}
	}

	c.result.Next = base64.StdEncoding.EncodeToString(next)

	return nil
}

func (c *comparison) strayOne(ctx context.Context, id string) error {
	seen, err := c.Executions.Look(ctx, workflows.NotificationID(id))
	if err != nil {
		return engineFault(ctx, "looking at a workflow", err)
	}

	if seen.State != workflows.ExecutionRunning {
		return nil
	}

	// It may have been retried since it was read.
	states, err := c.Store.States(ctx, []string{id})
	if err != nil {
		return storeFault("reading a notification's state", err)
	}

	state, there := states[id]

	switch {
	case !there:
		// Nobody knows what it is about, and so nobody but a person may end it.
		return c.found(ctx, notification.Finding{
			Code: notification.FindingWithoutRow, Subject: notification.SubjectNotification, SubjectID: id,
			Action: notification.ActionPerson,
		})
	case state.SettledAt == nil:
		return nil
	}

	return c.outlives(ctx, state, seen)
}

// outlives asks the workflow to end, once. It cannot send any more, since no attempt begins for a notification that has ended;
// what ends is its wait. One that does not is for a person.
func (c *comparison) outlives(ctx context.Context, state db.State, seen workflows.Execution) error {
	finding := notification.Finding{
		Code: notification.FindingOutlivesRow, Subject: notification.SubjectNotification, SubjectID: state.ID,
		NotificationID: state.ID, EnteID: state.EnteID, Action: notification.ActionRepaired,
	}

	may, err := c.mayRepair(ctx, state.ID, 1)
	if err != nil {
		return err
	}

	if !may {
		finding.Action = notification.ActionPerson

		return c.found(ctx, finding)
	}

	if err := c.Executions.Stop(ctx, state.ID, seen.RunID); err != nil {
		return engineFault(ctx, "asking a workflow to end", err)
	}

	return c.found(ctx, finding)
}
