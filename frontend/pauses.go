package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const pausesPath = "/pauses"

func (f *Frontend) mountPauses(r *routes) {
	r.get(pausesPath, gateway.PermissionIntervene, f.pauseList)
	r.post(pausesPath, gateway.PermissionIntervene, f.pause)
	r.get(pausesPath+"/new", gateway.PermissionIntervene, f.newPause)
	r.get(pausesPath+"/:id/lift", gateway.PermissionIntervene, f.confirmLift)
	r.post(pausesPath+"/:id/lift", gateway.PermissionIntervene, f.liftPause)
	r.nothingElse(pausesPath)
}

// pauseBanner tells on every page what is paused.
type pauseBanner struct {
	Text string // what is paused, since when and why
	Lift string // the address where the reader may lift it; empty where that is for others
}

// banners are the pauses in force that concern the reader. A page is shown without them rather than not at all.
func (f *Frontend) banners(c echo.Context, p page) []pauseBanner {
	if f.pausesInForce == nil || p.Account == nil || isFragment(c) {
		return nil
	}

	pauses, err := f.pausesInForce(c.Request().Context(), actor(c))
	if err != nil {
		f.log.Warn("a page is shown without what is paused", zap.Error(err))

		return nil
	}

	var shown []pauseBanner

	for _, pause := range pauses {
		banner := pauseBanner{Text: f.pauseSentence(pause, p)}
		if pause.MayLift {
			banner.Lift = pauseAddress(pause.ID) + "/lift"
		}

		shown = append(shown, banner)
	}

	return shown
}

func (f *Frontend) pauseSentence(pause gateway.PauseView, p page) string {
	text := p.T("pause.sentence", pausedThing(pause, p), f.moment(pause.Since, p.Lang).shortly(), pause.Why)
	if until := f.moment(pause.Until, p.Lang); until.Set {
		text += " " + p.T("pause.until_sentence", until.shortly())
	}

	return text
}

// pausedThing names what is paused.
func pausedThing(pause gateway.PauseView, p page) string {
	switch pause.Scope {
	case notification.PauseChannel:
		return p.T("pause.thing." + string(pause.Channel))
	case notification.PauseEnteChannel:
		return p.T("pause.thing_of_ente."+string(pause.Channel), pause.EnteName)
	case notification.PauseEnte:
		return p.T("pause.thing.ente", pause.EnteName)
	case notification.PauseService:
	}

	return p.T("pause.thing.service", pause.ServiceName, pause.EnteName)
}

func pauseAddress(id string) string { return pausesPath + "/" + url.PathEscape(id) }

// pauseListPage lists the pauses, those in force first.
type pauseListPage struct {
	page
	Rows []pauseRow
}

type pauseRow struct {
	Thing  string
	Status mark
	Why    string
	By     string
	Since  moment
	End    moment
	Lifted string // who lifted it; empty where nobody did
	Lift   string // an address; empty where the reader may not
}

func (f *Frontend) pauseList(c echo.Context) error {
	shown := pauseListPage{page: f.page(c, "pauses.title")}

	pauses, err := f.gateway.Pauses(c.Request().Context(), actor(c))
	if err != nil {
		return fmt.Errorf("listing pauses: %w", err)
	}

	for _, pause := range pauses {
		row := pauseRow{
			Thing: pausedThing(pause, shown.page), Why: pause.Why, By: pause.ByName, Lifted: pause.LiftedByName,
			Since: f.moment(pause.Since, shown.Lang), End: f.moment(pause.End(), shown.Lang),
			Status: mark{Label: shown.T("pause.over"), Icon: iconDone, Tone: toneNeutral},
		}

		if pause.InForce {
			row.Status = mark{Label: shown.T("pause.in_force"), Icon: iconClock, Tone: toneWarning}
		}

		if pause.MayLift {
			row.Lift = pauseAddress(pause.ID) + "/lift"
		}

		shown.Rows = append(shown.Rows, row)
	}

	return f.show(c, http.StatusOK, "pauses.html", shown)
}

// pauseForm asks what to pause and why, and says what that means.
type pauseForm struct {
	page
	Crumbs     []crumb
	Things     []choice
	Hints      map[string]string // by thing
	Enti       []choice          // none for people of one Ente
	Services   []choice
	Why        string
	Day, Clock string
	Once       string
	Problems   map[string]string // whole messages, by field
	Summary    []string
}

// wantedPause is what the form says.
type wantedPause struct {
	thing, ente, service, why, day, clock string
}

func readWantedPause(values url.Values) wantedPause {
	return wantedPause{
		thing: values.Get("thing"), ente: values.Get(paramEnte), service: values.Get(paramService),
		why: strings.TrimSpace(values.Get("why")), day: values.Get("day"), clock: values.Get("clock"),
	}
}

func (f *Frontend) newPause(c echo.Context) error {
	return f.showPauseForm(c, http.StatusOK, readWantedPause(c.QueryParams()), nil)
}

