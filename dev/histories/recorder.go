// Package histories saves what Temporal keeps of workflows, so that later versions of their code can be replayed on it.
package histories

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

// Recorder saves histories from a running Temporal as JSON files, in the folder of a release. The replay tests of package workflows
// run today's code against them.
type Recorder struct {
	Temporal client.Client
	Folder   string
}

// Notifications writes one history for each way that notifications went, and gives the names of the files. Of several
// notifications that went the same way, the first by name and then by age stands for all, so that two recordings of the same
// demonstration give the same files.
func (r Recorder) Notifications(ctx context.Context) ([]string, error) {
	ways, err := r.ways(ctx)
	if err != nil {
		return nil, err
	}

	slices.SortStableFunc(ways, func(a, b way) int { return strings.Compare(a.name, b.name) })

	var shapes, written []string

	for _, way := range ways {
		if slices.Contains(shapes, way.shape) || slices.Contains(written, way.name) {
			continue
		}

		if err := r.write(filepath.Join(notificationFolder, way.name+".json"), way.history); err != nil {
			return written, err
		}

		shapes, written = append(shapes, way.shape), append(written, way.name)
	}

	return written, nil
}

func (r Recorder) ways(ctx context.Context) ([]way, error) {
	runs, err := r.runs(ctx)
	if err != nil {
		return nil, err
	}

	ways := make([]way, 0, len(runs))

	for _, run := range runs {
		history, err := worker.History(ctx, r.Temporal, run)
		if err != nil {
			return nil, fmt.Errorf("reading what ran: %w", err)
		}

		ways = append(ways, wayOf(history))
	}

	return ways, nil
}

// runs lists every run of a notification's workflow, oldest first.
func (r Recorder) runs(ctx context.Context) ([]*commonpb.WorkflowExecution, error) {
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowType = '%s'", workflows.NotificationWorkflow),
	}

	var found []*workflowpb.WorkflowExecutionInfo

	for {
		page, err := r.Temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("listing workflows: %w", err)
		}

		found = append(found, page.GetExecutions()...)

		if request.NextPageToken = page.GetNextPageToken(); len(request.GetNextPageToken()) == 0 {
			break
		}
	}

	slices.SortFunc(found, func(a, b *workflowpb.WorkflowExecutionInfo) int {
		return a.GetStartTime().AsTime().Compare(b.GetStartTime().AsTime())
	})

	runs := make([]*commonpb.WorkflowExecution, 0, len(found))
	for _, info := range found {
		runs = append(runs, info.GetExecution())
	}

	return runs, nil
}

// write saves the history in the form that the SDK's replayer reads.
func (r Recorder) write(name string, history *historypb.History) error {
	forgetMachine(history.ProtoReflect())

	encoded, err := encode(history)
	if err != nil {
		return err
	}

	file := filepath.Join(r.Folder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // as the files.
		return fmt.Errorf("making the folder of the histories: %w", err)
	}

	// The files are part of the sources, for everybody to read.
	if err := os.WriteFile(file, encoded, 0o644); err != nil { //nolint:gosec // see above.
		return fmt.Errorf("writing a history: %w", err)
	}

	return nil
}

// encode gives each event a line of its own, so that a difference between two recordings names the event.
func encode(history *historypb.History) ([]byte, error) {
	var file bytes.Buffer

	separator := "{\"events\": [\n"

	for _, event := range history.GetEvents() {
		encoded, err := protojson.Marshal(event)
		if err != nil {
			return nil, fmt.Errorf("encoding an event: %w", err)
		}

		file.WriteString(separator)

		// protojson puts spaces that differ from build to build on purpose.
		if err := json.Compact(&file, encoded); err != nil {
			return nil, fmt.Errorf("compacting an event: %w", err)
		}

		separator = ",\n"
	}

	file.WriteString("\n]}\n")

	return file.Bytes(), nil
}
