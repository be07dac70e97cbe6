package frontend

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// Names of the form's fields.
const (
	fieldDeadline     = "io_deadline"
	fieldDeadlineUnit = "io_deadline_unit"
	fieldSMS          = "sms"
	fieldPatience     = "sms_deadline"
	fieldPatienceUnit = "sms_deadline_unit"
	fieldUncertain    = "on_uncertain"
	fieldQuiet        = "quiet"
	fieldQuietFrom    = "quiet_from"
	fieldQuietUntil   = "quiet_until"
	fieldHolidays     = "quiet_holidays"
	fieldUrgentToo    = "quiet_urgent_too"

	ticked = "1"
)

// The quiet hours that a form proposes: a little wider than those in which Italian rules forbid advertising by SMS.
const (
	usualQuietFrom  = notification.DayTime(21 * 60)
	usualQuietUntil = notification.DayTime(8 * 60)
)

// policyPage is a delivery policy as a form that reads like sentences.
type policyPage struct {
	page
	Crumbs  []crumb
	Heading string
	Action  string
	Back    string
	Once    string
	Seen    int
	Present string // the stored policy, in words

	Summary   []summaryLine
	Overtaken string
	Problems  map[string]string // by field
	Others    map[string]string // what somebody else stored meanwhile, by field, in a sentence

	Typed     policyTyped
	Deadline  []choice // units
	Patience  []choice
	Uncertain []choice
}

// policyTyped is what a person typed, field by field.
type policyTyped map[string]string

// Has tells whether a box is ticked.
func (t policyTyped) Has(field string) bool { return t[field] != "" }

func policyFields() []string {
	return []string{
		fieldDeadline, fieldDeadlineUnit, fieldSMS, fieldPatience, fieldPatienceUnit, fieldUncertain,
		fieldQuiet, fieldQuietFrom, fieldQuietUntil, fieldHolidays, fieldUrgentToo,
	}
}

func readPolicyForm(c echo.Context) policyTyped {
	typed := policyTyped{}
	for _, field := range policyFields() {
		typed[field] = strings.TrimSpace(c.FormValue(field))
	}

	return typed
}

func policyTypedOf(policy notification.Policy) policyTyped {
	typed := policyTyped{
		fieldUncertain: string(policy.OnUncertain), fieldQuietFrom: usualQuietFrom.String(), fieldQuietUntil: usualQuietUntil.String(),
	}
	typed[fieldDeadline], typed[fieldDeadlineUnit] = inUnits(policy.IODeadline)
	typed[fieldPatience], typed[fieldPatienceUnit] = inUnits(policy.SMSDeadline)

	tick := func(field string, wanted bool) {
		if wanted {
			typed[field] = ticked
		}
	}

	tick(fieldSMS, policy.FallsBackTo(notification.ChannelSMS))
	tick(fieldQuiet, policy.Quiet.Daily())
	tick(fieldHolidays, policy.Quiet.Holidays)
	tick(fieldUrgentToo, policy.Quiet.UrgentToo)

	if policy.Quiet.Daily() {
		typed[fieldQuietFrom], typed[fieldQuietUntil] = policy.Quiet.From.String(), policy.Quiet.Until.String()
	}

	return typed
}

// unit is a unit of durations that a form offers.
type unit struct {
	name string
	size time.Duration
}

func units() []unit {
	const day = 24 * time.Hour

	return []unit{{"days", day}, {"hours", time.Hour}, {"minutes", time.Minute}, {"seconds", time.Second}}
}

// inUnits writes a duration in the largest unit of which it is a multiple.
func inUnits(d time.Duration) (number, name string) {
	for _, unit := range units() {
		if d%unit.size == 0 && d > 0 {
			return strconv.FormatInt(int64(d/unit.size), 10), unit.name
		}
	}

	return "", "hours"
}

// unitChoices leave seconds out, unless they are chosen: no person needs them.
func unitChoices(taken string, p page) []choice {
	var choices []choice

	for _, unit := range units() {
		if unit.name != "seconds" || taken == unit.name {
			choices = append(choices, choice{Value: unit.name, Label: p.T("delivery.unit." + unit.name), Chosen: taken == unit.name})
		}
	}

	return choices
}

// longestNumber keeps a number of seconds far below what a duration holds.
const longestNumber = 1_000_000

// duration is 0, which is no deadline, for what is no number.
func (t policyTyped) duration(number, name string) time.Duration {
	parsed, err := strconv.Atoi(t[number])
	if err != nil || parsed < 0 || parsed > longestNumber {
		return 0
	}

	for _, unit := range units() {
		if unit.name == t[name] {
			return time.Duration(parsed) * unit.size
		}
	}

	return 0
}

// policy is what was typed, in the use case's words.
func (t policyTyped) policy() (notification.Policy, notification.FieldErrors) {
	policy := notification.Policy{
		IODeadline: t.duration(fieldDeadline, fieldDeadlineUnit), SMSDeadline: t.duration(fieldPatience, fieldPatienceUnit),
		OnUncertain: notification.UncertainAction(t[fieldUncertain]),
		Quiet:       notification.QuietHours{Holidays: t.Has(fieldHolidays), UrgentToo: t.Has(fieldUrgentToo)},
	}

	if t.Has(fieldSMS) {
		policy.Fallback = []notification.Channel{notification.ChannelSMS}
	}

	if !t.Has(fieldQuiet) {
		return policy, nil
	}

	var invalid notification.FieldErrors

	read := func(field, name string) notification.DayTime {
		clock, ok := notification.ParseDayTime(t[field])
		if !ok {
			invalid = append(invalid, notification.FieldError{
				Field: name, Code: "invalid",
				Message: "must be a time of the day, such as 21:00", Messaggio: "deve essere un orario, per esempio 21:00",
			})
		}

		return clock
	}

	policy.Quiet.From, policy.Quiet.Until = read(fieldQuietFrom, "policy.quiet.from"), read(fieldQuietUntil, "policy.quiet.until")
	if invalid == nil && policy.Quiet.From == policy.Quiet.Until {
		invalid = append(invalid, notification.FieldError{
			Field: "policy.quiet.until", Code: "range",
			Message: "must not be the time at which it begins", Messaggio: "non può essere l'orario in cui comincia",
		})
	}

	return policy, invalid
}

