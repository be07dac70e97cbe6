package workflows_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/zap"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/workflows"
)

//nolint:gochecknoglobals // the flag package wants it.
var update = flag.Bool("update", false, "write the timelines of the recorded histories anew")

const (
	// unreleased are the histories of the code as it is; a release takes a copy of them along under its own name, which stays for
	// good: what began with it may still be open.
	unreleased = "unreleased"

	fewestHistories = 25
)

// recording is a history that dev/cmd/record-histories took from a running Temporal.
type recording struct {
	file    string
	outcome string // the file's name tells it, and its folder the release
	history *historypb.History
}

// releases are the folders of histories.
func releases(t *testing.T) []string {
	t.Helper()

	folders, err := os.ReadDir(filepath.Join("testdata", "histories"))
	require.NoError(t, err)

	names := make([]string, len(folders))
	for i, folder := range folders {
		names[i] = folder.Name()
	}

	require.Contains(t, names, unreleased)

	return names
}

// A release whose histories are not there could not be told from one with which everything goes on.
func TestEachReleaseHasItsHistories(t *testing.T) {
	t.Parallel()

	changes, err := os.ReadFile(filepath.Join("..", "CHANGELOG.md"))
	require.NoError(t, err)
	require.ElementsMatch(t, releases(t), append(releasedIn(string(changes)), unreleased),
		"copy testdata/histories/unreleased to testdata/histories/VERSION with each release in CHANGELOG.md, and never remove it")

	for _, release := range releases(t) {
		files, err := filepath.Glob(filepath.Join("testdata", "histories", release, "notifications", "*.json"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(files), fewestHistories, release)

		others, err := filepath.Glob(filepath.Join("testdata", "histories", release, "others", "*.json"))
		require.NoError(t, err)
		require.NotEmpty(t, others, release)
	}
}

// releasedIn are the releases that a changelog tells of.
func releasedIn(changes string) []string {
	var found []string
	for _, heading := range regexp.MustCompile(`(?m)^## \[?([0-9][^] \n]*)`).FindAllStringSubmatch(changes, -1) {
		found = append(found, heading[1])
	}

	return found
}

func TestReleasesAreFoundInTheChangelog(t *testing.T) {
	t.Parallel()

	require.Empty(t, releasedIn("# Changelog\n\n## Unreleased\n\n### Added\n"))
	require.Equal(t, []string{"1.1.0", "1.0.0"}, releasedIn("## [Unreleased]\n## [1.1.0] - 2027-01-15\n### Added\n## 1.0.0 - 2026-12-01\n"))
}

func recordings(t *testing.T) []recording {
	t.Helper()

	files, err := filepath.Glob(filepath.Join("testdata", "histories", "*", "notifications", "*.json"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), fewestHistories)

	found := make([]recording, 0, len(files))

	for _, file := range files {
		outcome := strings.TrimSuffix(filepath.Base(file), ".json")
		found = append(found, recording{file: file, outcome: outcome, history: historyIn(t, file)})
	}

	return found
}

// Notifications that began with an earlier version must be able to go on with this one.
func TestReplay(t *testing.T) {
	t.Parallel()

	for _, recorded := range recordings(t) {
		t.Run(recorded.file, func(t *testing.T) {
			t.Parallel()

			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(workflows.Notification,
				workflow.RegisterOptions{Name: workflows.NotificationWorkflow})

			err := replayer.ReplayWorkflowHistory(quiet{}, recorded.history)
			require.NoError(t, err,
				"a notification that went %q under an earlier version cannot go on with this one: give the change a "+
					"workflow.GetVersion, or let only workers of the earlier version finish what they began", recorded.outcome)
		})
	}
}

// Traces are switched on while notifications are under way: those that began without one go on, and those with one go on the
// same way as without.
func TestReplayWithTraces(t *testing.T) {
	t.Parallel()

	tracing, err := telemetry.TraceTo(t.Context(), tracetest.NewNoopExporter())
	require.NoError(t, err)

	var options client.Options

	require.NoError(t, (&telemetry.Telemetry{Tracing: tracing}).Temporal(&options, zap.NewNop()))
	require.Len(t, options.Interceptors, 1)

	follows, ok := options.Interceptors[0].(interceptor.WorkerInterceptor)
	require.True(t, ok)

	for _, recorded := range recordings(t) {
		t.Run(recorded.outcome, func(t *testing.T) {
			t.Parallel()

			replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
				Interceptors: []interceptor.WorkerInterceptor{follows},
			})
			require.NoError(t, err)
			replayer.RegisterWorkflowWithOptions(workflows.Notification,
				workflow.RegisterOptions{Name: workflows.NotificationWorkflow})

			require.NoError(t, replayer.ReplayWorkflowHistory(quiet{}, recorded.history))
		})
	}
}

