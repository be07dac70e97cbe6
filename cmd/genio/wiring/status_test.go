package wiring_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/notification"
)

// administered answers for a process, and gives the address.
func administered(t *testing.T, process wiring.Process) string {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	admin := wiring.NewAdminListener()
	process.Mount(admin)
	admin.Handle("GET /metrics", http.NotFoundHandler())

	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)

	go func() { ended <- admin.Run(ctx, listener) }()

	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})

	return "http://" + listener.Addr().String()
}

func TestProcessTellsHowItIs(t *testing.T) {
	t.Parallel()

	serves := deaf(t)
	process := wiring.Process{
		Store: serves.Store, Temporal: serves.Temporal, Namespace: "genio", Life: serves.Life, Started: time.Now().Add(-time.Hour),
	}
	address := administered(t, process)

	status, words, _ := read(t, address+"/healthz")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "ok\n", words)

	status, words, _ = read(t, address+"/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "starting\n", words)

	status, words, _ = read(t, address+"/status")
	require.Equal(t, http.StatusOK, status)

	var told wiring.Status
	require.NoError(t, json.Unmarshal([]byte(words), &told))
	require.Equal(t, wiring.Version(), told.Version)
	require.Equal(t, wiring.PhaseStarting, told.Phase)
	require.GreaterOrEqual(t, told.UptimeSeconds, int64(3600))
	require.True(t, told.Database.Reachable)
	require.Positive(t, told.Database.SchemaVersion)
	require.Equal(t, &wiring.OutboxStatus{}, told.Database.Outbox)
	require.Equal(t, wiring.TemporalStatus{}, told.Temporal, "it is nowhere")

	status, _, _ = read(t, address+"/metrics")
	require.Equal(t, http.StatusNotFound, status)
}

func TestProcessTellsOfRetentionAndReconciliation(t *testing.T) {
	t.Parallel()

	serves := deaf(t)
	store := serves.Store
	process := wiring.Process{Store: store, Temporal: serves.Temporal, Namespace: "genio", Life: serves.Life}

	tells := func() (retention wiring.RetentionStatus, reconciliation wiring.ReconciliationStatus, words string) {
		t.Helper()

		told := process.Status(t.Context())
		require.NotNil(t, told.Retention)
		require.NotNil(t, told.Reconciliation)

		encoded, err := json.Marshal(told)
		require.NoError(t, err)

		return *told.Retention, *told.Reconciliation, string(encoded)
	}

	retention, reconciliation, _ := tells()
	require.Equal(t, wiring.RetentionStatus{}, retention, "nothing is there that could be removed")
	require.Equal(t, wiring.ReconciliationStatus{}, reconciliation)

	entered := time.Now().Add(-48 * time.Hour).UTC().Truncate(time.Microsecond)
	ente := notification.Ente{
		ID: uuid.NewString(), Name: "Comune di Prova", FiscalCode: "80000000002", Active: true, CreatedAt: entered,
	}
	require.NoError(t, store.CreateEnte(t.Context(), ente))

	retention, reconciliation, _ = tells()
	require.Equal(t, wiring.RetentionStatus{CompleteAt: entered, Late: true}, retention)
	require.Equal(t, wiring.ReconciliationStatus{Late: true}, reconciliation)

	run := uuid.NewString()
	require.NoError(t, store.BeginRetention(t.Context(), run))
	require.NoError(t, store.NoteRemoved(t.Context(), run, ente.ID, notification.RemovedContent, 12))
	require.NoError(t, store.NoteRemoved(t.Context(), run, "", notification.RemovedSessions, 3))
	require.NoError(t, store.FinishRetention(t.Context(), run))

	compared := notification.Reconciliation{ID: uuid.NewString()}
	require.NoError(t, store.BeginReconciliation(t.Context(), compared))
	compared.Results = []notification.CheckResult{
		{Check: notification.CheckLost, Difference: 2}, {Check: notification.CheckSMS, Failed: true},
	}
	require.NoError(t, store.EndReconciliation(t.Context(), compared))

	retention, reconciliation, words := tells()
	require.Equal(t, notification.RetentionCompleted, retention.Status)
	require.Equal(t, map[notification.RetentionKind]int{
		notification.RemovedContent: 12, notification.RemovedSessions: 3,
	}, retention.Removed)
	require.Equal(t, retention.EndedAt, retention.CompleteAt)
	require.False(t, retention.Late)
	require.Equal(t, 2, reconciliation.Difference)
	require.Equal(t, []notification.Check{notification.CheckSMS}, reconciliation.NotMade)
	require.False(t, reconciliation.Late)
	require.Contains(t, words, `"removed":{"content":12,"sessions":3}`)
	require.NotContains(t, words, ente.ID, "it tells of nobody")

	faulty := uuid.NewString()
	require.NoError(t, store.BeginRetention(t.Context(), faulty))
	require.NoError(t, store.NoteNotRemoved(t.Context(), faulty, ente.ID, notification.RemovedNotifications))
	require.NoError(t, store.FinishRetention(t.Context(), faulty))

	failed, _, _ := tells()
	require.Equal(t, notification.RetentionFailed, failed.Status)
	require.Equal(t, []notification.RetentionKind{notification.RemovedNotifications}, failed.NotRemoved)
	require.Equal(t, retention.CompleteAt, failed.CompleteAt, "the run before removed all")

	require.NoError(t, store.Close())
	told := process.Status(t.Context())
	require.Nil(t, told.Retention)
	require.Nil(t, told.Reconciliation)
}

