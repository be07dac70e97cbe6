package frontend

import (
	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// checkView is what the check of a file found, and what sending it would take.
type checkView struct {
	Warnings []string
	SMS      []string
	Forecast []fact
	Sample   sampleView
	Rows     rowTable

	Send, SendLabel       string // the address and the button's words; empty where nothing can be sent
	Rejects, RejectsLabel string // the address without the format's ending
	Columns               string // the address at which the columns are changed; empty where they cannot be
	Preview               string // the address of the first row's preview; empty where there is no good row
}

// sampleView is what asking IO about some of the citizens found, or the way to ask.
type sampleView struct {
	State   notification.SampleState
	Action  string // the address to ask; empty where it cannot be asked
	Once    string
	Found   []fact
	Unknown string
}

func (f *Frontend) checkView(c echo.Context, p page, view *gateway.BatchView, wanted rowFilter) (checkView, error) {
	rows, err := f.rowTable(c, p, view, wanted)
	if err != nil {
		return checkView{}, err
	}

	counts := view.Counts
	shown := checkView{
		Warnings: warnings(counts, p), SMS: smsLines(view, p),
		Forecast: forecastFacts(view.Forecast, p), Sample: newSampleView(view, p), Rows: rows,
	}

	if counts.Good > 0 {
		shown.Preview = rowAddress(view.ID, 0)
	}

	if view.Possible.Confirm {
		shown.Send, shown.SendLabel = batchAddress(view.ID)+"/send", sendLabel(counts, p)
	}

	if view.Possible.Remap {
		shown.Columns = batchAddress(view.ID) + "/columns"
	}

	if actor(c).MayChange() && counts.Bad > 0 {
		shown.Rejects, shown.RejectsLabel = batchAddress(view.ID)+"/rejects/", p.N("check.rejects", counts.Bad)
	}

	return shown, nil
}

func sendLabel(counts notification.BatchCounts, p page) string {
	if counts.Good == 0 {
		return p.T("check.send_duplicates")
	}

	return p.N("check.send", counts.Good)
}

func warnings(counts notification.BatchCounts, p page) []string {
	var all []string

	if counts.Good == 0 && counts.Duplicates == 0 {
		all = append(all, p.T("check.nothing_good"))
	}

	if counts.WholeAmounts {
		all = append(all, p.T("check.whole_amounts"))
	}

	if counts.MonthFirst > 0 {
		all = append(all, p.T("check.month_first"))
	}

	return all
}

// smsLines tell what the SMS of the good rows would be.
func smsLines(view *gateway.BatchView, p page) []string {
	counts := view.Counts
	lines := []string{p.N("check.with_phone", counts.WithPhone)}

	if counts.WithPhone > 0 {
		lines = append(lines, p.N("check.sms_parts", counts.SMSParts))
	}

	if counts.Doubled > 0 {
		lines = append(lines, p.N("check.doubled", counts.Doubled), doublingText(view, p))
	}

	return lines
}

func doublingText(view *gateway.BatchView, p page) string {
	if view.Doubling.Instead == "" {
		return p.T("check.doubling", view.Counts.Doubling)
	}

	return p.T("check.doubling_instead", view.Counts.Doubling, view.Doubling.Instead)
}

func newSampleView(view *gateway.BatchView, p page) sampleView {
	shown := sampleView{State: view.Sample.State}

	if view.Possible.Sample {
		shown.Action, shown.Once = batchAddress(view.ID)+"/sample", newOnceKey()
	}

	if view.Sample.State != notification.SampleDone {
		return shown
	}

	sample := view.Sample
	answered := sample.OnIO + sample.NotOnIO + sample.Unreachable
	share := func(n int) string { return p.T("check.sample.share", count(n, p.Lang), percent(n, answered)) }
	shown.Found = named([]fact{
		{Name: "check.sample.asked", Value: count(sample.Asked, p.Lang)},
		{Name: "check.sample.on_io", Value: share(sample.OnIO)},
		{Name: "check.sample.not_on_io", Value: share(sample.NotOnIO)},
		{Name: "check.sample.unreachable", Value: share(sample.Unreachable)},
	}, p)

	if sample.Unknown > 0 {
		shown.Unknown = p.N("check.sample.unknown", sample.Unknown)
	}

	return shown
}

// forecastFacts say what sending takes. Without a sample the numbers of SMS are the most that there can be.
func forecastFacts(forecast gateway.Forecast, p page) []fact {
	amountOf := func(n int) string {
		if forecast.Sampled {
			return p.T("check.about", count(n, p.Lang))
		}

		return p.T("check.at_most", count(n, p.Lang))
	}

	lines := []fact{
		{Name: "check.to_send", Value: count(forecast.ToSend, p.Lang)},
		{Name: "check.duration", Value: duration(forecast.Duration, p)},
		{Name: "check.sms", Value: amountOf(forecast.SMS)},
		{Name: "check.parts", Value: amountOf(forecast.SMSParts)},
	}

	if forecast.CostMicros > 0 {
		lines = append(lines, fact{Name: "check.cost", Value: cost(forecast, p)})
	}

	if forecast.Sampled {
		lines = append(lines, fact{Name: "check.unreachable", Value: amountOf(forecast.Unreachable)})
	}

	return named(lines, p)
}

// cost is rounded up to the cent: nobody is told less than it may be.
func cost(forecast gateway.Forecast, p page) string {
	if forecast.Sampled {
		return p.T("check.about", costOf(forecast.CostMicros, p.Lang))
	}

	return p.T("check.at_most", costOf(forecast.CostMicros, p.Lang))
}

func costOf(micros int64, lang notification.Lang) string {
	const microsInCent = 10_000

	return amount((micros+microsInCent-1)/microsInCent, lang)
}
