package frontend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// Names of the fields of a citizen's request.
const (
	fieldWhy      = "why"
	fieldOpenOnes = "open_ones"
	fieldForm     = "form"

	formPage = "page"
)

// citizenPage answers a citizen's request: it asks about whom, tells how much is held, and offers what can be done. The fiscal
// code travels in the bodies of forms only.
type citizenPage struct {
	page
	Crumbs     []crumb
	FiscalCode string
	Enti       []choice // nil: the reader works for one
	EnteID     string
	Why        string
	Choice     string
	Problems   map[string]string
	Summary    []string
	Once       string

	// Found is what is held; nil: not asked yet.
	Found *citizenFound
}

// citizenFound is how much is held about a citizen.
type citizenFound struct {
	Sentence string
	Scope    string
	Rows     []citizenRow
	Choices  []choice
	Hints    map[string]string
}

// citizenRow counts the notifications of a status.
type citizenRow struct {
	Status mark
	Count  string
}

// citizenAsked is what a form of the page says.
func citizenAsked(c echo.Context) gateway.ErasureWish {
	return gateway.ErasureWish{
		CitizenWish: gateway.CitizenWish{
			FiscalCode: strings.TrimSpace(c.FormValue("fiscal_code")), EnteID: c.FormValue(paramEnte), Why: strings.TrimSpace(c.FormValue(fieldWhy)),
		},
		OpenOnes: notification.OpenChoice(c.FormValue(fieldOpenOnes)),
	}
}

func (f *Frontend) citizenForm(c echo.Context) error {
	return f.showCitizen(c, http.StatusOK, gateway.ErasureWish{}, false, nil)
}

func (f *Frontend) citizen(c echo.Context) error {
	return f.showCitizen(c, http.StatusOK, citizenAsked(c), true, nil)
}

func (f *Frontend) showCitizen(
	c echo.Context, status int, wish gateway.ErasureWish, asked bool, invalid notification.FieldErrors,
) error {
	ctx, reader := c.Request().Context(), actor(c)
	p := f.page(c, "citizen.title")

	shown := citizenPage{
		page: p, Crumbs: privacyCrumbs(p), FiscalCode: wish.FiscalCode, EnteID: wish.EnteID, Why: wish.Why, Choice: string(wish.OpenOnes),
		Once: newOnceKey(),
	}

	if reader.EnteID == "" {
		enti, err := f.gateway.Enti(ctx, reader)
		if err != nil {
			return fmt.Errorf("listing Enti: %w", err)
		}

		for _, ente := range enti {
			shown.Enti = append(shown.Enti, choice{Value: ente.ID, Label: ente.Name, Chosen: ente.ID == wish.EnteID})
		}
	}

	if asked {
		found, err := f.gateway.Citizen(ctx, reader, wish.CitizenWish)
		if wrong, refused := errors.AsType[notification.FieldErrors](err); refused {
			invalid, status = wrong, http.StatusUnprocessableEntity
		} else if err != nil {
			return fmt.Errorf("looking for what is held about a citizen: %w", err)
		} else {
			shown.Found = newCitizenFound(found, shown.Choice, p)
		}
	}

	shown.Problems, shown.Summary = sortProblems(invalid, map[string]string{
		"fiscal_code": "fiscal_code", fieldWhy: fieldWhy, fieldOpenOnes: fieldOpenOnes,
	}, p.Lang)

	return f.show(c, status, "citizen.html", shown)
}

func newCitizenFound(found gateway.CitizenSummary, chosen string, p page) *citizenFound {
	shown := &citizenFound{
		Sentence: p.N("citizen.found", found.Total), Scope: p.T("citizen.scope.all"), Hints: map[string]string{},
	}

	if found.EnteName != "" {
		shown.Scope = p.T("citizen.scope.ente", found.EnteName)
	}

	for _, status := range notification.Statuses() {
		if total := found.ByStatus[status]; total > 0 {
			shown.Rows = append(shown.Rows, citizenRow{Status: statusMark(status, p.Lang), Count: count(total, p.Lang)})
		}
	}

	for _, one := range notification.OpenChoices() {
		shown.Choices = append(shown.Choices, choice{
			Value: string(one), Label: p.T("citizen.open." + string(one)), Chosen: string(one) == chosen,
		})
		shown.Hints[string(one)] = p.T("citizen.open_hint." + string(one))
	}

	return shown
}

// citizenReportPage is what is held about a citizen, to be read and printed.
type citizenReportPage struct {
	page
	Crumbs []crumb
	Facts  []fact
	More   string // that there is more than is shown
	Items  []citizenReportItem
}

// citizenReportItem is one notification of the report.
type citizenReportItem struct {
	page
	Heading  string
	Facts    []fact
	Message  string
	SMS      string
	Payment  []fact
	Removed  string // in the place of the content
	Attempts []string
	Accesses []string
}

// exportCitizen hands out what is held about a citizen, in answer to the form itself: as a page to print, or as a file.
func (f *Frontend) exportCitizen(c echo.Context) error {
	wish := citizenAsked(c)

	var err error
	if c.FormValue(fieldForm) == formPage {
		err = f.showCitizenReport(c, wish.CitizenWish)
	} else {
		err = f.downloadCitizen(c, wish.CitizenWish)
	}

	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		return f.showCitizen(c, http.StatusUnprocessableEntity, wish, true, invalid)
	}

	return err
}

