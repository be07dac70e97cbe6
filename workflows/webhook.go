package workflows

import (
	"context"
	"strconv"

	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

// TaskQueueWebhooks is for calls to the Enti's own applications: one that hangs keeps nobody from IO or from an SMS.
const TaskQueueWebhooks = "genio-webhooks"

// FairTaskQueues are those on which each Ente has its share. Temporal has to keep each on one partition: on several, rates are
// divided and Enti stall, and a new version of the workers takes minutes to be known on all of them.
func FairTaskQueues() []string { return []string{TaskQueueIO, TaskQueueSMS, TaskQueueWebhooks} }

const (
	// WebhookWorkflow is the name of the workflow that tells an Ente's application of an event.
	WebhookWorkflow = "Webhook"
	// ActivityTellApplication is the method of WebhookActivities.
	ActivityTellApplication = "TellApplication"
)

// WebhookID is the workflow ID of a round of a delivery.
func WebhookID(deliveryID string, round int) string {
	return "webhook/" + deliveryID + "/" + strconv.Itoa(round)
}

// WebhookInput starts the telling of an event. What is told, and where, stays in the database.
type WebhookInput struct {
	DeliveryID string `json:"delivery_id"`
	EnteID     string `json:"ente_id"`
	Round      int    `json:"round"`
}

// WebhookResult is how the telling ended.
type WebhookResult struct {
	State notification.WebhookDeliveryState `json:"state"`
	Fault notification.WebhookFault         `json:"fault,omitempty"`
}

// WebhookActivities is what the workflow asks of the outside world.
type WebhookActivities interface {
	// TellApplication tells an Ente's application of an event. It is retried until the application has taken it, wants no more,
	// or has not answered for too long.
	TellApplication(ctx context.Context, in WebhookInput) (WebhookResult, error)
}

// Webhook tells an Ente's application of one event, at least once. It is a workflow of its own, so that what an application
// does or fails to do costs the notification neither time nor history.
func Webhook(ctx workflow.Context, in WebhookInput) (WebhookResult, error) {
	var result WebhookResult

	ctx = waiting(ctx, TaskQueueWebhooks, "tell the Ente's application")
	err := workflow.ExecuteActivity(ctx, ActivityTellApplication, in).Get(ctx, &result)

	return result, err //nolint:wrapcheck // Temporal's own error tells the step.
}
