package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	webhooksPath = "/webhooks"
	paramState   = "state"
)

// WebhookGateway is what the pages ask of the use cases of webhooks.
type WebhookGateway interface {
	Webhooks(ctx context.Context, actor gateway.Actor, enteID string) ([]gateway.Webhook, error)
	Webhook(ctx context.Context, actor gateway.Actor, id string) (gateway.Webhook, error)
	WebhookDeliveries(
		ctx context.Context, actor gateway.Actor, id string, state notification.WebhookDeliveryState,
	) ([]notification.WebhookDelivery, error)
	WebhookDelivery(ctx context.Context, actor gateway.Actor, id string) (notification.WebhookDelivery, error)
	AddWebhook(ctx context.Context, actor gateway.Actor, wish gateway.WebhookWish) (gateway.Webhook, string, error)
	MoveWebhook(ctx context.Context, actor gateway.Actor, id string, seen int, address string) error
	SwitchWebhook(ctx context.Context, actor gateway.Actor, id string, on bool) error
	RotateWebhookSecret(ctx context.Context, actor gateway.Actor, id string, overlap time.Duration) (gateway.Webhook, string, error)
	RemoveWebhook(ctx context.Context, actor gateway.Actor, id string) error
	TestWebhook(ctx context.Context, actor gateway.Actor, id string) (string, error)
	RetellWebhook(ctx context.Context, actor gateway.Actor, deliveryID string) error
}

func (f *Frontend) mountWebhooks(r *routes) {
	webhook := webhooksPath + "/:id"
	delivery := webhook + "/deliveries/:delivery/retell"

	r.get(webhooksPath, gateway.PermissionWatch, f.webhookList)
	r.post(webhooksPath, gateway.PermissionConfigure, f.addWebhook)
	r.get(webhooksPath+"/new", gateway.PermissionConfigure, f.newWebhook)
	r.get(webhook, gateway.PermissionWatch, f.webhook)
	r.post(webhook, gateway.PermissionConfigure, f.moveWebhook)
	r.get(webhook+"/edit", gateway.PermissionConfigure, f.editWebhook)
	r.get(webhook+"/rotate", gateway.PermissionConfigure, f.confirmWebhookRotation)
	r.post(webhook+"/rotate", gateway.PermissionConfigure, f.rotateWebhook)
	r.get(delivery, gateway.PermissionConfigure, f.confirmRetelling)
	r.post(delivery, gateway.PermissionConfigure, f.retell)
	r.get(webhook+"/:act", gateway.PermissionConfigure, f.confirmWebhookAct)
	r.post(webhook+"/:act", gateway.PermissionConfigure, f.performWebhookAct)
	r.nothingElse(webhooksPath)
}

func webhookAddress(id string) string { return webhooksPath + "/" + url.PathEscape(id) }

// webhookListPage lists an Ente's webhooks.
type webhookListPage struct {
	page
	Enti []choice // only where the reader sees several
	New  string   // the address; empty where there is no Ente, and for whoever may only look
	Rows []webhookLine
}

type webhookLine struct {
	Address string
	About   string // the service, or all of them
	URL     string
	State   mark
	Since   moment
}

func (f *Frontend) webhookList(c echo.Context) error {
	ctx, reader := c.Request().Context(), actor(c)

	ente, enti, err := f.chosenEnte(ctx, reader, c.QueryParam(paramEnte))
	if err != nil {
		return err
	}

	shown := webhookListPage{page: f.page(c, "webhooks.title"), Enti: enti}
	if ente == "" {
		return f.show(c, http.StatusOK, "webhooks.html", shown)
	}

	found, err := f.gateway.Webhooks(ctx, reader, ente)
	if err != nil {
		return fmt.Errorf("listing webhooks: %w", err)
	}

	names, err := f.serviceNames(ctx, reader)
	if err != nil {
		return err
	}

	if shown.May(gateway.PermissionConfigure) {
		shown.New = ofEnte(webhooksPath+"/new", reader, ente)
	}

	for _, one := range found {
		shown.Rows = append(shown.Rows, webhookLine{
			Address: webhookAddress(one.ID), About: webhookAbout(one, names, shown.page), URL: one.URL,
			State: webhookMark(one, shown.page), Since: f.moment(one.StateSince, shown.Lang),
		})
	}

	return f.show(c, http.StatusOK, "webhooks.html", shown)
}

