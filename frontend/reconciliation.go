package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	reconciliationPath = "/reconciliation"
	findingsPath       = reconciliationPath + "/findings"
)

// ReconciliationGateway is what the pages ask of the use cases that compare database, Temporal and providers.
type ReconciliationGateway interface {
	Reconciliation(ctx context.Context, actor gateway.Actor) (gateway.ReconciliationView, error)
	Reconcile(ctx context.Context, actor gateway.Actor) (id string, err error)
	Findings(ctx context.Context, actor gateway.Actor, open bool) (findings []notification.Finding, more bool, err error)
	Finding(ctx context.Context, actor gateway.Actor, id string) (notification.Finding, error)
	AcknowledgeFinding(ctx context.Context, actor gateway.Actor, id, note string) error
}

func (f *Frontend) mountReconciliation(r *routes) {
	r.get(reconciliationPath, gateway.PermissionDiagnose, f.reconciliation)
	r.post(reconciliationPath, gateway.PermissionDiagnose, f.reconcile)
	r.get(findingsPath+"/:id/acknowledge", gateway.PermissionDiagnose, f.confirmAcknowledging)
	r.post(findingsPath+"/:id/acknowledge", gateway.PermissionDiagnose, f.acknowledge)
	r.nothingElse(reconciliationPath)
}

// reconciliationPage tells what the last comparison came to, and what waits for somebody.
type reconciliationPage struct {
	page
	Verdict  mark
	UnderWay bool
	Once     string
	Sums     []fact
	Checks   []checkRow
	Findings []findingRow
	More     bool
	All      bool // findings that are over, too
	Runs     []reconciliationRow
}

// checkRow is what one check came to.
type checkRow struct {
	Name, Hint                      string
	Looked, Found, Repaired, Person string
	Difference                      mark
}

// findingRow is one finding.
type findingRow struct {
	What, Check      string
	Subject, Address string // Address is empty where there is no page of it
	Detail           string
	State            mark
	By, Note         string // who acknowledged it, and how
	First, Last      moment
	Acknowledge      string // an address; empty where nobody has to see to it
}

// reconciliationRow is one of the last runs.
type reconciliationRow struct {
	Started, Ended  moment
	By              string
	Found, Repaired string
	Difference      mark
}

func (f *Frontend) reconciliation(c echo.Context) error {
	ctx, reader := c.Request().Context(), actor(c)
	shown := reconciliationPage{
		page: f.page(c, "reconciliation.title"), Once: newOnceKey(), All: c.QueryParam("show") == "all",
	}

	view, err := f.gateway.Reconciliation(ctx, reader)
	if err != nil {
		return fmt.Errorf("reading the reconciliations: %w", err)
	}

	findings, more, err := f.gateway.Findings(ctx, reader, !shown.All)
	if err != nil {
		return fmt.Errorf("listing findings: %w", err)
	}

	shown.UnderWay, shown.More, shown.Verdict = view.UnderWay(), more, verdict(view, shown.page)

	if view.Last.ID != "" {
		shown.Sums = sumFacts(view.Last.Sums, shown.page)

		for _, result := range view.Last.Results {
			shown.Checks = append(shown.Checks, checkRowOf(result, shown.page))
		}
	}

	for _, finding := range findings {
		shown.Findings = append(shown.Findings, f.findingRow(finding, shown.page))
	}

	for _, run := range view.Runs {
		shown.Runs = append(shown.Runs, f.reconciliationRow(run, shown.page))
	}

	return f.show(c, http.StatusOK, "reconciliation.html", shown)
}

// verdict says in a few words whether all agrees.
func verdict(view gateway.ReconciliationView, p page) mark {
	switch {
	case view.Last.ID == "":
		return mark{Label: p.T("reconciliation.never"), Icon: iconInfo, Tone: toneNeutral}
	case view.Agrees():
		return mark{Label: p.T("reconciliation.agrees"), Icon: iconDone, Tone: toneSuccess}
	case view.Difference > 0:
		return mark{Label: p.T("reconciliation.differs", whole(view.Difference, p)), Icon: iconFault, Tone: toneDanger}
	case view.Open > 0:
		return mark{Label: p.T("reconciliation.waits", whole(view.Open, p)), Icon: iconWarning, Tone: toneWarning}
	}

	return mark{Label: p.T("reconciliation.incomplete"), Icon: iconWarning, Tone: toneWarning}
}

func whole(n int, p page) string { return count(n, p.Lang) }