func (f *Frontend) showPauseForm(c echo.Context, status int, wanted wantedPause, problems map[string]string, rest ...string) error {
	ctx, author := c.Request().Context(), actor(c)
	p := f.page(c, "pause.new")
	shown := pauseForm{
		page: p, Crumbs: []crumb{{Address: pausesPath, Label: p.T("pauses.title")}}, Hints: map[string]string{},
		Why: wanted.why, Day: wanted.day, Clock: wanted.clock, Once: newOnceKey(), Problems: problems, Summary: rest,
	}

	for _, thing := range pausable(author) {
		key := strings.ReplaceAll(thing, ":", "_")
		shown.Things = append(shown.Things, choice{Value: thing, Label: p.T("pause.choice." + key), Chosen: thing == wanted.thing})
		shown.Hints[thing] = p.T("pause.hint." + key)
	}

	if author.EnteID == "" {
		known, err := f.gateway.Enti(ctx, author)
		if err != nil {
			return fmt.Errorf("listing the Enti: %w", err)
		}

		for _, ente := range known {
			shown.Enti = append(shown.Enti, choice{Value: ente.ID, Label: ente.Name, Chosen: ente.ID == wanted.ente})
		}
	}

	services, err := f.serviceChoices(ctx, author, wanted.service, everyService)
	if err != nil {
		return err
	}

	shown.Services = services

	return f.show(c, status, "pause_new.html", shown)
}

// pausable are what the author may pause: a channel of the whole gateway only who works across Enti.
func pausable(author gateway.Actor) []string {
	within := []string{paramService, paramEnte, "ente_channel:io", "ente_channel:sms"}
	if author.EnteID != "" {
		return within
	}

	return append([]string{"channel:io", "channel:sms"}, within...)
}

// pause makes the pause that the person confirmed, once for each form.
func (f *Frontend) pause(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	wanted, key, author := readWantedPause(values), values.Get("once"), actor(c)
	p := f.basePage(c.Request(), account(c))

	until, problem := f.readSendAt(sendForm{Day: wanted.day, Clock: wanted.clock})
	if problem != "" {
		return f.showPauseForm(c, http.StatusUnprocessableEntity, wanted, map[string]string{"until": p.T(problem)})
	}

	if !isOnceKey(key) {
		return f.showPauseForm(c, http.StatusUnprocessableEntity, wanted, nil)
	}

	if !f.done.use(author.ID, key) {
		return redirect(c, pausesPath)
	}

	_, err = f.gateway.Pause(c.Request().Context(), author, wanted.wish(until))
	if err != nil {
		f.done.release(author.ID, key)
	}

	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case refused:
		fields, rest := sortProblems(invalid, map[string]string{
			"scope": "thing", "channel": "thing", paramEnte: paramEnte, paramService: paramService, "why": "why", "until": "until",
		}, p.Lang)

		return f.showPauseForm(c, http.StatusUnprocessableEntity, wanted, fields, rest...)
	case errors.Is(err, gateway.ErrState):
		return f.showPauseForm(c, http.StatusUnprocessableEntity, wanted, map[string]string{"thing": p.T("pause.already")})
	case err != nil:
		return fmt.Errorf("pausing: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "pause.done")

	return redirect(c, pausesPath)
}

func (w wantedPause) wish(until time.Time) gateway.PauseWish {
	scope, channel, _ := strings.Cut(w.thing, ":")

	return gateway.PauseWish{
		Scope: notification.PauseScope(scope), Channel: notification.Channel(channel), EnteID: w.ente, ServiceID: w.service,
		Why: w.why, Until: until,
	}
}

func (f *Frontend) readPause(c echo.Context) (gateway.PauseView, error) {
	view, err := f.gateway.PauseByID(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return gateway.PauseView{}, fmt.Errorf("reading a pause: %w", err)
	}

	return view, nil
}

func (f *Frontend) confirmLift(c echo.Context) error {
	view, err := f.readPause(c)
	if err != nil {
		return err
	}

	if !view.InForce {
		f.leaveNotice(c, toneWarning, "pause.too_late")

		return redirect(c, pausesPath)
	}

	p := f.page(c, "pause.lift.title")

	return f.show(c, http.StatusOK, "confirm.html", confirmPage{
		page: p, Crumbs: []crumb{{Address: pausesPath, Label: p.T("pauses.title")}},
		Address: pauseAddress(view.ID), Act: "lift", Tone: tonePrimary, Heading: p.T("pause.lift.title"),
		Text: p.T("pause.lift.text"), Submit: p.T("pause.lift.submit"), Back: p.T("pause.lift.back"), BackTo: pausesPath,
		Facts: named([]fact{
			{Name: "pause.thing_column", Value: pausedThing(view, p)},
			{Name: "pause.since", Value: f.moment(view.Since, p.Lang).String()},
			{Name: "pause.why", Value: view.Why},
			{Name: "pause.by", Value: view.ByName},
		}, p),
		Once: newOnceKey(),
	})
}

func (f *Frontend) liftPause(c echo.Context) error {
	view, err := f.readPause(c)
	if err != nil {
		return err
	}

	author, key := actor(c), c.FormValue("once")

	switch {
	case !isOnceKey(key):
		return echo.NewHTTPError(http.StatusBadRequest)
	case !f.done.use(author.ID, key):
		return redirect(c, pausesPath)
	}

	err = f.gateway.LiftPause(c.Request().Context(), author, view.ID)

	switch {
	case errors.Is(err, gateway.ErrState):
		f.leaveNotice(c, toneWarning, "pause.too_late")
	case err != nil:
		f.done.release(author.ID, key)

		return fmt.Errorf("lifting a pause: %w", err)
	default:
		f.leaveNotice(c, toneSuccess, "pause.lift.done")
	}

	return redirect(c, pausesPath)
}
