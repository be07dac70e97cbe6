package activities

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// messagesKept is how far back the provider's list is compared.
	messagesKept = 24 * time.Hour
	// sampleRead hand-overs are read, of which so many of each Ente, and in all, are asked about.
	sampleRead       = 500
	sampleOfEnte     = 3
	sampleOfAll      = 60
	messagesAsked    = 20
	partsOfPosition  = 3
	positionTimeBase = 10
)

// messages compares a page of the SMS provider's own list with the attempts: each message belongs to one, and what the
// provider knows of its end, the attempt knows too, even where the callback was lost. At the end some attempts are looked
// for on the other side.
func (c *comparison) messages(ctx context.Context) error {
	lister, lists := c.SMS.(sms.Lister)
	if !lists {
		return nil
	}

	from, to, position := c.period()

	page, next, err := lister.List(ctx, from, to, position)
	if err != nil {
		return retryLater(deliveryError(notification.ChannelSMS, err).Reason, firstReconcile)
	}

	ids := make([]string, len(page))
	for i, message := range page {
		ids[i] = message.ProviderID
	}

	known, err := c.Store.CallsByProvider(ctx, notification.ChannelSMS, ids)
	if err != nil {
		return storeFault("reading the attempts behind messages", err)
	}

	for _, message := range page {
		c.looked(ctx)

		call, ours := known[message.ProviderID]
		if !ours {
			err = c.unknownHere(ctx, message)
		} else {
			err = c.compareMessage(ctx, message, call)
		}

		if err != nil {
			return err
		}
	}

	if next == "" {
		return c.lookForMessages(ctx, from, to)
	}

	c.result.Next = strings.Join([]string{
		strconv.FormatInt(from.Unix(), positionTimeBase), strconv.FormatInt(to.Unix(), positionTimeBase), next,
	}, " ")

	return nil
}

// period is what is compared, the same on every page: the last day, without what is only just on its way.
func (c *comparison) period() (from, to time.Time, position string) {
	parts := strings.SplitN(c.page.Cursor, " ", partsOfPosition)
	if len(parts) == partsOfPosition {
		began, errFrom := strconv.ParseInt(parts[0], positionTimeBase, 64)
		ends, errTo := strconv.ParseInt(parts[1], positionTimeBase, 64)

		if errFrom == nil && errTo == nil {
			return time.Unix(began, 0), time.Unix(ends, 0), parts[2]
		}
	}

	to = time.Now().Add(-c.Grace.message())

	return to.Add(-messagesKept), to, ""
}

// unknownHere is for a person: a message that no attempt is about was paid for, and perhaps received. One whose attempt is
// still being looked up has had its time.
func (c *comparison) unknownHere(ctx context.Context, message sms.Listed) error {
	if time.Since(message.CreatedAt) < c.Grace.message() {
		return nil
	}

	return c.found(ctx, notification.Finding{
		Code: notification.FindingUnknownHere, Subject: notification.SubjectMessage, SubjectID: message.ProviderID,
		Action: notification.ActionPerson, Detail: map[string]string{"provider_status": message.ProviderStatus},
	})
}

// compareMessage takes in what the provider knows and the attempt does not, as its callback would have told it.
func (c *comparison) compareMessage(ctx context.Context, message sms.Listed, call db.Call) error {
	switch {
	case !message.Status.Final() || message.Status == call.Status:
		return nil
	case call.Status.Final():
		finding := callFinding(call, notification.FindingContradiction, notification.ActionPerson)
		finding.Detail = map[string]string{"ours": string(call.Status), "provider_status": message.ProviderStatus}

		return c.found(ctx, finding)
	}

	if err := c.Reporter.ReportSMS(ctx, call.AttemptID, message.ProviderID, message.Delivery); err != nil {
		return engineFault(ctx, "taking in the provider's news", err)
	}

	return c.found(ctx, callFinding(call, notification.FindingNewsMissed, notification.ActionRepaired))
}

// lookForMessages asks the provider for some of the messages that it took over.
func (c *comparison) lookForMessages(ctx context.Context, from, to time.Time) error {
	rows, err := c.Store.Calls(ctx, db.CallFilter{
		From: randomMoment(from, to), To: to, Channel: notification.ChannelSMS, Taken: true,
	}, db.Cursor{}, messagesAsked)
	if err != nil {
		return storeFault("drawing a sample of SMS", err)
	}

	for _, call := range rows {
		c.looked(ctx)

		_, err := c.SMS.Status(ctx, *call.ProviderID)
		if err == nil {
			continue
		}

		if !sms.IsUnknown(err) {
			activity.GetLogger(ctx).Warn("an SMS could not be asked for", "attempt_id", call.AttemptID)

			return nil
		}

		if err := c.found(ctx, callFinding(call, notification.FindingUnknownThere, notification.ActionPerson)); err != nil {
			return err
		}
	}

	return nil
}

