package frontend

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// revealPage asks why somebody wants to see a recipient, and shows it once: it is in no address, in no session, and no
// cache keeps the page.
type revealPage struct {
	page
	Crumbs  []crumb
	Address string // of the notification
	Facts   []fact
	Shown   bool // the facts are in clear
	Reason  string
	Problem string // about the reason, a whole sentence
	Least   int    // how long a reason is, in characters
	Most    int
}

func (f *Frontend) askWhyRevealed(c echo.Context) error {
	return f.showReveal(c, http.StatusOK, "", "")
}

func (f *Frontend) showReveal(c echo.Context, status int, reason, problem string) error {
	view, err := f.gateway.Notification(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return fmt.Errorf("reading a notification: %w", err)
	}

	shown := f.revealPage(c, view.ID)
	shown.Reason, shown.Problem = reason, problem
	shown.Facts = recipientFacts(view.MaskedFiscalCode, view.MaskedPhone, shown.page)

	return f.show(c, status, "reveal.html", shown)
}

func (f *Frontend) revealPage(c echo.Context, id string) revealPage {
	p := f.page(c, "reveal.title")

	return revealPage{
		page: p, Address: notificationAddress(id), Least: gateway.MinRevealReason, Most: gateway.MaxRevealReason,
		Crumbs: []crumb{
			{Address: notificationsPath, Label: p.T("list.title")},
			{Address: notificationAddress(id), Label: p.T("detail.breadcrumb")},
		},
	}
}

func recipientFacts(fiscalCode, phone string, p page) []fact {
	facts := []fact{{Name: "list.filter.fiscal_code", Value: fiscalCode, Code: true}}
	if phone != "" {
		facts = append(facts, fact{Name: labelPhone, Value: phone, Code: true})
	}

	return named(facts, p)
}

// reveal shows the recipient in answer to the form itself: coming back to the page asks again, and is noted again.
func (f *Frontend) reveal(c echo.Context) error {
	reason, id := c.FormValue("reason"), c.Param("id")

	recipient, err := f.gateway.Reveal(c.Request().Context(), actor(c), id, reason)
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		return f.showReveal(c, http.StatusUnprocessableEntity, reason, sentence(invalid[0], languageOf(c.Request())))
	}

	if err != nil {
		return fmt.Errorf("revealing a recipient: %w", err)
	}

	shown := f.revealPage(c, id)
	shown.Shown = true
	shown.Facts = recipientFacts(recipient.FiscalCode, recipient.Phone, shown.page)

	return f.show(c, http.StatusOK, "reveal.html", shown)
}
