package gateway

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/outbound"
)

const (
	webhookObject = "webhook"
	webhookField  = "url"

	// webhookSecretMark begins a secret as Standard Webhooks has it, for its libraries and for scanners of published secrets.
	webhookSecretMark = "whsec_"

	// deliveriesShown are the latest ones of a webhook.
	deliveriesShown = 50
)

// Webhook is where an Ente's application is told of events, as a person sees it; never its secret.
type Webhook struct {
	ID        string
	EnteID    string
	ServiceID string // empty: every service without one of its own
	// URL is the address, and for whoever may not change it no more than its host: the rest may be a secret.
	URL        string
	State      notification.WebhookState
	StateSince time.Time
	// SecretSetAt is when the present secret was made; the one before signs too until PreviousUntil, zero for none.
	SecretSetAt   time.Time
	PreviousUntil time.Time
	// Failures in a row, and until when the application is left alone because of them; zero: it is not.
	Failures    int
	PausedUntil time.Time
	CreatedAt   time.Time
	Version     int
	// MayChange tells that the reader may change it, test it, and have it told again.
	MayChange bool
}

// WebhookWish is what a new webhook is to be.
type WebhookWish struct {
	EnteID    string
	ServiceID string // empty: every service without one of its own
	URL       string
}

func webhookView(actor Actor, w notification.Webhook, now time.Time) Webhook {
	view := Webhook{
		ID: w.ID, EnteID: w.EnteID, ServiceID: w.ServiceID, URL: w.URL, State: w.State, StateSince: w.StateSince,
		SecretSetAt: w.SecretSetAt, Failures: w.Failures, CreatedAt: w.CreatedAt, Version: w.Version,
		MayChange: actor.mayConfigure(w.EnteID),
	}
	if !view.MayChange {
		view.URL = hostAlone(w.URL)
	}

	if now.Before(w.PreviousUntil) {
		view.PreviousUntil = w.PreviousUntil
	}

	if now.Before(w.PausedUntil) {
		view.PausedUntil = w.PausedUntil
	}

	return view
}

// hostAlone is an address without what may be secret in it.
func hostAlone(raw string) string {
	address, err := url.Parse(raw)
	if err != nil {
		return ""
	}

	shown := address.Scheme + "://" + address.Host
	if address.RequestURI() != "/" {
		shown += "/…"
	}

	return shown
}

// watches tells whether the actor may see what the Ente's applications are told: ErrNotFound hides other Enti.
func (a Actor) watches(enteID string) error {
	switch {
	case !a.SeesEnte(enteID):
		return ErrNotFound
	case !a.May(PermissionWatch):
		return ErrForbidden
	}

	return nil
}

// Webhooks lists an Ente's webhooks: that of the whole Ente first.
func (g *Gateway) Webhooks(ctx context.Context, actor Actor, enteID string) ([]Webhook, error) {
	if err := actor.watches(enteID); err != nil {
		return nil, err
	}

	found, err := g.Store.Webhooks(ctx, enteID)
	if err != nil {
		return nil, storeError("listing the webhooks", err)
	}

	views := make([]Webhook, len(found))
	for i, one := range found {
		views[i] = webhookView(actor, one, time.Now())
	}

	return views, nil
}

// Webhook gives one webhook.
func (g *Gateway) Webhook(ctx context.Context, actor Actor, id string) (Webhook, error) {
	found, err := g.presentWebhook(ctx, id, actor.watches)
	if err != nil {
		return Webhook{}, err
	}

	return webhookView(actor, found, time.Now()), nil
}

// WebhookDeliveries lists what a webhook was told of late, the newest first; state may be empty: all.
func (g *Gateway) WebhookDeliveries(
	ctx context.Context, actor Actor, id string, state notification.WebhookDeliveryState,
) ([]notification.WebhookDelivery, error) {
	if _, err := g.presentWebhook(ctx, id, actor.watches); err != nil {
		return nil, err
	}

	found, err := g.Store.WebhookDeliveries(ctx, id, state, deliveriesShown)

	return found, storeError("listing the deliveries", err)
}

// WebhookDelivery gives one delivery.
func (g *Gateway) WebhookDelivery(ctx context.Context, actor Actor, id string) (notification.WebhookDelivery, error) {
	found, err := g.Store.WebhookDelivery(ctx, id)
	if err != nil {
		return notification.WebhookDelivery{}, storeError("reading the delivery", err)
	}

	if err := actor.watches(found.EnteID); err != nil {
		return notification.WebhookDelivery{}, err
	}

	return found, nil
}

// ownWebhook reads a webhook that the actor may configure. One that is removed is gone.
func (g *Gateway) ownWebhook(ctx context.Context, actor Actor, id string) (notification.Webhook, error) {
	return g.presentWebhook(ctx, id, actor.configures)
}

// presentWebhook reads a webhook that is not removed, of an Ente that allowed lets through.
func (g *Gateway) presentWebhook(ctx context.Context, id string, allowed func(enteID string) error) (notification.Webhook, error) {
	found, err := g.Store.Webhook(ctx, id)
	if err != nil {
		return notification.Webhook{}, storeError("reading the webhook", err)
	}

	if found.State == notification.WebhookRemoved {
		return notification.Webhook{}, ErrNotFound
	}

	return found, allowed(found.EnteID)
}

// webhookSecret is a secret as people and libraries write it.
func webhookSecret(secret []byte) string {
	return webhookSecretMark + base64.StdEncoding.EncodeToString(secret)
}

// checkWebhookURL says what is wrong with an address.
func (g *Gateway) checkWebhookURL(raw string) notification.FieldErrors {
	if raw == "" {
		return notification.FieldErrors{fault(webhookField, codeRequired, "an address is needed", "serve un indirizzo")}
	}

	_, err := g.Outbound.Check(raw)
	if refusal, refused := errors.AsType[*outbound.RefusedError](err); refused {
		english, italian := refusalTexts(refusal.Problem)

		return notification.FieldErrors{fault(webhookField, string(refusal.Problem), english, italian)}
	}

	return nil
}

func refusalTexts(problem outbound.Problem) (english, italian string) {
	switch problem {
	case outbound.ProblemScheme:
		return "the address must begin with https://", "l'indirizzo deve iniziare con https://"
	case outbound.ProblemUser:
		return "the address must hold no user name and no password", "l'indirizzo non può contenere nome utente o password"
	case outbound.ProblemFragment:
		return "the address must hold no #", "l'indirizzo non può contenere #"
	case outbound.ProblemPort:
		return "this port may not be called", "questa porta non può essere chiamata"
	case outbound.ProblemNetwork:
		return "the address must be on the public internet", "l'indirizzo deve essere raggiungibile su Internet"
	case outbound.ProblemTooLong:
		return "at most 2,000 characters", "al massimo 2.000 caratteri"
	case outbound.ProblemInvalid:
	}

	return "an address such as https://notices.example.it/genio is expected",
		"serve un indirizzo come https://avvisi.comune.example/genio"
}

// webhookAct is what the log says of an act on a webhook. The address stays out of it, but for its host: the rest may be a
// secret.
func webhookAct(verb string, w notification.Webhook, detail ...string) Act {
	return Act{Name: "webhook." + verb, EnteID: w.EnteID, Object: webhookObject, ObjectID: w.ID, Detail: detailOf(detail)}
}

// changeWebhook replaces a webhook and notes the act.
func (g *Gateway) changeWebhook(ctx context.Context, actor Actor, changed notification.Webhook, act Act) error {
	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return act, storeError("changing the webhook", store.UpdateWebhook(ctx, changed))
	})
}