func webhookAbout(w gateway.Webhook, names map[string]string, p page) string {
	if w.ServiceID == "" {
		return p.T("webhook.every_service")
	}

	return names[w.ServiceID]
}

func webhookMark(w gateway.Webhook, p page) mark {
	switch {
	case w.State == notification.WebhookGone:
		return mark{Label: p.T("webhook.state.gone"), Icon: iconFault, Tone: toneDanger}
	case w.State != notification.WebhookOn:
		return mark{Label: p.T("webhook.state.off"), Icon: iconEnded, Tone: toneNeutral}
	case !w.PausedUntil.IsZero():
		return mark{Label: p.T("webhook.state.paused"), Icon: iconWarning, Tone: toneWarning}
	default:
		return mark{Label: p.T("webhook.state.on"), Icon: iconDone, Tone: toneSuccess}
	}
}

// webhookPage shows one webhook and what it was told of late.
type webhookPage struct {
	page
	Crumbs  []crumb
	Heading string
	State   mark
	Text    string // what the state means
	Since   moment
	Facts   []fact
	Acts    []actLink
	Rows    []deliveryLine
	All     string // the address of all deliveries; empty where they are shown
	Failed  string // the address of the failed ones; empty where they are shown
}

type deliveryLine struct {
	Event        string
	Notification string // its address; empty for a test
	State        mark
	How          string // the answer, or why there was none
	Tries        string
	At           moment
	Next         moment
	Retell       string // the address; empty while it is still being told, and for whoever may only look
}

func (f *Frontend) readWebhook(c echo.Context) (gateway.Webhook, error) {
	read, err := f.gateway.Webhook(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return gateway.Webhook{}, fmt.Errorf("reading a webhook: %w", err)
	}

	return read, nil
}

func (f *Frontend) webhook(c echo.Context) error {
	ctx, reader := c.Request().Context(), actor(c)

	read, err := f.readWebhook(c)
	if err != nil {
		return err
	}

	state := notification.WebhookDeliveryState(c.QueryParam(paramState))
	if state != notification.WebhookFailed {
		state = ""
	}

	told, err := f.gateway.WebhookDeliveries(ctx, reader, read.ID, state)
	if err != nil {
		return fmt.Errorf("listing deliveries: %w", err)
	}

	names, err := f.serviceNames(ctx, reader)
	if err != nil {
		return err
	}

	p := f.page(c, "webhooks.title")
	p.Title = webhookAbout(read, names, p)

	shown := webhookPage{
		page: p, Crumbs: webhookCrumbs(read, reader, p), Heading: p.T("webhook.heading", p.Title), State: webhookMark(read, p),
		Text: f.webhookText(read, p), Since: f.moment(read.StateSince, p.Lang), Facts: f.webhookFacts(read, p), Acts: webhookLinks(read, p),
	}

	if state == "" {
		shown.Failed = webhookAddress(read.ID) + "?" + paramState + "=" + string(notification.WebhookFailed)
	} else {
		shown.All = webhookAddress(read.ID)
	}

	for _, one := range told {
		shown.Rows = append(shown.Rows, f.deliveryLine(one, read, p))
	}

	return f.show(c, http.StatusOK, "webhook.html", shown)
}

func webhookCrumbs(w gateway.Webhook, reader gateway.Actor, p page) []crumb {
	return settingsCrumbs(p, crumb{Address: ofEnte(webhooksPath, reader, w.EnteID), Label: p.T("webhooks.title")})
}

