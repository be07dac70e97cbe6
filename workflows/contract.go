// Package workflows tells how notifications travel. It holds deterministic orchestration only: every side
// effect is asked of the Activities interface, which package activities fulfils.
package workflows

import (
	"context"
	"strings"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// Task queues. IO and SMS have their own, because Temporal paces them by Ente and by provider.
const (
	TaskQueue    = "genio"
	TaskQueueIO  = "genio-io"
	TaskQueueSMS = "genio-sms"
)

// Names of the workflows, as Temporal's own tools show them.
const (
	NotificationWorkflow     = "Notification"
	RecipientCheckWorkflow   = "RecipientCheck"
	ArchiveTimelinesWorkflow = "ArchiveTimelines"
)

// Signals that a notification's workflow understands.
const (
	SignalCancel    = "cancel"     // Cancellation
	SignalHold      = "hold"       // no payload
	SignalResume    = "resume"     // no payload
	SignalDecide    = "decide"     // Decision
	SignalSMSStatus = "sms-status" // SMSReport
)

// Names of the activities: the methods of Activities.
const (
	ActivityPrepare          = "Prepare"
	ActivityCheckProfile     = "CheckProfile"
	ActivitySendToIO         = "SendToIO"
	ActivityAwaitIODelivery  = "AwaitIODelivery"
	ActivitySkipChannel      = "SkipChannel"
	ActivitySendSMS          = "SendSMS"
	ActivityAwaitSMSDelivery = "AwaitSMSDelivery"
	ActivityAwaitPassage     = "AwaitPassage"
	ActivityHold             = "Hold"
	ActivityResume           = "Resume"
	ActivitySettle           = "Settle"
	ActivityCheckRecipient   = "CheckRecipient"
	ActivityTestKey          = "TestKey"
	ActivityArchiveTimelines = "ArchiveTimelines"
)

// FailureStillWaiting is the type of the error with which a question whose answer is not final yet is retried.
const FailureStillWaiting = "still_waiting"

// ArchiveTimelinesScheduleID names the schedule that stores timelines before their histories go.
const ArchiveTimelinesScheduleID = "archive-timelines"

const (
	notificationIDPrefix   = "notification/"
	recipientCheckIDPrefix = "recipient-check/"
)

// NotificationID is the workflow ID of a notification.
func NotificationID(id string) string { return notificationIDPrefix + id }

// IDOfNotification is the inverse of NotificationID; ok is false for any other workflow.
func IDOfNotification(workflowID string) (id string, ok bool) {
	return strings.CutPrefix(workflowID, notificationIDPrefix)
}

// RecipientCheckID is the workflow ID of a recipient check.
func RecipientCheckID(id string) string { return recipientCheckIDPrefix + id }

// NotificationInput starts a notification's workflow. Identifiers and policy only: the recipient and the
// content stay in the database.
type NotificationInput struct {
	ID        string                `json:"id"`
	EnteID    string                `json:"ente_id"`
	ServiceID string                `json:"service_id"`
	Priority  notification.Priority `json:"priority"`
	Policy    notification.Policy   `json:"policy"`
	Run       int                   `json:"run"`
	SendAt    time.Time             `json:"send_at,omitzero"`
	ExpiresAt time.Time             `json:"expires_at,omitzero"`
}

// NotificationResult is how a notification ended.
type NotificationResult struct {
	Status  notification.Status  `json:"status"`
	Reason  notification.Reason  `json:"reason"`
	Channel notification.Channel `json:"channel,omitempty"`
}

// Cancellation stops a notification: by the Ente, by an operator, or because the citizen paid.
type Cancellation struct {
	Reason notification.Reason `json:"reason"`
}

// Decision is a person's answer to an uncertain outcome.
type Decision string

// The decisions.
const (
	DecisionResend Decision = "resend"
	DecisionSMS    Decision = "sms"
	DecisionClose  Decision = "close"
)

func (d Decision) known() bool {
	return d == DecisionResend || d == DecisionSMS || d == DecisionClose
}

// SMSReport is what the provider's status callback said of an attempt.
type SMSReport struct {
	AttemptID string                     `json:"attempt_id"`
	Status    notification.AttemptStatus `json:"status"`
	Reason    notification.Reason        `json:"reason,omitempty"`
}

// RecipientCheckInput asks whether a citizen can be reached on IO. The fiscal code waits in the database
// under CheckID.
type RecipientCheckInput struct {
	CheckID string `json:"check_id"`
	EnteID  string `json:"ente_id"`
}

// Step names the notification that an activity works on.
type Step struct {
	NotificationID string `json:"notification_id"`
	// Run is told to Prepare only, which notes it.
	Run int `json:"run,omitempty"`
	// Deadline is when the activity stops trying again. The activity itself honours it before each call, so
	// that no time-out ever cuts a call in half; but it always tries once: time in our own queue, which keeps
	// IO's quota, is not the channel's fault.
	Deadline time.Time `json:"deadline,omitzero"`
	// ExpiresAt is the notification's own end, after which nothing is sent at all; zero: never.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// Supersedes is the attempt after which a new one is wanted: by policy, by a person's wish or by a retry.
	// Naming it makes the wish safe to repeat: once a newer attempt exists, it is not fulfilled again.
	Supersedes string `json:"supersedes,omitempty"`
	// AttemptID is the attempt to wait for.
	AttemptID string `json:"attempt_id,omitempty"`
	// SentAt is when IO took that attempt over, where that is known: until a little later there is nothing to ask.
	SentAt time.Time `json:"sent_at,omitzero"`
}

// Plan is what a run starts from: the validated recipient and what earlier runs achieved.
type Plan struct {
	// Reason is set where the notification cannot be sent at all.
	Reason notification.Reason `json:"reason,omitempty"`
	// Provisional marks an 11-digit codice fiscale, which IO refuses.
	Provisional bool         `json:"provisional,omitempty"`
	HasPhone    bool         `json:"has_phone"`
	IO          AttemptState `json:"io,omitzero"`
	SMS         AttemptState `json:"sms,omitzero"`
}

// AttemptState is where an earlier run left a channel; the zero value: not tried.
type AttemptState struct {
	AttemptID string                     `json:"attempt_id,omitempty"`
	Status    notification.AttemptStatus `json:"status,omitempty"`
	Reason    notification.Reason        `json:"reason,omitempty"`
}

// used tells whether an earlier run really went on to the channel.
func (s AttemptState) used() bool {
	return s.Status != "" && s.Status != notification.AttemptSkipped
}

// ProfileResult says whether IO would take a message of this service for this citizen.
type ProfileResult struct {
	Reachable bool                `json:"reachable"`
	Reason    notification.Reason `json:"reason,omitempty"`
}

// SendResult says what is known of a hand-over.
type SendResult struct {
	AttemptID string                `json:"attempt_id"`
	HandOver  notification.HandOver `json:"hand_over"`
	Reason    notification.Reason   `json:"reason,omitempty"`
	// NotBefore is when an SMS that was not sent in the service's quiet hours may be sent; zero: they are no obstacle.
	NotBefore time.Time `json:"not_before,omitzero"`
	// SentAt is when IO took the message over; zero: it did not, or it is an SMS.
	SentAt time.Time `json:"sent_at,omitzero"`
}

// DeliveryResult says what became of a message that a provider took over.
type DeliveryResult struct {
	Status notification.AttemptStatus `json:"status"`
	Reason notification.Reason        `json:"reason"`
}

// HoldInput says why a notification waits for a person.
type HoldInput struct {
	NotificationID string              `json:"notification_id"`
	Reason         notification.Reason `json:"reason"`
}

// SkipInput says why a channel is not used.
type SkipInput struct {
	NotificationID string               `json:"notification_id"`
	Channel        notification.Channel `json:"channel"`
	Reason         notification.Reason  `json:"reason"`
}

// SettleInput is a notification's final state.
type SettleInput struct {
	NotificationResult

	NotificationID string `json:"notification_id"`
	// Run keeps a late repetition of an earlier run's end from ending a retry.
	Run int `json:"run"`
}

// Activities is everything that the workflows ask of the outside world.
type Activities interface {
	// Prepare validates the codice fiscale and marks the notification as under way.
	Prepare(ctx context.Context, step Step) (Plan, error)
	// CheckProfile asks IO whether the citizen can be reached.
	CheckProfile(ctx context.Context, step Step) (ProfileResult, error)
	// SendToIO hands the message to IO.
	SendToIO(ctx context.Context, step Step) (SendResult, error)
	// AwaitIODelivery is retried until IO has processed the message or the deadline has passed.
	AwaitIODelivery(ctx context.Context, step Step) (DeliveryResult, error)
	// SkipChannel records that a channel is not used. It gives its input back, so that the history tells it.
	SkipChannel(ctx context.Context, in SkipInput) (SkipInput, error)
	// SendSMS hands the text to the SMS provider.
	SendSMS(ctx context.Context, step Step) (SendResult, error)
	// AwaitSMSDelivery is retried until the provider knows the outcome or the deadline has passed.
	AwaitSMSDelivery(ctx context.Context, step Step) (DeliveryResult, error)
	// AwaitPassage is retried until no pause stops the hand-over any more, or the notification has expired.
	AwaitPassage(ctx context.Context, in Passage) error
	// Hold puts the notification before a person, Resume takes it back. Hold gives its input back, so that the
	// history tells it.
	Hold(ctx context.Context, in HoldInput) (HoldInput, error)
	Resume(ctx context.Context, step Step) error
	// Settle stores the final state.
	Settle(ctx context.Context, in SettleInput) error

	// CheckRecipient answers a recipient check through the same paced queue as every call to IO.
	CheckRecipient(ctx context.Context, in RecipientCheckInput) (ProfileResult, error)
	// TestKey asks IO whether a key works, and keeps the answer.
	TestKey(ctx context.Context, in KeyTestInput) (notification.KeyOutcome, error)
	// ArchiveTimelines stores the timelines of settled notifications and tells how many.
	ArchiveTimelines(ctx context.Context) (int, error)
}
