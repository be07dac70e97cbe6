package frontend

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// interventionPage follows one intervention.
type interventionPage struct {
	page
	Heading string
	Live    interventionLive
	Data    []fact
	Filter  []fact
	List    string // the address of the notifications of its filter
}

// interventionLive is the part of the page that changes while somebody looks at it.
type interventionLive struct {
	page
	Address     string
	Status      mark
	Explanation string
	Bar         *progressBar
	Outcomes    []outcomeRow
	Stop        string // the address of the confirmation; empty where it cannot be stopped
	Times       []fact

	Open        bool
	Version     string
	NewsAddress string
}

// outcomeRow is what became of some of the notifications.
type outcomeRow struct {
	State mark
	Why   string
	Count string
}

func (f *Frontend) readIntervention(c echo.Context) (gateway.InterventionView, error) {
	view, err := f.gateway.Intervention(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return gateway.InterventionView{}, fmt.Errorf("reading an intervention: %w", err)
	}

	return view, nil
}

func (f *Frontend) intervention(c echo.Context) error {
	view, err := f.readIntervention(c)
	if err != nil {
		return err
	}

	label := interventionActLabel(view.Act, view.Choice, f.basePage(c.Request(), account(c)))
	p := f.page(c, "intervention.title", label)

	live, err := f.interventionLive(p, &view)
	if err != nil {
		return err
	}

	wanted := f.wantedOf(view.Filter)

	filterFacts, err := f.filterFacts(c, wanted, p)
	if err != nil {
		return err
	}

	return f.show(c, http.StatusOK, "intervention.html", interventionPage{
		page: p, Heading: label, Live: live, Data: f.interventionFacts(&view, p), Filter: filterFacts,
		List: addressWith(notificationsPath, wanted.values),
	})
}

// wantedOf is a stored filter as the list's address has it.
func (f *Frontend) wantedOf(stored notification.InterventionFilter) wantedIntervention {
	day := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}

		return at.In(f.timeZone).Format(time.DateOnly)
	}

	values := url.Values{}

	for name, value := range map[string]string{
		paramEnte: stored.EnteID, paramReference: stored.ExternalReference, paramBatch: stored.BatchID,
		paramChannel: string(stored.Channel), paramFrom: day(stored.From),
	} {
		if value != "" {
			values.Set(name, value)
		}
	}

	if !stored.To.IsZero() {
		values.Set(paramTo, day(stored.To.AddDate(0, 0, -1))) // the last day belongs to the period
	}

	for _, id := range stored.ServiceIDs {
		values.Add(paramService, id)
	}

	for _, status := range stored.Statuses {
		values.Add(paramStatus, string(status))
	}

	for _, reason := range stored.Reasons {
		values.Add(paramReason, string(reason))
	}

	return readWantedIntervention(values)
}

func (f *Frontend) interventionFacts(view *gateway.InterventionView, p page) []fact {
	all := []fact{
		{Name: "intervention.why", Value: view.Why},
		{Name: "intervention.by", Value: view.ByName + " – " + p.T("role."+view.ByRole)},
		{Name: "intervention.created_at", Value: f.moment(view.CreatedAt, p.Lang).String()},
		{Name: "intervention.stopped_by", Value: view.StoppedByName},
		{Name: "intervention.ente", Value: view.EnteName},
		{Name: "intervention.expected", Value: count(view.Expected, p.Lang)},
		{Name: "intervention.id", Value: view.ID, Code: true},
	}

	return named(slices.DeleteFunc(all, func(line fact) bool { return line.Value == "" }), p)
}

func (f *Frontend) interventionLive(p page, view *gateway.InterventionView) (interventionLive, error) {
	shown := interventionLive{
		page: p, Address: interventionAddress(view.ID), Status: interventionMark(view.Status, p),
		Explanation: p.T("intervention.explain." + string(view.Status)), Bar: interventionProgress(view, p),
		Open: !view.Status.Final(),
	}

	if view.Total >= 0 && view.Total != view.Expected {
		shown.Explanation += " " + p.T("intervention.differs", count(view.Expected, p.Lang), count(view.Total, p.Lang))
	}

	if view.MayStop {
		shown.Stop = shown.Address + "/stop"
	}

	shown.Times = named(slices.DeleteFunc([]fact{
		{Name: "intervention.started_at", Value: f.moment(view.StartedAt, p.Lang).String()},
		{Name: "intervention.ended_at", Value: f.moment(view.EndedAt, p.Lang).String()},
	}, func(line fact) bool { return line.Value == "" }), p)

	for _, outcome := range view.Outcomes {
		row := outcomeRow{State: itemMark(outcome.State, view.Status, p), Count: count(outcome.Total, p.Lang)}
		if outcome.Code != "" {
			row.Why = p.T("intervention.code." + outcome.Code)
		}

		shown.Outcomes = append(shown.Outcomes, row)
	}

	if !shown.Open {
		return shown, nil
	}

	text, err := f.render(partsOnly, "intervention-live", shown)
	if err != nil {
		return interventionLive{}, err
	}

	sum := sha256.Sum256(text)
	shown.Version = hex.EncodeToString(sum[:versionLength])
	shown.NewsAddress = shown.Address + "/live?" + url.Values{paramSeen: {shown.Version}}.Encode()

	return shown, nil
}