// The replay test can fail: a step that the code no longer takes is found in each history.
func TestReplayOfChangedHistoryIsNoticed(t *testing.T) {
	t.Parallel()

	for _, recorded := range recordings(t) {
		renamed := false

		for _, event := range recorded.history.GetEvents() {
			if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
				scheduled.ActivityType.Name = "Elsewhere"
				renamed = true
			}
		}

		if !renamed {
			// A notification that ended before its first step has none to change.
			continue
		}

		t.Run(recorded.outcome, func(t *testing.T) {
			t.Parallel()

			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(workflows.Notification,
				workflow.RegisterOptions{Name: workflows.NotificationWorkflow})
			require.ErrorContains(t, replayer.ReplayWorkflowHistory(quiet{}, recorded.history), "TMPRL1100")
		})
	}
}

// Each recorded history tells the same story as when its golden file was written; -update writes it anew.
func TestTimelinesOfRecordedHistories(t *testing.T) {
	t.Parallel()

	for _, recorded := range recordings(t) {
		t.Run(recorded.outcome, func(t *testing.T) {
			t.Parallel()

			run := workflows.RunHistory{Number: 1, Events: recorded.history.GetEvents()}
			if strings.HasPrefix(recorded.outcome, "retried") {
				run.Number = 2
			}

			told := tell(workflows.TimelineOf([]workflows.RunHistory{run}))
			golden := strings.TrimSuffix(recorded.file, ".json") + ".timeline.txt"

			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(told), 0o644))
			}

			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), told)
		})
	}
}

// tell writes a timeline as a person would read it, with the time since its beginning.
func tell(timeline notification.Timeline) string {
	var story strings.Builder

	for _, entry := range timeline.Entries {
		since := entry.At.Sub(timeline.Entries[0].At).Round(time.Second)
		fmt.Fprintf(&story, "%7s  %-9s %s", since, entry.State, entry.Sentence(notification.Italian))

		if entry.Reason != "" {
			fmt.Fprintf(&story, " (%s)", entry.Reason)
		}

		if entry.Tries > 1 {
			fmt.Fprintf(&story, ", tentativi: %d", entry.Tries)
		}

		if entry.LastReason != "" {
			fmt.Fprintf(&story, ", prima: %s", entry.LastReason)
		}

		story.WriteByte('\n')
	}

	return story.String()
}

// personal is what no recorded history may hold.
func personal() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"codice fiscale": regexp.MustCompile(`[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-EHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]`),
		"phone":          regexp.MustCompile(`\+39|"[0-9]{9,11}"`),
		"content":        regexp.MustCompile(`(?i)markdown|subject|cittadino`),
		"key":            regexp.MustCompile(`genio_[A-Za-z0-9_-]{20,}`),
		"path":           regexp.MustCompile(`/(home|root|tmp|work|Users)/`),
	}
}

func TestRecordedHistoriesTellNothingOfPeopleAndMachines(t *testing.T) {
	t.Parallel()

	for _, recorded := range recordings(t) {
		t.Run(recorded.outcome, func(t *testing.T) {
			t.Parallel()

			words := []string{}
			collect(recorded.history.ProtoReflect(), &words)
			require.NotEmpty(t, words)

			for what, pattern := range personal() {
				require.NotRegexp(t, pattern, strings.Join(words, "\n"), what)
			}

			for _, event := range recorded.history.GetEvents() {
				require.Empty(t, event.GetWorkflowTaskStartedEventAttributes().GetIdentity())
				require.Empty(t, event.GetWorkflowTaskCompletedEventAttributes().GetIdentity())
				require.Empty(t, event.GetActivityTaskStartedEventAttributes().GetIdentity())
			}
		})
	}
}

// collect gathers every text of a message, payloads decoded.
func collect(message protoreflect.Message, words *[]string) {
	if payload, ok := message.Interface().(*commonpb.Payload); ok {
		*words = append(*words, converter.GetDefaultDataConverter().ToString(payload))

		return
	}

	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			value.Map().Range(func(_ protoreflect.MapKey, inside protoreflect.Value) bool {
				if field.MapValue().Kind() == protoreflect.MessageKind {
					collect(inside.Message(), words)
				}

				return true
			})
		case field.Kind() == protoreflect.StringKind:
			*words = append(*words, value.String())
		case field.Kind() != protoreflect.MessageKind:
		case field.IsList():
			for i := range value.List().Len() {
				collect(value.List().Get(i).Message(), words)
			}
		default:
			collect(value.Message(), words)
		}

		return true
	})
}
