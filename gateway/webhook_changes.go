package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// webhookSecretBytes is within what Standard Webhooks asks for: 24 to 64.
const webhookSecretBytes = 32

// AddWebhook has an Ente's application told of events. The secret that signs them is given once.
func (g *Gateway) AddWebhook(ctx context.Context, actor Actor, wish WebhookWish) (Webhook, string, error) {
	if err := actor.configures(wish.EnteID); err != nil {
		return Webhook{}, "", err
	}

	wish.URL = strings.TrimSpace(wish.URL)

	fields := g.checkWebhookURL(wish.URL)

	if wish.ServiceID != "" {
		service, err := g.Store.Service(ctx, wish.ServiceID)
		if err = storeError("reading the service", err); err != nil && !errors.Is(err, ErrNotFound) {
			return Webhook{}, "", err
		}

		if err != nil || service.EnteID != wish.EnteID {
			fields = append(fields, fault("service_id", codeUnknown, "no such service", "il servizio non esiste"))
		}
	}

	if err := fields.OrNil(); err != nil {
		return Webhook{}, "", err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return Webhook{}, "", fmt.Errorf("making an id: %w", err)
	}

	now := time.Now().UTC()
	added := notification.Webhook{
		ID: id.String(), EnteID: wish.EnteID, ServiceID: wish.ServiceID, URL: wish.URL, Secret: newWebhookSecret(), SecretSetAt: now,
		State: notification.WebhookOn, StateSince: now, CreatedAt: now, Version: 1,
	}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return webhookAct("create", added, "service", added.ServiceID, "host", hostOf(added.URL)), store.CreateWebhook(ctx, added)
	})
	if errors.Is(err, db.ErrDuplicate) {
		return Webhook{}, "", invalid("service_id", "taken", "there is one already", "ne esiste già uno")
	}

	return webhookView(actor, added, now), webhookSecret(added.Secret), storeError("storing the webhook", err)
}

// MoveWebhook has events told to another address. Seen is the version that the author saw: it returns ErrState where somebody
// else changed the webhook since.
func (g *Gateway) MoveWebhook(ctx context.Context, actor Actor, id string, seen int, address string) error {
	found, err := g.ownWebhook(ctx, actor, id)
	if err != nil {
		return err
	}

	address = strings.TrimSpace(address)
	if err := g.checkWebhookURL(address).OrNil(); err != nil {
		return err
	}

	found.URL, found.Version = address, seen
	found.Failures, found.PausedUntil = 0, time.Time{} // of the application that was there before

	return g.changeWebhook(ctx, actor, found, webhookAct("move", found, "host", hostOf(address)))
}

// SwitchWebhook has events told, or not. What is not told meanwhile is not made up for. ErrState where it is so already.
func (g *Gateway) SwitchWebhook(ctx context.Context, actor Actor, id string, on bool) error {
	found, err := g.ownWebhook(ctx, actor, id)
	if err != nil {
		return err
	}

	state, verb := notification.WebhookOff, "switch_off"
	if on {
		state, verb = notification.WebhookOn, "switch_on"
	}

	if (found.State == notification.WebhookOn) == on {
		return ErrState
	}

	found.State, found.StateSince = state, time.Now().UTC()
	found.Failures, found.PausedUntil = 0, time.Time{}

	return g.changeWebhook(ctx, actor, found, webhookAct(verb, found))
}

// RotateWebhookSecret makes another secret, which is given once. The present one signs beside it until the overlap, one of
// [Overlaps], has passed; one from before ends at once.
func (g *Gateway) RotateWebhookSecret(ctx context.Context, actor Actor, id string, overlap time.Duration) (Webhook, string, error) {
	found, err := g.ownWebhook(ctx, actor, id)
	if err != nil {
		return Webhook{}, "", err
	}

	if !slices.Contains(Overlaps(), overlap) {
		return Webhook{}, "", invalid("overlap", codeUnknown, "one of 1 h, 24 h, 7 days, 30 days", "uno tra 1 ora, 24 ore, 7 giorni, 30 giorni")
	}

	now := time.Now().UTC()
	found.Previous, found.PreviousUntil = found.Secret, now.Add(overlap)
	found.Secret, found.SecretSetAt = newWebhookSecret(), now

	act := webhookAct("rotate", found, "ends_at", found.PreviousUntil.Format(time.RFC3339))
	if err := g.changeWebhook(ctx, actor, found, act); err != nil {
		return Webhook{}, "", err
	}

	found.Version++

	return webhookView(actor, found, now), webhookSecret(found.Secret), nil
}

// RemoveWebhook forgets the address and the secrets. What was told stays known for a while.
func (g *Gateway) RemoveWebhook(ctx context.Context, actor Actor, id string) error {
	found, err := g.ownWebhook(ctx, actor, id)
	if err != nil {
		return err
	}

	found.State, found.StateSince = notification.WebhookRemoved, time.Now().UTC()

	return g.changeWebhook(ctx, actor, found, webhookAct("remove", found))
}

// TestWebhook has the application told of an event that is none, once, and gives the delivery's id. It is told while the webhook is
// off, too.
func (g *Gateway) TestWebhook(ctx context.Context, actor Actor, id string) (string, error) {
	found, err := g.ownWebhook(ctx, actor, id)
	if err != nil {
		return "", err
	}

	delivery, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}

	return delivery.String(), g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := storeError("testing the webhook", store.CreateWebhookTest(ctx, delivery.String(), found))

		return webhookAct("test", found, "delivery", delivery.String()), err
	})
}

// RetellWebhook has an event told once more, by the same id, to where the webhook is now. ErrState where it is still being told, or
// the webhook is off.
func (g *Gateway) RetellWebhook(ctx context.Context, actor Actor, deliveryID string) error {
	delivery, err := g.WebhookDelivery(ctx, actor, deliveryID)
	if err != nil {
		return err
	}

	found, err := g.ownWebhook(ctx, actor, delivery.WebhookID)

	switch {
	case err != nil:
		return err
	case found.State != notification.WebhookOn && delivery.Event != notification.WebhookTest:
		return ErrState
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := storeError("telling an event once more", store.RetellWebhook(ctx, deliveryID))

		return webhookAct("retell", found, "delivery", deliveryID, "notification", delivery.NotificationID), err
	})
}

func newWebhookSecret() []byte {
	secret := make([]byte, webhookSecretBytes)
	_, _ = rand.Read(secret) // it never fails: the process ends where the system gives no randomness

	return secret
}

// hostOf is what may be told of an address.
func hostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}

	return parsed.Host
}
