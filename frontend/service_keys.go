package frontend

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// keyPanel tells what may be known of a key, and what can be done with it.
type keyPanel struct {
	Slot    string
	Title   string
	Address string
	Present bool
	InUse   bool
	State   string // whether it is there, and since when
	// Tested is what IO said of it; without a label it was not tested.
	Tested   mark
	TestedAt moment
	Advice   string
	Once     string
	OnceUse  string
	Replace  string // the button's text
}

func keyAddress(id string, slot notification.KeySlot) string {
	return serviceAddress(id) + "/keys/" + string(slot)
}

func (f *Frontend) keyPanels(view *gateway.ServiceView, p page) []keyPanel {
	panels := make([]keyPanel, 0, len(view.Keys))

	for _, key := range view.Keys {
		panel := keyPanel{
			Slot: string(key.Slot), Title: p.T("service.key." + string(key.Slot)), Address: keyAddress(view.ID, key.Slot),
			Present: key.Present, InUse: key.InUse, State: f.keyState(key, p), TestedAt: f.moment(key.TestedAt, p.Lang),
			Once: newOnceKey(), OnceUse: newOnceKey(), Replace: p.T("service.key.enter"),
		}

		if key.Present {
			panel.Replace = p.T("service.key.replace")
		}

		if key.Outcome != "" {
			panel.Tested, panel.Advice = outcomeMark(key.Outcome, p), p.T("service.key.advice."+string(key.Outcome))
		}

		panels = append(panels, panel)
	}

	return panels
}

func (f *Frontend) keyState(key gateway.KeyView, p page) string {
	switch {
	case !key.Present:
		return p.T("service.key.absent")
	case key.SetAt.IsZero():
		return p.T("service.key.present")
	case key.Number > 1:
		return p.T("service.key.present_since", f.moment(key.SetAt, p.Lang).String())
	}

	return p.T("service.key.entered_since", f.moment(key.SetAt, p.Lang).String())
}

func outcomeMark(outcome notification.KeyOutcome, p page) mark {
	shown := mark{Label: p.T("service.key.outcome." + string(outcome)), Icon: iconHelp, Tone: toneWarning}

	switch outcome {
	case notification.KeyWorks:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.KeyRefused:
		shown.Icon, shown.Tone = iconFault, toneDanger
	case notification.KeyForbidden:
		shown.Icon = iconWarning
	case notification.KeyNoAnswer:
	}

	return shown
}

// readKey is the service and what may be known of the key in the address.
func (f *Frontend) readKey(c echo.Context) (gateway.ServiceView, gateway.KeyView, error) {
	view, err := f.readConfigurable(c)
	if err != nil {
		return view, gateway.KeyView{}, err
	}

	for _, key := range view.Keys {
		if string(key.Slot) == c.Param("slot") {
			return view, key, nil
		}
	}

	return view, gateway.KeyView{}, gateway.ErrNotFound
}

func (f *Frontend) editKey(c echo.Context) error {
	return f.showKey(c, http.StatusOK, nil)
}

// showKey never gives a key back, not even one that was typed just now.
func (f *Frontend) showKey(c echo.Context, status int, invalid notification.FieldErrors) error {
	view, key, err := f.readKey(c)
	if err != nil {
		return err
	}

	title := "service.key." + string(key.Slot)
	p := f.page(c, title)

	field := p.field(string(key.Slot)+"_key", "service.key.new", "service.key.hint", "")
	field.Type, field.Required = inputPassword, true

	shown := registryForm{
		page: p, Crumbs: serviceCrumbs(&view, p), Heading: p.T(title), Lead: p.T("service.key.lead"), Fields: []inputField{field},
		Action: keyAddress(view.ID, key.Slot), Back: serviceAddress(view.ID), Submit: p.T("service.key.submit"), Seen: key.Number,
	}
	shown.withProblems(invalid)

	if status == http.StatusConflict {
		shown.Overtaken = p.T("service.key.overtaken")
	}

	return f.showRegistryForm(c, status, shown)
}

func (f *Frontend) replaceKey(c echo.Context) error {
	view, key, err := f.readKey(c)
	if err != nil {
		return err
	}

	seen, err := strconv.Atoi(c.FormValue(paramSeen))
	if err != nil {
		seen = -1
	}

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			typed := c.FormValue(string(key.Slot) + "_key")

			return serviceAddress(view.ID), f.gateway.ReplaceServiceKey(ctx, author, view.ID, key.Slot, seen, typed)
		},
		already: serviceAddress(view.ID), notice: "service.key.replaced",
		again: func(status int, invalid notification.FieldErrors) error { return f.showKey(c, status, invalid) },
	})
}

func (f *Frontend) useKey(c echo.Context) error {
	view, key, err := f.readKey(c)
	if err != nil {
		return err
	}

	home := serviceAddress(view.ID)

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			return home, f.gateway.UseServiceKey(ctx, author, view.ID, key.Slot)
		},
		already: home, notice: "service.key.used",
		again: func(int, notification.FieldErrors) error {
			f.leaveNotice(c, toneWarning, "service.key.none")

			return redirect(c, home)
		},
	})
}

// testKey asks IO, and tells on the service's page what it said. Nobody who answers is no reason to lose the page.
func (f *Frontend) testKey(c echo.Context) error {
	view, key, err := f.readKey(c)
	if err != nil {
		return err
	}

	home := serviceAddress(view.ID)

	var (
		outcome notification.KeyOutcome
		unheard bool
	)

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			var err error

			outcome, err = f.gateway.TestServiceKey(ctx, author, view.ID, key.Slot)
			if unheard = errors.Is(err, gateway.ErrUnavailable); unheard {
				err = nil
			}

			return home, err
		},
		already: home,
		told: func() (string, string) {
			if unheard {
				return toneWarning, "service.key.unheard"
			}

			return noticeTone(outcome), "service.key.told." + string(outcome)
		},
		again: func(int, notification.FieldErrors) error {
			f.leaveNotice(c, toneWarning, "service.key.none")

			return redirect(c, home)
		},
	})
}

func noticeTone(outcome notification.KeyOutcome) string {
	switch outcome {
	case notification.KeyWorks:
		return toneSuccess
	case notification.KeyRefused:
		return toneDanger
	case notification.KeyForbidden, notification.KeyNoAnswer:
	}

	return toneWarning
}