func (f *Frontend) webhookText(w gateway.Webhook, p page) string {
	switch {
	case w.State != notification.WebhookOn:
		return p.T("webhook.text." + string(w.State))
	case !w.PausedUntil.IsZero():
		return p.T("webhook.text.paused", w.Failures, f.moment(w.PausedUntil, p.Lang).Clock)
	default:
		return p.T("webhook.text.on")
	}
}

func (f *Frontend) webhookFacts(w gateway.Webhook, p page) []fact {
	facts := []fact{
		{Name: "webhook.url", Value: w.URL, Code: true},
		{Name: "webhook.secret_set", Value: f.moment(w.SecretSetAt, p.Lang).shortly()},
	}
	if !w.PreviousUntil.IsZero() {
		facts = append(facts, fact{Name: "webhook.previous_until", Value: f.moment(w.PreviousUntil, p.Lang).shortly()})
	}

	return named(facts, p)
}

func webhookLinks(w gateway.Webhook, p page) []actLink {
	if !w.MayChange {
		return nil
	}

	change := actSwitchOff
	if w.State != notification.WebhookOn {
		change = actSwitchOn
	}

	var links []actLink
	for _, name := range []string{"test", "edit", "rotate", change, actRemove} {
		links = append(links, actLink{
			Address: webhookAddress(w.ID) + "/" + name, Label: p.T("webhook." + name + ".button"), Tone: toneOfWebhookAct(name),
		})
	}

	return links
}

func (f *Frontend) deliveryLine(told notification.WebhookDelivery, w gateway.Webhook, p page) deliveryLine {
	line := deliveryLine{
		Event: deliveryEvent(told, p), State: deliveryMark(told, p), How: deliveryAnswer(told, p),
		Tries: strconv.Itoa(told.Tries), At: f.moment(told.CreatedAt, p.Lang),
	}

	if told.NotificationID != "" {
		line.Notification = notificationAddress(told.NotificationID)
	}

	if told.State == notification.WebhookWaiting {
		line.Next = f.moment(told.NextTryAt, p.Lang)
	} else if w.MayChange && (w.State == notification.WebhookOn || told.Event == notification.WebhookTest) {
		line.Retell = webhookAddress(w.ID) + "/deliveries/" + url.PathEscape(told.ID) + "/retell"
	}

	return line
}

// deliveryEvent tells what was told; of a notification, how it ended.
func deliveryEvent(told notification.WebhookDelivery, p page) string {
	name := "webhook.event." + string(told.Event)
	if told.NotificationID == "" {
		return p.T(name)
	}

	return p.T(name, strings.ToLower(told.Status.Label(p.Lang)))
}

func deliveryMark(told notification.WebhookDelivery, p page) mark {
	label := p.T("webhook.delivery." + string(told.State))

	switch told.State {
	case notification.WebhookDelivered:
		return mark{Label: label, Icon: iconDone, Tone: toneSuccess}
	case notification.WebhookFailed:
		return mark{Label: label, Icon: iconFault, Tone: toneDanger}
	case notification.WebhookWaiting:
	}

	return mark{Label: label, Icon: iconClock, Tone: toneInfo}
}

// deliveryAnswer tells the answer's status and how long it took, or why there was none.
func deliveryAnswer(told notification.WebhookDelivery, p page) string {
	took := strconv.FormatInt(told.Duration.Milliseconds(), 10)

	answered := []notification.WebhookFault{"", notification.WebhookFaultAnswer, notification.WebhookFaultGone}

	switch {
	case told.HTTPStatus != 0 && slices.Contains(answered, told.Fault):
		if told.Duration < time.Millisecond {
			return p.T("webhook.answer_at_once", told.HTTPStatus)
		}

		return p.T("webhook.answer", told.HTTPStatus, took)
	case told.Fault != "":
		return p.T("webhook.fault." + string(told.Fault))
	default:
		return "–"
	}
}
