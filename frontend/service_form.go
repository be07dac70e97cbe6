package frontend

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// Names of the fields, which are the use cases' too.
const (
	fieldIOServiceID = "io_service_id"
	fieldSMSSender   = "sms_sender"
	fieldCeiling     = "max_payment_cents"
	fieldPrimaryKey  = "primary_key"

	longestServiceID = 64
	longestSender    = 34 // the SID of a Messaging Service
	longestAmount    = 20
)

// serviceTyped is what a person typed about a service.
type serviceTyped struct {
	enteID  string
	data    gateway.ServiceData
	ceiling string // in euro, as it was typed
}

func readServiceForm(c echo.Context) serviceTyped {
	return serviceTyped{
		enteID: c.FormValue(paramEnte), ceiling: strings.TrimSpace(c.FormValue(fieldCeiling)),
		data: gateway.ServiceData{
			Name: strings.TrimSpace(c.FormValue(paramName)), IOServiceID: strings.TrimSpace(c.FormValue(fieldIOServiceID)),
			SMSSender: strings.TrimSpace(c.FormValue(fieldSMSSender)),
		},
	}
}

func typedOf(view *gateway.ServiceView) serviceTyped {
	return serviceTyped{
		enteID: view.EnteID, ceiling: notification.EuroInput(view.MaxPaymentCents),
		data: gateway.ServiceData{
			Name: view.Name, IOServiceID: view.IOServiceID, SMSSender: view.SMSSender, MaxPaymentCents: view.MaxPaymentCents,
		},
	}
}

// complete reads the ceiling. An empty one allows no payment.
func (t serviceTyped) complete() (gateway.ServiceData, error) {
	data := t.data
	if t.ceiling == "" {
		return data, nil
	}

	cents, ok := notification.ParseEuro(t.ceiling)
	if !ok {
		return data, notification.FieldErrors{{
			Field: fieldCeiling, Code: "invalid",
			Message:   "must be an amount in euro with a decimal comma, such as 1500,00",
			Messaggio: "deve essere un importo in euro con la virgola dei decimali, per esempio 1500,00",
		}}
	}

	data.MaxPaymentCents = cents

	return data, nil
}

func (t serviceTyped) fields(p page) []inputField {
	name := p.field(paramName, "service.name", "service.name_hint", t.data.Name)
	name.Required, name.Most = true, longestFormText

	id := p.field(fieldIOServiceID, "service.io_service_id", "service.io_service_id_hint", t.data.IOServiceID)
	id.Most = longestServiceID

	sender := p.field(fieldSMSSender, "service.sms_sender", "service.sms_sender_hint", t.data.SMSSender)
	sender.Most = longestSender

	ceiling := p.field(fieldCeiling, "service.ceiling_field", "service.ceiling_hint", t.ceiling)
	ceiling.Most = longestAmount

	return []inputField{name, id, sender, ceiling}
}

func (f *Frontend) newService(c echo.Context) error {
	typed := serviceTyped{enteID: c.QueryParam(paramEnte), ceiling: notification.EuroInput(0)}

	return f.showNewService(c, http.StatusOK, typed, nil)
}

func (f *Frontend) showNewService(
	c echo.Context, status int, typed serviceTyped, invalid notification.FieldErrors,
) error {
	enti, err := f.enteChoices(c.Request().Context(), actor(c), typed.enteID)
	if err != nil {
		return err
	}

	p := f.page(c, "service.new")

	ente := p.field(paramEnte, "service.ente", "", typed.enteID)
	ente.Choices, ente.Required = enti, true

	key := p.field(fieldPrimaryKey, "service.key.primary", "service.key.hint", "")
	key.Type, key.Required = inputPassword, true

	shown := registryForm{
		page: p, Crumbs: settingsCrumbs(p, crumb{Address: servicesPath, Label: p.T("services.title")}), Heading: p.T("service.new"),
		Lead: p.T("service.new_lead"), Fields: append(append([]inputField{ente}, typed.fields(p)...), key),
		Action: servicesPath, Back: servicesPath, Submit: p.T("service.create"),
	}
	shown.withProblems(invalid)

	return f.showRegistryForm(c, status, shown)
}

func (f *Frontend) createService(c echo.Context) error {
	typed := readServiceForm(c)

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			data, err := typed.complete()
			if err != nil {
				return "", err
			}

			service, err := f.gateway.CreateService(ctx, author, notification.Service{
				EnteID: typed.enteID, Name: data.Name, IOServiceID: data.IOServiceID, SMSSender: data.SMSSender,
				MaxPaymentCents: data.MaxPaymentCents, Policy: notification.DefaultPolicy(),
			}, notification.ServiceKeys{Primary: c.FormValue(fieldPrimaryKey)})

			return serviceAddress(service.ID), err
		},
		already: servicesPath, notice: "service.created",
		again: func(status int, invalid notification.FieldErrors) error {
			return f.showNewService(c, status, typed, invalid)
		},
	})
}

func (f *Frontend) editService(c echo.Context) error {
	view, err := f.readConfigurable(c)
	if err != nil {
		return err
	}

	return f.showRegistryForm(c, http.StatusOK, f.serviceForm(c, &view, typedOf(&view)))
}

func (f *Frontend) serviceForm(c echo.Context, view *gateway.ServiceView, typed serviceTyped) registryForm {
	p := f.page(c, "service.edit")

	return registryForm{
		page: p, Crumbs: serviceCrumbs(view, p), Heading: p.T("service.edit"), Fields: typed.fields(p),
		Action: serviceAddress(view.ID) + "/edit", Back: serviceAddress(view.ID), Submit: p.T("registry.save"), Seen: view.Version,
	}
}

func (f *Frontend) describeService(c echo.Context) error {
	typed, seen, id := readServiceForm(c), seenVersion(c), c.Param("id")

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			data, err := typed.complete()
			if err != nil {
				return "", err
			}

			return serviceAddress(id), f.gateway.DescribeService(ctx, author, id, seen, data)
		},
		already: serviceAddress(id), notice: "registry.saved",
		again: func(status int, invalid notification.FieldErrors) error {
			return f.showServiceAgain(c, status, seen, typed, invalid)
		},
	})
}

// showServiceAgain reads the service again: somebody else may have changed it.
func (f *Frontend) showServiceAgain(
	c echo.Context, status, seen int, typed serviceTyped, invalid notification.FieldErrors,
) error {
	view, err := f.readConfigurable(c)
	if err != nil {
		return err
	}

	shown := f.serviceForm(c, &view, typed)
	shown.Seen = seen
	shown.withProblems(invalid)

	if status == http.StatusConflict {
		shown.overtakenBy(typedOf(&view).fields(shown.page), view.Version)
	}

	return f.showRegistryForm(c, status, shown)
}