// downloadCitizen streams the file. Its name says nothing about whom; a fault after its beginning cuts the connection.
func (f *Frontend) downloadCitizen(c echo.Context, wish gateway.CitizenWish) error {
	name := f.basePage(c.Request(), account(c)).T("citizen.file_name") + "-" + f.clock().In(f.timeZone).Format("2006-01-02-1504") + ".json"

	return f.hand(c, name, formatJSON, func(ctx context.Context, w io.Writer, _ gateway.TableFormat) error {
		return f.gateway.ExportCitizen(ctx, actor(c), wish, w)
	})
}

func (f *Frontend) showCitizenReport(c echo.Context, wish gateway.CitizenWish) error {
	dossier, err := f.gateway.CitizenDossier(c.Request().Context(), actor(c), wish)
	if err != nil {
		return fmt.Errorf("reading what is held about a citizen: %w", err)
	}

	p := f.page(c, "citizen.report.title")
	shown := citizenReportPage{page: p, Crumbs: privacyCrumbs(p, crumb{Address: citizenPath, Label: p.T("citizen.title")})}

	ente := dossier.Ente
	if ente == "" {
		ente = p.T("citizen.scope.all")
	}

	shown.Facts = named([]fact{
		{Name: "list.filter.fiscal_code", Value: dossier.FiscalCode, Code: true},
		{Name: labelEnte, Value: ente},
		{Name: "citizen.report.at", Value: f.moment(dossier.GeneratedAt, p.Lang).String()},
		{Name: "citizen.report.total", Value: count(dossier.Total, p.Lang)},
	}, p)

	if dossier.Total > len(dossier.Notifications) {
		shown.More = p.T("citizen.report.more", count(len(dossier.Notifications), p.Lang))
	}

	for i := range dossier.Notifications {
		shown.Items = append(shown.Items, f.citizenReportItem(&dossier.Notifications[i], p))
	}

	return f.show(c, http.StatusOK, "citizen_report.html", shown)
}

func (f *Frontend) citizenReportItem(held *gateway.DossierNotification, p page) citizenReportItem {
	reason := explain(held.Reason, p.Lang)
	item := citizenReportItem{page: p, Heading: f.moment(held.AcceptedAt, p.Lang).Date + " · " + held.Ente + " · " + held.Service}

	facts := []fact{
		{Name: "detail.id", Value: held.ID, Code: true},
		{Name: "detail.reference", Value: held.Reference, Code: true},
		{Name: "detail.status", Value: held.Status.Label(p.Lang)},
		{Name: "list.channel", Value: held.Channel.Label(p.Lang)},
		{Name: "intervention.reason", Value: reason.Message},
		{Name: labelPhone, Value: held.Phone, Code: true},
		{Name: "detail.accepted_at", Value: f.moment(held.AcceptedAt, p.Lang).String()},
		{Name: "citizen.report.settled_at", Value: f.moment(held.SettledAt, p.Lang).String()},
	}
	for _, one := range facts {
		if one.Value != "" {
			item.Facts = append(item.Facts, one)
		}
	}

	item.Facts = named(item.Facts, p)

	if held.Content == nil {
		item.Removed = p.T("detail.content_removed", f.moment(held.RemovedAt, p.Lang).Date)
	} else {
		item.Heading += " · " + held.Content.Subject
		item.Message, item.SMS, item.Payment = held.Content.Markdown, held.Content.SMSText, paymentFacts(held.Content.Payment, p)
	}

	for _, attempt := range held.Attempts {
		item.Attempts = append(item.Attempts, strings.TrimSpace(f.moment(attempt.StartedAt, p.Lang).String()+" · "+
			attempt.Channel.Label(p.Lang)+" · "+p.T("citizen.attempt."+string(attempt.Status))+" "+attempt.ProviderID))
	}

	for _, access := range held.Accesses {
		item.Accesses = append(item.Accesses, f.moment(access.At, p.Lang).String()+" · "+actSentence(access.Act, p)+reasonOf(access))
	}

	return item
}

func reasonOf(access gateway.DossierAccess) string {
	if access.Reason == "" {
		return ""
	}

	return ": " + access.Reason
}

// eraseCitizen begins an erasure that was confirmed.
func (f *Frontend) eraseCitizen(c echo.Context) error {
	wish := citizenAsked(c)

	if c.FormValue("confirmed") == "" {
		p := f.basePage(c.Request(), account(c))

		return f.showCitizen(c, http.StatusUnprocessableEntity, wish, true, notification.FieldErrors{{
			Field: "confirmed", Message: p.T("citizen.not_confirmed"), Messaggio: p.T("citizen.not_confirmed"),
		}})
	}

	return f.carryOut(c, deed{
		act: func(ctx context.Context, author gateway.Actor) (string, error) {
			id, err := f.gateway.StartErasure(ctx, author, wish)

			return erasureAddress(id), err
		},
		already: erasuresPath, notice: "erasure.started",
		again: func(status int, invalid notification.FieldErrors) error {
			return f.showCitizen(c, status, wish, true, invalid)
		},
	})
}
