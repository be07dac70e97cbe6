package frontend

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// Names of the fields, which are the use cases' too.
const (
	fieldContactName  = "contact.name"
	fieldContactEmail = "contact.email"
	fieldCalls        = "io_calls"
	fieldReason       = "reason"
	fieldAgreement    = "agreement.version"
	fieldSignedOn     = "agreement.signed_on"

	longestFormText = 100
	longestReason   = 300
	longestCode     = 11
)

func (f *Frontend) newEnte(c echo.Context) error {
	return f.showNewEnte(c, http.StatusOK, gateway.EnteData{}, "", nil)
}

func (f *Frontend) showNewEnte(
	c echo.Context, status int, data gateway.EnteData, fiscalCode string, invalid notification.FieldErrors,
) error {
	p := f.page(c, "ente.new")
	code := p.field(fieldFiscalCode, "ente.fiscal_code", "ente.fiscal_code_hint", fiscalCode)
	code.Required, code.Most = true, longestCode

	fields := enteFields(data, true, p)
	shown := registryForm{
		page: p, Crumbs: settingsCrumbs(p, crumb{Address: entiPath, Label: p.T("enti.title")}), Heading: p.T("ente.new"),
		Lead: p.T("ente.new_lead"), Fields: append([]inputField{fields[0], code}, fields[1:]...),
		Action: entiPath, Back: entiPath, Submit: p.T("ente.admit"),
	}
	shown.withProblems(invalid)

	return f.showRegistryForm(c, status, shown)
}

func enteFields(data gateway.EnteData, mayRename bool, p page) []inputField {
	name := p.field(paramName, "ente.name", "ente.name_hint", data.Name)
	name.Required, name.Most, name.Off = true, longestFormText, !mayRename

	contact := p.field(fieldContactName, "ente.contact", "ente.contact_hint", data.Contact.Name)
	contact.Most = longestFormText

	email := p.field(fieldContactEmail, "ente.contact_email", "", data.Contact.Email)
	email.Most, email.Type = longestFormText, "email"

	return []inputField{name, contact, email}
}

func readEnteData(c echo.Context) gateway.EnteData {
	return gateway.EnteData{
		Name: strings.TrimSpace(c.FormValue(paramName)),
		Contact: notification.Contact{
			Name: strings.TrimSpace(c.FormValue(fieldContactName)), Email: strings.TrimSpace(c.FormValue(fieldContactEmail)),
		},
	}
}

func (f *Frontend) admitEnte(c echo.Context) error {
	data, code := readEnteData(c), strings.TrimSpace(c.FormValue(fieldFiscalCode))

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			ente, err := f.gateway.AdmitEnte(ctx, author, data, code)

			return enteAddress(ente.ID), err
		},
		already: entiPath, notice: "ente.admitted",
		again: func(status int, invalid notification.FieldErrors) error {
			return f.showNewEnte(c, status, data, code, invalid)
		},
	})
}

func (f *Frontend) editEnte(c echo.Context) error {
	view, err := f.readEnte(c)
	if err != nil {
		return err
	}

	if !view.MayDescribe {
		return gateway.ErrForbidden
	}

	return f.showRegistryForm(c, http.StatusOK, f.enteForm(c, &view, dataOfEnte(&view)))
}

func dataOfEnte(view *gateway.EnteView) gateway.EnteData {
	return gateway.EnteData{Name: view.Name, Contact: view.Contact}
}

func (f *Frontend) enteForm(c echo.Context, view *gateway.EnteView, data gateway.EnteData) registryForm {
	p := f.page(c, "ente.edit")

	return registryForm{
		page: p, Crumbs: enteCrumbs(view, p), Heading: p.T("ente.edit"), Fields: enteFields(data, view.MayGovern, p),
		Action: enteAddress(view.ID) + "/edit", Back: enteAddress(view.ID), Submit: p.T("registry.save"), Seen: view.Version,
	}
}

func (f *Frontend) describeEnte(c echo.Context) error {
	view, err := f.readEnte(c)
	if err != nil {
		return err
	}

	data, seen := readEnteData(c), seenVersion(c)
	if !view.MayGovern {
		data.Name = view.Name
	}

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			return enteAddress(view.ID), f.gateway.DescribeEnte(ctx, author, view.ID, seen, data)
		},
		already: enteAddress(view.ID), notice: "registry.saved",
		again: func(status int, invalid notification.FieldErrors) error {
			return f.showEnteAgain(c, status, seen, data, invalid)
		},
	})
}

// showEnteAgain reads the Ente again: somebody else may have changed it.
func (f *Frontend) showEnteAgain(
	c echo.Context, status, seen int, data gateway.EnteData, invalid notification.FieldErrors,
) error {
	view, err := f.readEnte(c)
	if err != nil {
		return err
	}

	shown := f.enteForm(c, &view, data)
	shown.Seen = seen
	shown.withProblems(invalid)

	if status == http.StatusConflict {
		shown.overtakenBy(enteFields(dataOfEnte(&view), view.MayGovern, shown.page), view.Version)
	}

	return f.showRegistryForm(c, status, shown)
}

func (f *Frontend) editQuota(c echo.Context) error {
	view, err := f.readEnte(c)
	if err != nil {
		return err
	}

	return f.showQuota(c, http.StatusOK, &view, strconv.Itoa(view.IOCalls), nil)
}

