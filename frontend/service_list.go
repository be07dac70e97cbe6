package frontend

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// serviceListPage lists the services, those of an Ente one after the other.
type serviceListPage struct {
	page
	Crumbs   []crumb
	Rows     []serviceRow
	ShowEnte bool
	MayAdd   bool
}

// serviceRow is a service in a list.
type serviceRow struct {
	Address  string
	Name     string
	Ente     string
	State    mark
	Channels string
	Policy   string // in plain words
	Warning  string // what keeps it from working as the policy says; empty: nothing
}

func serviceAddress(id string) string { return servicesPath + "/" + url.PathEscape(id) }

func (f *Frontend) serviceList(c echo.Context) error {
	ctx, reader := c.Request().Context(), actor(c)

	enti, err := f.gateway.Enti(ctx, reader)
	if err != nil {
		return fmt.Errorf("listing the Enti: %w", err)
	}

	services, err := f.servicesByEnte(ctx, reader)
	if err != nil {
		return err
	}

	p := f.page(c, "services.title")
	shown := serviceListPage{
		page: p, Crumbs: settingsCrumbs(p), ShowEnte: len(enti) > 1, MayAdd: p.May(gateway.PermissionConfigure) && len(enti) > 0,
	}

	for _, ente := range enti {
		for _, service := range services[ente.ID] {
			shown.Rows = append(shown.Rows, newServiceRow(service, ente.Name, ente.Active, p))
		}
	}

	return f.show(c, http.StatusOK, "services.html", shown)
}

func newServiceRow(service notification.Service, enteName string, enteActive bool, p page) serviceRow {
	row := serviceRow{
		Address: serviceAddress(service.ID), Name: service.Name, Ente: enteName, State: serviceMark(service.Active, enteActive, p),
		Channels: channelsOf(service.Policy, p), Policy: service.Policy.Sentence(p.Lang), Warning: serviceWarning(service, p),
	}

	return row
}

func channelsOf(policy notification.Policy, p page) string {
	if policy.FallsBackTo(notification.ChannelSMS) {
		return p.T("services.io_sms")
	}

	return p.T("services.io_only")
}

// serviceWarning tells of an SMS that nobody could send.
func serviceWarning(service notification.Service, p page) string {
	if service.SMSSender == "" && service.Policy.FallsBackTo(notification.ChannelSMS) {
		return p.T("service.no_sender")
	}

	return ""
}

func serviceMark(active, enteActive bool, p page) mark {
	switch {
	case !active:
		return mark{Label: p.T("service.inactive"), Icon: iconMinus, Tone: toneNeutral}
	case !enteActive:
		return mark{Label: p.T("service.ente_inactive"), Icon: iconWarning, Tone: toneWarning}
	}

	return mark{Label: p.T("service.active"), Icon: iconDone, Tone: toneSuccess}
}
