package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	dashboardPath = "/dashboard"

	paramDays = "days"

	// batchesOnDashboard is how many batches under way are shown.
	batchesOnDashboard = 5
)

// dashboardDays are the periods to choose from; the second is the usual one.
func dashboardDays() []int { return []int{7, 30, 90} }

// DashboardGateway is what the dashboard asks of the use cases.
type DashboardGateway interface {
	Dashboard(ctx context.Context, actor gateway.Actor, query gateway.DashboardQuery) (gateway.Dashboard, error)
}

func (f *Frontend) mountDashboard(r *routes) {
	r.get(dashboardPath, gateway.PermissionRead, f.dashboard)
}

// dashboardPage shows the figures of an Ente or of the whole gateway.
type dashboardPage struct {
	page
	Scope   string // whose figures they are
	Enti    []choice
	Days    int
	Periods []period
	Problem string
	Unused  bool
	// ShowEnte tells that the figures are of several Enti.
	ShowEnte bool

	Today      []shortcut
	TodayLabel string
	Chart      chart
	Facts      []fact
	Times      []timesRow
	Failed     reasonTable
	// NotDelivered are no faults: the citizens could not be reached.
	NotDelivered reasonTable
	OnHold       []reasonRow
	AllOnHold    string // the address of all of them
	Open         []fact
	Findings     string // how many wait for somebody; empty: none, or the reader has nothing to do with them
	Batches      []batchRow
	AllBatches   string
}

// period is one choice of the period's length.
type period struct {
	Label   string
	Address string
	Current bool
}

// timesRow is how long something took.
type timesRow struct {
	Name                string
	Count, Median, Most string // Median and Most are empty where there is none
}

// reasonTable tells how notifications ended, by reason.
type reasonTable struct {
	page
	Caption string
	Rows    []reasonRow
}

// reasonRow is how many notifications have a reason, and where they are listed.
type reasonRow struct {
	Message, Action, Address string
	Count, Share             string
	Oldest                   string // a day; only of what waits
}

// dashboardFilter is what the dashboard shows, as its address says it.
type dashboardFilter struct {
	EnteID string
	Days   int
}

// readDashboardFilter takes an address's parameters. A period that is not offered becomes the usual one.
func readDashboardFilter(values url.Values) dashboardFilter {
	read := dashboardFilter{EnteID: values.Get(paramEnte), Days: dashboardDays()[1]}

	if days, err := strconv.Atoi(values.Get(paramDays)); err == nil && slices.Contains(dashboardDays(), days) {
		read.Days = days
	}

	return read
}

func (d dashboardFilter) address() string {
	values := url.Values{}

	if d.EnteID != "" {
		values.Set(paramEnte, d.EnteID)
	}

	if d.Days != dashboardDays()[1] {
		values.Set(paramDays, strconv.Itoa(d.Days))
	}

	return addressWith(dashboardPath, values)
}

func (f *Frontend) dashboard(c echo.Context) error {
	wanted := readDashboardFilter(c.QueryParams())
	shown := dashboardPage{page: f.page(c, "dashboard.title"), Days: wanted.Days}
	ctx, reader := c.Request().Context(), actor(c)

	if err := f.fillScope(ctx, reader, wanted, &shown); err != nil {
		return err
	}

	figures, err := f.gateway.Dashboard(ctx, reader, gateway.DashboardQuery{EnteID: wanted.EnteID, Days: wanted.Days, Now: f.clock()})
	if err != nil {
		return fmt.Errorf("reading the dashboard: %w", err)
	}

	f.fillFigures(&figures, wanted, &shown)

	if err := f.fillBatches(ctx, reader, wanted, &shown); err != nil {
		return err
	}

	shown.Findings = f.openFindings(c, shown.page)

	return f.show(c, http.StatusOK, "dashboard.html", shown)
}