func randomMoment(from, to time.Time) time.Time {
	if !from.Before(to) {
		return from
	}

	return from.Add(rand.N(to.Sub(from))) //nolint:gosec // a sample is no secret.
}

// sampleOfIO draws hand-overs of which IO is asked, some of each Ente: IO has no list. Those whose notification ended without
// a word of IO come first, then some of the others, from a random moment of the last day on.
func (c *comparison) sampleOfIO(ctx context.Context) error {
	to := time.Now().Add(-c.Grace.message())
	from := to.Add(-messagesKept)
	asked := map[string]int{}

	for _, filter := range []db.CallFilter{
		{From: from, To: to, Ended: true, Statuses: []notification.AttemptStatus{notification.AttemptSent}},
		{From: randomMoment(from, to), To: to, Statuses: []notification.AttemptStatus{notification.AttemptDelivered}},
	} {
		filter.Channel, filter.Taken = notification.ChannelIO, true

		rows, err := c.Store.Calls(ctx, filter, db.Cursor{}, sampleRead)
		if err != nil {
			return storeFault("drawing a sample of IO", err)
		}

		for _, call := range rows {
			if asked[call.EnteID] == sampleOfEnte || len(c.result.Ask) == sampleOfAll {
				continue
			}

			asked[call.EnteID]++
			c.result.Ask = append(c.result.Ask, workflows.IOQuestion{ID: c.page.ID, AttemptID: call.AttemptID, EnteID: call.EnteID})
		}
	}

	return nil
}

// CompareWithIO asks IO what became of one message, and takes in what the attempt does not know.
func (a *Activities) CompareWithIO(ctx context.Context, question workflows.IOQuestion) (notification.CheckResult, error) {
	attempt, err := a.Store.Attempt(ctx, question.AttemptID)
	if err != nil {
		return notification.CheckResult{}, storeFault("reading the attempt", err)
	}

	n, err := a.Store.Notification(ctx, attempt.NotificationID)
	if err != nil {
		return notification.CheckResult{}, storeFault("reading the notification", err)
	}

	keys, err := a.Store.ServiceKeys(ctx, n.ServiceID)
	if err != nil {
		return notification.CheckResult{}, storeFault("reading the service's keys", err)
	}

	ended, err := a.Turns.take(ctx, n.EnteID, keys.Current(), false)
	if err != nil {
		return notification.CheckResult{}, err
	}

	status, err := a.IO.Status(ctx, keys.Current(), n.Recipient.FiscalCode, attempt.ProviderID)
	ended(err)

	looked := notification.CheckResult{Check: notification.CheckIO, Looked: 1}
	finding := notification.Finding{
		Check: notification.CheckIO, RunID: question.ID, Subject: notification.SubjectAttempt, SubjectID: attempt.ID,
		NotificationID: n.ID, EnteID: n.EnteID, Action: notification.ActionPerson,
	}

	if err != nil {
		trouble := deliveryError(notification.ChannelIO, err)
		if trouble.Reason != notification.ReasonIONotFound {
			return notification.CheckResult{}, retryLater(trouble.Reason, max(trouble.RetryAfter, firstReconcile))
		}

		finding.Code = notification.FindingUnknownThere
	} else {
		finding, err = a.compareWithStatus(ctx, attempt, status, finding)
	}

	if err != nil || finding.Code == "" {
		return looked, err
	}

	counted, err := a.keep(ctx, finding)

	return looked.Add(counted), err
}

// compareWithStatus gives the finding, without a code where all agrees.
func (a *Activities) compareWithStatus(
	ctx context.Context, attempt notification.Attempt, status appio.MessageStatus, finding notification.Finding,
) (notification.Finding, error) {
	change := db.AttemptChange{ProviderStatus: status.Raw}

	switch status.State {
	case appio.MessageProcessed:
		change.Status, change.Reason = notification.AttemptDelivered, notification.ReasonIODelivered
	case appio.MessageRejected:
		change.Status, change.Reason = notification.AttemptFailed, notification.ReasonIORejected
	case appio.MessageFailed:
		change.Status, change.Reason = notification.AttemptFailed, notification.ReasonIOProcessingFailed
	case appio.MessageAccepted, appio.MessageThrottled, appio.MessageStatusUnknown:
		return finding, nil
	}

	switch {
	case attempt.Status == change.Status:
		return finding, nil
	case attempt.Status.Final():
		finding.Code = notification.FindingContradiction
		finding.Detail = map[string]string{"ours": string(attempt.Status), "provider_status": status.Raw}

		return finding, nil
	}

	if _, err := a.Store.RecordAttempt(ctx, attempt.ID, change); err != nil {
		return finding, storeFault("recording IO's answer", err)
	}

	finding.Code, finding.Action = notification.FindingNewsMissed, notification.ActionRepaired

	if change.Status != notification.AttemptDelivered {
		return finding, nil
	}

	delivered := db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: notification.ChannelIO,
	}

	return finding, storeFault("correcting the outcome", a.Store.UpgradeSettlement(ctx, attempt.NotificationID, delivered))
}
