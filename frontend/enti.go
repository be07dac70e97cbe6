package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// enteListPage lists the Enti.
type enteListPage struct {
	page
	Crumbs []crumb
	Rows   []enteRow
	MayAdd bool
}

type enteRow struct {
	Address    string
	Name       string
	FiscalCode string
	State      mark
	Since      moment
	Services   string
	Quota      string
}

func enteAddress(id string) string { return entiPath + "/" + url.PathEscape(id) }

func (f *Frontend) enteList(c echo.Context) error {
	ctx, reader := c.Request().Context(), actor(c)

	enti, err := f.gateway.Enti(ctx, reader)
	if err != nil {
		return fmt.Errorf("listing the Enti: %w", err)
	}

	numbers, err := f.servicesByEnte(ctx, reader)
	if err != nil {
		return err
	}

	p := f.page(c, "enti.title")
	shown := enteListPage{page: p, Crumbs: settingsCrumbs(p), MayAdd: p.May(gateway.PermissionGovern)}

	for _, ente := range enti {
		shown.Rows = append(shown.Rows, enteRow{
			Address: enteAddress(ente.ID), Name: ente.Name, FiscalCode: ente.FiscalCode, State: enteMark(ente.State, p.Lang),
			Since: f.moment(ente.StateSince, p.Lang), Services: count(len(numbers[ente.ID]), p.Lang),
			Quota: p.T("enti.quota_value", count(ente.IOCalls, p.Lang)),
		})
	}

	return f.show(c, http.StatusOK, "enti.html", shown)
}

func (f *Frontend) servicesByEnte(ctx context.Context, reader gateway.Actor) (map[string][]notification.Service, error) {
	services, err := f.gateway.Services(ctx, reader)
	if err != nil {
		return nil, fmt.Errorf("listing the services: %w", err)
	}

	grouped := map[string][]notification.Service{}
	for _, service := range services {
		grouped[service.EnteID] = append(grouped[service.EnteID], service)
	}

	return grouped, nil
}

func enteMark(state notification.EnteState, lang notification.Lang) mark {
	shown := mark{Label: state.Label(lang), Icon: iconInfo, Tone: toneNeutral}

	switch state {
	case notification.EnteRequested:
		shown.Icon, shown.Tone = iconWaiting, toneInfo
	case notification.EnteAdhering:
		shown.Icon, shown.Tone = iconRefresh, toneInfo
	case notification.EnteActive:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case notification.EnteSuspended:
		shown.Icon, shown.Tone = iconWarning, toneWarning
	case notification.EnteLeft:
		shown.Icon = iconEnded
	}

	return shown
}

// entePage shows one Ente.
type entePage struct {
	page
	Crumbs   []crumb
	Name     string
	State    mark
	Since    moment
	Reason   string
	Text     string // what the state means
	Moves    []actLink
	Data     []fact
	Edit     string // the address; empty where the reader may not
	Quota    []fact
	SetQuota string // the address; empty where the reader may not
	// Retention is for how long the Ente's notifications stay.
	Retention    []fact
	SetRetention string       // the address; empty where the reader may not
	Rows         []serviceRow // of services
	ShowEnte     bool
	Add          string // the address at which a service is added; empty where the reader may not
}

func (f *Frontend) ente(c echo.Context) error {
	view, err := f.readEnte(c)
	if err != nil {
		return err
	}

	services, err := f.servicesByEnte(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}

	p := f.page(c, "enti.title")
	p.Title = view.Name

	shown := entePage{
		page: p, Crumbs: settingsCrumbs(p, crumb{Address: entiPath, Label: p.T("enti.title")}), Name: view.Name,
		State: enteMark(view.State, p.Lang), Since: f.moment(view.StateSince, p.Lang), Reason: view.StateReason,
		Text: p.T("ente.state." + string(view.State)), Data: enteFacts(&view, p),
		Quota:     named([]fact{{Name: "ente.quota", Value: p.T("enti.quota_value", count(view.IOCalls, p.Lang))}}, p),
		Retention: retentionFacts(view.Retention, p),
	}

	if view.MayDescribe {
		shown.Edit = enteAddress(view.ID) + "/edit"
		shown.Add = servicesPath + "/new?" + url.Values{paramEnte: {view.ID}}.Encode()
	}

	if view.MayGovern {
		shown.SetQuota = enteAddress(view.ID) + "/quota"
		shown.SetRetention = enteAddress(view.ID) + "/retention"
	}

	for _, next := range view.Next {
		shown.Moves = append(shown.Moves, actLink{
			Address: enteMoveAddress(view.ID, next), Label: p.T("ente.move." + string(next) + ".button"), Tone: toneOfMove(next),
		})
	}

	for _, service := range services[view.ID] {
		shown.Rows = append(shown.Rows, newServiceRow(service, "", view.Active, p))
	}

	return f.show(c, http.StatusOK, "ente.html", shown)
}

func enteFacts(view *gateway.EnteView, p page) []fact {
	facts := []fact{
		{Name: "ente.fiscal_code", Value: view.FiscalCode, Code: true},
		{Name: "ente.contact", Value: orDash(view.Contact.Name)},
	}

	if view.Contact.Email != "" {
		facts = append(facts, fact{Name: "ente.contact_email", Value: view.Contact.Email, Address: "mailto:" + view.Contact.Email})
	}

	if view.Agreement.Version != "" {
		facts = append(facts, fact{
			Name: "ente.agreement", Value: p.T("ente.agreement_value", view.Agreement.Version, day(view.Agreement.SignedOn, p.Lang)),
		})
	}

	return named(facts, p)
}

func (f *Frontend) readEnte(c echo.Context) (gateway.EnteView, error) {
	view, err := f.gateway.Ente(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return gateway.EnteView{}, fmt.Errorf("reading an Ente: %w", err)
	}

	return view, nil
}

func enteCrumbs(view *gateway.EnteView, p page) []crumb {
	return settingsCrumbs(p, crumb{Address: entiPath, Label: p.T("enti.title")}, crumb{Address: enteAddress(view.ID), Label: view.Name})
}
