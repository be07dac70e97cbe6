package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const paramURL = "url"

// webhookFormPage is the form of a webhook.
type webhookFormPage struct {
	page
	Crumbs  []crumb
	Heading string
	Action  string
	Back    string
	IsNew   bool
	EnteID  string
	Enti    []choice // only where the author has to say whose it is to be
	Choices []choice // services
	URL     string
	Seen    int
	Once    string
	// Problems are by field; Summary has the others.
	Problems  map[string]string
	Summary   []string
	Overtaken bool // somebody else changed it meanwhile
}

func (f *Frontend) newWebhook(c echo.Context) error {
	ente, _, err := f.chosenEnte(c.Request().Context(), actor(c), c.QueryParam(paramEnte))
	if err != nil {
		return err
	}

	return f.showNewWebhook(c, http.StatusOK, gateway.WebhookWish{EnteID: ente}, nil)
}

func (f *Frontend) showNewWebhook(c echo.Context, status int, wish gateway.WebhookWish, invalid notification.FieldErrors) error {
	ctx, author := c.Request().Context(), actor(c)

	_, enti, err := f.chosenEnte(ctx, author, wish.EnteID)
	if err != nil {
		return err
	}

	p := f.page(c, "webhook.new")
	list := ofEnte(webhooksPath, author, wish.EnteID)
	shown := webhookFormPage{
		page: p, Crumbs: settingsCrumbs(p, crumb{Address: list, Label: p.T("webhooks.title")}), Heading: p.Title, Action: webhooksPath,
		Back: list, IsNew: true, EnteID: wish.EnteID, Enti: enti, URL: wish.URL, Once: newOnceKey(),
		Choices: []choice{{Label: p.T("webhook.every_service"), Chosen: wish.ServiceID == ""}},
	}

	services, err := f.keyServices(ctx, author, apiKeyForm{EnteID: wish.EnteID, Services: []string{wish.ServiceID}})
	if err != nil {
		return err
	}

	shown.Choices = append(shown.Choices, services...)
	shown.Problems, shown.Summary = sortProblems(invalid, webhookFields(), p.Lang)

	return f.show(c, status, "webhook_form.html", shown)
}

// webhookFields are the form's names of the use case's fields.
func webhookFields() map[string]string {
	return map[string]string{paramURL: paramURL, "service_id": paramService}
}

func (f *Frontend) addWebhook(c echo.Context) error {
	once, author := c.FormValue("once"), actor(c)
	if !isOnceKey(once) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	wish := gateway.WebhookWish{EnteID: c.FormValue(paramEnte), ServiceID: c.FormValue(paramService), URL: c.FormValue(paramURL)}
	if author.EnteID != "" {
		wish.EnteID = author.EnteID
	}

	if !f.done.use(author.ID, once) {
		f.leaveNotice(c, toneWarning, "webhook.made_already")

		return redirect(c, ofEnte(webhooksPath, author, wish.EnteID))
	}

	added, secret, err := f.gateway.AddWebhook(c.Request().Context(), author, wish)
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		return f.showNewWebhook(c, http.StatusUnprocessableEntity, wish, invalid)
	}

	if err != nil {
		f.done.release(author.ID, once)

		return fmt.Errorf("adding a webhook: %w", err)
	}

	return f.showWebhookSecret(c, added, secret, "webhook.created")
}

// webhookSecretPage shows a secret, this once.
type webhookSecretPage struct {
	page
	Crumbs  []crumb
	Lead    string
	Secret  string
	Address string
	Facts   []fact
}

// showWebhookSecret answers the very request that made the secret: no address leads to it.
func (f *Frontend) showWebhookSecret(c echo.Context, w gateway.Webhook, secret, lead string) error {
	p := f.page(c, "webhook.secret_title")

	return f.show(c, http.StatusOK, "webhook_secret.html", webhookSecretPage{
		page: p, Crumbs: webhookCrumbs(w, actor(c), p), Lead: p.T(lead), Secret: secret, Address: webhookAddress(w.ID),
		Facts: f.webhookFacts(w, p),
	})
}

func (f *Frontend) editWebhook(c echo.Context) error {
	read, err := f.readWebhook(c)
	if err != nil {
		return err
	}

	return f.showWebhookForm(c, http.StatusOK, read, read.URL, nil, false)
}

func (f *Frontend) showWebhookForm(
	c echo.Context, status int, w gateway.Webhook, address string, invalid notification.FieldErrors, overtaken bool,
) error {
	p := f.page(c, "webhook.edit.title")
	shown := webhookFormPage{
		page: p, Heading: p.Title, Action: webhookAddress(w.ID), Back: webhookAddress(w.ID), URL: address, Seen: w.Version,
		Crumbs: append(webhookCrumbs(w, actor(c), p), crumb{Address: webhookAddress(w.ID), Label: p.T("webhook.breadcrumb")}),
		Once:   newOnceKey(), Overtaken: overtaken,
	}
	shown.Problems, shown.Summary = sortProblems(invalid, webhookFields(), p.Lang)

	return f.show(c, status, "webhook_form.html", shown)
}

// moveWebhook changes the address. Where somebody else changed the webhook meanwhile, nothing that was typed is lost.
func (f *Frontend) moveWebhook(c echo.Context) error {
	read, err := f.readWebhook(c)
	if err != nil {
		return err
	}

	once, author, address := c.FormValue("once"), actor(c), c.FormValue(paramURL)
	seen, err := strconv.Atoi(c.FormValue(paramSeen))

	switch {
	case err != nil, !isOnceKey(once):
		return echo.NewHTTPError(http.StatusBadRequest)
	case f.done.wasUsed(author.ID, once):
		return redirect(c, webhookAddress(read.ID))
	}

	err = f.gateway.MoveWebhook(c.Request().Context(), author, read.ID, seen, address)
	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case err == nil:
		f.done.use(author.ID, once)
		f.leaveNotice(c, toneSuccess, "webhook.moved")

		return redirect(c, webhookAddress(read.ID))
	case refused:
		return f.showWebhookForm(c, http.StatusUnprocessableEntity, read, address, invalid, false)
	case errors.Is(err, gateway.ErrState):
		return f.showWebhookForm(c, http.StatusConflict, read, address, nil, true)
	}

	return fmt.Errorf("moving a webhook: %w", err)
}
