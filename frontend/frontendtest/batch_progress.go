package frontendtest

import (
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// begin brings a batch into a status; since is when what goes on by itself in it began.
func (e *BatchEntry) begin(status notification.BatchStatus, since time.Time) {
	e.View.Status, e.since = status, since
}

// progress brings a batch to where it is by now.
func (e *BatchEntry) progress(now time.Time) {
	if e.since.IsZero() {
		return
	}

	switch past := now.Sub(e.since); {
	case e.View.Status == notification.BatchChecking && past >= stepTime:
		e.checked(now)
	case e.View.Status == notification.BatchDraft && past >= stepTime:
		e.View.Sample = sampleResult()
		e.View.Forecast.Sampled = true
		e.since = time.Time{}
	case e.View.Status == notification.BatchSending:
		e.send(past, now)
	}
}

func (e *BatchEntry) checked(now time.Time) {
	draft := SampleBatch(0, e.View.ServiceID, notification.BatchDraft, e.View.CreatedAt)
	e.View.Counts, e.View.Forecast, e.View.CheckedAt, e.Rows = draft.View.Counts, draft.View.Forecast, now, draft.Rows
	e.begin(notification.BatchDraft, time.Time{})
}

func (e *BatchEntry) send(past time.Duration, now time.Time) {
	const (
		smsShare    = 10
		failedShare = 50
	)

	total := e.View.Progress.ToSend
	ended := int(min(past, sendTime) * time.Duration(total) / sendTime)
	e.View.Progress = notification.BatchProgress{
		ToSend: total, Queued: total - ended, DeliveredSMS: ended / smsShare, NotDelivered: ended / failedShare,
		DeliveredIO: ended - ended/smsShare - ended/failedShare,
	}
	e.View.Forecast.EndsAt = e.since.Add(sendTime)

	if past >= sendTime {
		e.View.EndedAt = now
		e.begin(notification.BatchCompleted, time.Time{})
	}
}

// seenBy is the batch with what the actor may do to it.
func (e *BatchEntry) seenBy(actor gateway.Actor) gateway.BatchView {
	view := e.View
	view.Possible = gateway.BatchPossible{}

	if !actor.MayChange() {
		return view
	}

	switch view.Status {
	case notification.BatchChecking, notification.BatchUnreadable:
		view.Possible.Discard = true
	case notification.BatchMapping:
		view.Possible = gateway.BatchPossible{Remap: true, Discard: true}
	case notification.BatchDraft:
		sampling := view.Sample.State == notification.SampleWanted || view.Sample.State == notification.SampleRunning
		view.Possible = gateway.BatchPossible{Remap: true, Discard: true, Sample: !sampling, Confirm: view.Counts.Good+view.Counts.Duplicates > 0}
	case notification.BatchScheduled, notification.BatchSending:
		view.Possible = gateway.BatchPossible{Pause: true, Cancel: true}
	case notification.BatchPaused:
		view.Possible = gateway.BatchPossible{Resume: true, Cancel: true}
	default: // nothing more can be done
	}

	return view
}
