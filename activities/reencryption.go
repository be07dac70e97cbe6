package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// otherKeysPause is how long a worker waits for the file of keys to be changed.
	otherKeysPause = 30 * time.Second
	// longestPause between two pages.
	longestPause = 5 * time.Second
)

// errStopping lets another worker go on.
var errStopping = errors.New("the worker stops")

// reencrypting is how far a table's turn has come: what the heartbeat keeps.
type reencrypting struct {
	Done workflows.Reencrypted `json:"done"`
	// Place is the key of the last row; empty: whoever goes on begins anew. It holds ids only.
	Place []string `json:"place,omitempty"`
}

// ProtectedTables are the tables with values that can be brought under other keys.
func (a *Activities) ProtectedTables(context.Context) ([]string, error) {
	return a.Store.RekeyableTables(), nil
}

// Reencrypt brings one table under the keys, from where an earlier try came to. After each page it rests for as long as the
// page took, so that citizens' notifications have half of the database at least.
func (a *Activities) Reencrypt(ctx context.Context, step workflows.ReencryptionStep) (workflows.Reencrypted, error) {
	if encryption, index := a.Store.Primary(); encryption != step.Encryption || index != step.Index {
		return workflows.Reencrypted{}, temporal.NewApplicationErrorWithOptions("this worker writes with other keys",
			workflows.FailureOtherKeys, temporal.ApplicationErrorOptions{NextRetryDelay: otherKeysPause})
	}

	var begun reencrypting
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &begun); err != nil || len(begun.Place) == 0 {
			begun = reencrypting{}
		}
	}

	now := begun
	since := time.Now()

	_, err := a.Store.Rekey(ctx, step.Table, begun.Place, func(done db.Rekeyed, place []string) error {
		now = reencrypting{Done: sum(begun.Done, done), Place: place}

		activity.RecordHeartbeat(ctx, now)

		err := rest(ctx, min(time.Since(since), longestPause))
		since = time.Now()

		return err
	})

	switch {
	case errors.Is(err, errStopping):
		return now.Done, retryLater(notification.ReasonInternalError, time.Second)
	case err != nil && ctx.Err() != nil:
		return now.Done, ctx.Err() //nolint:wrapcheck // Temporal asks for the context's own.
	}

	return now.Done, storeFault("bringing "+step.Table+" under the present keys", err)
}

func rest(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()

	select {
	case <-timer.C:
		return nil
	case <-activity.GetWorkerStopChannel(ctx):
		return errStopping
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // told apart by the caller.
	}
}

func sum(before workflows.Reencrypted, done db.Rekeyed) workflows.Reencrypted {
	return workflows.Reencrypted{
		Rows: before.Rows + done.Rows, Values: before.Values + done.Values, Hashes: before.Hashes + done.Hashes,
		Unreadable: before.Unreadable + done.Unreadable,
	}
}
