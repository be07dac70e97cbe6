package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/workflow"
)

// ReencryptionWorkflow is the name of the workflow that brings what is stored under the present keys, and ReencryptionID its
// workflow ID: there is one at a time.
const (
	ReencryptionWorkflow = "Reencryption"
	ReencryptionID       = "reencryption"
)

// Names of the activities: the methods of ReencryptionActivities.
const (
	ActivityProtectedTables = "ProtectedTables"
	ActivityReencrypt       = "Reencrypt"
)

// FailureOtherKeys is the type of the error of a worker that does not write with the keys that are asked for: the file of keys
// has not been changed there yet.
const FailureOtherKeys = "other_keys"

// reencryptTimeout is for one table. It goes on after each interruption, however long it takes in all.
const reencryptTimeout = 30 * 24 * time.Hour

// ReencryptionInput says under which keys everything is to be: their ids, which are no secret.
type ReencryptionInput struct {
	Encryption uint32 `json:"encryption"`
	Index      uint32 `json:"index"`
}

// ReencryptionStep is one table's turn.
type ReencryptionStep struct {
	ReencryptionInput

	Table string `json:"table"`
}

// Reencrypted says what was done.
type Reencrypted struct {
	Rows   int `json:"rows"`
	Values int `json:"values"`
	Hashes int `json:"hashes"`
	// Unreadable values stay as they are.
	Unreadable int `json:"unreadable"`
}

// ReencryptionActivities is what the workflow asks of the outside world.
type ReencryptionActivities interface {
	// ProtectedTables are the tables with values that can be brought under other keys.
	ProtectedTables(ctx context.Context) ([]string, error)
	// Reencrypt brings one table under the keys.
	Reencrypt(ctx context.Context, step ReencryptionStep) (Reencrypted, error)
}

// Reencryption brings table after table under the keys, and tells what was done in all.
func Reencryption(ctx workflow.Context, in ReencryptionInput) (total Reencrypted, err error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: reencryptTimeout,
		HeartbeatTimeout:    callTimeout,
	})

	var tables []string
	if err := workflow.ExecuteActivity(ctx, ActivityProtectedTables).Get(ctx, &tables); err != nil {
		return total, err //nolint:wrapcheck // Temporal's own error tells the step.
	}

	for _, table := range tables {
		var done Reencrypted

		step := ReencryptionStep{ReencryptionInput: in, Table: table}
		if err := workflow.ExecuteActivity(ctx, ActivityReencrypt, step).Get(ctx, &done); err != nil {
			return total, err //nolint:wrapcheck // Temporal's own error tells the step.
		}

		total.Rows += done.Rows
		total.Values += done.Values
		total.Hashes += done.Hashes
		total.Unreadable += done.Unreadable
	}

	return total, nil
}
