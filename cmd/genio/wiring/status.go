package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/worker"
)

// Process is what a server or a worker tells of itself to those who run it.
type Process struct {
	Store     *db.Store
	Temporal  client.Client
	Namespace string
	// BuildID is that of the process's workers; empty where it has none, or they have no version.
	BuildID string
	Life    *Life
	// NeedsTemporal: without Temporal a worker can do nothing; a server still accepts.
	NeedsTemporal bool
	Started       time.Time
}

// Mount answers /healthz, /readyz and /status on the listener.
func (p Process) Mount(admin *AdminListener) {
	admin.Handle("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "ok")
	}))
	admin.Handle("GET /readyz", http.HandlerFunc(p.ready))
	admin.Handle("GET /status", http.HandlerFunc(p.status))
}

// lookPatience bounds each look at what the process depends on.
const lookPatience = 5 * time.Second

func answer(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(words + "\n")) // nobody may be there any more
}

// ready tells whether the process does its work.
func (p Process) ready(w http.ResponseWriter, r *http.Request) {
	ctx, done := context.WithTimeout(r.Context(), lookPatience)
	defer done()

	switch phase := p.Life.Phase(); {
	case phase != PhaseReady:
		answer(w, http.StatusServiceUnavailable, string(phase))
	case p.Store.Ping(ctx) != nil:
		answer(w, http.StatusServiceUnavailable, "database unreachable")
	case p.NeedsTemporal && !p.reachesTemporal(ctx):
		answer(w, http.StatusServiceUnavailable, "Temporal unreachable")
	default:
		answer(w, http.StatusOK, "ready")
	}
}

func (p Process) reachesTemporal(ctx context.Context) bool {
	_, err := p.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})

	return err == nil
}

// Status is the state of a process and of what it depends on. It tells of no notification and of nobody.
type Status struct {
	Version string `json:"version"`
	// BuildID is that of the process's workers; left out where it has none.
	BuildID       string         `json:"build_id,omitempty"`
	Phase         Phase          `json:"phase"`
	UptimeSeconds int64          `json:"uptime_seconds"`
	Database      DatabaseStatus `json:"database"`
	Temporal      TemporalStatus `json:"temporal"`
	// Retention and Reconciliation are left out where the database cannot be read.
	Retention      *RetentionStatus      `json:"retention,omitempty"`
	Reconciliation *ReconciliationStatus `json:"reconciliation,omitempty"`
}

// DatabaseStatus is the state of the database.
type DatabaseStatus struct {
	Reachable     bool  `json:"reachable"`
	SchemaVersion int64 `json:"schema_version,omitempty"`
	// Outbox is what was accepted and waits for its workflow.
	Outbox *OutboxStatus `json:"outbox,omitempty"`
}

// OutboxStatus is how much waits to be started, counted up to 100,000, and since when.
type OutboxStatus struct {
	Waiting int       `json:"waiting"`
	Since   time.Time `json:"since,omitzero"`
}

// TemporalStatus is the state of the engine.
type TemporalStatus struct {
	Reachable bool `json:"reachable"`
	// CurrentVersion is the build id that was released last; left out: none was.
	CurrentVersion string `json:"current_version,omitempty"`
	// Advice says what to do where the workers get no work.
	Advice    string           `json:"advice,omitempty"`
	Queues    []QueueStatus    `json:"queues,omitempty"`
	Schedules []ScheduleStatus `json:"schedules,omitempty"`
}

// QueueStatus counts the workers of a queue by build id; those without a version have the key "".
type QueueStatus struct {
	Queue   string         `json:"queue"`
	Workers map[string]int `json:"workers"`
}

// ScheduleStatus is when a periodic workflow ran last, and when it runs next.
type ScheduleStatus struct {
	ID   string    `json:"id"`
	Last time.Time `json:"last,omitzero"`
	Next time.Time `json:"next,omitzero"`
}

func (p Process) status(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(p.Status(r.Context())) //nolint:errchkjson // nobody may be there any more.
}

// Status looks at everything now. What cannot be reached is left out.
func (p Process) Status(ctx context.Context) Status {
	status := Status{
		Version: Version(), BuildID: p.BuildID, Phase: p.Life.Phase(), UptimeSeconds: int64(time.Since(p.Started).Seconds()),
		Database: p.database(ctx), Temporal: p.temporal(ctx),
	}
	status.Retention, status.Reconciliation = p.upkeep(ctx)

	return status
}

func (p Process) database(ctx context.Context) DatabaseStatus {
	ctx, done := context.WithTimeout(ctx, lookPatience)
	defer done()

	schema, err := p.Store.SchemaVersion(ctx)
	if err != nil {
		return DatabaseStatus{}
	}

	told := DatabaseStatus{Reachable: true, SchemaVersion: schema}
	if outbox, err := p.Store.Outbox(ctx, outboxCounted); err == nil {
		told.Outbox = &OutboxStatus{Waiting: outbox.Size, Since: outbox.Oldest}
	}

	return told
}

func (p Process) temporal(ctx context.Context) TemporalStatus {
	ctx, done := context.WithTimeout(ctx, lookPatience)
	defer done()

	versions := worker.Versions{Temporal: p.Temporal, Namespace: p.Namespace}

	overview, err := versions.Overview(ctx)
	if err != nil {
		return TemporalStatus{}
	}

	told := TemporalStatus{Reachable: true, CurrentVersion: overview.Current}

	if counts, err := versions.Pollers(ctx); err == nil {
		for _, queue := range worker.Served() {
			told.Queues = append(told.Queues, QueueStatus{Queue: queue.String(), Workers: counts[queue]})
		}

		told.Advice = advice(overview.Current, counts)
	}

	if schedules, err := p.schedules(ctx); err == nil {
		told.Schedules = schedules
	}

	return told
}

// advice is what is to be done where a queue has workers, but none that get its work.
func advice(current string, counts map[worker.ServedQueue]map[string]int) string {
	for _, queue := range worker.Served() {
		if workers := counts[queue]; workers[current] == 0 && len(workers) > 0 {
			return notCurrent
		}
	}

	return ""
}

func (p Process) schedules(ctx context.Context) ([]ScheduleStatus, error) {
	listed, err := p.Temporal.ScheduleClient().List(ctx, client.ScheduleListOptions{})
	if err != nil {
		return nil, fmt.Errorf("listing schedules: %w", err)
	}

	var told []ScheduleStatus

	for listed.HasNext() {
		entry, err := listed.Next()
		if err != nil {
			return nil, errors.Join(errors.New("listing schedules"), err)
		}

		one := ScheduleStatus{ID: entry.ID}

		if recent := entry.RecentActions; len(recent) > 0 {
			one.Last = recent[len(recent)-1].ActualTime
		}

		if next := entry.NextActionTimes; len(next) > 0 {
			one.Next = next[0]
		}

		told = append(told, one)
	}

	return told, nil
}
