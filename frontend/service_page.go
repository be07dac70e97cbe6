package frontend

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// servicePage shows one service.
type servicePage struct {
	page
	Crumbs    []crumb
	Address   string
	Name      string
	State     mark
	Text      string // what the state means
	Switch    *actLink
	Data      []fact
	Policy    string
	Warning   string
	Keys      []keyPanel
	MayChange bool
}

func (f *Frontend) service(c echo.Context) error {
	view, err := f.readService(c)
	if err != nil {
		return err
	}

	return f.show(c, http.StatusOK, "service.html", f.servicePage(c, &view))
}

func (f *Frontend) servicePage(c echo.Context, view *gateway.ServiceView) servicePage {
	p := f.page(c, "services.title")
	p.Title = view.Name

	shown := servicePage{
		page: p, Crumbs: settingsCrumbs(p, crumb{Address: servicesPath, Label: p.T("services.title")}), Address: serviceAddress(view.ID),
		Name: view.Name, State: serviceMark(view.Active, view.EnteActive, p), Text: p.T("service.state.active"),
		Data: serviceFacts(view, p), Policy: view.Policy.Sentence(p.Lang), Warning: serviceWarning(view.Service, p),
		Keys: f.keyPanels(view, p), MayChange: view.MayConfigure,
	}

	switch {
	case !view.Active:
		shown.Text = p.T("service.state.inactive")
	case !view.EnteActive:
		shown.Text = p.T("service.state.ente_inactive")
	}

	if view.MayConfigure {
		change := switchOf(view)
		shown.Switch = &actLink{Address: shown.Address + "/switch", Label: p.T("service." + change.name + ".button"), Tone: change.tone}
	}

	return shown
}

func serviceFacts(view *gateway.ServiceView, p page) []fact {
	ceiling := p.T("service.no_payments")
	if view.MaxPaymentCents > 0 {
		ceiling = amount(view.MaxPaymentCents, p.Lang)
	}

	return named([]fact{
		{Name: "service.ente", Value: view.EnteName, Address: enteAddress(view.EnteID)},
		{Name: "service.io_service_id", Value: orDash(view.IOServiceID), Code: view.IOServiceID != ""},
		{Name: "service.sms_sender", Value: orDash(view.SMSSender)},
		{Name: "service.ceiling", Value: ceiling},
		{Name: "service.id", Value: view.ID, Code: true},
	}, p)
}

func (f *Frontend) readService(c echo.Context) (gateway.ServiceView, error) {
	view, err := f.gateway.Service(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return gateway.ServiceView{}, fmt.Errorf("reading a service: %w", err)
	}

	return view, nil
}

// readConfigurable is a service that the person may change.
func (f *Frontend) readConfigurable(c echo.Context) (gateway.ServiceView, error) {
	view, err := f.readService(c)
	if err == nil && !view.MayConfigure {
		err = gateway.ErrForbidden
	}

	return view, err
}

func serviceCrumbs(view *gateway.ServiceView, p page) []crumb {
	return settingsCrumbs(p,
		crumb{Address: servicesPath, Label: p.T("services.title")}, crumb{Address: serviceAddress(view.ID), Label: view.Name})
}

// serviceSwitch is the one of deactivating and activating that is possible.
type serviceSwitch struct {
	name   string // the part of its messages' keys
	tone   string
	active bool
}

func switchOf(view *gateway.ServiceView) serviceSwitch {
	if view.Active {
		return serviceSwitch{name: "deactivate", tone: toneDanger}
	}

	return serviceSwitch{name: "activate", tone: tonePrimary, active: true}
}

func (f *Frontend) confirmSwitch(c echo.Context) error {
	view, err := f.readConfigurable(c)
	if err != nil {
		return err
	}

	change := switchOf(&view)
	prefix := "service." + change.name
	p := f.page(c, prefix+".title")

	return f.show(c, http.StatusOK, "confirm.html", confirmPage{
		page: p, Crumbs: serviceCrumbs(&view, p), Address: serviceAddress(view.ID), Act: "switch", Tone: change.tone,
		Heading: p.T(prefix + ".title"), Text: p.T(prefix + ".text"), Submit: p.T(prefix + ".submit"), Back: p.T("service.back"),
		Facts: named([]fact{{Name: "service.name", Value: view.Name}, {Name: "service.ente", Value: view.EnteName}}, p),
		Once:  newOnceKey(), About: change.name,
	})
}

// switchService does what the page said that it would, or nothing where somebody else did so before.
func (f *Frontend) switchService(c echo.Context) error {
	view, err := f.readConfigurable(c)
	if err != nil {
		return err
	}

	asked, home := c.FormValue("about"), serviceAddress(view.ID)

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			change := switchOf(&view)
			if change.name != asked {
				return home, gateway.ErrState
			}

			return home, f.gateway.SwitchService(ctx, author, view.ID, change.active)
		},
		already: home, notice: "service." + asked + ".done",
		again: func(int, notification.FieldErrors) error {
			f.leaveNotice(c, toneWarning, "service.too_late")

			return redirect(c, home)
		},
	})
}
