package wiring

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/worker"
)

// Worker is everything that a worker process needs.
type Worker struct {
	Store       *db.Store
	Temporal    client.Client
	Namespace   string
	IO          IO
	Twilio      Twilio
	FiscalCodes FiscalCodes
	// PublicURL is in its normal form, see Public.Address.
	PublicURL string
	// Outbound says where webhooks may be, and Webhooks when what they do not take is told again; zero: as usual.
	Outbound Outbound
	Webhooks activities.WebhookCadence
	// BuildID is the version of the workers; empty: they have none, and get work at once.
	BuildID string
	// Life is told how far the worker is; nil: nobody looks.
	Life *Life
	// Grace is how old something has to be before a reconciliation looks at it; zero: as usual.
	Grace activities.Grace
	// Telemetry may be nil.
	Telemetry *telemetry.Telemetry
	Log       *zap.Logger
}

// Run works until ctx ends, and then lets calls under way finish.
func (w Worker) Run(ctx context.Context) error {
	does, err := w.activities()
	if err != nil {
		return err
	}

	workers := worker.New(w.Temporal, does, w.BuildID)
	if err := workers.Start(); err != nil {
		return fmt.Errorf("starting the workers: %w", err)
	}

	var background sync.WaitGroup

	background.Go(func() { w.pace(ctx) })
	background.Go(func() { w.schedule(ctx) })
	background.Go(func() { w.watchVersion(ctx) })

	w.Life.enter(PhaseReady)
	w.Log.Info("worker ready", zap.String("build_id", w.BuildID))
	<-ctx.Done()
	w.Life.enter(PhaseDraining)
	w.Log.Info("worker draining: calls under way end and are recorded")
	workers.Stop()
	background.Wait()

	return nil
}

// pace insists, but keeps nobody waiting: notifications travel meanwhile, and IO's own limit answers 429, which is
// honoured.
func (w Worker) pace(ctx context.Context) {
	worker.Insist(ctx, func(ctx context.Context) error {
		if err := w.pacer().Pace(ctx, w.IO.CallsPerSecond); err != nil {
			return err //nolint:wrapcheck // it says what was being done.
		}

		return w.remind(ctx)
	}, func(err error) { w.Log.Warn("calls to IO are not paced yet", zap.Error(err)) })
}

func (w Worker) pacer() worker.Pacer {
	return worker.Pacer{Temporal: w.Temporal, Namespace: w.Namespace}
}

// remind has the quotas put into force that are not IO's default one: Temporal may have forgotten them, or be another one
// than before. Whoever minds an Ente's rate does it, and so keeps a rate low that was lowered.
func (w Worker) remind(ctx context.Context) error {
	enti, err := w.Store.Enti(ctx)
	if err != nil {
		return fmt.Errorf("reading the Enti's quotas: %w", err)
	}

	for _, ente := range enti {
		if activities.WeightOf(ente.IOCalls) == 1 {
			continue
		}

		if err := w.brake().Quota(ctx, ente.ID); err != nil {
			return err //nolint:wrapcheck // it says what was being done.
		}
	}

	return nil
}

func (w Worker) brake() worker.Brake { return worker.Brake{Temporal: w.Temporal} }

// notCurrent is what those read who run workers that get no work.
const notCurrent = "workers get no work, for their build is not the current version: run genio admin release"

// versionWatched is how often a worker says that it gets no work.
const versionWatched = time.Minute

// watchVersion says again and again that the workers get nothing to do because their version is not the current one, as before
// the first release, or when somebody forgot it.
func (w Worker) watchVersion(ctx context.Context) {
	if w.BuildID == "" {
		return
	}

	again := time.NewTicker(versionWatched)
	defer again.Stop()

	for {
		overview, err := worker.Versions{Temporal: w.Temporal, Namespace: w.Namespace}.Overview(ctx)
		if err == nil && overview.Current != w.BuildID {
			w.Log.Warn(notCurrent, zap.String("build_id", w.BuildID), zap.String("current_version", overview.Current))
		}

		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

func (w Worker) schedule(ctx context.Context) {
	worker.Insist(ctx, func(ctx context.Context) error {
		return worker.Schedule(ctx, w.Temporal)
	}, func(err error) { w.Log.Warn("timelines are not archived yet", zap.Error(err)) })
}

func (w Worker) quota(ctx context.Context, enteID string) (int, error) {
	ente, err := w.Store.Ente(ctx, enteID)
	if err != nil {
		return 0, fmt.Errorf("reading an Ente's quota: %w", err)
	}

	return cmp.Or(ente.IOCalls, notification.DefaultIOCalls), nil
}

func (w Worker) io(windows *appio.Windows) (*appio.Client, error) {
	files, err := w.IO.TLSFiles.Config()
	if err != nil {
		return nil, fmt.Errorf("preparing the client of IO: %w", err)
	}

	io, err := appio.New(appio.Config{
		BaseURL: w.IO.URL, TLS: files, Told: windows.Told, Watch: w.Telemetry.Calls(telemetry.ProviderIO),
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the client of IO: %w", err)
	}

	return io, nil
}

func (w Worker) twilio() (*sms.Twilio, error) {
	token, err := Secret(w.Twilio.AuthToken, w.Twilio.AuthTokenFile)
	if err != nil {
		return nil, fmt.Errorf("preparing the client of Twilio: reading the auth token: %w", err)
	}

	twilio, err := sms.NewTwilio(sms.TwilioConfig{
		BaseURL: w.Twilio.URL, AccountSID: w.Twilio.AccountSID, AuthToken: token,
		Watch: w.Telemetry.Calls(telemetry.ProviderTwilio),
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the client of Twilio: %w", err)
	}

	return twilio, nil
}

func (w Worker) activities() (*activities.Activities, error) {
	windows := appio.NewWindows()

	io, err := w.io(windows)
	if err != nil {
		return nil, err
	}

	twilio, err := w.twilio()
	if err != nil {
		return nil, err
	}

	codes, err := fiscalcode.NewValidator(w.FiscalCodes.Allow)
	if err != nil {
		return nil, fmt.Errorf("reading the allowed fiscal codes: %w", err)
	}

	guard, err := w.Outbound.Guard()
	if err != nil {
		return nil, err
	}

	starter := gateway.NewStarter(w.Store, w.Temporal, w.Log.Named("starter"))
	acts := newOfBatches(w.Store, w.Temporal, starter, w.Log.Named("gateway"))

	return &activities.Activities{
		Store:          w.Store,
		IO:             io,
		Turns:          &activities.Turns{Windows: windows, Quota: w.quota, Brake: w.brake(), Metrics: w.Telemetry.Measures()},
		Pacer:          w.pacer(),
		Starter:        starter,
		Canceller:      acts,
		Intervener:     acts.does,
		Webhooks:       activities.NewWebhooks(guard, cmp.Or(w.Webhooks, activities.DefaultWebhookCadence())),
		Pauses:         activities.NewPauses(w.Store),
		SMS:            twilio,
		FiscalCodes:    codes,
		Timelines:      gateway.Histories{Temporal: w.Temporal},
		Executions:     gateway.Executions{Temporal: w.Temporal},
		Reporter:       acts.does,
		Grace:          w.Grace,
		StatusCallback: func(attemptID string) string { return gateway.StatusCallback(w.PublicURL, attemptID) },
		IOCadence:      activities.DefaultIOCadence(),
		SMSCadence:     activities.DefaultSMSCadence(),
		Metrics:        w.Telemetry.Measures(),
		Log:            w.Log.Named("activities"),
	}, nil
}