func (f *Frontend) editPolicy(c echo.Context) error {
	view, err := f.readConfigurable(c)
	if err != nil {
		return err
	}

	return f.show(c, http.StatusOK, "service_policy.html", f.policyPage(c, &view, policyTypedOf(view.Policy)))
}

func (f *Frontend) policyPage(c echo.Context, view *gateway.ServiceView, typed policyTyped) policyPage {
	p := f.page(c, "delivery.title")

	shown := policyPage{
		page: p, Crumbs: serviceCrumbs(view, p), Heading: p.T("delivery.title"), Action: serviceAddress(view.ID) + "/policy",
		Back: serviceAddress(view.ID), Once: newOnceKey(), Seen: view.Version, Present: view.Policy.Sentence(p.Lang), Typed: typed,
		Deadline: unitChoices(typed[fieldDeadlineUnit], p), Patience: unitChoices(typed[fieldPatienceUnit], p),
		Problems: map[string]string{}, Others: map[string]string{},
	}

	for _, action := range []notification.UncertainAction{
		notification.UncertainHold, notification.UncertainSMS, notification.UncertainResend,
	} {
		shown.Uncertain = append(shown.Uncertain, choice{
			Value: string(action), Label: p.T("delivery.uncertain." + string(action)), Chosen: typed[fieldUncertain] == string(action),
		})
	}

	return shown
}

func (f *Frontend) setPolicy(c echo.Context) error {
	typed, seen, id := readPolicyForm(c), seenVersion(c), c.Param("id")

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			policy, invalid := typed.policy()
			if len(invalid) > 0 {
				return "", append(invalid, notification.CheckPolicy(policy)...)
			}

			return serviceAddress(id), f.gateway.SetServicePolicy(ctx, author, id, seen, policy)
		},
		already: serviceAddress(id), notice: "delivery.saved",
		again: func(status int, invalid notification.FieldErrors) error {
			return f.showPolicyAgain(c, status, seen, typed, invalid)
		},
	})
}

// showPolicyAgain reads the service again: somebody else may have changed it.
func (f *Frontend) showPolicyAgain(
	c echo.Context, status, seen int, typed policyTyped, invalid notification.FieldErrors,
) error {
	view, err := f.readConfigurable(c)
	if err != nil {
		return err
	}

	shown := f.policyPage(c, &view, typed)
	shown.Seen = seen

	var rest []string

	shown.Problems, rest = sortProblems(invalid, map[string]string{
		"policy.io_deadline": fieldDeadline, "policy.sms_deadline": fieldPatience, "policy.on_uncertain": fieldUncertain,
		"policy.quiet.from": fieldQuietFrom, "policy.quiet.until": fieldQuietUntil,
	}, shown.Lang)

	for _, field := range policyFields() {
		if problem := shown.Problems[field]; problem != "" {
			shown.Summary = append(shown.Summary, summaryLine{Field: field, Text: shown.T("delivery.field."+field) + ": " + problem})
		}
	}

	for _, problem := range rest {
		shown.Summary = append(shown.Summary, summaryLine{Text: problem})
	}

	if status == http.StatusConflict {
		shown.overtakenBy(&view)
	}

	return f.show(c, status, "service_policy.html", shown)
}

// overtakenBy tells what is stored by now, where it differs from what was typed.
func (s *policyPage) overtakenBy(view *gateway.ServiceView) {
	s.Overtaken, s.Seen = s.T("registry.overtaken"), view.Version
	stored := policyTypedOf(view.Policy)

	say := func(field, text string, parts ...string) {
		for _, part := range parts {
			if stored[part] != s.Typed[part] {
				s.Others[field] = s.T("registry.others", text)
			}
		}
	}

	yesNo := func(field string) string {
		if stored.Has(field) {
			return s.T("delivery.yes")
		}

		return s.T("delivery.no")
	}

	say(fieldDeadline, notification.DurationWords(view.Policy.IODeadline, s.Lang), fieldDeadline, fieldDeadlineUnit)
	say(fieldPatience, notification.DurationWords(view.Policy.SMSDeadline, s.Lang), fieldPatience, fieldPatienceUnit)
	say(fieldSMS, yesNo(fieldSMS), fieldSMS)
	say(fieldUncertain, s.T("delivery.uncertain."+string(view.Policy.OnUncertain)), fieldUncertain)
	say(fieldHolidays, yesNo(fieldHolidays), fieldHolidays)
	say(fieldUrgentToo, yesNo(fieldUrgentToo), fieldUrgentToo)

	hours := yesNo(fieldQuiet)
	if stored.Has(fieldQuiet) {
		hours = view.Policy.Quiet.From.String() + "–" + view.Policy.Quiet.Until.String()
	}

	say(fieldQuiet, hours, fieldQuiet)

	if stored.Has(fieldQuiet) {
		say(fieldQuiet, hours, fieldQuietFrom, fieldQuietUntil)
	}
}
