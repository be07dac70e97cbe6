package wiring

import (
	"context"
	"fmt"
	"sync"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/activities"
	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/sms"
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
	Log       *zap.Logger
}

// Run works until ctx ends, and then lets calls under way finish.
func (w Worker) Run(ctx context.Context) error {
	does, err := w.activities()
	if err != nil {
		return err
	}

	workers := worker.New(w.Temporal, does)
	if err := workers.Start(); err != nil {
		return fmt.Errorf("starting the workers: %w", err)
	}

	var background sync.WaitGroup

	background.Go(func() { w.pace(ctx) })
	background.Go(func() { w.schedule(ctx) })

	w.Log.Info("worker ready")
	<-ctx.Done()
	workers.Stop()
	background.Wait()

	return nil
}

// pace insists, but keeps nobody waiting: notifications travel meanwhile, and IO's own limit answers 429, which is
// honoured.
func (w Worker) pace(ctx context.Context) {
	worker.Insist(ctx, func(ctx context.Context) error {
		return worker.Pace(ctx, w.Temporal, w.Namespace, w.IO.CallsPerSecond)
	}, func(err error) { w.Log.Warn("calls to IO are not paced yet", zap.Error(err)) })
}

func (w Worker) schedule(ctx context.Context) {
	worker.Insist(ctx, func(ctx context.Context) error {
		return worker.Schedule(ctx, w.Temporal)
	}, func(err error) { w.Log.Warn("timelines are not archived yet", zap.Error(err)) })
}

func (w Worker) activities() (*activities.Activities, error) {
	io, err := appio.New(appio.Config{BaseURL: w.IO.URL})
	if err != nil {
		return nil, fmt.Errorf("preparing the client of IO: %w", err)
	}

	token, err := Secret(w.Twilio.AuthToken, w.Twilio.AuthTokenFile)
	if err != nil {
		return nil, fmt.Errorf("preparing the client of Twilio: reading the auth token: %w", err)
	}

	twilio, err := sms.NewTwilio(sms.TwilioConfig{
		BaseURL: w.Twilio.URL, AccountSID: w.Twilio.AccountSID, AuthToken: token,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the client of Twilio: %w", err)
	}

	codes, err := fiscalcode.NewValidator(w.FiscalCodes.Allow)
	if err != nil {
		return nil, fmt.Errorf("reading the allowed fiscal codes: %w", err)
	}

	return &activities.Activities{
		Store:          w.Store,
		IO:             io,
		SMS:            twilio,
		FiscalCodes:    codes,
		Timelines:      gateway.Histories{Temporal: w.Temporal},
		StatusCallback: func(attemptID string) string { return gateway.StatusCallback(w.PublicURL, attemptID) },
		IOCadence:      activities.DefaultIOCadence(),
		SMSCadence:     activities.DefaultSMSCadence(),
	}, nil
}
