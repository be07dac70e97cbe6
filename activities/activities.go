// Package activities does what the workflows ask for: every call to IO, to the SMS provider and to the
// database. The attempt row is always written before a call and after it, so that a process that dies in
// between leaves a trace instead of a doubt.
package activities

import (
	"context"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/workflows"
)

// Activities holds what the activities work with.
type Activities struct {
	Store       *db.Store
	IO          *appio.Client
	Turns       *Turns  // of the calls to IO
	Pauses      *Pauses // nil: nothing is ever paused
	Pacer       Pacer
	SMS         sms.Provider
	FiscalCodes *fiscalcode.Validator
	Phones      sms.PhoneRules
	Timelines   Timelines
	// Starter and Canceller are asked for the notifications of batches.
	Starter   Starter
	Canceller Canceller
	// Intervener is asked for the acts of interventions.
	Intervener Intervener
	// Webhooks calls the Enti's own applications.
	Webhooks *Webhooks

	// Executions and Reporter are asked by reconciliations; Grace is theirs.
	Executions Executions
	Reporter   Reporter
	Grace      Grace

	// StatusCallback gives the public address at which the SMS provider reports on an attempt; empty: it
	// does not report, and is asked instead.
	StatusCallback func(attemptID string) string

	// IOCadence and SMSCadence are the pauses between questions about a message that was handed over.
	IOCadence  Cadence
	SMSCadence Cadence

	// Metrics counts what is done; nil: nobody counts. Log is told of it; nil: nobody is.
	Metrics *telemetry.Metrics
	Log     *zap.Logger
}

var (
	_ workflows.Activities       = (*Activities)(nil)
	_ workflows.PaceActivities   = (*Activities)(nil)
	_ workflows.BatchActivities  = (*Activities)(nil)
	_ workflows.FigureActivities = (*Activities)(nil)

	_ workflows.ServiceImportActivities = (*Activities)(nil)
	_ workflows.InterventionActivities  = (*Activities)(nil)
	_ workflows.WebhookActivities       = (*Activities)(nil)
	_ workflows.PrivacyActivities       = (*Activities)(nil)

	_ workflows.ReconciliationActivities = (*Activities)(nil)
	_ workflows.ReencryptionActivities   = (*Activities)(nil)
)

// Timelines derives the story of a settled notification from its workflow's history.
type Timelines interface {
	Timeline(ctx context.Context, runIDs []string, notificationID string) (notification.Timeline, error)
}
