package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

func TestVersionIsPrinted(t *testing.T) {
	t.Parallel()

	var person shell

	require.Equal(t, wiring.Version(), person.answer(t, "", "version"))
}

func TestReleaseWithoutTemporal(t *testing.T) {
	t.Parallel()

	var person shell

	nowhere := "--temporal-address=127.0.0.1:1"

	err := person.run(t.Context(), t, "", "admin", "release", nowhere, "--wait=1s")
	require.ErrorContains(t, err, "releasing: no worker of version "+wiring.Version())
	require.Empty(t, person.out.String())

	err = person.run(t.Context(), t, "", "admin", "release", nowhere, "--wait=1s", "--build-id=1.2.3")
	require.ErrorContains(t, err, "releasing: no worker of version 1.2.3")

	err = person.run(t.Context(), t, "", "admin", "release", nowhere, "--sample=0")
	require.ErrorContains(t, err, "--sample: at least 1 is needed")
}

func TestOutcomeOfARelease(t *testing.T) {
	t.Parallel()

	tried := worker.Rehearsal{Open: 1000, Replayed: 400}

	for want, released := range map[string]worker.Released{
		"2.0.0 is the current version already.":                                                     {Before: "2.0.0"},
		"2.0.0 is the current version now; it is the first. Rehearsed: 400 of 1000 open workflows.": {Rehearsal: tried},
		"2.0.0 is the current version now; it was 1.0.0. Rehearsed: 400 of 1000 open workflows.":    {Before: "1.0.0", Rehearsal: tried},
		"2.0.0 is the current version now; it was 3.0.0. Nothing was rehearsed: that version's own program can do it.": {
			Before: "3.0.0", WentBack: true,
		},
	} {
		require.Equal(t, want, outcome("2.0.0", released))
	}
}

func TestRefusedReleaseSaysWhatToDo(t *testing.T) {
	t.Parallel()

	told := refusals("2.0.0", worker.Released{Before: "1.0.0", Rehearsal: worker.Rehearsal{Refused: []worker.Refusal{
		{Workflow: workflows.NotificationWorkflow, ID: "notification/1", RunID: "2", Why: "the code takes other steps than the history"},
	}}})
	require.Contains(t, told, "1 open workflows cannot go on with version 2.0.0; nothing was changed.")
	require.Contains(t, told, "  Notification notification/1, run 2: the code takes other steps than the history\n")
	require.Contains(t, told, "Version 1.0.0 stays current.")
	require.Contains(t, told, "workflow.GetVersion")
	require.Contains(t, refusals("2.0.0", worker.Released{}), "No version is current.")
}

func TestTableOfVersions(t *testing.T) {
	t.Parallel()

	since := time.Date(2026, time.November, 26, 9, 0, 0, 0, time.UTC)
	counts := map[worker.ServedQueue]map[string]int{
		{Name: workflows.TaskQueueIO, Kind: enumspb.TASK_QUEUE_TYPE_ACTIVITY}: {"2.0.0": 2, "": 1},
	}

	//nolint:lll // a table is as wide as it is.
	require.Equal(t, `version  status             since                 genio (workflows)  genio (activities)  genio-io (activities)  genio-sms (activities)  genio-webhooks (activities)
2.0.0    current            2026-11-26T09:00:00Z  0                  0                   2                      0                       0
1.0.0    draining                                 0                  0                   0                      0                       0
         without a version                        0                  0                   1                      0                       0`,
		versionTable(worker.Overview{Current: "2.0.0", Versions: []worker.Version{
			{BuildID: "2.0.0", Status: worker.VersionCurrent, Since: since}, {BuildID: "1.0.0", Status: worker.VersionDraining},
		}}, counts))

	require.Contains(t, versionTable(worker.Overview{}, nil), "No version is current")
}
