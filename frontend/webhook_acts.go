package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	actSwitchOn  = "switch_on"
	actSwitchOff = "switch_off"
	actRemove    = "remove"
)

func toneOfWebhookAct(name string) string {
	if name == actSwitchOff || name == actRemove {
		return toneDanger
	}

	return tonePrimary
}

// webhookActNamed is what a confirmation leads to.
func (f *Frontend) webhookActNamed(name string) (func(ctx context.Context, author gateway.Actor, id string) error, error) {
	switch name {
	case "test":
		return func(ctx context.Context, author gateway.Actor, id string) error {
			_, err := f.gateway.TestWebhook(ctx, author, id)

			return err //nolint:wrapcheck // the caller says what was being done.
		}, nil
	case actSwitchOn, actSwitchOff:
		return func(ctx context.Context, author gateway.Actor, id string) error {
			return f.gateway.SwitchWebhook(ctx, author, id, name == actSwitchOn)
		}, nil
	case actRemove:
		return f.gateway.RemoveWebhook, nil
	}

	return nil, echo.ErrNotFound
}

func (f *Frontend) webhookConfirmation(c echo.Context, w gateway.Webhook, act string) confirmPage {
	prefix := "webhook." + act
	p := f.page(c, prefix+".title")

	return confirmPage{
		page: p, Address: webhookAddress(w.ID), Act: act, Tone: toneOfWebhookAct(act),
		Crumbs:  append(webhookCrumbs(w, actor(c), p), crumb{Address: webhookAddress(w.ID), Label: p.T("webhook.breadcrumb")}),
		Heading: p.T(prefix + ".title"), Text: p.T(prefix + ".text"), Submit: p.T(prefix + ".submit"), Back: p.T("webhook.back"),
		Facts: f.webhookFacts(w, p), Hints: map[string]string{}, Once: newOnceKey(),
	}
}

func (f *Frontend) confirmWebhookAct(c echo.Context) error {
	if _, err := f.webhookActNamed(c.Param("act")); err != nil {
		return err
	}

	read, err := f.readWebhook(c)
	if err != nil {
		return err
	}

	return f.show(c, http.StatusOK, "confirm.html", f.webhookConfirmation(c, read, c.Param("act")))
}

func (f *Frontend) performWebhookAct(c echo.Context) error {
	name := c.Param("act")

	act, err := f.webhookActNamed(name)
	if err != nil {
		return err
	}

	read, err := f.readWebhook(c)
	if err != nil {
		return err
	}

	back := webhookAddress(read.ID)
	if name == actRemove {
		back = ofEnte(webhooksPath, actor(c), read.EnteID)
	}

	return f.performOnce(c, back, "webhook."+name+".done", func(ctx context.Context, author gateway.Actor) error {
		return act(ctx, author, read.ID)
	})
}

// performOnce does something that was confirmed, once, and leads back with a notice.
func (f *Frontend) performOnce(c echo.Context, back, done string, do func(ctx context.Context, author gateway.Actor) error) error {
	once, author := c.FormValue("once"), actor(c)

	switch {
	case !isOnceKey(once):
		return echo.NewHTTPError(http.StatusBadRequest)
	case !f.done.use(author.ID, once):
		return redirect(c, back)
	}

	err := do(c.Request().Context(), author)

	switch {
	case err == nil:
		f.leaveNotice(c, toneSuccess, done)
	case errors.Is(err, gateway.ErrState):
		f.leaveNotice(c, toneWarning, "webhook.too_late")
	default:
		f.done.release(author.ID, once)

		return fmt.Errorf("acting on a webhook: %w", err)
	}

	return redirect(c, back)
}

func (f *Frontend) confirmWebhookRotation(c echo.Context) error {
	read, err := f.readWebhook(c)
	if err != nil {
		return err
	}

	return f.showWebhookRotation(c, http.StatusOK, read, "")
}

func (f *Frontend) showWebhookRotation(c echo.Context, status int, w gateway.Webhook, problem string) error {
	shown := f.webhookConfirmation(c, w, "rotate")
	shown.Question, shown.Problem = shown.T("webhook.rotate.question"), problem

	for _, overlap := range gateway.Overlaps() {
		name := overlapName(overlap)
		shown.Choices = append(shown.Choices, choice{Value: name, Label: shown.T("api_key.rotate.choice." + name)})
		shown.Hints[name] = shown.T("webhook.rotate.hint", f.moment(f.clock().Add(overlap), shown.Lang).shortly())
	}

	return f.show(c, status, "confirm.html", shown)
}

func (f *Frontend) rotateWebhook(c echo.Context) error {
	once, author := c.FormValue("once"), actor(c)
	if !isOnceKey(once) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	read, err := f.readWebhook(c)
	if err != nil {
		return err
	}

	if !f.done.use(author.ID, once) {
		f.leaveNotice(c, toneWarning, "webhook.made_already")

		return redirect(c, webhookAddress(read.ID))
	}

	rotated, secret, err := f.gateway.RotateWebhookSecret(c.Request().Context(), author, read.ID, overlapNamed(c.FormValue("choice")))
	_, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case err == nil:
		return f.showWebhookSecret(c, rotated, secret, "webhook.rotated")
	case refused:
		return f.showWebhookRotation(c, http.StatusUnprocessableEntity, read, "act.choose")
	case errors.Is(err, gateway.ErrState):
		f.leaveNotice(c, toneWarning, "webhook.too_late")

		return redirect(c, webhookAddress(read.ID))
	}

	f.done.release(author.ID, once)

	return fmt.Errorf("rotating the secret of a webhook: %w", err)
}

// readDelivery reads a delivery of the webhook in the address.
func (f *Frontend) readDelivery(c echo.Context) (gateway.Webhook, notification.WebhookDelivery, error) {
	read, err := f.readWebhook(c)
	if err != nil {
		return read, notification.WebhookDelivery{}, err
	}

	told, err := f.gateway.WebhookDelivery(c.Request().Context(), actor(c), c.Param("delivery"))
	if err != nil {
		return read, told, fmt.Errorf("reading a delivery: %w", err)
	}

	if told.WebhookID != read.ID {
		return read, told, echo.ErrNotFound
	}

	return read, told, nil
}

func (f *Frontend) confirmRetelling(c echo.Context) error {
	read, told, err := f.readDelivery(c)
	if err != nil {
		return err
	}

	shown := f.webhookConfirmation(c, read, "retell")
	shown.Address += "/deliveries/" + url.PathEscape(told.ID)
	shown.BackTo = webhookAddress(read.ID)
	shown.Facts = append(shown.Facts, named([]fact{
		{Name: "webhook.event", Value: deliveryEvent(told, shown.page)},
		{Name: "webhook.delivery_state", Value: shown.T("webhook.delivery." + string(told.State))},
		{Name: "webhook.answer_title", Value: deliveryAnswer(told, shown.page)},
		{Name: "webhook.delivery_id", Value: told.ID, Code: true},
	}, shown.page)...)

	return f.show(c, http.StatusOK, "confirm.html", shown)
}

func (f *Frontend) retell(c echo.Context) error {
	read, told, err := f.readDelivery(c)
	if err != nil {
		return err
	}

	return f.performOnce(c, webhookAddress(read.ID), "webhook.retell.done", func(ctx context.Context, author gateway.Actor) error {
		return f.gateway.RetellWebhook(ctx, author, told.ID)
	})
}
