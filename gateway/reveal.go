package gateway

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/genio-gateway/genio/notification"
)

// How long the reason for looking at somebody's data is, in characters.
const (
	MinRevealReason = 10
	MaxRevealReason = 200
)

// Reveal shows a notification's recipient unmasked to somebody who says why. That is noted before it is shown; where it
// cannot be noted, nothing is shown.
func (g *Gateway) Reveal(ctx context.Context, actor Actor, id, reason string) (notification.Recipient, error) {
	head, err := g.visible(ctx, actor, id)

	switch {
	case err != nil:
		return notification.Recipient{}, err
	case !actor.May(PermissionReveal):
		return notification.Recipient{}, ErrForbidden
	}

	n, err := g.Store.Notification(ctx, id)
	if err != nil {
		return notification.Recipient{}, storeError("reading the notification", err)
	}

	reason = strings.TrimSpace(reason)
	if err := g.checkRevealReason(reason, n.Recipient).OrNil(); err != nil {
		return notification.Recipient{}, err
	}

	act := Act{
		Name: "notification.reveal", EnteID: head.EnteID, Object: "notification", ObjectID: head.ID,
		Detail: map[string]string{"reason": reason},
	}
	if err := g.audit(ctx, actor, act); err != nil {
		return notification.Recipient{}, err
	}

	return n.Recipient, nil
}

// checkRevealReason: the reason stays in the audit log for good, in clear.
func (g *Gateway) checkRevealReason(reason string, recipient notification.Recipient) notification.FieldErrors {
	field := notification.FieldError{Field: "reason"}

	switch length := utf8.RuneCountInString(reason); {
	case length < MinRevealReason || length > MaxRevealReason:
		field.Code, field.Message, field.Messaggio = codeLength, "10 to 200 characters", "da 10 a 200 caratteri"
	case !oneLine(reason):
		field.Code, field.Message, field.Messaggio = "one_line", "one line of text", "una sola riga di testo"
	case g.namesCitizen(reason, recipient.FiscalCode), holdsPhone(reason, recipient.Phone):
		field.Code = codePersonalData
		field.Message = "no codice fiscale and no phone number: the reason stays in the audit log"
		field.Messaggio = "niente codice fiscale né numero di telefono: il motivo resta nel registro delle operazioni"
	default:
		return nil
	}

	return notification.FieldErrors{field}
}

// holdsPhone tells whether a text holds the number, however it is grouped, with or without its country's code.
func holdsPhone(text, phone string) bool {
	const national = 9 // an Italian mobile has one digit more

	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}

		return -1
	}, text)

	return len(phone) > national && strings.Contains(digits, phone[len(phone)-national:])
}
