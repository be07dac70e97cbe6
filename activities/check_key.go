package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// testFiscalCode is the code of PagoPA's own manuals for tests. Nobody has it: no day is the 00th.
const testFiscalCode = "AAAAAA00A00A000A"

// TestKey asks IO about a citizen whom nobody is, with the key in question, and keeps what that says of the key. Passing
// trouble is retried for as long as a person waits.
func (a *Activities) TestKey(ctx context.Context, in workflows.KeyTestInput) (notification.KeyOutcome, error) {
	keys, err := a.Store.ServiceKeys(ctx, in.ServiceID)
	if err != nil {
		return "", storeFault("reading the service's keys", err)
	}

	patience := activity.GetInfo(ctx).ScheduledTime.Add(workflows.KeyTestPatience)
	outcome := notification.KeyNoAnswer

	if !past(patience) || activity.GetInfo(ctx).Attempt == 1 {
		if outcome, err = a.askWithKey(ctx, in.EnteID, keys.Of(in.Slot), patience); err != nil {
			return "", err
		}
	}

	err = a.Store.RecordKeyTest(ctx, in.ServiceID, in.Slot, in.Number, outcome)

	return outcome, storeFault("recording the test of a key", err)
}

func (a *Activities) askWithKey(ctx context.Context, enteID, key string, patience time.Time) (notification.KeyOutcome, error) {
	ended, err := a.Turns.take(ctx, enteID, key, true)
	if err != nil {
		return "", err
	}

	_, err = a.IO.Profile(ctx, key, testFiscalCode)
	ended(err)

	if err == nil {
		return notification.KeyWorks, nil
	}

	trouble := deliveryError(notification.ChannelIO, err)

	switch {
	case trouble.Reason == notification.ReasonIOKeyRejected:
		return notification.KeyRefused, nil
	case trouble.Reason == notification.ReasonIORecipientForbidden:
		// A service in trial mode: IO knew the key before it looked at the citizen.
		return notification.KeyWorks, nil
	case trouble.Reason == notification.ReasonIOForbidden:
		return notification.KeyForbidden, nil
	case trouble.Retryable && !past(patience):
		return "", retryLater(trouble.Reason, pauseAfter(ctx, trouble, patience))
	}

	return notification.KeyNoAnswer, nil
}
