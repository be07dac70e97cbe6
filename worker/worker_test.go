package worker_test

import (
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

const (
	patience = 30 * time.Second
	glance   = 5 * time.Millisecond
)

func connected(t *testing.T, address string) client.Client {
	t.Helper()

	temporal, err := client.NewLazyClient(client.Options{
		HostPort: address, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)

	return temporal
}

// known reads the names out of the SDK's complaint about one that it does not know.
func known(t *testing.T, complaint string) []string {
	t.Helper()

	list := regexp.MustCompile(`Supported types: \[(.*)\]`).FindStringSubmatch(complaint)
	require.NotNil(t, list, complaint)

	return slices.Sorted(slices.Values(strings.Split(list[1], ", ")))
}

func TestWorkersKnowWhatWorkflowsAskFor(t *testing.T) {
	t.Parallel()

	frontend, address := newFrontend(t, nil)
	workers := worker.New(connected(t, address), &activities.Activities{}, "")

	require.NoError(t, workers.Start())
	require.Eventually(t, func() bool { return len(frontend.answers()) == 5 }, patience, glance)
	workers.Stop()

	allActivities := []string{
		workflows.ActivityActOnItems, workflows.ActivityApplyPace,
		workflows.ActivityArchiveTimelines, workflows.ActivityAwaitBatchEnd,
		workflows.ActivityAwaitIODelivery, workflows.ActivityAwaitPassage, workflows.ActivityAwaitSMSDelivery,
		workflows.ActivityBeginReconciliation, workflows.ActivityBeginRetention, workflows.ActivityCancelForErasure,
		workflows.ActivityCancelOpenRows, workflows.ActivityCheckBatch, workflows.ActivityCheckBatchRow,
		workflows.ActivityCheckProfile, workflows.ActivityCheckRecipient, workflows.ActivityCollectItems,
		workflows.ActivityCompareWithIO, workflows.ActivityDrawSample, workflows.ActivityEndReconciliation,
		workflows.ActivityEraseCitizen, workflows.ActivityFetchPublication, workflows.ActivityFetchServiceKeys,
		workflows.ActivityFinishBatch, workflows.ActivityFinishErasure, workflows.ActivityFinishIntervention,
		workflows.ActivityFinishRetention, workflows.ActivityFinishServiceImport, workflows.ActivityFoldFigures,
		workflows.ActivityForgetServiceImport, workflows.ActivityHold, workflows.ActivityListServices,
		workflows.ActivityNoteRetentionFault, workflows.ActivityPrepare, workflows.ActivityProtectedTables,
		workflows.ActivityReconcilePage, workflows.ActivityRecordSample, workflows.ActivityReencrypt, workflows.ActivityRemoveOfEnte,
		workflows.ActivityRemoveShared, workflows.ActivityResume, workflows.ActivitySendBatchPage, workflows.ActivitySendSMS,
		workflows.ActivitySendToIO, workflows.ActivitySettle, workflows.ActivitySkipChannel, workflows.ActivityTellApplication,
		workflows.ActivityTestKey,
	}
	answers := frontend.answers()

	for _, queue := range []string{workflows.TaskQueue, workflows.TaskQueueIO, workflows.TaskQueueSMS, workflows.TaskQueueWebhooks} {
		require.Equal(t, allActivities, known(t, answers["activity "+queue]), queue)
	}

	require.Len(t, answers, 5, "no workflow runs where calls are paced")
	require.Len(t, worker.Served(), len(answers), "a version is released once each of its queues is served")
	require.Equal(t, []string{
		workflows.ArchiveTimelinesWorkflow, workflows.BatchWorkflow, workflows.BatchCheckWorkflow, workflows.BatchSampleWorkflow,
		workflows.ErasureWorkflow, workflows.FoldFiguresWorkflow,
		workflows.InterventionWorkflow, workflows.KeyTestWorkflow, workflows.NotificationWorkflow,
		workflows.PaceWorkflow,
		workflows.RecipientCheckWorkflow, workflows.ReconciliationWorkflow, workflows.ReencryptionWorkflow,
		workflows.RetentionWorkflow, workflows.ServiceImportWorkflow, workflows.WebhookWorkflow,
	}, known(t, answers["workflow "+workflows.TaskQueue]))
}

func TestWorkersThatTemporalRefusesDoNotStart(t *testing.T) {
	t.Parallel()

	_, address := newFrontend(t, status.Error(codes.PermissionDenied, "not this namespace"))
	workers := worker.New(connected(t, address), &activities.Activities{}, "")

	require.ErrorContains(t, workers.Start(), "starting a worker")
}
