package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

// TestReferencePrefix begins the reference of what somebody sent to be tried out: its content is that of any other.
const TestReferencePrefix = "prova-"

// testReferenceBytes tells tests apart, and no more: it is made of the request's own key, so that a repeated request is
// the same one.
const testReferenceBytes = 5

// TestRecipient is to whom a person's tests go: masked, as everybody else is.
type TestRecipient struct {
	MaskedFiscalCode string // empty: nobody was kept
	MaskedPhone      string
}

// TestRecipient tells to whom the actor's tests go.
func (g *Gateway) TestRecipient(ctx context.Context, actor Actor) (TestRecipient, error) {
	if !actor.May(PermissionSend) || actor.Kind != ActorUser {
		return TestRecipient{}, ErrForbidden
	}

	kept, err := g.Store.TestRecipient(ctx, actor.ID)

	switch {
	case errors.Is(err, db.ErrNotFound):
		return TestRecipient{}, nil
	case err != nil:
		return TestRecipient{}, storeError("reading the test recipient", err)
	}

	shown := TestRecipient{MaskedFiscalCode: fiscalcode.Mask(kept.FiscalCode)}
	if kept.Phone != "" {
		shown.MaskedPhone = sms.MaskPhone(kept.Phone)
	}

	return shown, nil
}

// KeepTestRecipient remembers the actor's own codice fiscale and phone, encrypted, for tests.
func (g *Gateway) KeepTestRecipient(ctx context.Context, actor Actor, recipient notification.Recipient) error {
	if !actor.May(PermissionSend) || actor.Kind != ActorUser {
		return ErrForbidden
	}

	own := g.normalise(Submission{FiscalCode: recipient.FiscalCode, Phone: recipient.Phone})
	invalid := append(g.checkFiscalCode("recipient.fiscal_code", own.FiscalCode), g.checkPhone(own)...)

	if err := invalid.OrNil(); err != nil {
		return err
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := store.KeepTestRecipient(ctx, actor.ID, notification.Recipient{FiscalCode: own.FiscalCode, Phone: own.Phone})

		return testRecipientAct("keep", actor), storeError("keeping the test recipient", err)
	})
}

// ForgetTestRecipient forgets what KeepTestRecipient remembered.
func (g *Gateway) ForgetTestRecipient(ctx context.Context, actor Actor) error {
	if !actor.May(PermissionSend) || actor.Kind != ActorUser {
		return ErrForbidden
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := store.RemoveTestRecipient(ctx, actor.ID)

		return testRecipientAct("forget", actor), storeError("forgetting the test recipient", err)
	})
}

func testRecipientAct(verb string, actor Actor) Act {
	return Act{Name: "test_recipient." + verb, Object: "account", ObjectID: actor.ID}
}

// SendTest sends what a person wrote to that person, at once and under a reference that says so. It is ErrState where the
// person's own codice fiscale is not known.
func (g *Gateway) SendTest(ctx context.Context, actor Actor, composition Composition) (Receipt, error) {
	if !actor.May(PermissionSend) || actor.Kind != ActorUser {
		return Receipt{}, ErrForbidden
	}

	own, err := g.Store.TestRecipient(ctx, actor.ID)

	switch {
	case errors.Is(err, db.ErrNotFound):
		return Receipt{}, ErrState
	case err != nil:
		return Receipt{}, storeError("reading the test recipient", err)
	}

	test := composition.Submission
	test.FiscalCode, test.Phone = own.FiscalCode, own.Phone
	test.SendAt, test.ExpiresAt = time.Time{}, time.Time{}

	sum := sha256.Sum256([]byte(test.IdempotencyKey))
	test.ExternalReference = TestReferencePrefix + hex.EncodeToString(sum[:testReferenceBytes])

	return g.submit(ctx, actor, test, "test")
}
