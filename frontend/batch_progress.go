package frontend

import (
	"math"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// progressView is what has become of a batch's rows: a bar for the eye, and the same as a table.
type progressView struct {
	Bar      *progressBar
	Segments []segment
	Width    int // of the bar, in the units of the segments
	Facts    []fact

	Notifications string // the address of the batch's notifications
	Results       string // the address of the report without its format's ending
	Rejects       string // the same; empty where it is not for the reader
	RejectsLabel  string
}

// segment is one outcome's share of the bar, and its line of the table.
type segment struct {
	Kind    string // the style sheet knows it by this name
	Label   string
	Count   string
	Percent string
	Address string // of these notifications; empty where there are none yet
	X, W    int
}

// barWidth is the bar's own measure; the page stretches it.
const barWidth = 1000

func (f *Frontend) progressView(view *gateway.BatchView, p page, mayChange bool) *progressView {
	shown := &progressView{
		Bar: progressOf(view.Progress, p), Segments: segments(view, p), Width: barWidth, Facts: f.paceFacts(view, p),
		Notifications: filter{BatchID: view.ID}.address(), Results: batchAddress(view.ID) + "/results/",
	}

	if rejected := view.Counts.Bad + view.Counts.Duplicates; mayChange && rejected > 0 {
		shown.Rejects, shown.RejectsLabel = batchAddress(view.ID)+"/rejects/", p.T("progress.rejects")
	}

	return shown
}

func segments(view *gateway.BatchView, p page) []segment {
	progress := view.Progress
	all := []struct {
		kind     string
		count    int
		statuses []notification.Status
		channel  notification.Channel
	}{
		{"delivered_io", progress.DeliveredIO, []notification.Status{notification.StatusDelivered}, notification.ChannelIO},
		{"delivered_sms", progress.DeliveredSMS, []notification.Status{notification.StatusDelivered}, notification.ChannelSMS},
		{"not_delivered", progress.NotDelivered, []notification.Status{notification.StatusNotDelivered}, ""},
		{"failed", progress.Failed, []notification.Status{notification.StatusFailed}, ""},
		{"expired", progress.Expired, []notification.Status{notification.StatusExpired}, ""},
		{"cancelled", progress.Cancelled, []notification.Status{notification.StatusCancelled}, ""},
		{"on_hold", progress.OnHold, []notification.Status{notification.StatusOnHold}, ""},
		{"in_progress", progress.InProgress, underWay(), ""},
		{"queued", progress.Queued, nil, ""},
	}

	var (
		shown  []segment
		before int
	)

	for _, part := range all {
		line := segment{
			Kind: part.kind, Label: p.T("progress." + part.kind), Count: count(part.count, p.Lang),
			Percent: percent(part.count, progress.ToSend), X: scaled(before, progress.ToSend),
		}
		before += part.count
		line.W = scaled(before, progress.ToSend) - line.X

		if part.count > 0 && part.statuses != nil {
			line.Address = filter{BatchID: view.ID, Statuses: part.statuses, Channel: part.channel}.address()
		}

		shown = append(shown, line)
	}

	return shown
}

// underWay are the statuses of notifications that delivery has and that have not ended.
func underWay() []notification.Status {
	return []notification.Status{notification.StatusAccepted, notification.StatusScheduled, notification.StatusInProgress}
}

func scaled(part, whole int) int {
	if whole <= 0 {
		return 0
	}

	return min(part, whole) * barWidth / whole
}

// paceFacts tell how fast it goes and when it will be through.
func (f *Frontend) paceFacts(view *gateway.BatchView, p page) []fact {
	if view.Status != notification.BatchSending && view.Status != notification.BatchScheduled {
		return nil
	}

	forecast := view.Forecast
	lines := []fact{}

	if forecast.Rate > 0 {
		lines = append(lines, fact{Name: "progress.rate", Value: p.N("progress.per_minute", int(math.Round(forecast.Rate)))})
	}

	if end := f.moment(forecast.EndsAt, p.Lang); end.Set {
		left := forecast.EndsAt.Sub(f.clock())
		lines = append(lines, fact{Name: "progress.ends_at", Value: p.T("progress.ends_in", end.shortly(), duration(left, p))})
	}

	return named(lines, p)
}
