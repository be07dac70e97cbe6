package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// interventionForm asks what is to be done to the notifications of a filter, says what that would do, and asks again.
type interventionForm struct {
	page
	Crumbs []crumb
	// Filter says in words which notifications are meant; Hidden carries it, as the list's address has it.
	Filter []fact
	Hidden []hiddenField
	Back   string // the list's address
	Acts   []choice
	Act    string
	Hints  map[string]string // by act

	Run *dryRunView

	Why      string
	Once     string
	Problems map[string]string // whole messages, by field
	Summary  []string
}

// dryRunView says what an intervention would do.
type dryRunView struct {
	Heading  string
	Sentence string
	Expected int
	Parts    []dryRunPart
	Skipped  []dryRunPart
	// SkippedText says how many are left alone.
	SkippedText string
	Warnings    []string
	Facts       []fact
	Submit      string // empty: it cannot be confirmed
	Danger      bool
}

type dryRunPart struct {
	Status mark
	Reason string
	Action string
	Count  string
}

// fieldMotive is why somebody intervenes; "why" is the list's filter by the words of a reason.
const fieldMotive = "motive"

// wantedIntervention is what the address, or the form, says.
type wantedIntervention struct {
	filter filter
	values url.Values // of the filter alone
	act    string     // with its answer, as "decide:sms"
	person bool
}

func readWantedIntervention(values url.Values) wantedIntervention {
	wanted := wantedIntervention{
		filter: readFilter(values).firstPage(), act: values.Get("act"),
		person: values.Get(paramPerson) != "" || values.Get("phone") != "" || values.Get("fiscal_code") != "",
	}

	wanted.values = wanted.filter.values()
	wanted.values.Del(paramPerson)

	return wanted
}

// wish is the wanted intervention in the gateway's words, with the keys of the messages about what it cannot read.
func (w wantedIntervention) wish(at reading) (gateway.InterventionWish, map[string]string) {
	query, problems := w.filter.query(at, "")
	act, answer, _ := strings.Cut(w.act, ":")

	return gateway.InterventionWish{Query: query, Act: notification.InterventionAct(act), Choice: answer}, problems
}

func (w wantedIntervention) hidden() []hiddenField {
	var fields []hiddenField

	for name, values := range w.values {
		for _, value := range values {
			fields = append(fields, hiddenField{name, value})
		}
	}

	slices.SortFunc(fields, func(a, b hiddenField) int { return strings.Compare(a.Name+a.Value, b.Name+b.Value) })

	return fields
}

// newIntervention asks what to do and, once that is said, tells what it would do.
func (f *Frontend) newIntervention(c echo.Context) error {
	return f.showInterventionForm(c, http.StatusOK, readWantedIntervention(c.QueryParams()), "", nil)
}

func (f *Frontend) showInterventionForm(
	c echo.Context, status int, wanted wantedIntervention, why string, invalid notification.FieldErrors,
) error {
	p := f.page(c, "intervention.new")
	shown := interventionForm{
		page: p, Crumbs: []crumb{{Address: interventionsPath, Label: p.T("interventions.title")}},
		Hidden: wanted.hidden(), Back: addressWith(notificationsPath, wanted.values), Act: wanted.act, Why: why,
		Once: newOnceKey(), Problems: map[string]string{}, Hints: map[string]string{},
	}

	for _, name := range offeredActs(actor(c)) {
		act, answer, _ := strings.Cut(name, ":")
		shown.Acts = append(shown.Acts, choice{
			Value: name, Label: interventionActLabel(notification.InterventionAct(act), answer, p), Chosen: name == wanted.act,
		})
		shown.Hints[name] = p.T("intervention.hint." + strings.ReplaceAll(name, ":", "."))
	}

	filterFacts, err := f.filterFacts(c, wanted, p)
	if err != nil {
		return err
	}

	shown.Filter = filterFacts

	if wanted.person {
		shown.Summary = append(shown.Summary, p.T("intervention.no_person"))
	}

	wish, unreadable := wanted.wish(f.reading(p.Lang))
	for _, key := range unreadable {
		shown.Summary = append(shown.Summary, p.T(key))
	}

	problems, rest := sortProblems(invalid, map[string]string{"why": fieldMotive, "act": "act", "choice": "act"}, p.Lang)
	shown.Problems, shown.Summary = problems, append(shown.Summary, rest...)

	if len(shown.Summary) > 0 {
		status = http.StatusUnprocessableEntity
	}

	if wanted.act == "" || wanted.person || len(unreadable) > 0 {
		return f.show(c, status, "intervention_new.html", shown)
	}

	run, err := f.gateway.DryRunIntervention(c.Request().Context(), actor(c), wish)
	if wrong, refused := errors.AsType[notification.FieldErrors](err); refused {
		shown.Problems["act"] = sentence(wrong[0], p.Lang)

		return f.show(c, http.StatusUnprocessableEntity, "intervention_new.html", shown)
	}

	if err != nil {
		return fmt.Errorf("trying an intervention: %w", err)
	}

	shown.Run = newDryRunView(wish, run, p)

	return f.show(c, status, "intervention_new.html", shown)
}

