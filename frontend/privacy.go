package frontend

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	privacyPath  = "/privacy"
	citizenPath  = privacyPath + "/citizen"
	erasuresPath = privacyPath + "/erasures"
)

// PrivacyGateway is what the pages ask of the use cases of privacy.
type PrivacyGateway interface {
	SetRetention(ctx context.Context, actor gateway.Actor, enteID string, seen int, wanted notification.Retention) error
	RetentionRuns(ctx context.Context, actor gateway.Actor) ([]notification.RetentionRun, error)
	RetentionLate(ctx context.Context, actor gateway.Actor) (bool, error)
	RetentionRun(ctx context.Context, actor gateway.Actor, id string) (gateway.RetentionView, error)

	Citizen(ctx context.Context, actor gateway.Actor, wish gateway.CitizenWish) (gateway.CitizenSummary, error)
	CitizenDossier(ctx context.Context, actor gateway.Actor, wish gateway.CitizenWish) (gateway.Dossier, error)
	ExportCitizen(ctx context.Context, actor gateway.Actor, wish gateway.CitizenWish, w io.Writer) error

	StartErasure(ctx context.Context, actor gateway.Actor, wish gateway.ErasureWish) (id string, err error)
	Erasure(ctx context.Context, actor gateway.Actor, id string) (gateway.ErasureView, error)
	Erasures(ctx context.Context, actor gateway.Actor, cursor string) (gateway.ErasurePage, error)
	WriteErasureProof(ctx context.Context, actor gateway.Actor, id string, w io.Writer) error
}

// mountPrivacy: whoever reads the audit log reads what retention removed; citizens' requests are for fewer.
func (f *Frontend) mountPrivacy(r *routes) {
	r.get(privacyPath, gateway.PermissionAudit, f.privacy)
	r.get(privacyPath+"/runs/:id", gateway.PermissionAudit, f.retentionRun)
	r.get(citizenPath, gateway.PermissionPrivacy, f.citizenForm)
	r.post(citizenPath, gateway.PermissionPrivacy, f.citizen)
	r.post(citizenPath+"/export", gateway.PermissionPrivacy, f.exportCitizen)
	r.post(citizenPath+"/erase", gateway.PermissionPrivacy, f.eraseCitizen)
	r.get(erasuresPath, gateway.PermissionPrivacy, f.erasureList)
	r.get(erasuresPath+"/:id", gateway.PermissionPrivacy, f.erasure)
	r.get(erasuresPath+"/:id/proof", gateway.PermissionPrivacy, f.erasureProof)
	r.nothingElse(privacyPath)

	r.get(entiPath+"/:id/retention", gateway.PermissionGovern, f.editRetention)
	r.post(entiPath+"/:id/retention", gateway.PermissionGovern, f.setRetention)
}

// privacyPage tells for how long what is kept, and what was removed.
type privacyPage struct {
	page
	Crumbs []crumb
	Terms  []retentionTerm
	Runs   []retentionRow
	// Latest says when retention last came to its end; empty: never yet.
	Latest   mark
	LatestAt moment
	// Late tells that data stays longer than it should.
	Late bool
}

// retentionTerm is for how long an Ente keeps what.
type retentionTerm struct {
	Ente    string
	Address string
	Content string
	Outcome string
}

// retentionRow is one run of the list.
type retentionRow struct {
	Address       string
	StartedAt     moment
	Status        mark
	Content       string
	Notifications string
}

func (f *Frontend) privacy(c echo.Context) error {
	ctx, reader := c.Request().Context(), actor(c)

	enti, err := f.gateway.Enti(ctx, reader)
	if err != nil {
		return fmt.Errorf("listing Enti: %w", err)
	}

	runs, err := f.gateway.RetentionRuns(ctx, reader)
	if err != nil {
		return fmt.Errorf("listing retention runs: %w", err)
	}

	late, err := f.gateway.RetentionLate(ctx, reader)
	if err != nil {
		return fmt.Errorf("looking whether retention is late: %w", err)
	}

	p := f.page(c, "privacy.title")
	shown := privacyPage{page: p, Crumbs: settingsCrumbs(p), Late: late}

	for _, ente := range enti {
		shown.Terms = append(shown.Terms, retentionTerm{
			Ente: ente.Name, Address: enteAddress(ente.ID),
			Content: p.N("privacy.days", ente.Retention.ContentDays), Outcome: p.N("privacy.days", ente.Retention.OutcomeDays),
		})
	}

	for i := range runs {
		run := &runs[i]
		shown.Runs = append(shown.Runs, retentionRow{
			Address: privacyPath + "/runs/" + url.PathEscape(run.ID), StartedAt: f.moment(run.StartedAt, p.Lang),
			Status: retentionMark(run.Status, p), Content: count(run.Total(notification.RemovedContent), p.Lang),
			Notifications: count(run.Total(notification.RemovedNotifications), p.Lang),
		})
	}

	if i := slices.IndexFunc(runs, func(run notification.RetentionRun) bool { return !run.EndedAt.IsZero() }); i >= 0 {
		shown.Latest, shown.LatestAt = retentionMark(runs[i].Status, p), f.moment(runs[i].EndedAt, p.Lang)
	}

	return f.show(c, http.StatusOK, "privacy.html", shown)
}

