package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
)

// Submit accepts a notification: it checks everything that can be known, stores it, and lets its workflow
// start in the background. Once it returns without an error, the notification is never lost.
func (g *Gateway) Submit(ctx context.Context, actor Actor, submission Submission) (Receipt, error) {
	return g.submit(ctx, actor, submission, "submit")
}

// submit is Submit; verb is what the audit log calls it where a person does it.
func (g *Gateway) submit(ctx context.Context, actor Actor, submission Submission, verb string) (Receipt, error) {
	accepted := g.Starter.Accepting(1)
	defer accepted()

	if !actor.MayChange() {
		return Receipt{}, ErrForbidden
	}

	submission = g.normalise(submission)

	service, content, err := g.validate(ctx, actor, submission)
	if err != nil {
		return g.answeredBefore(ctx, submission, service, err)
	}

	request, err := g.request(ctx, submission, service, content)
	if err != nil {
		return Receipt{}, err
	}

	id, replayed, err := g.accept(ctx, actor, request, verb)

	switch {
	case errors.Is(err, db.ErrConflict):
		return Receipt{}, ErrIdempotencyConflict
	case err != nil:
		return Receipt{}, storeError("storing the notification", err)
	}

	if !replayed {
		g.accepted(ctx, request.Notification)
	}

	return Receipt{ID: id, Replayed: replayed}, nil
}

// accept stores a submission. That of a person is noted with it; an application's acts are its notifications.
func (g *Gateway) accept(
	ctx context.Context, actor Actor, request db.Submission, verb string,
) (id string, replayed bool, err error) {
	if actor.Kind != ActorUser {
		return g.Store.Submit(ctx, request) //nolint:wrapcheck // told apart by the only caller.
	}

	err = g.Store.Together(ctx, func(store *db.Store) error {
		if id, replayed, err = store.Submit(ctx, request); err != nil || replayed {
			return err //nolint:wrapcheck // told apart by the only caller.
		}

		act := Act{Name: "notification." + verb, EnteID: request.Notification.EnteID, Object: "notification", ObjectID: id}

		return store.Audit(ctx, act.entry(actor))
	})

	return id, replayed, err //nolint:wrapcheck // told apart by the only caller.
}

// answeredBefore gives the first answer again to a repeated submission that is refused now: since then a time may
// have passed or the service been switched off, which changes nothing for what was accepted. To anything else it
// gives the refusal.
func (g *Gateway) answeredBefore(
	ctx context.Context, submission Submission, service notification.Service, refusal error,
) (Receipt, error) {
	if _, invalid := errors.AsType[notification.FieldErrors](refusal); !invalid ||
		submission.IdempotencyKey == "" || service.EnteID == "" {
		return Receipt{}, refusal
	}

	hash, err := requestHash(submission)
	if err != nil {
		return Receipt{}, err
	}

	id, err := g.Store.Submitted(ctx, service.EnteID, submission.IdempotencyKey, hash)

	switch {
	case err == nil:
		return Receipt{ID: id, Replayed: true}, nil
	case errors.Is(err, db.ErrConflict):
		return Receipt{}, ErrIdempotencyConflict
	case db.IsUnavailable(err):
		return Receipt{}, storeError("looking for an earlier submission", err)
	}

	return Receipt{}, refusal
}

func (g *Gateway) request(
	ctx context.Context, submission Submission, service notification.Service, content notification.Content,
) (db.Submission, error) {
	ente, err := g.knownEnte(ctx, service.EnteID)
	if err != nil {
		return db.Submission{}, storeError("reading the Ente", err)
	}

	return requestOf(submission, service, ente, content)
}

// requestOf is a valid submission as it is stored.
func requestOf(
	submission Submission, service notification.Service, ente notification.Ente, content notification.Content,
) (db.Submission, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return db.Submission{}, fmt.Errorf("making an id: %w", err)
	}

	hash, err := requestHash(submission)
	if err != nil {
		return db.Submission{}, err
	}

	status := notification.StatusAccepted
	if submission.SendAt.After(time.Now()) {
		status = notification.StatusScheduled
	}

	// The text is fixed now: an attempt that is looked up at the provider must be found by the very same words.
	content = content.WithSMSTexts(ente.Name)

	return db.Submission{
		IdempotencyKey: submission.IdempotencyKey,
		RequestHash:    hash,
		Notification: notification.Notification{
			ID:                id.String(),
			EnteID:            service.EnteID,
			ServiceID:         service.ID,
			ExternalReference: submission.ExternalReference,
			Recipient:         notification.Recipient{FiscalCode: submission.FiscalCode, Phone: submission.Phone},
			Content:           content,
			ContentHash:       notification.ContentHash(service.ID, submission.FiscalCode, content),
			Policy:            service.Policy,
			Priority:          submission.Priority,
			Status:            status,
			AcceptedAt:        time.Now().UTC(),
			SendAt:            submission.SendAt,
			ExpiresAt:         submission.ExpiresAt,
			Run:               1,
		},
	}, nil
}

// requestHash tells a repeated submission from another one under the same key. It is taken after
// normalising, so that spaces in a fiscal code make no difference, and before a template is filled: a template that
// was revised since does not make another request.
func requestHash(submission Submission) ([]byte, error) {
	encoded, err := json.Marshal(submission)
	if err != nil {
		// The encoder's words could repeat a value.
		return nil, errors.New("a submission that cannot be encoded")
	}

	hash := sha256.Sum256(encoded)

	return hash[:], nil
}

func startOf(n notification.Notification) db.Start {
	return db.Start{
		ID: n.ID, EnteID: n.EnteID, ServiceID: n.ServiceID, Priority: n.Priority, Policy: n.Policy,
		SendAt: n.SendAt, ExpiresAt: n.ExpiresAt, Run: n.Run,
	}
}

// normalise brings what people write differently to one form. It happens here, at the edge, and nowhere else.
// A phone number that cannot be read stays as it is, for validate to name.
func (g *Gateway) normalise(submission Submission) Submission {
	submission.FiscalCode = fiscalcode.Normalise(submission.FiscalCode)

	if phone, err := g.Phones.Normalise(submission.Phone); err == nil {
		submission.Phone, submission.phoneIsRead = phone, true
	}

	submission.SendAt = submission.SendAt.UTC()
	submission.ExpiresAt = submission.ExpiresAt.UTC()

	if submission.Content.DueDate != nil {
		due := submission.Content.DueDate.UTC()
		submission.Content.DueDate = &due
	}

	if submission.Priority == "" {
		submission.Priority = notification.PriorityNormal
	}

	return submission
}
