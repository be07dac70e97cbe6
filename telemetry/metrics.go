package telemetry

import (
	"database/sql"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Labels. Counters may be told by Ente: there are some hundreds, and what one of them does to the others is to be seen.
// Histograms never are.
const (
	labelEnte      = "ente_id"
	labelStatus    = "status"
	labelReason    = "reason"
	labelChannel   = "channel"
	labelOutcome   = "outcome"
	labelOperation = "operation"
	labelProvider  = "provider"
	labelMethod    = "method"
	labelRoute     = "route"
	labelKind      = "kind"
	labelQueue     = "task_queue"
	labelTaskType  = "task_type"
	labelCheck     = "check"
	labelUpkeep    = "upkeep"
	labelDatabase  = "genio"
)

// scrapesAtOnce bounds what readers of the metrics can ask of the database.
const scrapesAtOnce = 3

// Metrics counts and measures. Counters begin at 0 with each process, as Prometheus expects; what must be exact, as a
// region's figures, is asked of the database. A nil one counts nothing.
type Metrics struct {
	registry *prometheus.Registry

	accepted      *prometheus.CounterVec
	settled       *prometheus.CounterVec
	handOvers     *prometheus.CounterVec
	timeToChannel *prometheus.HistogramVec
	calls         *prometheus.CounterVec
	callSeconds   *prometheus.HistogramVec
	refused       *prometheus.CounterVec
	requests      *prometheus.CounterVec
	requestTime   *prometheus.HistogramVec
}

// NewMetrics makes metrics of this process.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		accepted: counters("genio_notifications_accepted_total",
			"Notifications accepted, by Ente.", labelEnte),
		settled: counters("genio_notifications_settled_total",
			"Notifications that ended, by final status, reason and the channel that delivered.", labelStatus, labelReason, labelChannel),
		handOvers: counters("genio_hand_overs_total",
			"Hand-overs to a channel's provider by what is known of them: sent, not_sent, uncertain. A passing refusal, which is "+
				"tried again, counts as not_sent.", labelChannel, labelOutcome, labelReason),
		timeToChannel: histograms("genio_time_to_hand_over_seconds",
			"Time from when a notification was to be sent, its acceptance or its sending time, to its hand-over.",
			[]float64{0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 43200}, labelChannel),
		calls: counters("genio_provider_calls_total",
			"Calls to providers, by operation and HTTP status; status none: no answer arrived.", labelProvider, labelOperation, labelStatus),
		callSeconds: histograms("genio_provider_call_seconds",
			"Duration of calls to providers.", []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20}, labelProvider),
		refused: counters("genio_io_refusals_total",
			"Calls that IO refused because the Ente's quota was used up (429), by Ente.", labelEnte),
		requests: counters("genio_http_requests_total",
			"Requests answered, by method, template of the route and status.", labelMethod, labelRoute, labelStatus),
		requestTime: histograms("genio_http_request_seconds",
			"Duration of requests, by kind: api, webhook, page.", []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}, labelKind),
	}

	m.registry.MustRegister(
		m.accepted, m.settled, m.handOvers, m.timeToChannel, m.calls, m.callSeconds, m.refused, m.requests, m.requestTime,
		buildInfo(), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)

	return m
}

// Handler answers Prometheus. It is for the administration's listener: what an Ente sends is nobody else's business.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		// What can be read is told, even while the database is away.
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: scrapesAtOnce,
	})
}

// Pool has the database's connections measured.
func (m *Metrics) Pool(pool *sql.DB) {
	if m != nil {
		m.registry.MustRegister(collectors.NewDBStatsCollector(pool, labelDatabase))
	}
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
}
