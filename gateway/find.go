package gateway

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/notification"
)

// providerIDs is what IO (a ULID) and Twilio (a message's SID) call a message.
var providerIDs = regexp.MustCompile(`^([0-9A-HJKMNP-TV-Z]{26}|[SM]M[0-9a-f]{32})$`)

// Find gives the id of the notification that a pasted identifier names: its own, IO's id of the message or Twilio's SID.
// It returns [ErrNotFound] where the text is no such identifier, or names nothing that the actor may see.
func (g *Gateway) Find(ctx context.Context, actor Actor, identifier string) (string, error) {
	identifier = strings.TrimSpace(identifier)

	if parsed, err := uuid.Parse(identifier); err == nil {
		head, err := g.visible(ctx, actor, parsed.String())

		return head.ID, err
	}

	if !providerIDs.MatchString(identifier) {
		return "", ErrNotFound
	}

	for _, channel := range []notification.Channel{notification.ChannelIO, notification.ChannelSMS} {
		attempt, err := g.Store.AttemptByProviderID(ctx, channel, identifier)

		switch err = storeError("reading an attempt", err); {
		case errors.Is(err, ErrNotFound):
			continue
		case err != nil:
			return "", err
		}

		head, err := g.visible(ctx, actor, attempt.NotificationID)

		return head.ID, err
	}

	return "", ErrNotFound
}

// ReadPhone writes a phone number as people type it in E.164, which is how a [Query] has it. It is a FieldError of "phone"
// where the text is no mobile number.
func (g *Gateway) ReadPhone(text string) (string, error) {
	phone, err := g.Phones.Normalise(text)
	if err != nil {
		return "", invalid("phone", "invalid", "not a mobile phone number", "non è un numero di cellulare")
	}

	return phone, nil
}

// RecipientOf is whom a notification is for, so that others for the same citizen can be searched. It is for the search
// alone: whoever shows it to somebody asks [Gateway.Reveal].
func (g *Gateway) RecipientOf(ctx context.Context, actor Actor, id string) (notification.Recipient, error) {
	if _, err := g.visible(ctx, actor, id); err != nil {
		return notification.Recipient{}, err
	}

	n, err := g.Store.Notification(ctx, id)
	if err != nil {
		return notification.Recipient{}, storeError("reading the notification", err)
	}

	return n.Recipient, nil
}