// fillScope says whose figures they are, and offers those who see several Enti a choice.
func (f *Frontend) fillScope(ctx context.Context, reader gateway.Actor, wanted dashboardFilter, shown *dashboardPage) error {
	for _, days := range dashboardDays() {
		shown.Periods = append(shown.Periods, period{
			Label:   shown.T("dashboard.days", days),
			Address: dashboardFilter{EnteID: wanted.EnteID, Days: days}.address(), Current: days == wanted.Days,
		})
	}

	enti, err := f.gateway.Enti(ctx, reader)
	if err != nil {
		return fmt.Errorf("listing the Enti: %w", err)
	}

	shown.Scope = shown.T("dashboard.everything")
	shown.ShowEnte = reader.EnteID == "" && wanted.EnteID == ""

	for _, ente := range enti {
		if ente.ID == wanted.EnteID || ente.ID == reader.EnteID {
			shown.Scope = ente.Name
		}

		if reader.EnteID == "" {
			shown.Enti = append(shown.Enti, choice{Value: ente.ID, Label: ente.Name, Chosen: ente.ID == wanted.EnteID})
		}
	}

	return nil
}

func (f *Frontend) fillFigures(figures *gateway.Dashboard, wanted dashboardFilter, shown *dashboardPage) {
	p := shown.page
	days := figures.Days
	whole := filter{EnteID: wanted.EnteID, From: days[0].Day.Format(time.DateOnly), To: days[len(days)-1].Day.Format(time.DateOnly)}
	total := figures.Total()

	shown.Unused = figures.Unused
	shown.TodayLabel = f.moment(days[len(days)-1].Day, p.Lang).Date
	shown.Today = f.today(figures.Today(), whole, p)
	shown.Chart = f.chart(figures, wanted.EnteID, p)
	shown.Facts = dashboardFacts(figures, total, p)
	shown.Times = dashboardTimes(figures, p)
	shown.Failed = reasonTable{
		page: p, Caption: p.T("dashboard.failed_why", wanted.Days),
		Rows: reasonRows(figures.Failed, total.Failed, whole.only(notification.StatusFailed), p),
	}
	shown.NotDelivered = reasonTable{
		page: p, Caption: p.T("dashboard.unreached_why", wanted.Days),
		Rows: reasonRows(figures.NotDelivered, total.NotDelivered, whole.only(notification.StatusNotDelivered), p),
	}

	f.fillOpen(figures, filter{EnteID: wanted.EnteID}, shown)
}

// today are the day's numbers, each leading to its notifications.
func (f *Frontend) today(outcomes gateway.Outcomes, whole filter, p page) []shortcut {
	day := whole
	day.From = day.To

	var all []shortcut

	add := func(shown mark, number int, narrowed filter) {
		all = append(all, shortcut{mark: shown, Count: count(number, p.Lang), Address: narrowed.address()})
	}

	delivered := func(channel notification.Channel) filter {
		narrowed := day.only(notification.StatusDelivered)
		narrowed.Channel = channel

		return narrowed
	}

	add(mark{Label: p.T("dashboard.accepted"), Icon: iconWaiting, Tone: toneNeutral}, outcomes.Accepted(), day)
	add(mark{Label: p.T("dashboard.delivered_io"), Icon: iconDone, Tone: toneSuccess}, outcomes.DeliveredOnIO,
		delivered(notification.ChannelIO))
	add(mark{Label: p.T("dashboard.delivered_sms"), Icon: iconDone, Tone: toneSuccess}, outcomes.DeliveredBySMS,
		delivered(notification.ChannelSMS))
	add(mark{Label: p.T("dashboard.not_delivered"), Icon: iconMinus, Tone: toneWarning}, outcomes.NotDelivered,
		day.only(notification.StatusNotDelivered))
	add(mark{Label: p.T("dashboard.failed"), Icon: iconFault, Tone: toneDanger}, outcomes.Failed, day.only(notification.StatusFailed))
	add(mark{Label: p.T("dashboard.in_progress"), Icon: iconRefresh, Tone: toneInfo}, outcomes.InProgress+outcomes.Scheduled,
		day.only(underWay()...))
	add(mark{Label: p.T("dashboard.on_hold"), Icon: iconWarning, Tone: toneWarning}, outcomes.OnHold,
		day.only(notification.StatusOnHold))

	return all
}

