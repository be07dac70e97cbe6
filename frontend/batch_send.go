package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// sendPage says in words what is about to be sent, to how many and when, before it is.
type sendPage struct {
	page
	Crumbs     []crumb
	Address    string // of the batch
	Sentences  []string
	Forecast   []fact
	Check      int
	Once       string
	Day, Clock string
	Include    bool
	Duplicates string // the words of the choice to send duplicates too; empty where there are none
	Submit     string
	Warnings   []string
	Problems   map[string]string // whole messages, by field
	Summary    []string
}

// sendForm is what a person chose about the sending.
type sendForm struct {
	Day, Clock string // as the browser writes them; empty: at once
	Include    bool
}

func (f *Frontend) confirmSending(c echo.Context) error {
	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	if !view.Possible.Confirm {
		return f.batchTooLate(c, view.ID, false)
	}

	return f.showSending(c, http.StatusOK, &view, sendForm{}, nil, nil)
}

func (f *Frontend) showSending(
	c echo.Context, status int, view *gateway.BatchView, form sendForm, problems map[string]string, summary []string,
) error {
	p := f.page(c, "send.title")
	shown := sendPage{
		page: p, Crumbs: batchCrumbs(view, p), Address: batchAddress(view.ID), Sentences: sendSentences(view, p),
		Forecast: forecastFacts(view.Forecast, p), Check: view.Check, Once: newOnceKey(),
		Day: form.Day, Clock: form.Clock, Include: form.Include, Submit: p.N("send.submit", view.Counts.Good),
		Warnings: warnings(view.Counts, p), Problems: problems, Summary: summary,
	}

	if view.Counts.Duplicates > 0 {
		shown.Duplicates = p.N("send.duplicates", view.Counts.Duplicates)
		shown.Submit = p.T("send.submit_some")
	}

	return f.show(c, status, "batch_send.html", shown)
}

// sendSentences are what will happen.
func sendSentences(view *gateway.BatchView, p page) []string {
	sentences := []string{
		p.T("send.what", p.N("send.notifications", view.Counts.Good), view.EnteName, view.ServiceName, view.TemplateName),
		p.T("send.how"),
	}

	if view.Counts.Bad > 0 {
		sentences = append(sentences, p.N("send.bad", view.Counts.Bad))
	}

	return append(sentences, p.T("send.stop"))
}

// sendBatch lets the batch be sent, once for each confirmation.
func (f *Frontend) sendBatch(c echo.Context) error {
	form, err := f.readBatchForm(c, func(p gateway.BatchPossible) bool { return p.Confirm })
	if form == nil {
		return err
	}

	return f.startSending(c, &form.view, form.values)
}

func (f *Frontend) startSending(c echo.Context, view *gateway.BatchView, values url.Values) error {
	form := sendForm{Day: values.Get("day"), Clock: values.Get("clock"), Include: values.Get("duplicates") != ""}

	sendAt, problem := f.readSendAt(form)
	if problem != "" {
		p := f.basePage(c.Request(), account(c))

		return f.showSending(c, http.StatusUnprocessableEntity, view, form, map[string]string{fieldSendAt: p.T(problem)}, nil)
	}

	if view.Counts.Good == 0 && !form.Include {
		p := f.basePage(c.Request(), account(c))

		return f.showSending(c, http.StatusUnprocessableEntity, view, form, nil, []string{p.T("send.nothing")})
	}

	author := actor(c)
	if !f.done.use(author.ID, values.Get("once")) {
		return redirect(c, batchAddress(view.ID))
	}

	err := f.gateway.ConfirmBatch(c.Request().Context(), author, view.ID, gateway.Confirmation{
		SendAt: sendAt, IncludeDuplicates: form.Include, Check: view.Check,
	})
	if err != nil {
		f.done.release(author.ID, values.Get("once"))
	}

	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		problems, summary := sortProblems(invalid, map[string]string{fieldSendAt: fieldSendAt}, languageOf(c.Request()))

		return f.showSending(c, http.StatusUnprocessableEntity, view, form, problems, summary)
	}

	return f.answerSending(c, view.ID, sendAt, err)
}

func (f *Frontend) answerSending(c echo.Context, id string, sendAt time.Time, err error) error {
	switch {
	case err == nil && sendAt.IsZero():
		f.leaveNotice(c, toneSuccess, "send.started")
	case err == nil:
		f.leaveNotice(c, toneSuccess, "send.scheduled")
	case errors.Is(err, gateway.ErrState):
		return f.batchTooLate(c, id, false)
	case errors.Is(err, gateway.ErrUnavailable):
		f.leaveNotice(c, toneDanger, "act.unavailable")
	default:
		return fmt.Errorf("confirming a batch: %w", err)
	}

	return redirect(c, batchAddress(id))
}

// readSendAt reads a day and a time as they are in Italy; the zero time is at once. The problem is a message's key.
func (f *Frontend) readSendAt(form sendForm) (sendAt time.Time, problem string) {
	at, problem := f.italianTime(form.Day, form.Clock)
	if problem == "" && !at.IsZero() && !at.After(f.clock()) {
		return time.Time{}, "send.past"
	}

	return at, problem
}

// italianTime reads a day and a time as they are in Italy; the zero time where both are missing.
func (f *Frontend) italianTime(day, clock string) (at time.Time, problem string) {
	const layout = time.DateOnly + " 15:04"

	switch {
	case day == "" && clock == "":
		return time.Time{}, ""
	case day == "" || clock == "":
		return time.Time{}, "send.half_a_time"
	}

	written := day + " " + clock

	at, err := time.ParseInLocation(layout, written, f.timeZone)
	switch {
	case err != nil:
		return time.Time{}, "send.bad_time"
	case at.Format(layout) != written: // the hour that the change to summer time leaves out
		return time.Time{}, "send.no_such_time"
	}

	return at, ""
}
