package sms

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/genio-gateway/genio/notification"
)

const (
	twilioPageSize = 1000
	twilioMaxPages = 10
	// clockSkew is how far Twilio's clock may be behind ours; its times have no fractions of a second either.
	clockSkew = 2 * time.Minute
	// trialPrefix is what Twilio puts before each text of a trial account.
	trialPrefix = "Sent from your Twilio trial account - "
)

var (
	errTooManyMessages = errors.New("the number has too many messages to search")
	errNoText          = errors.New("a message has no text to compare, as with message redaction")
)

// sentMessage is a message of Twilio's list with the fields that a search compares.
type sentMessage struct {
	receipt Receipt
	created time.Time
	to      string
	from    string
	service string
	body    string
	inbound bool
}

// Find lists the account's messages to the number. It filters by recipient alone and compares the rest here:
// Twilio's date filter, and the list's order, go by the date of sending, which a queued message does not have
// yet. It fails where an account redacts texts, and for a number with more than ten thousand messages.
func (t *Twilio) Find(ctx context.Context, search Search) ([]Receipt, error) {
	var (
		matches  []sentMessage
		position pagePosition
	)

	for range twilioMaxPages {
		page, next, err := t.page(ctx, search.To, position)
		if err != nil {
			return nil, err
		}

		for _, candidate := range page {
			matched, err := candidate.matches(search)
			if err != nil {
				return nil, unsearchable(err)
			}

			if matched {
				matches = append(matches, candidate)
			}
		}

		if next == (pagePosition{}) {
			return oldestFirst(matches), nil
		}

		position = next
	}

	return nil, unsearchable(errTooManyMessages)
}

// pagePosition is where Twilio's own link says that the next page begins; the zero value is the first page,
// or none after the last.
type pagePosition struct {
	number string
	token  string
}

func (t *Twilio) page(ctx context.Context, to string, at pagePosition) ([]sentMessage, pagePosition, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()

	call, ended := t.call(ctx, "list_messages")
	defer ended()

	answer, err := call.api().PageMessage(
		(&twilioapi.ListMessageParams{}).SetTo(to).SetPageSize(twilioPageSize), at.token, at.number)
	if err != nil {
		return nil, pagePosition{}, call.readError(err)
	}

	page := make([]sentMessage, 0, len(answer.Messages))

	for i := range answer.Messages {
		message, ok := readSent(&answer.Messages[i])
		if !ok {
			return nil, pagePosition{}, call.readError(errUndecodable)
		}

		page = append(page, message)
	}

	next, ok := nextPosition(answer.NextPageUri)
	if !ok || (answer.NextPageUri != nil && next == at) {
		return nil, pagePosition{}, call.readError(errUndecodable)
	}

	return page, next, nil
}

func nextPosition(link *string) (pagePosition, bool) {
	if link == nil || *link == "" {
		return pagePosition{}, true
	}

	parsed, err := url.Parse(*link)
	if err != nil {
		return pagePosition{}, false
	}

	position := pagePosition{number: parsed.Query().Get("Page"), token: parsed.Query().Get("PageToken")}

	return position, position != pagePosition{}
}

func readSent(message *twilioapi.ApiV2010Message) (sentMessage, bool) {
	receipt, ok := receiptOf(message)
	if !ok || message.DateCreated == nil {
		return sentMessage{}, false
	}

	created, err := time.Parse(time.RFC1123Z, *message.DateCreated)
	if err != nil {
		return sentMessage{}, false
	}

	return sentMessage{
		receipt: receipt,
		created: created,
		to:      text(message.To),
		from:    text(message.From),
		service: text(message.MessagingServiceSid),
		body:    text(message.Body),
		inbound: strings.HasPrefix(text(message.Direction), "inbound"),
	}, true
}

// matches tells whether the message is one that the search describes.
func (m sentMessage) matches(search Search) (bool, error) {
	if m.inbound || m.to != search.To || m.created.Before(search.Since.Add(-clockSkew)) || !m.sentBy(search.Sender) {
		return false, nil
	}

	if m.body == "" {
		return false, errNoText
	}

	return SameText(search.Text, strings.TrimPrefix(m.body, trialPrefix)), nil
}

// sentBy compares the sender where Twilio names one: a Messaging Service picks the number only as it sends.
func (m sentMessage) sentBy(sender string) bool {
	if isMessagingService(sender) {
		return m.service == "" || m.service == sender
	}

	return sender == "" || m.from == "" || m.from == sender
}

func oldestFirst(messages []sentMessage) []Receipt {
	// Twilio lists the latest first, and its times are whole seconds.
	slices.Reverse(messages)
	slices.SortStableFunc(messages, func(a, b sentMessage) int { return a.created.Compare(b.created) })

	receipts := make([]Receipt, 0, len(messages))
	for _, message := range messages {
		receipts = append(receipts, message.receipt)
	}

	return receipts
}

// unsearchable reports a list that is there and does not answer the question.
func unsearchable(cause error) error {
	return &notification.DeliveryError{
		Channel:  notification.ChannelSMS,
		Reason:   notification.ReasonSMSOutcomeUncertain,
		HandOver: notification.HandOverNotSent,
		Cause:    cause,
	}
}

func text(value *string) string {
	if value == nil {
		return ""
	}

	return *value
}