func itemMark(state notification.ItemState, of notification.InterventionStatus, p page) mark {
	shown := mark{Label: p.T("intervention.item." + string(state)), Icon: iconClock, Tone: toneInfo}

	switch state {
	case notification.ItemDone:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.ItemSkipped:
		shown.Icon, shown.Tone = iconMinus, toneNeutral
	case notification.ItemFailed:
		shown.Icon, shown.Tone = iconFault, toneDanger
	case notification.ItemWaiting:
		if of.Final() {
			shown.Label, shown.Tone = p.T("intervention.item.left"), toneNeutral
		}
	case notification.ItemActing:
		shown.Icon = "it-refresh"
	}

	return shown
}

// interventionNews answers with the changing part alone, or with 204 where nothing has changed.
func (f *Frontend) interventionNews(c echo.Context) error {
	if !isFragment(c) {
		return redirect(c, interventionAddress(c.Param("id")))
	}

	view, err := f.readIntervention(c)
	if err != nil {
		return err
	}

	shown, err := f.interventionLive(f.page(c, "interventions.title"), &view)
	if err != nil {
		return err
	}

	if c.QueryParam(paramSeen) == shown.Version && shown.Open {
		return c.NoContent(http.StatusNoContent)
	}

	text, err := f.render(partsOnly, "intervention-live", shown)
	if err != nil {
		return err
	}

	return c.HTMLBlob(http.StatusOK, text)
}

func (f *Frontend) confirmStop(c echo.Context) error {
	view, err := f.readIntervention(c)
	if err != nil {
		return err
	}

	if !view.MayStop {
		f.leaveNotice(c, toneWarning, "intervention.too_late")

		return redirect(c, interventionAddress(view.ID))
	}

	p := f.page(c, "intervention.stop.title")

	return f.show(c, http.StatusOK, "confirm.html", confirmPage{
		page: p, Crumbs: []crumb{
			{Address: interventionsPath, Label: p.T("interventions.title")},
			{Address: interventionAddress(view.ID), Label: interventionActLabel(view.Act, view.Choice, p)},
		},
		Address: interventionAddress(view.ID), Act: "stop", Tone: toneDanger, Heading: p.T("intervention.stop.title"),
		Text: p.T("intervention.stop.text"), Submit: p.T("intervention.stop.submit"), Back: p.T("intervention.stop.back"),
		Facts: named([]fact{
			{Name: "intervention.why", Value: view.Why},
			{Name: "intervention.item.done", Value: count(view.Count(notification.ItemDone), p.Lang)},
			{Name: "intervention.item.waiting", Value: count(view.Count(notification.ItemWaiting), p.Lang)},
		}, p),
		Once: newOnceKey(),
	})
}

func (f *Frontend) stopIntervention(c echo.Context) error {
	view, err := f.readIntervention(c)
	if err != nil {
		return err
	}

	author, key := actor(c), c.FormValue("once")

	switch {
	case !isOnceKey(key):
		return echo.NewHTTPError(http.StatusBadRequest)
	case !f.done.use(author.ID, key):
		return redirect(c, interventionAddress(view.ID))
	}

	err = f.gateway.StopIntervention(c.Request().Context(), author, view.ID)

	switch {
	case errors.Is(err, gateway.ErrState):
		f.leaveNotice(c, toneWarning, "intervention.too_late")
	case err != nil:
		f.done.release(author.ID, key)

		return fmt.Errorf("stopping an intervention: %w", err)
	default:
		f.leaveNotice(c, toneSuccess, "intervention.stop.done")
	}

	return redirect(c, interventionAddress(view.ID))
}