func (f *Frontend) showQuota(
	c echo.Context, status int, view *gateway.EnteView, calls string, invalid notification.FieldErrors,
) error {
	p := f.page(c, "ente.quota_title")

	field := p.field(fieldCalls, "ente.quota_field", "ente.quota_hint", calls)
	field.Type, field.Required = "number", true

	shown := registryForm{
		page: p, Crumbs: enteCrumbs(view, p), Heading: p.T("ente.quota_title"), Lead: p.T("ente.quota_lead"),
		Fields: []inputField{field}, Action: enteAddress(view.ID) + "/quota", Back: enteAddress(view.ID), Submit: p.T("registry.save"),
	}
	shown.withProblems(invalid)

	return f.showRegistryForm(c, status, shown)
}

// setQuota stores a quota. Where Temporal is away it is stored and not in force yet, which is no reason to lose it.
func (f *Frontend) setQuota(c echo.Context) error {
	view, err := f.readEnte(c)
	if err != nil {
		return err
	}

	typed := strings.TrimSpace(c.FormValue(fieldCalls))

	calls, err := strconv.Atoi(typed)
	if err != nil {
		calls = 0
	}

	unheard := false

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			err := f.gateway.SetIOQuota(ctx, author, view.ID, calls)
			if unheard = errors.Is(err, gateway.ErrUnavailable); unheard {
				err = nil
			}

			return enteAddress(view.ID), err
		},
		already: enteAddress(view.ID),
		told: func() (string, string) {
			if unheard {
				return toneWarning, "ente.quota_unheard"
			}

			return toneSuccess, "ente.quota_saved"
		},
		again: func(status int, invalid notification.FieldErrors) error {
			return f.showQuota(c, status, &view, typed, invalid)
		},
	})
}

func enteMoveAddress(id string, to notification.EnteState) string {
	return enteAddress(id) + "/move/" + string(to)
}

func toneOfMove(to notification.EnteState) string {
	switch to {
	case notification.EnteSuspended, notification.EnteLeft:
		return toneDanger
	case notification.EnteRequested, notification.EnteAdhering, notification.EnteActive:
	}

	return tonePrimary
}

// confirmEnteMove says in words what another state will mean, and asks for what it needs.
func (f *Frontend) confirmEnteMove(c echo.Context) error {
	view, err := f.readEnte(c)
	if err != nil {
		return err
	}

	to := notification.EnteState(c.Param("state"))
	if !view.State.MayBecome(to) {
		f.leaveNotice(c, toneWarning, "ente.too_late")

		return redirect(c, enteAddress(view.ID))
	}

	return f.showEnteMove(c, http.StatusOK, &view, gateway.EnteMove{To: to}, nil)
}

func (f *Frontend) showEnteMove(
	c echo.Context, status int, view *gateway.EnteView, move gateway.EnteMove, invalid notification.FieldErrors,
) error {
	prefix := "ente.move." + string(move.To)
	p := f.page(c, prefix+".title")

	shown := registryForm{
		page: p, Crumbs: enteCrumbs(view, p), Heading: p.T(prefix + ".title"), Lead: p.T(prefix + ".text"),
		Facts: named([]fact{
			{Name: "ente.name", Value: view.Name}, {Name: "ente.state", Value: view.State.Label(p.Lang)},
		}, p),
		Action: enteMoveAddress(view.ID, move.To), Back: enteAddress(view.ID), Submit: p.T(prefix + ".submit"),
		Tone: toneOfMove(move.To), Seen: view.Version,
	}

	switch move.To {
	case notification.EnteAdhering:
		version := p.field(fieldAgreement, "ente.agreement_version", "ente.agreement_version_hint", move.Agreement.Version)
		version.Required, version.Most = true, longestFormText

		signed := p.field(fieldSignedOn, "ente.signed_on", "", move.Agreement.SignedOn)
		signed.Required, signed.Type = true, inputDate

		shown.Fields = []inputField{version, signed}
	case notification.EnteSuspended, notification.EnteLeft:
		reason := p.field(fieldReason, "ente.reason", "ente.reason_hint", move.Reason)
		reason.Required, reason.Most = true, longestReason

		shown.Fields = []inputField{reason}
	case notification.EnteRequested, notification.EnteActive:
	}

	shown.withProblems(invalid)

	if status == http.StatusConflict {
		shown.Overtaken = p.T("registry.overtaken")
	}

	return f.showRegistryForm(c, status, shown)
}

func (f *Frontend) moveEnte(c echo.Context) error {
	move := gateway.EnteMove{
		To: notification.EnteState(c.Param("state")), Reason: strings.TrimSpace(c.FormValue(fieldReason)),
		Agreement: notification.Agreement{Version: strings.TrimSpace(c.FormValue(fieldAgreement)), SignedOn: c.FormValue(fieldSignedOn)},
	}
	id, seen := c.Param("id"), seenVersion(c)

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			return enteAddress(id), f.gateway.MoveEnte(ctx, author, id, seen, move)
		},
		already: enteAddress(id), notice: "ente.moved." + string(move.To),
		again: func(status int, invalid notification.FieldErrors) error {
			view, err := f.readEnte(c)
			if err != nil {
				return err
			}

			if !view.State.MayBecome(move.To) {
				f.leaveNotice(c, toneWarning, "ente.too_late")

				return redirect(c, enteAddress(id))
			}

			return f.showEnteMove(c, status, &view, move, invalid)
		},
	})
}

// day writes a day such as 2026-11-26 as people of the language write it.
func day(text string, lang notification.Lang) string {
	parsed, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}

	return parsed.Format(dateLayout(lang))
}
