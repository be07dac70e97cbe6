package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readPatience bounds what is read for one scrape: a database or a Temporal that does not answer must not keep the other
// metrics from being told. It stays below Prometheus's own time-out of 10 seconds.
const readPatience = 3 * time.Second

// Readings are what a process reads anew for each scrape. All processes read the same, so that a dashboard takes the
// greatest. What is left nil is not told.
type Readings struct {
	// Outbox tells how many notifications are accepted and not started, and since when the oldest waits; zero: none does.
	Outbox func(ctx context.Context) (size int, oldest time.Time, err error)
	// Open counts the notifications that have not ended, by status.
	Open func(ctx context.Context) (map[string]int, error)
	// Queues tells how long Temporal's task queues are.
	Queues func(ctx context.Context) ([]Queue, error)
	// Differences is what the last reconciliation found, by check; none before the first.
	Differences func(ctx context.Context) (map[string]int, error)
	// Undone is since when what is done again and again has not been done, by its name; none where there is nothing to do.
	Undone func(ctx context.Context) (map[string]time.Time, error)
}

// Queue is a task queue of Temporal's.
type Queue struct {
	Name string
	// Type is workflow or activity.
	Type    string
	Backlog int64
	// Age is how long the first of the backlog has waited.
	Age     time.Duration
	Pollers int
}

// Read has the readings told with each scrape. It is called once at most.
func (m *Metrics) Read(readings Readings) {
	if m != nil {
		m.registry.MustRegister(newReader(readings))
	}
}

// reader reads when Prometheus asks. What could not be read is left out rather than told as it was before: the gauges about
// who answers say why.
type reader struct {
	Readings

	databaseUp, temporalUp, outboxSize, outboxAge, open, backlog, backlogAge, pollers, differences, undone *prometheus.Desc
}

func newReader(readings Readings) *reader {
	described := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}

	return &reader{
		Readings:   readings,
		databaseUp: described("genio_database_up", "1 while the database answers, else 0."),
		temporalUp: described("genio_temporal_up", "1 while Temporal answers, else 0."),
		outboxSize: described("genio_outbox_notifications", "Notifications accepted whose workflow is not started."),
		outboxAge:  described("genio_outbox_age_seconds", "How long the oldest of them waits; 0: none does."),
		open:       described("genio_notifications_open", "Notifications that have not ended, by status.", labelStatus),
		backlog: described("genio_queue_backlog_tasks", "Tasks that wait in a task queue of Temporal's, about.",
			labelQueue, labelTaskType),
		backlogAge: described("genio_queue_backlog_age_seconds", "How long the first of them waits.", labelQueue, labelTaskType),
		pollers:    described("genio_queue_pollers", "Who asked the task queue for work in the last minutes.", labelQueue, labelTaskType),
		differences: described("genio_reconciliation_difference",
			"What the last reconciliation found wrong, by check; 0 is as it should be.", labelCheck),
		undone: described("genio_upkeep_age_seconds",
			"How long ago retention last removed all that was due, and how long ago a reconciliation last ended.", labelUpkeep),
	}
}

// Describe names none of them: what is told depends on what answers.
func (*reader) Describe(chan<- *prometheus.Desc) {}

// Collect reads everything at once.
func (r *reader) Collect(told chan<- prometheus.Metric) {
	ctx, done := context.WithTimeout(context.Background(), readPatience)
	defer done()

	var group sync.WaitGroup

	for _, read := range []func(context.Context, chan<- prometheus.Metric){
		r.readDatabase, r.readOpen, r.readQueues, r.readDifferences, r.readUndone,
	} {
		group.Go(func() { read(ctx, told) })
	}

	group.Wait()
}

func (r *reader) readDatabase(ctx context.Context, told chan<- prometheus.Metric) {
	if r.Outbox == nil {
		return
	}

	size, oldest, err := r.Outbox(ctx)
	told <- gauge(r.databaseUp, upOf(err))

	if err != nil {
		return
	}

	age := 0.0
	if !oldest.IsZero() {
		age = max(0, time.Since(oldest).Seconds())
	}

	told <- gauge(r.outboxSize, float64(size))

	told <- gauge(r.outboxAge, age)
}

func (r *reader) readOpen(ctx context.Context, told chan<- prometheus.Metric) {
	if r.Open == nil {
		return
	}

	open, err := r.Open(ctx)
	if err != nil {
		return
	}

	for status, count := range open {
		told <- gauge(r.open, float64(count), status)
	}
}

func (r *reader) readQueues(ctx context.Context, told chan<- prometheus.Metric) {
	if r.Queues == nil {
		return
	}

	queues, err := r.Queues(ctx)
	told <- gauge(r.temporalUp, upOf(err))

	if err != nil {
		return
	}

	for _, queue := range queues {
		told <- gauge(r.backlog, float64(queue.Backlog), queue.Name, queue.Type)

		told <- gauge(r.backlogAge, queue.Age.Seconds(), queue.Name, queue.Type)

		told <- gauge(r.pollers, float64(queue.Pollers), queue.Name, queue.Type)
	}
}

func (r *reader) readDifferences(ctx context.Context, told chan<- prometheus.Metric) {
	if r.Differences == nil {
		return
	}

	found, err := r.Differences(ctx)
	if err != nil {
		return
	}

	for check, difference := range found {
		told <- gauge(r.differences, float64(difference), check)
	}
}

func (r *reader) readUndone(ctx context.Context, told chan<- prometheus.Metric) {
	if r.Undone == nil {
		return
	}

	undone, err := r.Undone(ctx)
	if err != nil {
		return
	}

	for upkeep, since := range undone {
		told <- gauge(r.undone, max(0, time.Since(since).Seconds()), upkeep)
	}
}

func gauge(of *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(of, prometheus.GaugeValue, value, labels...)
}

func upOf(err error) float64 {
	if err != nil {
		return 0
	}

	return 1
}
