package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/worker"
)

type versionCommand struct{}

// Run prints the version, which is also the build id of this program's workers.
func (*versionCommand) Run(user terminal) error { return user.say(wiring.Version()) }

type releaseCommand struct {
	Temporal wiring.Temporal `embed:"" prefix:"temporal-"`
	//nolint:lll // a tag has one line
	BuildID string        `help:"Go back to this version, which was current before; left out: release this program's own, after a rehearsal on what is open."`
	Sample  int           `default:"200" help:"Of each kind, rehearse so many of the newest open workflows and as many of the oldest."`
	Wait    time.Duration `default:"2m" help:"How long to wait for the version's workers."`
	//nolint:lll // a tag has one line
	Own string `env:"GENIO_WORKER_BUILD_ID" help:"Build id of this program's workers, if it is not this program's version." name:"own-build-id"`
}

// Run makes a version the current one. Done twice, it does nothing the second time.
func (c *releaseCommand) Run(ctx context.Context, user terminal) error {
	if c.Sample < 1 {
		return errors.New("--sample: at least 1 is needed")
	}

	temporal, err := c.Temporal.Connect(zap.NewNop())
	if err != nil {
		return fmt.Errorf("releasing: %w", err)
	}
	defer temporal.Close()

	ctx, done := context.WithTimeout(ctx, c.Wait)
	defer done()

	versions := worker.Versions{Temporal: temporal, Namespace: c.Temporal.Namespace}

	if c.BuildID != "" && c.BuildID != c.own() {
		released, err := versions.GoBack(ctx, c.BuildID)
		if err != nil {
			return fmt.Errorf("releasing: %w", err)
		}

		return user.say(outcome(c.BuildID, released))
	}

	released, err := versions.Release(ctx, c.own(), c.Sample)
	if errors.Is(err, worker.ErrNotRehearsed) {
		return errors.New(refusals(c.own(), released))
	}

	if err != nil {
		return fmt.Errorf("releasing: %w", err)
	}

	return user.say(outcome(c.own(), released))
}

func (c *releaseCommand) own() string {
	return wiring.Versioning{Versioning: true, BuildID: c.Own}.ID()
}

func outcome(buildID string, released worker.Released) string {
	switch tried := released.Rehearsal; {
	case released.Before == buildID:
		return buildID + " is the current version already."
	case released.Before == "":
		return fmt.Sprintf("%s is the current version now; it is the first. Rehearsed: %d of %d open workflows.",
			buildID, tried.Replayed, tried.Open)
	case released.WentBack:
		return fmt.Sprintf("%s is the current version now; it was %s. Nothing was rehearsed: that version's own program can do it.",
			buildID, released.Before)
	default:
		return fmt.Sprintf("%s is the current version now; it was %s. Rehearsed: %d of %d open workflows.",
			buildID, released.Before, tried.Replayed, tried.Open)
	}
}

// refusals names the workflows, by their ids alone, and says what to do.
func refusals(buildID string, released worker.Released) string {
	var told strings.Builder

	refused := released.Rehearsal.Refused
	fmt.Fprintf(&told, "%d open workflows cannot go on with version %s; nothing was changed.\n", len(refused), buildID)

	for _, one := range refused {
		fmt.Fprintf(&told, "  %s %s, run %s: %s\n", one.Workflow, one.ID, one.RunID, one.Why)
	}

	still := "No version is current."
	if released.Before != "" {
		still = "Version " + released.Before + " stays current."
	}

	fmt.Fprintf(&told, "%s Stop the workers of %s, give the change a workflow.GetVersion, so that what began before goes on as it "+
		"began, and release the mended version. One workflow alone can be looked at in Temporal's Web UI.", still, buildID)

	return told.String()
}

type versionsCommand struct {
	Temporal wiring.Temporal `embed:"" prefix:"temporal-"`
}

// Run lists the versions that Temporal knows, and how many workers of each ask for work.
func (c *versionsCommand) Run(ctx context.Context, user terminal) error {
	temporal, err := c.Temporal.Connect(zap.NewNop())
	if err != nil {
		return fmt.Errorf("listing the versions: %w", err)
	}
	defer temporal.Close()

	versions := worker.Versions{Temporal: temporal, Namespace: c.Temporal.Namespace}

	overview, err := versions.Overview(ctx)
	if err != nil {
		return fmt.Errorf("listing the versions: %w", err)
	}

	counts, err := versions.Pollers(ctx)
	if err != nil {
		return fmt.Errorf("listing the versions: %w", err)
	}

	return user.say(versionTable(overview, counts))
}

func versionTable(overview worker.Overview, counts map[worker.ServedQueue]map[string]int) string {
	var told strings.Builder

	columns := tabwriter.NewWriter(&told, 0, 0, 2, ' ', 0)

	_, _ = fmt.Fprint(columns, "version\tstatus\tsince") // a builder takes everything
	for _, queue := range worker.Served() {
		_, _ = fmt.Fprint(columns, "\t", queue)
	}

	rows := slices.Clone(overview.Versions)
	if unversioned(counts) {
		rows = append(rows, worker.Version{Status: "without a version"})
	}

	for _, version := range rows {
		since := ""
		if !version.Since.IsZero() {
			since = version.Since.UTC().Format(time.RFC3339)
		}

		_, _ = fmt.Fprintf(columns, "\n%s\t%s\t%s", version.BuildID, version.Status, since)

		for _, queue := range worker.Served() {
			_, _ = fmt.Fprintf(columns, "\t%d", counts[queue][version.BuildID])
		}
	}

	_ = columns.Flush()

	if overview.Current == "" {
		_, _ = fmt.Fprint(&told, "\nNo version is current: workers with a version get no work until genio admin release.")
	}

	return told.String()
}

func unversioned(counts map[worker.ServedQueue]map[string]int) bool {
	return slices.ContainsFunc(worker.Served(), func(queue worker.ServedQueue) bool { return counts[queue][""] > 0 })
}
