package wiring

import (
	"context"
	"fmt"

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
	PublicURL   string
	Log         *zap.Logger
}

// Run works until ctx ends, and then lets calls under way finish.
func (w Worker) Run(ctx context.Context) error {
	does, err := w.activities()
	if err != nil {
		return err
	}

	if err := worker.Pace(ctx, w.Temporal, w.Namespace, w.IO.CallsPerSecond); err != nil {
		// Notifications still travel; IO's own limit then answers 429, which is honoured.
		w.Log.Warn("calls to IO are not paced", zap.Error(err))
	}

	if err := worker.Schedule(ctx, w.Temporal); err != nil {
		w.Log.Warn("timelines are not archived", zap.Error(err))
	}

	workers := worker.New(w.Temporal, does)
	if err := workers.Start(); err != nil {
		return fmt.Errorf("starting the workers: %w", err)
	}

	w.Log.Info("worker ready")
	<-ctx.Done()
	workers.Stop()

	return nil
}

func (w Worker) activities() (*activities.Activities, error) {
	io, err := appio.New(appio.Config{BaseURL: w.IO.URL})
	if err != nil {
		return nil, fmt.Errorf("preparing the client of IO: %w", err)
	}

	twilio, err := sms.NewTwilio(sms.TwilioConfig{
		BaseURL: w.Twilio.URL, AccountSID: w.Twilio.AccountSID, AuthToken: w.Twilio.AuthToken,
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
