package integration_test

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/genio-gateway/genio/dev/allinone"
	"github.com/genio-gateway/genio/dev/demo"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/telemetry"
)

const (
	// refusals is how often the outcomes "at first" refuse.
	refusals = 1
	// slowProcessing is longer than the pause before IO is asked for the first time, and the wait for a turn to ask.
	slowProcessing = 8 * time.Second
	// noticed is longer than a pause may go unnoticed in a worker.
	noticed = 2 * time.Second

	// shortIODeadline leaves room for the calls of all the stories that share an Ente's quota.
	shortIODeadline  = 20 * time.Second
	shortSMSDeadline = 12 * time.Second
)

// house is an all-in-one with an Ente in it, everything that it logs, and the words that may stand nowhere.
type house struct {
	*allinone.AllInOne

	data    string
	logged  *logged
	spans   *tracetest.InMemoryExporter
	secrets *secrets
	tenant  tenant // the demonstration's Ente
	started time.Duration

	standard, brisk, careful, insistent, onlyIO service
}

// TestAllInOne starts everything in this process once, lets all stories happen in it, and then looks for personal data.
//
//nolint:paralleltest,tparallel // it comes before the parallel ones: its stories tell apart what takes seconds from what takes longer.
func TestAllInOne(t *testing.T) {
	h := openHouse(t)

	t.Run("stories", func(t *testing.T) {
		t.Run("outcomes", h.testOutcomes)
		t.Run("wishes", h.testWishes)
		t.Run("decisions", h.testDecisions)
		t.Run("retry", h.testRetry)
		t.Run("schedule and expiry", h.testTimes)
		t.Run("idempotency", h.testIdempotency)
		t.Run("recipient check", h.testRecipientCheck)
		t.Run("test of keys", h.testKeys)
		t.Run("pace", h.testPace)
		t.Run("batch", h.testBatch)
		t.Run("batch of unknown columns", h.testBatchOfUnknownColumns)
		t.Run("sample", h.testSample)
		t.Run("paused batch", h.testPausedBatch)
		t.Run("bulk", h.testBulk)
		t.Run("paused service", h.testServicePause)
		t.Run("intervention", h.testIntervention)
		t.Run("retention", h.testRetention)
		t.Run("erasure", h.testErasure)
		t.Run("archive", h.testArchive)
	})
	t.Run("telemetry", h.testTelemetry)
	t.Run("privacy", h.testPrivacy)
}

func openHouse(t *testing.T) *house {
	t.Helper()

	h := &house{data: t.TempDir(), logged: &logged{}, secrets: newSecrets(), spans: tracetest.NewInMemoryExporter()}
	tracing, err := telemetry.TraceTo(t.Context(), h.spans)
	require.NoError(t, err)

	settings := settingsIn(h.data)
	settings.Tracing = tracing

	before := time.Now()
	all, err := allinone.Start(t.Context(), settings, h.logged.logger())
	require.NoError(t, err)

	h.started = time.Since(before)
	t.Logf("start-up of the all-in-one: %s", h.started)
	t.Cleanup(func() {
		record(t, all.Temporal)
		all.Stop()
	})

	h.AllInOne = all
	h.tenant = tenant{
		id: all.Demo.EnteID, does: all.Gateway, plays: all.Simulator,
		system:      gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"},
		application: application{address: all.Addresses.Public, key: all.Demo.APIKey, secrets: h.secrets},
	}
	h.standard, h.careful = serviceOf(all.Demo.Service), serviceOf(all.Demo.Careful)
	h.brisk = h.tenant.service(t, "brisk", policy(func(p *notification.Policy) {
		p.IODeadline, p.SMSDeadline = shortIODeadline, shortSMSDeadline
	}))
	h.insistent = h.tenant.service(t, "insistent", policy(func(p *notification.Policy) {
		p.OnUncertain = notification.UncertainResend
	}))
	h.onlyIO = h.tenant.service(t, "only IO", policy(func(p *notification.Policy) { p.Fallback = nil }))

	h.secrets.add("API key", all.Demo.APIKey)
	h.secrets.add("Twilio token", "demonstrationtoken")

	for key := range all.Demo.IOKeys() {
		h.secrets.add("IO key", key)
	}

	return h
}

func serviceOf(known demo.Service) service { return service{id: known.ID, ioKey: known.IOKey} }

// settingsIn are those of an all-in-one in a folder, on free ports, without the demonstration's notifications.
func settingsIn(folder string) allinone.Settings {
	return allinone.Settings{
		Data: folder, NoDemo: true,
		Simulate: func(config *simulator.Config) {
			config.Refusals, config.IOSlowProcessing = refusals, slowProcessing
		},
	}
}

// logged keeps everything that is logged, as the production log would have it.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes a line.
func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.text.Write(line)
}

// Sync has nothing to do.
func (l *logged) Sync() error { return nil }

func (l *logged) all() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()

	return bytes.Clone(l.text.Bytes())
}

func (l *logged) logger() *zap.Logger {
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), l, zapcore.DebugLevel))
}
