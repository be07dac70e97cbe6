package frontend

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// confirmPage says in words what is about to happen, before it does. It is a page of its own, so that it
// works without JavaScript and reads well aloud.
type confirmPage struct {
	page
	Crumbs  []crumb
	Address string // of what the act is about
	Act     string
	Tone    string
	Heading string
	Text    string
	Submit  string
	Back    string
	// BackTo is where Back leads; empty: to Address.
	BackTo  string
	Facts   []fact
	Choices []choice
	Hints   map[string]string // by choice
	Once    string
	About   string
	// Question stands above the choices.
	Question string
	Problem  string // a message's key
}

// crumb is a step of the way from the main navigation to a page.
type crumb struct {
	Address string
	Label   string
}

func (f *Frontend) confirm(c echo.Context) error {
	wanted, err := actNamed(c.Param("act"))
	if err != nil {
		return err
	}

	view, err := f.gateway.Notification(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return fmt.Errorf("reading a notification: %w", err)
	}

	if !wanted.possible(view.Possible) {
		f.leaveNotice(c, toneWarning, "act.too_late")

		return redirect(c, notificationAddress(view.ID))
	}

	return f.showConfirmation(c, http.StatusOK, wanted, &view, "")
}

func (f *Frontend) showConfirmation(c echo.Context, status int, wanted act, view *gateway.View, problem string) error {
	prefix := "act." + wanted.name
	p := f.page(c, prefix+".title")

	shown := confirmPage{
		page: p, Crumbs: []crumb{
			{Address: notificationsPath, Label: p.T("list.title")},
			{Address: notificationAddress(view.ID), Label: p.T("detail.breadcrumb")},
		},
		Address: notificationAddress(view.ID), Act: wanted.name, Tone: wanted.tone,
		Heading: p.T(prefix + ".title"), Text: p.T(prefix + ".text"), Submit: p.T(prefix + ".submit"),
		Back: p.T("act.back"), Question: p.T(prefix + ".question"),
		Facts: named([]fact{
			{Name: "detail.subject", Value: view.Content.Subject},
			{Name: "detail.recipient", Value: view.MaskedFiscalCode},
			{Name: "detail.service", Value: view.ServiceName},
			{Name: "detail.status", Value: view.Status.Label(p.Lang)},
		}, p),
		Once: newOnceKey(), About: wanted.aboutOf(view), Problem: problem, Hints: map[string]string{},
	}

	if wanted.choices != nil {
		offered := wanted.choices(view, actor(c))
		for _, name := range offered {
			if len(offered) > 1 {
				shown.Choices = append(shown.Choices, choice{Value: name, Label: p.T(prefix + ".choice." + name)})
				shown.Hints[name] = p.T(prefix + ".hint." + name)
			}
		}
	}

	return f.show(c, status, "confirm.html", shown)
}