// dashboardFacts are the period's sums.
func dashboardFacts(figures *gateway.Dashboard, total gateway.Outcomes, p page) []fact {
	lines := []fact{
		{Name: "dashboard.accepted", Value: count(total.Accepted(), p.Lang)},
		{Name: "dashboard.delivered", Value: p.T("dashboard.of", count(total.Delivered(), p.Lang), percent(total.Delivered(), total.Accepted()))},
		{Name: "dashboard.share_io", Value: percent(total.DeliveredOnIO, total.Delivered())},
		{Name: "dashboard.sms_parts", Value: count(total.SMSParts, p.Lang)},
	}

	if figures.PartPriceMicros > 0 {
		const microsInCent = 10_000

		cents := (int64(total.SMSParts)*figures.PartPriceMicros + microsInCent/2) / microsInCent
		lines = append(lines, fact{Name: "dashboard.sms_cost", Value: amount(cents, p.Lang)})
	}

	return named(lines, p)
}

func dashboardTimes(figures *gateway.Dashboard, p page) []timesRow {
	var rows []timesRow

	for _, one := range []struct {
		name  string
		times gateway.Times
	}{
		{"dashboard.to_io", figures.ToIO},
		{"dashboard.to_delivery_io", figures.ToDeliveryOnIO},
		{"dashboard.to_delivery_sms", figures.ToDeliveryBySMS},
	} {
		row := timesRow{Name: p.T(one.name), Count: p.N("dashboard.times_of", one.times.Count)}
		if one.times.Count > 0 {
			row.Median, row.Most = roughly(one.times.Median, p), roughly(one.times.P95, p)
		}

		rows = append(rows, row)
	}

	return rows
}

// roughly says how long something takes, in seconds where it is short.
func roughly(d time.Duration, p page) string {
	switch seconds := int(d.Round(time.Second) / time.Second); {
	case d < time.Second:
		return p.T("dashboard.no_second")
	case d < 2*time.Minute:
		return p.T("duration.about", p.N("dashboard.seconds", seconds))
	default:
		return duration(d, p)
	}
}

func reasonRows(counts []gateway.ReasonCount, whole int, narrowed filter, p page) []reasonRow {
	var rows []reasonRow

	for _, one := range counts {
		row := reasonRow{
			Message: p.T("dashboard.no_reason"), Count: count(one.Count, p.Lang), Share: percent(one.Count, whole),
			Address: withReason(narrowed.address(), one.Reason),
		}

		if explained := explain(one.Reason, p.Lang); explained.Given {
			row.Message, row.Action = explained.Message, explained.Action
		}

		rows = append(rows, row)
	}

	return rows
}

// withReason narrows a list's address further.
func withReason(address string, reason notification.Reason) string {
	if reason == "" {
		return address
	}

	parsed, err := url.Parse(address)
	if err != nil {
		return address
	}

	values := parsed.Query()
	values.Set(paramReason, string(reason))

	return addressWith(parsed.Path, values)
}

// fillOpen tells what has not ended, whenever it was accepted.
func (f *Frontend) fillOpen(figures *gateway.Dashboard, everything filter, shown *dashboardPage) {
	p := shown.page
	counts := map[notification.Status]int{}

	for _, one := range figures.Open {
		counts[one.Status] += one.Count
	}

	for _, one := range figures.Open {
		if one.Status != notification.StatusOnHold {
			continue
		}

		rows := reasonRows([]gateway.ReasonCount{one.ReasonCount}, counts[one.Status], everything.only(one.Status), p)
		rows[0].Oldest = f.moment(one.Oldest, p.Lang).Date
		shown.OnHold = append(shown.OnHold, rows...)
	}

	for _, status := range underWay() {
		shown.Open = append(shown.Open, fact{
			Name: status.Label(p.Lang), Value: count(counts[status], p.Lang), Address: everything.only(status).address(),
		})
	}

	shown.AllOnHold = everything.only(notification.StatusOnHold).address()
}

// fillBatches shows the batches under way.
func (f *Frontend) fillBatches(ctx context.Context, reader gateway.Actor, wanted dashboardFilter, shown *dashboardPage) error {
	found, err := f.gateway.Batches(ctx, reader, gateway.BatchQuery{
		EnteID: wanted.EnteID, Limit: batchesOnDashboard,
		Statuses: []notification.BatchStatus{notification.BatchSending, notification.BatchPaused, notification.BatchScheduled},
	})
	if err != nil && !errors.Is(err, gateway.ErrNotFound) {
		return fmt.Errorf("listing batches: %w", err)
	}

	for i := range found.Items {
		shown.Batches = append(shown.Batches, f.batchRow(&found.Items[i], shown.page))
	}

	shown.AllBatches = batchesPath

	return nil
}
