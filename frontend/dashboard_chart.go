package frontend

import (
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// The chart's own measures; the page stretches it.
const (
	chartHeight = 1000
	chartStep   = 20
	chartBar    = 16
)

// chart is the days' outcomes as stacked bars for the eye, and the same as a table.
type chart struct {
	Width, Height      int
	Days               []chartDay
	Parts              []chartPart // what the bars are made of, from below
	Most               string      // the number that a bar of full height stands for
	First, Middle, End string      // days
	Total              []string    // the table's last line, as Days have it
	Empty              bool
}

// Column is the heading of a cell of the chart's table.
func (d dashboardPage) Column(cell int) string {
	switch {
	case cell == 0:
		return d.T("dashboard.accepted")
	case cell <= len(d.Chart.Parts):
		return d.Chart.Parts[cell-1].Label
	}

	return d.T("dashboard.sms_parts")
}

// chartPart is an outcome.
type chartPart struct {
	Kind  string // the style sheet knows it by this name
	Label string
	// Pattern is drawn over the colour, so that neighbours differ without it, too; empty: none.
	Pattern string
}

// chartDay is one bar, and one line of the table.
type chartDay struct {
	Day     moment
	Address string // of the day's notifications
	X, Bar  int
	Text    string
	Cells   []string // accepted, each part, SMS parts
	Blocks  []chartBlock
}

// chartBlock is one part of a bar.
type chartBlock struct {
	chartPart

	Y, H  int
	Count int
}

// chartParts are in the order of the bar, from below: what reached the citizen first.
func chartParts(p page) []chartPart {
	parts := []chartPart{
		{Kind: "delivered_io"},
		{Kind: "delivered_sms", Pattern: "lines"},
		{Kind: "not_delivered"},
		{Kind: "failed", Pattern: "dots"},
		{Kind: "expired"},
		{Kind: "cancelled", Pattern: "lines"},
		{Kind: "on_hold", Pattern: "dots"},
		{Kind: "in_progress"},
	}

	for i := range parts {
		parts[i].Label = p.T("dashboard." + parts[i].Kind)
	}

	return parts
}

// partCounts are the numbers of chartParts.
func partCounts(o *gateway.Outcomes) []int {
	return []int{
		o.DeliveredOnIO, o.DeliveredBySMS, o.NotDelivered, o.Failed, o.Expired, o.Cancelled, o.OnHold, o.InProgress + o.Scheduled,
	}
}

func (f *Frontend) chart(figures *gateway.Dashboard, enteID string, p page) chart {
	days := figures.Days
	shown := chart{
		Width: len(days) * chartStep, Height: chartHeight, Parts: chartParts(p),
		First: f.moment(days[0].Day, p.Lang).Date, Middle: f.moment(days[len(days)/2].Day, p.Lang).Date,
		End: f.moment(days[len(days)-1].Day, p.Lang).Date,
	}

	most := 0
	for i := range days {
		most = max(most, days[i].Accepted())
	}

	total := figures.Total()
	shown.Most, shown.Empty = count(most, p.Lang), most == 0
	shown.Total = cells(&total, p.Lang)

	for i := range days {
		day := f.chartDay(&days[i], most, shown.Parts, p)
		date := days[i].Day.Format(time.DateOnly)
		day.X, day.Address = i*chartStep+(chartStep-chartBar)/2, filter{EnteID: enteID, From: date, To: date}.address()
		shown.Days = append(shown.Days, day)
	}

	return shown
}

func (f *Frontend) chartDay(figures *gateway.DayFigures, most int, parts []chartPart, p page) chartDay {
	day := chartDay{Day: f.moment(figures.Day, p.Lang), Bar: chartBar, Cells: cells(&figures.Outcomes, p.Lang)}
	day.Text = p.T("dashboard.chart_day", day.Day.Date, count(figures.Accepted(), p.Lang))

	below := 0

	for i, number := range partCounts(&figures.Outcomes) {
		if number == 0 {
			continue
		}

		// Heights are differences of rounded sums, so that they add up.
		foot := scaledTo(below, most, chartHeight)
		below += number
		head := scaledTo(below, most, chartHeight)

		day.Blocks = append(day.Blocks, chartBlock{chartPart: parts[i], Y: chartHeight - head, H: head - foot, Count: number})
		day.Text += p.T("dashboard.chart_part", parts[i].Label, count(number, p.Lang))
	}

	return day
}

func scaledTo(part, whole, size int) int {
	if whole <= 0 {
		return 0
	}

	return part * size / whole
}

func cells(o *gateway.Outcomes, lang notification.Lang) []string {
	texts := []string{count(o.Accepted(), lang)}
	for _, number := range partCounts(o) {
		texts = append(texts, count(number, lang))
	}

	return append(texts, count(o.SMSParts, lang))
}
