package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const interventionsPath = "/interventions"

// SupportGateway is what the pages ask of the use cases of support: acts on many notifications, and pauses.
type SupportGateway interface {
	DryRunIntervention(ctx context.Context, actor gateway.Actor, wish gateway.InterventionWish) (gateway.DryRun, error)
	StartIntervention(ctx context.Context, actor gateway.Actor, wish gateway.InterventionWish) (id string, err error)
	StopIntervention(ctx context.Context, actor gateway.Actor, id string) error
	Intervention(ctx context.Context, actor gateway.Actor, id string) (gateway.InterventionView, error)
	Interventions(ctx context.Context, actor gateway.Actor, query gateway.InterventionQuery) (gateway.InterventionPage, error)

	Pause(ctx context.Context, actor gateway.Actor, wish gateway.PauseWish) (id string, err error)
	LiftPause(ctx context.Context, actor gateway.Actor, id string) error
	PauseByID(ctx context.Context, actor gateway.Actor, id string) (gateway.PauseView, error)
	Pauses(ctx context.Context, actor gateway.Actor) ([]gateway.PauseView, error)
}

func (f *Frontend) mountInterventions(r *routes) {
	intervention := interventionsPath + "/:id"

	r.get(interventionsPath, gateway.PermissionIntervene, f.interventionList)
	r.post(interventionsPath, gateway.PermissionIntervene, f.startIntervention)
	r.get(interventionsPath+"/new", gateway.PermissionIntervene, f.newIntervention)
	r.get(intervention, gateway.PermissionIntervene, f.intervention)
	r.poll(intervention+"/live", gateway.PermissionIntervene, f.interventionNews)
	r.get(intervention+"/stop", gateway.PermissionIntervene, f.confirmStop)
	r.post(intervention+"/stop", gateway.PermissionIntervene, f.stopIntervention)
	r.nothingElse(interventionsPath)
}

// interventionListPage shows one page of interventions.
type interventionListPage struct {
	page
	Statuses []choice
	Rows     []interventionRow
	ShowEnte bool // the reader sees several Enti

	Previous, Next string // addresses; empty where there is none
	Clear          string // the address without filters; empty where none is active
	Problem        string // a whole message, where the list could not be read as asked
}

// interventionRow is one intervention of the list.
type interventionRow struct {
	Address   string
	CreatedAt moment
	Act       string
	Ente      string
	Why       string
	By        string
	Status    mark
	Progress  *progressBar
}

// interventionFilter is what the list shows, as its address says it.
type interventionFilter struct {
	trail

	Status notification.InterventionStatus
}

func readInterventionFilter(values url.Values) interventionFilter {
	read := interventionFilter{Status: notification.InterventionStatus(values.Get(paramStatus)), trail: readTrail(values)}
	if !read.Status.Valid() {
		read.Status = ""
	}

	return read
}

func (l interventionFilter) at(place trail) string {
	values := url.Values{}

	if l.Status != "" {
		values.Set(paramStatus, string(l.Status))
	}

	place.write(values)

	return addressWith(interventionsPath, values)
}

func (f *Frontend) interventionList(c echo.Context) error {
	wanted := readInterventionFilter(c.QueryParams())
	shown := interventionListPage{page: f.page(c, "interventions.title"), ShowEnte: account(c).EnteID == ""}
	query := gateway.InterventionQuery{Cursor: wanted.Cursor}

	if wanted.Status != "" {
		query.Statuses, shown.Clear = []notification.InterventionStatus{wanted.Status}, interventionsPath
	}

	for _, status := range notification.InterventionStatuses() {
		shown.Statuses = append(shown.Statuses, choice{
			Value: string(status), Label: interventionMark(status, shown.page).Label, Chosen: status == wanted.Status,
		})
	}

	found, err := f.gateway.Interventions(c.Request().Context(), actor(c), query)
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		shown.Problem = fieldProblem(invalid, shown.Lang)

		return f.show(c, http.StatusUnprocessableEntity, "interventions.html", shown)
	}

	if err != nil {
		return fmt.Errorf("listing interventions: %w", err)
	}

	for i := range found.Items {
		shown.Rows = append(shown.Rows, f.interventionRow(&found.Items[i], shown.page))
	}

	if found.Next != "" {
		shown.Next = wanted.at(wanted.next(found.Next))
	}

	if wanted.Cursor != "" {
		shown.Previous = wanted.at(wanted.previous())
	}

	return f.show(c, http.StatusOK, "interventions.html", shown)
}

func (f *Frontend) interventionRow(view *gateway.InterventionView, p page) interventionRow {
	row := interventionRow{
		Address: interventionAddress(view.ID), CreatedAt: f.moment(view.CreatedAt, p.Lang), Act: interventionActLabel(view.Act, view.Choice, p),
		Ente: view.EnteName, Why: view.Why, By: view.ByName, Status: interventionMark(view.Status, p),
		Progress: interventionProgress(view, p),
	}

	if row.Ente == "" {
		row.Ente = p.T("interventions.every_ente")
	}

	return row
}

func interventionAddress(id string) string { return interventionsPath + "/" + url.PathEscape(id) }

// interventionActLabel names what an intervention does, with the answer that its author chose.
func interventionActLabel(act notification.InterventionAct, choice string, p page) string {
	key := "intervention.act." + string(act)
	if choice != "" {
		key += "." + choice
	}

	return p.T(key)
}

func interventionMark(status notification.InterventionStatus, p page) mark {
	shown := mark{Label: p.T("intervention.status." + string(status)), Icon: "it-refresh", Tone: toneInfo}

	switch status {
	case notification.InterventionCollecting:
		shown.Icon = "it-list"
	case notification.InterventionCompleted:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.InterventionStopped:
		shown.Icon, shown.Tone = iconEnded, toneNeutral
	case notification.InterventionRunning:
	}

	return shown
}

// interventionProgress is nil while nobody knows how many there are.
func interventionProgress(view *gateway.InterventionView, p page) *progressBar {
	if view.Total < 0 {
		return nil
	}

	seen := view.Count(notification.ItemDone) + view.Count(notification.ItemSkipped) + view.Count(notification.ItemFailed)

	return &progressBar{
		Done: seen, All: max(view.Total, 1),
		Text: p.T("interventions.progress_text", count(seen, p.Lang), count(view.Total, p.Lang), percent(seen, view.Total)),
	}
}
