package activities

import (
	"context"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// CheckProfile asks IO whether the citizen can be reached by this service. "Not on IO" and "service switched
// off" are answers, not errors; passing trouble is retried until the deadline.
func (a *Activities) CheckProfile(ctx context.Context, step workflows.Step) (workflows.ProfileResult, error) {
	n, err := a.Store.Notification(ctx, step.NotificationID)
	if err != nil {
		return workflows.ProfileResult{}, storeFault("reading the notification", err)
	}

	step, err = a.passed(ctx, n, notification.ChannelIO, step)
	if err != nil {
		return workflows.ProfileResult{}, err
	}

	answer, profile, err := a.askProfile(ctx, citizenOf(n), step)
	if err != nil {
		return answer, err
	}

	// Also of whoever switched the service off: an SMS may follow.
	if err := a.noteLanguage(ctx, n, profile); err != nil || answer.Reachable {
		return answer, err
	}

	err = a.Store.SkipAttempt(ctx, n.ID, notification.ChannelIO, answer.Reason)

	return answer, storeFault("skipping IO", err)
}

// CheckRecipient answers an application that wants to know beforehand.
func (a *Activities) CheckRecipient(
	ctx context.Context, in workflows.RecipientCheckInput,
) (workflows.ProfileResult, error) {
	check, err := a.Store.RecipientCheck(ctx, in.CheckID)
	if err != nil {
		return workflows.ProfileResult{}, storeFault("reading the recipient check", err)
	}

	patience := check.CreatedAt.Add(recipientCheckPatience)

	if past(patience) {
		// Nobody waits for the answer any more.
		return workflows.ProfileResult{Reason: notification.ReasonIOUnavailable}, nil
	}

	asked := citizen{enteID: check.EnteID, serviceID: check.ServiceID, fiscalCode: check.FiscalCode, urgent: true}

	answer, _, err := a.askProfile(ctx, asked, workflows.Step{Deadline: patience})

	return answer, err
}

// recipientCheckPatience is how long a check is worth retrying: an application waits for its answer.
const recipientCheckPatience = 15 * time.Second

// citizen is whom a service asks IO about.
type citizen struct {
	enteID, serviceID, fiscalCode string
	urgent                        bool
}

func citizenOf(n notification.Notification) citizen {
	return citizen{
		enteID: n.EnteID, serviceID: n.ServiceID, fiscalCode: n.Recipient.FiscalCode,
		urgent: n.Priority == notification.PriorityUrgent,
	}
}

func (a *Activities) askProfile(
	ctx context.Context, who citizen, step workflows.Step,
) (workflows.ProfileResult, appio.Profile, error) {
	if over(ctx, step) {
		return workflows.ProfileResult{Reason: whyOver(notification.ChannelIO, step)}, appio.Profile{}, nil
	}

	keys, err := a.Store.ServiceKeys(ctx, who.serviceID)
	if err != nil {
		return workflows.ProfileResult{}, appio.Profile{}, storeFault("reading the service's keys", err)
	}

	ended, err := a.Turns.take(ctx, who.enteID, keys.Current(), who.urgent)
	if err != nil {
		return workflows.ProfileResult{}, appio.Profile{}, err
	}

	profile, err := a.IO.Profile(ctx, keys.Current(), who.fiscalCode)
	ended(err)

	switch {
	case err != nil:
		answer, err := a.profileTrouble(ctx, err, step.Deadline)

		return answer, profile, err
	case !profile.Found:
		return workflows.ProfileResult{Reason: notification.ReasonIOProfileNotFound}, profile, nil
	case !profile.SenderAllowed:
		return workflows.ProfileResult{Reason: notification.ReasonIOSenderNotAllowed}, profile, nil
	}

	return workflows.ProfileResult{Reachable: true}, profile, nil
}

// noteLanguage keeps in which language the citizen is addressed: the first that the profile prefers and the content has.
func (a *Activities) noteLanguage(ctx context.Context, n notification.Notification, profile appio.Profile) error {
	if n.Content.English == nil || !profile.Found {
		return nil
	}

	wanted := languageOf(profile.PreferredLanguages)
	if wanted == n.Language {
		return nil
	}

	return storeFault("noting the citizen's language", a.Store.SetLanguage(ctx, n.ID, wanted))
}

func languageOf(locales []string) notification.Lang {
	for _, locale := range locales {
		language, _, _ := strings.Cut(locale, "_")
		if lang := notification.Lang(language); lang.Valid() {
			return lang
		}
	}

	return notification.Italian
}

// profileTrouble retries what may pass. Asking changes nothing at IO, so even an unclear outcome is asked again.
func (a *Activities) profileTrouble(
	ctx context.Context, err error, deadline time.Time,
) (workflows.ProfileResult, error) {
	trouble := deliveryError(notification.ChannelIO, err)
	if !trouble.Retryable && trouble.HandOver != notification.HandOverUncertain {
		return workflows.ProfileResult{Reason: trouble.Reason}, nil
	}

	return workflows.ProfileResult{}, retryLater(trouble.Reason, pauseAfter(ctx, trouble, deadline))
}

// pauseAfter is the provider's own wish, or else a pause that doubles with each try; never past the deadline.
func pauseAfter(ctx context.Context, trouble *notification.DeliveryError, deadline time.Time) time.Duration {
	pause := trouble.RetryAfter
	if pause <= 0 {
		pause = doubling(activity.GetInfo(ctx).Attempt)
	}

	return until(deadline, pause, time.Now())
}

const (
	firstPause  = time.Second
	lastPause   = 2 * time.Minute
	maxDoubling = 7 // 128 s, above lastPause
)

func doubling(try int32) time.Duration {
	return min(firstPause<<min(max(try-1, 0), maxDoubling), lastPause)
}

// over tells whether a step has no time left. The first try is always made, however late its turn came: it may
// have waited in our own queue for the Ente's quota. Only the notification's own expiry is hard.
func over(ctx context.Context, step workflows.Step) bool {
	return past(step.ExpiresAt) || past(step.Deadline) && activity.GetInfo(ctx).Attempt > 1
}

// whyOver explains a step that was given up without having reached the provider.
func whyOver(channel notification.Channel, step workflows.Step) notification.Reason {
	switch {
	case past(step.ExpiresAt):
		return notification.ReasonExpired
	case channel == notification.ChannelSMS:
		return notification.ReasonSMSUnavailable
	}

	return notification.ReasonIOUnavailable
}

func past(deadline time.Time) bool {
	return !deadline.IsZero() && !time.Now().Before(deadline)
}