// offeredActs are what the author may choose among: people of an Ente speak for it, support staff for themselves.
func offeredActs(author gateway.Actor) []string {
	unfit := string(notification.ReasonCancelledByEnte)
	if author.EnteID != "" {
		unfit = string(notification.ReasonCancelledByOperator)
	}

	var names []string

	for _, act := range notification.InterventionActs() {
		for _, answer := range gateway.InterventionChoices(act) {
			switch answer {
			case unfit:
			case "":
				names = append(names, string(act))
			default:
				names = append(names, string(act)+":"+answer)
			}
		}
	}

	return names
}

// filterFacts say in words which notifications are meant.
func (f *Frontend) filterFacts(c echo.Context, wanted wantedIntervention, p page) ([]fact, error) {
	ctx, reader := c.Request().Context(), actor(c)

	form, err := f.searchForm(ctx, reader, wanted.filter, p)
	if err != nil {
		return nil, err
	}

	var statuses []string

	for _, status := range wanted.filter.Statuses {
		statuses = append(statuses, status.Label(p.Lang))
	}

	period := wanted.filter.Period
	if period != "" {
		period = p.T("search.period." + period)
	}

	all := []fact{
		{Name: "list.filter.ente", Value: chosenLabel(form.Enti)},
		{Name: "list.filter.service", Value: chosenLabel(form.Services)},
		{Name: "list.status", Value: strings.Join(statuses, ", ")},
		{Name: "intervention.reason", Value: strings.Join(form.Reasons, " ")},
		{Name: "list.channel", Value: chosenLabel(form.Channels)},
		{Name: "list.filter.reference", Value: wanted.filter.Reference},
		{Name: "list.filter.from", Value: wanted.filter.From},
		{Name: "list.filter.to", Value: wanted.filter.To},
		{Name: "search.period.label", Value: period},
		{Name: "intervention.batch", Value: wanted.filter.BatchID, Code: true},
	}
	if wanted.filter.BatchID != "" {
		all[len(all)-1].Address = batchAddress(wanted.filter.BatchID)
	}

	return named(slices.DeleteFunc(all, func(line fact) bool { return line.Value == "" }), p), nil
}

func chosenLabel(choices []choice) string {
	for _, one := range choices {
		if one.Chosen {
			return one.Label
		}
	}

	return ""
}

