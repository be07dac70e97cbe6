package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// batchAct is something that a person may do to a batch. Its name is the last part of its address and part of its
// messages' keys: batch.act.NAME.button, .title, .text, .submit and .done.
type batchAct struct {
	name     string
	tone     string // of the button: "primary", "danger" or "secondary"
	possible func(gateway.BatchPossible) bool
	perform  func(ctx context.Context, g Gateway, author gateway.Actor, id string) error
	// after is where the person goes then; nil: to the batch.
	after string
	// offered tells that the page has a button for it among the others.
	offered bool
}

// batchActs are in the order in which the page offers them.
func batchActs() []batchAct {
	return []batchAct{
		{
			name: "sample", tone: toneSecondary,
			possible: func(p gateway.BatchPossible) bool { return p.Sample },
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id string) error {
				return g.SampleBatch(ctx, author, id)
			},
		},
		{
			name: "resume", tone: tonePrimary, offered: true,
			possible: func(p gateway.BatchPossible) bool { return p.Resume },
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id string) error {
				return g.ResumeBatch(ctx, author, id)
			},
		},
		{
			name: "pause", tone: toneSecondary, offered: true,
			possible: func(p gateway.BatchPossible) bool { return p.Pause },
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id string) error {
				return g.PauseBatch(ctx, author, id)
			},
		},
		{
			name: "cancel", tone: toneDanger, offered: true,
			possible: func(p gateway.BatchPossible) bool { return p.Cancel },
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id string) error {
				return g.CancelBatch(ctx, author, id)
			},
		},
		{
			name: "discard", tone: toneDanger, offered: true, after: batchesPath,
			possible: func(p gateway.BatchPossible) bool { return p.Discard },
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id string) error {
				return g.DiscardBatch(ctx, author, id)
			},
		},
	}
}

func batchActNamed(name string) (batchAct, error) {
	for _, act := range batchActs() {
		if act.name == name {
			return act, nil
		}
	}

	return batchAct{}, echo.ErrNotFound
}

func possibleBatchActs(view *gateway.BatchView, p page) []actLink {
	var links []actLink

	for _, act := range batchActs() {
		if act.offered && act.possible(view.Possible) {
			links = append(links, actLink{
				Address: batchAddress(view.ID) + "/" + act.name, Label: p.T("batch.act." + act.name + ".button"), Tone: act.tone,
			})
		}
	}

	return links
}

func (f *Frontend) confirmBatchAct(c echo.Context) error {
	wanted, err := batchActNamed(c.Param("act"))
	if err != nil {
		return err
	}

	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	if !wanted.possible(view.Possible) {
		return f.batchTooLate(c, view.ID, false)
	}

	prefix := "batch.act." + wanted.name
	p := f.page(c, prefix+".title")

	return f.show(c, http.StatusOK, "confirm.html", confirmPage{
		page: p, Crumbs: batchCrumbs(&view, p), Address: batchAddress(view.ID), Act: wanted.name, Tone: wanted.tone,
		Heading: p.T(prefix + ".title"), Text: p.T(prefix + ".text"), Submit: p.T(prefix + ".submit"), Back: p.T("batch.act.back"),
		Facts: named([]fact{
			{Name: "batch.name", Value: view.Name},
			{Name: "batch.service", Value: view.ServiceName},
			{Name: "batch.state", Value: batchMark(view.Status, p).Label},
			{Name: "check.to_send", Value: count(view.Forecast.ToSend, p.Lang)},
		}, p),
		Once: newOnceKey(),
	})
}

// batchCrumbs are the way from the list to what the page is about.
func batchCrumbs(view *gateway.BatchView, p page) []crumb {
	return []crumb{{Address: batchesPath, Label: p.T("batches.title")}, {Address: batchAddress(view.ID), Label: view.Name}}
}

// performBatchAct does what the person confirmed, once for each confirmation.
func (f *Frontend) performBatchAct(c echo.Context) error {
	wanted, err := batchActNamed(c.Param("act"))
	if err != nil {
		return err
	}

	key := c.FormValue("once")
	if !isOnceKey(key) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	author := actor(c)

	switch {
	case !author.MayChange():
		return gateway.ErrForbidden
	case !wanted.possible(view.Possible):
		return f.batchTooLate(c, view.ID, f.done.wasUsed(author.ID, key))
	case !f.done.use(author.ID, key):
		return redirect(c, batchAddress(view.ID))
	}

	err = wanted.perform(c.Request().Context(), f.gateway, author, view.ID)
	if err != nil {
		f.done.release(author.ID, key)
	}

	return f.answerBatchAct(c, wanted, view.ID, err)
}

// answerBatchAct sends the person on, with a word on what came of the act.
func (f *Frontend) answerBatchAct(c echo.Context, done batchAct, id string, err error) error {
	next := batchAddress(id)

	switch {
	case err == nil:
		f.leaveNotice(c, toneSuccess, "batch.act."+done.name+".done")

		if done.after != "" {
			next = done.after
		}
	case errors.Is(err, gateway.ErrState):
		return f.batchTooLate(c, id, false)
	case errors.Is(err, gateway.ErrUnavailable):
		f.leaveNotice(c, toneDanger, "act.unavailable")
	default:
		return fmt.Errorf("doing %s to a batch: %w", done.name, err)
	}

	return redirect(c, next)
}

// batchTooLate tells that the state has changed, unless the form itself has changed it: a second click says nothing.
func (f *Frontend) batchTooLate(c echo.Context, id string, acted bool) error {
	if !acted {
		f.leaveNotice(c, toneWarning, "batch.too_late")
	}

	return redirect(c, batchAddress(id))
}