func sumFacts(sums notification.Sums, p page) []fact {
	return named([]fact{
		{Name: "reconciliation.since", Value: sums.Since},
		{Name: "reconciliation.accepted", Value: whole(sums.Accepted, p)},
		{Name: "reconciliation.settled", Value: whole(sums.Settled, p)},
		{Name: "reconciliation.open", Value: whole(sums.Open, p)},
		{Name: "reconciliation.scheduled", Value: whole(sums.Scheduled, p)},
		{Name: "reconciliation.on_hold", Value: whole(sums.OnHold, p)},
		{Name: "reconciliation.kept", Value: whole(sums.Kept, p)},
		{Name: "reconciliation.difference", Value: whole(sums.Difference(), p)},
	}, p)
}

func checkRowOf(result notification.CheckResult, p page) checkRow {
	row := checkRow{
		Name: p.T("reconciliation.check." + string(result.Check)), Hint: p.T("reconciliation.hint." + string(result.Check)),
		Looked: whole(result.Looked, p), Found: whole(result.Found, p), Repaired: whole(result.Repaired, p),
		Person: whole(result.Person, p), Difference: differenceMark(result.Difference, p),
	}

	if result.Failed {
		row.Difference = mark{Label: p.T("reconciliation.not_made"), Icon: iconWarning, Tone: toneWarning}
	}

	return row
}

func differenceMark(difference int, p page) mark {
	if difference == 0 {
		return mark{Label: whole(0, p), Icon: iconDone, Tone: toneSuccess}
	}

	return mark{Label: whole(difference, p), Icon: iconFault, Tone: toneDanger}
}

func (f *Frontend) findingRow(finding notification.Finding, p page) findingRow {
	row := findingRow{
		What: p.T("reconciliation.finding." + string(finding.Code)), Check: p.T("reconciliation.check." + string(finding.Check)),
		Subject: p.T("reconciliation.subject."+finding.Subject) + " " + finding.SubjectID, Address: addressOfFinding(finding),
		State: findingMark(finding, p), By: finding.AcknowledgedBy, Note: finding.Note,
		First: f.moment(finding.FirstSeen, p.Lang), Last: f.moment(finding.LastSeen, p.Lang),
	}

	if finding.Code == notification.FindingFiguresDiffer {
		row.Detail = p.T("reconciliation.detail.figures", finding.Detail["kept"], finding.Detail["counted"])
	}

	if finding.Open() {
		row.Acknowledge = findingsPath + "/" + url.PathEscape(finding.ID) + "/acknowledge"
	}

	return row
}

func addressOfFinding(finding notification.Finding) string {
	switch {
	case finding.NotificationID != "":
		return notificationAddress(finding.NotificationID)
	case finding.Subject == notification.SubjectBatch:
		return batchesPath + "/" + url.PathEscape(finding.SubjectID)
	case finding.Subject == notification.SubjectIntervention:
		return interventionsPath + "/" + url.PathEscape(finding.SubjectID)
	case finding.Subject == notification.SubjectErasure:
		return erasureAddress(finding.SubjectID)
	}

	return ""
}

func findingMark(finding notification.Finding, p page) mark {
	switch {
	case finding.Action == notification.ActionRepaired:
		return mark{Label: p.T("reconciliation.action.repaired"), Icon: iconDone, Tone: toneSuccess}
	case finding.Action == notification.ActionGone:
		return mark{Label: p.T("reconciliation.action.gone"), Icon: iconMinus, Tone: toneNeutral}
	case !finding.AcknowledgedAt.IsZero():
		return mark{Label: p.T("reconciliation.action.acknowledged"), Icon: iconInfo, Tone: toneInfo}
	}

	return mark{Label: p.T("reconciliation.action.person"), Icon: iconWarning, Tone: toneWarning}
}

func (f *Frontend) reconciliationRow(run notification.Reconciliation, p page) reconciliationRow {
	row := reconciliationRow{
		Started: f.moment(run.StartedAt, p.Lang), Ended: f.moment(run.EndedAt, p.Lang), By: run.ByName,
		Difference: differenceMark(run.Difference(), p),
	}

	if row.By == "" {
		row.By = p.T("reconciliation.schedule")
	}

	var sum notification.CheckResult
	for _, result := range run.Results {
		sum = sum.Add(result)
	}

	row.Found, row.Repaired = whole(sum.Found, p), whole(sum.Repaired, p)

	switch {
	case run.EndedAt.IsZero():
		row.Difference = mark{Label: p.T("reconciliation.under_way"), Icon: iconRefresh, Tone: toneInfo}
	case sum.Failed && sum.Difference == 0:
		row.Difference = mark{Label: p.T("reconciliation.incomplete"), Icon: iconWarning, Tone: toneWarning}
	}

	return row
}

