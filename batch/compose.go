package batch

import (
	"errors"
	"fmt"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// Maker makes the notifications of a batch's rows. It is safe for concurrent use.
type Maker struct {
	batch   notification.Batch
	service notification.Service
	ente    notification.Ente
	filling *notification.Filling
}

// ErrTemplate says that a template breaks a rule, which may be younger than the template.
var ErrTemplate = errors.New("the template cannot be used")

// NewMaker prepares the template for being filled once for each row.
func NewMaker(
	b notification.Batch, service notification.Service, ente notification.Ente, template notification.Template,
) (*Maker, error) {
	filling, errs := notification.Compile(template, ente.Name)
	if len(errs) > 0 {
		// Not wrapped: these are no fields of anything that was submitted.
		return nil, fmt.Errorf("compiling version %d of template %s: %w: %s", template.Version, template.ID, ErrTemplate, errs.Error())
	}

	return &Maker{batch: b, service: service, ente: ente, filling: filling}, nil
}

// Filling is the batch's template, compiled.
func (m *Maker) Filling() *notification.Filling { return m.filling }

// Notification is what the row becomes, under the id that was given to it when the file was checked: however often it
// is made, it is the same notification. Where the filled template breaks limits the error is one for [ContentIssues].
func (m *Maker) Notification(id string, row RowPayload) (notification.Notification, error) {
	content, err := m.content(row)
	if err != nil {
		return notification.Notification{}, err
	}

	return notification.Notification{
		ID:                id,
		EnteID:            m.ente.ID,
		ServiceID:         m.service.ID,
		BatchID:           m.batch.ID,
		ExternalReference: row.Reference,
		Recipient:         row.Recipient,
		Content:           content,
		ContentHash:       m.hash(row, content),
		Policy:            m.service.Policy,
		Priority:          m.batch.Priority,
		SendAt:            later(m.batch.SendAt, row.SendAt),
		Run:               1,
	}, nil
}

// ContentIssues are the issues of a row that [Maker.Notification] gave err for; none where err has nothing to do with the
// row's content. Such a row was good when its file was checked: the Ente has had another name since, say.
func ContentIssues(err error) []Issue {
	broken, _ := errors.AsType[notification.FieldErrors](err)

	return contentIssues(broken)
}

// ContentHash is what the row is recognised by where its citizen was sent the same before.
func (m *Maker) ContentHash(row RowPayload) ([]byte, error) {
	content, err := m.content(row)
	if err != nil {
		return nil, err
	}

	return m.hash(row, content), nil
}

// content has its SMS texts already: an attempt that is looked up at the provider must be found by the very same words.
func (m *Maker) content(row RowPayload) (notification.Content, error) {
	content, errs := m.filling.Fill(row.Values)
	content.DueDate, content.Payment = row.DueDate, row.Payment

	return content, errs.OrNil()
}

func (m *Maker) hash(row RowPayload, content notification.Content) []byte {
	return notification.ContentHash(m.service.ID, row.Recipient.FiscalCode, content)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}

	return a
}
