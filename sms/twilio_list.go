package sms

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/genio-gateway/genio/notification"
)

// Listed is a message of a provider's own list.
type Listed struct {
	Delivery

	ProviderID string
	CreatedAt  time.Time
}

// Lister is a provider that lists what it took over, to compare it with what is known of it.
type Lister interface {
	// List gives a page of the messages that were sent between two moments, in an order of the provider's own; received ones
	// are left out. An empty position asks for the first page; an empty next comes with the last. Its errors are those of
	// Provider.Find.
	List(ctx context.Context, from, to time.Time, position string) (page []Listed, next string, err error)
}

var _ Lister = (*Twilio)(nil)

// List gives a page of the account's messages by the date of sending.
func (t *Twilio) List(ctx context.Context, from, to time.Time, position string) (page []Listed, next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()

	call, ended := t.call(ctx, "list_messages")
	defer ended()

	number, token, _ := strings.Cut(position, " ")

	answer, err := call.api().PageMessage((&twilioapi.ListMessageParams{}).
		SetDateSentAfter(from.UTC()).SetDateSentBefore(to.UTC()).SetPageSize(twilioPageSize), token, number)
	if err != nil {
		return nil, "", call.readError(err)
	}

	for i := range answer.Messages {
		message := &answer.Messages[i]

		sent, ok := readSent(message)
		if !ok {
			return nil, "", call.readError(errUndecodable)
		}

		if !sent.inbound {
			page = append(page, Listed{
				Delivery:   twilioDelivery(sent.receipt.ProviderStatus, codeOf(message), sent.receipt.Segments),
				ProviderID: sent.receipt.ProviderID, CreatedAt: sent.created,
			})
		}
	}

	at, ok := nextPosition(answer.NextPageUri)
	if !ok || (at != pagePosition{} && at == pagePosition{number: number, token: token}) {
		return nil, "", call.readError(errUndecodable)
	}

	if at == (pagePosition{}) {
		return page, "", nil
	}

	return page, at.number + " " + at.token, nil
}

func codeOf(message *twilioapi.ApiV2010Message) int {
	if message.ErrorCode == nil {
		return 0
	}

	return *message.ErrorCode
}

// IsUnknown tells whether a provider answered, to a question about a message, that it does not know it.
func IsUnknown(err error) bool {
	failed, ok := errors.AsType[*notification.DeliveryError](err)

	return ok && failed.HTTPStatus == http.StatusNotFound
}
