package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

// KeyTestWorkflow names the test of a service's key, as Temporal's own tools show it.
const KeyTestWorkflow = "KeyTest"

const (
	keyTestIDPrefix = "key-test/"

	// KeyTestPatience is how long the test of a key is worth retrying: a person waits for its answer.
	KeyTestPatience = 12 * time.Second
)

// KeyTestID is the workflow ID of the test of a key.
func KeyTestID(id string) string { return keyTestIDPrefix + id }

// KeyTestInput says which key is meant: the one of that number in the service's slot. The key itself stays in the database.
type KeyTestInput struct {
	ServiceID string               `json:"service_id"`
	EnteID    string               `json:"ente_id"`
	Slot      notification.KeySlot `json:"slot"`
	Number    int                  `json:"number"`
}

// KeyTest asks IO, through the same paced queue as every other call, whether a key of a service works.
func KeyTest(ctx workflow.Context, in KeyTestInput) (notification.KeyOutcome, error) {
	var outcome notification.KeyOutcome

	ctx = waiting(ctx, TaskQueueIO, "does the key work?")
	err := workflow.ExecuteActivity(ctx, ActivityTestKey, in).Get(ctx, &outcome)

	return outcome, err //nolint:wrapcheck // Temporal's own error tells the step.
}