// reconcile starts a comparison now, once for each form.
func (f *Frontend) reconcile(c echo.Context) error {
	author, key := actor(c), c.FormValue("once")

	switch {
	case !isOnceKey(key):
		return echo.NewHTTPError(http.StatusBadRequest)
	case !f.done.use(author.ID, key):
		return redirect(c, reconciliationPath)
	}

	_, err := f.gateway.Reconcile(c.Request().Context(), author)

	switch {
	case errors.Is(err, gateway.ErrState):
		f.leaveNotice(c, toneWarning, "reconciliation.already")
	case err != nil:
		f.done.release(author.ID, key)

		return fmt.Errorf("starting a reconciliation: %w", err)
	default:
		f.leaveNotice(c, toneSuccess, "reconciliation.started")
	}

	return redirect(c, reconciliationPath)
}

// acknowledgePage asks what was done about a finding.
type acknowledgePage struct {
	page
	Crumbs  []crumb
	Address string
	Facts   []fact
	Advice  string
	Note    string
	Once    string
	Problem string // a whole message
}

func (f *Frontend) confirmAcknowledging(c echo.Context) error {
	return f.showAcknowledging(c, http.StatusOK, "", "")
}

func (f *Frontend) showAcknowledging(c echo.Context, status int, note, problem string) error {
	finding, err := f.gateway.Finding(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return fmt.Errorf("reading a finding: %w", err)
	}

	if !finding.Open() {
		f.leaveNotice(c, toneWarning, "reconciliation.too_late")

		return redirect(c, reconciliationPath)
	}

	p := f.page(c, "reconciliation.acknowledge")
	row := f.findingRow(finding, p)

	return f.show(c, status, "finding.html", acknowledgePage{
		page: p, Crumbs: []crumb{{Address: reconciliationPath, Label: p.T("reconciliation.title")}},
		Address: row.Acknowledge, Advice: p.T("reconciliation.advice." + string(finding.Code)), Note: note, Once: newOnceKey(),
		Problem: problem,
		Facts: named([]fact{
			{Name: "reconciliation.what", Value: row.What},
			{Name: "reconciliation.subject", Value: row.Subject, Address: row.Address},
			{Name: "reconciliation.check", Value: row.Check},
			{Name: "reconciliation.first_seen", Value: row.First.String()},
			{Name: "reconciliation.last_seen", Value: row.Last.String()},
		}, p),
	})
}

func (f *Frontend) acknowledge(c echo.Context) error {
	author, key, note := actor(c), c.FormValue("once"), strings.TrimSpace(c.FormValue("note"))

	switch {
	case !isOnceKey(key):
		return echo.NewHTTPError(http.StatusBadRequest)
	case !f.done.use(author.ID, key):
		return redirect(c, reconciliationPath)
	}

	err := f.gateway.AcknowledgeFinding(c.Request().Context(), author, c.Param("id"), note)
	if err != nil {
		f.done.release(author.ID, key)
	}

	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case refused:
		p := f.basePage(c.Request(), account(c))
		fields, _ := sortProblems(invalid, map[string]string{"note": "note"}, p.Lang)

		return f.showAcknowledging(c, http.StatusUnprocessableEntity, note, fields["note"])
	case errors.Is(err, gateway.ErrState):
		f.leaveNotice(c, toneWarning, "reconciliation.too_late")
	case err != nil:
		return fmt.Errorf("acknowledging a finding: %w", err)
	default:
		f.leaveNotice(c, toneSuccess, "reconciliation.acknowledged")
	}

	return redirect(c, reconciliationPath)
}

// openFindings tells on the dashboard how many findings wait for somebody; empty: none, or it is for others. The page is
// shown without rather than not at all.
func (f *Frontend) openFindings(c echo.Context, p page) string {
	if f.countFindings == nil {
		return ""
	}

	open, err := f.countFindings(c.Request().Context(), actor(c))
	if err != nil {
		f.log.Warn("the dashboard is shown without open findings", zap.Error(err))
	}

	if open == 0 {
		return ""
	}

	return p.T("reconciliation.waits", whole(open, p))
}
