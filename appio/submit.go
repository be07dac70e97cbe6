package appio

import (
	"context"
	"net/http"
	"path"
	"regexp"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// Message is one message for one citizen (NewMessage in IO's specification).
type Message struct {
	FiscalCode string
	// Content must keep IO's rules already; IO checks them again. Its SMSText is not IO's business.
	Content notification.Content
	// TimeToLive is how long after the submission IO may still send push notices and e-mails about the
	// message, which stays in the inbox regardless. Whole seconds, 1 hour to 7 days; 0: IO's own default of an
	// hour.
	TimeToLive time.Duration
}

// String keeps the message out of logs and error texts.
func (Message) String() string { return "a message for IO" }

// GoString keeps it out of those written with %#v.
func (m Message) GoString() string { return m.String() }

// The request as IO's specification has it. IO refuses null, so whatever is empty is left out.
type (
	newMessage struct {
		FiscalCode string         `json:"fiscal_code"`
		TimeToLive int64          `json:"time_to_live,omitempty"` // seconds
		Content    messageContent `json:"content"`
	}
	messageContent struct {
		Subject     string       `json:"subject"`
		Markdown    string       `json:"markdown"`
		DueDate     string       `json:"due_date,omitempty"`
		PaymentData *paymentData `json:"payment_data,omitempty"`
	}
	paymentData struct {
		Amount              int64  `json:"amount"` // euro cents
		NoticeNumber        string `json:"notice_number"`
		InvalidAfterDueDate bool   `json:"invalid_after_due_date,omitempty"`
		Payee               *payee `json:"payee,omitempty"`
	}
	payee struct {
		FiscalCode string `json:"fiscal_code"`
	}
)

// dueDateLayout is ISO 8601 in UTC with milliseconds, as the specification's example shows it. IO cuts what is
// finer and takes a missing zone for its own.
const dueDateLayout = "2006-01-02T15:04:05.000Z"

var (
	ulid = regexp.MustCompile(`^[0-9A-Za-z]{26}$`)
	// wellFormedMessageID asks for no ULID, though IO's ids are: the specification does not promise it, and an
	// id refused here would be lost. It must only be fit to stand in a URL and in a record.
	wellFormedMessageID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
)

type createdMessage struct {
	ID string `json:"id"`
}

// Submit hands a message over to IO (POST /messages) and gives IO's id of it. IO knows no idempotency: each
// call that reaches it makes a new message, and one that was sent twice can be neither found nor withdrawn.
// So the *notification.DeliveryError of a call that failed says with HandOver whether calling again is safe:
//
//   - not sent: the body never left, or IO or something before it refused the message (4xx, 429 included);
//   - uncertain: the body was handed to the network, or a status came back that proves nothing (5xx, redirects,
//     other statuses of success);
//   - sent: IO answered 201 but gave no id that can be used. The message exists, its status can never be
//     asked for.
func (c *Client) Submit(ctx context.Context, key string, message Message) (string, error) {
	body, err := encode(message.wire())
	if err != nil {
		return "", err
	}

	reply, err := c.exchange(ctx, call{
		operation: submitMessage, method: http.MethodPost, path: "/messages", key: key, body: body,
	})
	if err != nil {
		return "", err
	}

	if reply.status != http.StatusCreated {
		return "", reply.refusal()
	}

	return reply.messageID()
}

func (m Message) wire() newMessage {
	wire := newMessage{
		FiscalCode: m.FiscalCode,
		TimeToLive: int64(m.TimeToLive / time.Second),
		Content:    messageContent{Subject: m.Content.Subject, Markdown: m.Content.Markdown},
	}
	if m.Content.DueDate != nil {
		wire.Content.DueDate = m.Content.DueDate.UTC().Format(dueDateLayout)
	}

	if m.Content.Payment != nil {
		wire.Content.PaymentData = wirePayment(*m.Content.Payment)
	}

	return wire
}

func wirePayment(payment notification.Payment) *paymentData {
	wire := &paymentData{
		Amount:              payment.AmountCents,
		NoticeNumber:        payment.NoticeNumber,
		InvalidAfterDueDate: payment.InvalidAfterDueDate,
	}
	if payment.PayeeFiscalCode != "" {
		wire.Payee = &payee{FiscalCode: payment.PayeeFiscalCode}
	}

	return wire
}

// messageID reads the id of a 201 from its body or, where that broke off, from the Location header, which ends
// with it.
func (a answer) messageID() (string, error) {
	var created createdMessage

	err := a.decode(&created)
	if err == nil && wellFormedMessageID.MatchString(created.ID) {
		return created.ID, nil
	}

	inLocation := path.Base(a.header.Get("Location"))
	if ulid.MatchString(inLocation) {
		return inLocation, nil
	}

	if err == nil {
		err = ErrAnswerMalformed
	}

	failure := a.unusable(err)
	failure.Reason = notification.ReasonIOUnexpectedAnswer
	failure.HandOver = notification.HandOverSent
	failure.Retryable = false

	return "", failure
}