func newDryRunView(wish gateway.InterventionWish, run gateway.DryRun, p page) *dryRunView {
	label := interventionActLabel(wish.Act, wish.Choice, p)
	view := &dryRunView{
		Heading: p.T("dryrun.title", label), Expected: run.Possible, Danger: wish.Act == notification.InterventionCancel,
		Sentence: p.T("dryrun.sentence", p.N("dryrun.matched", run.Matched), p.N("dryrun.possible", run.Possible)),
		Parts:    dryRunParts(run.States, p), Skipped: dryRunParts(run.SkippedStates, p),
	}

	if run.Skipped > 0 {
		view.SkippedText = p.N("dryrun.skipped", run.Skipped)
	}

	if run.ContentRemoved > 0 {
		view.Warnings = append(view.Warnings, p.N("dryrun.content_removed", run.ContentRemoved))
	}

	if run.Helpless > 0 {
		view.Warnings = append(view.Warnings, p.N("dryrun.helpless", run.Helpless))
	}

	if run.TooMany {
		view.Warnings = append(view.Warnings, p.T("dryrun.too_many", count(notification.MaxIntervention, p.Lang)))
	}

	facts := []fact{}
	if run.SMS > 0 {
		facts = append(facts, fact{Name: "dryrun.sms", Value: p.N("dryrun.sms_at_most", run.SMS)})
	}

	if run.CostMicros > 0 {
		facts = append(facts, fact{Name: "dryrun.cost", Value: p.T("dryrun.cost_at_least", amount(cents(run.CostMicros), p.Lang))})
	}

	if run.Possible > 0 {
		facts = append(facts, fact{Name: "dryrun.duration", Value: duration(run.Duration, p)})
	}

	view.Facts = named(facts, p)

	if run.Possible > 0 && !run.TooMany {
		view.Submit = p.N("dryrun.submit", run.Possible)
	}

	return view
}

func cents(micros int64) int64 {
	const microsInCent = 10_000

	return (micros + microsInCent - 1) / microsInCent
}

func dryRunParts(states []gateway.DryRunState, p page) []dryRunPart {
	var parts []dryRunPart

	for _, state := range states {
		part := dryRunPart{Status: statusMark(state.Status, p.Lang), Count: count(state.Total, p.Lang)}

		if reason := explain(state.Reason, p.Lang); reason.Given {
			part.Reason, part.Action = reason.Message, reason.Action
		}

		switch {
		case state.Inactive:
			part.Action = p.T("intervention.code.inactive")
		case state.ContentRemoved:
			part.Action = p.T("intervention.code.content_removed")
		}

		parts = append(parts, part)
	}

	return parts
}

// startIntervention begins what the person confirmed, once for each confirmation.
func (f *Frontend) startIntervention(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	wanted, why, key := readWantedIntervention(values), strings.TrimSpace(values.Get(fieldMotive)), values.Get("once")
	if wanted.act == "" || !isOnceKey(key) || wanted.person {
		return f.showInterventionForm(c, http.StatusUnprocessableEntity, wanted, why, nil)
	}

	wish, unreadable := wanted.wish(f.reading(languageOf(c.Request())))
	if len(unreadable) > 0 {
		return f.showInterventionForm(c, http.StatusUnprocessableEntity, wanted, why, nil)
	}

	wish.Why = why
	wish.Expected, _ = strconv.Atoi(values.Get("expected"))

	author := actor(c)
	if !f.done.use(author.ID, key) {
		return redirect(c, interventionsPath)
	}

	id, err := f.gateway.StartIntervention(c.Request().Context(), author, wish)
	if err != nil {
		f.done.release(author.ID, key)
	}

	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case refused:
		return f.showInterventionForm(c, http.StatusUnprocessableEntity, wanted, why, invalid)
	case errors.Is(err, gateway.ErrState):
		f.leaveNotice(c, toneWarning, "intervention.nothing_left")

		return redirect(c, addressWith(interventionsPath+"/new", wanted.values))
	case err != nil:
		return fmt.Errorf("starting an intervention: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "intervention.started")

	return redirect(c, interventionAddress(id))
}

// dryRunLine is a part with the messages of its page, as the template's table needs it.
type dryRunLine struct {
	page
	Part dryRunPart
}

// Line is for the template.
func (f interventionForm) Line(part dryRunPart) dryRunLine {
	return dryRunLine{page: f.page, Part: part}
}
