package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

// bareWorkerCommand is the least that a worker can be: a process of its own with GeNIO's options for its workers, on GeNIO's task
// queues, that does nothing. GeNIO's workers are away meanwhile.
type bareWorkerCommand struct {
	Address string `help:"Host and port of Temporal." required:""`
	BuildID string `help:"Version of GeNIO's own workers; empty: they have none."`
}

// Run works until the process is told to stop. It says on its standard output when it begins, and what is settled.
func (c *bareWorkerCommand) Run(ctx context.Context) error {
	temporal, err := wiring.Temporal{Address: c.Address, Namespace: temporalNamespace}.Connect(zap.NewNop())
	if err != nil {
		return fmt.Errorf("connecting to Temporal: %w", err)
	}

	defer temporal.Close()

	does := &bareActivities{tells: os.Stdout}

	stories := sdk.New(temporal, workflows.TaskQueue, worker.Options(workflows.TaskQueue, c.BuildID))
	calls := sdk.New(temporal, workflows.TaskQueueIO, worker.Options(workflows.TaskQueueIO, c.BuildID))

	stories.RegisterWorkflowWithOptions(bareWorkflow, workflow.RegisterOptions{Name: bareWorkflowName})

	for _, registry := range []sdk.Worker{stories, calls} {
		does.register(registry)
	}

	workers := worker.Workers{stories, calls}
	if err := workers.Start(); err != nil {
		return err //nolint:wrapcheck // it says what was being done.
	}

	fmt.Println("ready")
	<-ctx.Done()
	workers.Stop()

	return nil
}

// bareSettled is what a bare worker says of a workflow that came to its end.
type bareSettled struct {
	ID string
	At time.Time
}

// String is a line.
func (b bareSettled) String() string { return b.ID + " " + strconv.FormatInt(b.At.UnixNano(), 10) }

func parseBareSettled(line string) (bareSettled, error) {
	id, at, _ := strings.Cut(line, " ")

	nanos, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return bareSettled{}, fmt.Errorf("reading what a bare worker says: %w", err)
	}

	return bareSettled{ID: id, At: time.Unix(0, nanos)}, nil
}