func retentionMark(status notification.RetentionStatus, p page) mark {
	shown := mark{Label: p.T("privacy.run." + string(status)), Icon: iconRefresh, Tone: toneInfo}

	switch status {
	case notification.RetentionCompleted:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.RetentionFailed:
		shown.Icon, shown.Tone = iconFault, toneDanger
	case notification.RetentionRunning:
	}

	return shown
}

// retentionRunPage tells what one run removed.
type retentionRunPage struct {
	page
	Crumbs []crumb
	Status mark
	Facts  []fact
	Rows   []retentionCountRow
	Failed bool
}

// retentionCountRow is what a run removed of one kind of an Ente.
type retentionCountRow struct {
	Kind   string
	Ente   string
	Total  string
	Failed bool
}

func (f *Frontend) retentionRun(c echo.Context) error {
	view, err := f.gateway.RetentionRun(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return fmt.Errorf("reading a retention run: %w", err)
	}

	p := f.page(c, "privacy.run.title")
	shown := retentionRunPage{
		page: p, Crumbs: privacyCrumbs(p), Status: retentionMark(view.Status, p), Failed: view.Status == notification.RetentionFailed,
		Facts: named([]fact{
			{Name: "privacy.run.started_at", Value: f.moment(view.StartedAt, p.Lang).String()},
			{Name: "privacy.run.ended_at", Value: orDash(f.moment(view.EndedAt, p.Lang).String())},
		}, p),
	}

	for _, kind := range notification.RetentionKinds() {
		for _, counted := range view.Counts {
			if counted.Kind != kind {
				continue
			}

			ente := view.EnteNames[counted.EnteID]
			if counted.EnteID == "" {
				ente = p.T("privacy.shared")
			}

			shown.Rows = append(shown.Rows, retentionCountRow{
				Kind: p.T("privacy.kind." + string(kind)), Ente: ente, Total: count(counted.Total, p.Lang), Failed: counted.Failed,
			})
		}
	}

	return f.show(c, http.StatusOK, "retention_run.html", shown)
}

func privacyCrumbs(p page, more ...crumb) []crumb {
	return append(settingsCrumbs(p, crumb{Address: privacyPath, Label: p.T("privacy.title")}), more...)
}

// Names of the fields of the retention form.
const (
	fieldContentDays = "content_days"
	fieldOutcomeDays = "outcome_days"
)

func retentionFacts(kept notification.Retention, p page) []fact {
	return named([]fact{
		{Name: "privacy.content", Value: p.N("privacy.days", kept.ContentDays)},
		{Name: "privacy.outcome", Value: p.N("privacy.days", kept.OutcomeDays)},
	}, p)
}

func (f *Frontend) editRetention(c echo.Context) error {
	view, err := f.readEnte(c)
	if err != nil {
		return err
	}

	return f.showRetention(c, http.StatusOK, &view, strconv.Itoa(view.Retention.ContentDays), strconv.Itoa(view.Retention.OutcomeDays), nil)
}

func (f *Frontend) showRetention(
	c echo.Context, status int, view *gateway.EnteView, content, outcome string, invalid notification.FieldErrors,
) error {
	p := f.page(c, "privacy.retention")

	fields := []inputField{
		p.field(fieldContentDays, "privacy.content_field", "", content), p.field(fieldOutcomeDays, "privacy.outcome_field", "", outcome),
	}
	fields[0].Hint = p.T("privacy.content_hint", notification.MinContentDays, notification.MaxContentDays)
	fields[1].Hint = p.T("privacy.outcome_hint", notification.MinOutcomeDays, notification.MaxOutcomeDays)

	for i := range fields {
		fields[i].Type, fields[i].Required = "number", true
	}

	shown := registryForm{
		page: p, Crumbs: enteCrumbs(view, p), Heading: p.T("privacy.retention"), Lead: p.T("privacy.retention_lead"),
		Fields: fields, Action: enteAddress(view.ID) + "/retention", Back: enteAddress(view.ID), Submit: p.T("registry.save"),
		Seen: view.Version,
	}
	shown.withProblems(invalid)

	if status == http.StatusConflict {
		shown.overtakenBy([]inputField{
			{Value: strconv.Itoa(view.Retention.ContentDays)}, {Value: strconv.Itoa(view.Retention.OutcomeDays)},
		}, view.Version)
	}

	return f.showRegistryForm(c, status, shown)
}

func (f *Frontend) setRetention(c echo.Context) error {
	view, err := f.readEnte(c)
	if err != nil {
		return err
	}

	content, outcome, seen := c.FormValue(fieldContentDays), c.FormValue(fieldOutcomeDays), seenVersion(c)

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			return enteAddress(view.ID), f.gateway.SetRetention(ctx, author, view.ID, seen, notification.Retention{
				ContentDays: days(content), OutcomeDays: days(outcome),
			})
		},
		already: enteAddress(view.ID), notice: "privacy.retention_saved",
		again: func(status int, invalid notification.FieldErrors) error {
			now, err := f.readEnte(c)
			if err != nil {
				return err
			}

			return f.showRetention(c, status, &now, content, outcome, invalid)
		},
	})
}

// days is a number as typed; what is none is out of bounds.
func days(typed string) int {
	number, err := strconv.Atoi(typed)
	if err != nil {
		return -1
	}

	return number
}