// What a scrape is told is what /status tells.
func TestReadingsTellSinceWhenNothingWasDone(t *testing.T) {
	t.Parallel()

	serves := deaf(t)
	undone := wiring.Readings(serves.Store, serves.Temporal, "genio").Undone

	since, err := undone(t.Context())
	require.NoError(t, err)
	require.Empty(t, since)

	entered := time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)
	require.NoError(t, serves.Store.CreateEnte(t.Context(), notification.Ente{
		ID: uuid.NewString(), Name: "Comune di Prova", FiscalCode: "80000000002", Active: true, CreatedAt: entered,
	}))

	since, err = undone(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]time.Time{"retention": entered, "reconciliation": entered}, since)
}

func TestWorkerWithoutTemporalIsNotReady(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		needsTemporal, lost bool
		status              int
		words               string
	}{
		"server":                  {status: http.StatusOK, words: "ready\n"},
		"worker":                  {needsTemporal: true, status: http.StatusServiceUnavailable, words: "Temporal unreachable\n"},
		"server without database": {lost: true, status: http.StatusServiceUnavailable, words: "database unreachable\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			serves := deaf(t)
			does, err := serves.Gateway()
			require.NoError(t, err)

			listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
			require.NoError(t, err)

			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)

			go func() { ended <- serves.Run(ctx, listener, does) }()

			t.Cleanup(func() {
				cancel()
				require.NoError(t, <-ended)
			})

			require.Eventually(t, func() bool { return serves.Life.Phase() == wiring.PhaseReady }, patience, glance)

			if test.lost {
				require.NoError(t, serves.Store.Close())
			}

			address := administered(t, wiring.Process{
				Store: serves.Store, Temporal: serves.Temporal, Namespace: "genio", Life: serves.Life, NeedsTemporal: test.needsTemporal,
			})
			status, words, _ := read(t, address+"/readyz")
			require.Equal(t, test.status, status)
			require.Equal(t, test.words, words)
		})
	}
}

func TestVersionOfWorkers(t *testing.T) {
	t.Parallel()

	require.NotEmpty(t, wiring.Version())
	require.Equal(t, wiring.Version(), wiring.Versioning{Versioning: true}.ID())
	require.Equal(t, "1.2.3", wiring.Versioning{Versioning: true, BuildID: "1.2.3"}.ID())
	require.Empty(t, wiring.Versioning{BuildID: "1.2.3"}.ID())
}
