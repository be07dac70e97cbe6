package gateway

import (
	"errors"
	"fmt"

	"github.com/genio-gateway/genio/notification"
)

// Errors of the use cases. Invalid input comes as notification.FieldErrors instead.
var (
	// ErrNotFound: it does not exist, or the actor may not know that it does.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the actor sees it and may not change it.
	ErrForbidden = errors.New("forbidden")
	// ErrUnauthenticated: no valid key, password or session.
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrAddressRefused: the API key is in force, but not from this address.
	ErrAddressRefused = errors.New("not from this address")
	// ErrIdempotencyConflict: the idempotency key was used for another request.
	ErrIdempotencyConflict = errors.New("idempotency key already used for another request")
	// ErrState: the notification's state does not allow it, such as a retry of a delivered one.
	ErrState = errors.New("not possible in the notification's state")
	// ErrContentRemoved is an ErrState: the content was removed after its time, so nothing is left to be sent.
	ErrContentRemoved = fmt.Errorf("the content was removed: %w", ErrState)
	// ErrTooMany: too many tries, or too much at the same time; more is refused for a while, right or not.
	ErrTooMany = errors.New("too many")
	// ErrUnverified: the provider of identities does not vouch for the person's e-mail address.
	ErrUnverified = errors.New("e-mail address not verified")
	// ErrNoMembership: the person is known, or vouched for, and has no role here.
	ErrNoMembership = errors.New("no membership")
	// ErrUnavailable: a part that the use case needs cannot be reached now; trying later may work.
	ErrUnavailable = errors.New("temporarily unavailable")
)

// invalid is the error of a single invalid field.
func invalid(field, code, message, messaggio string) error {
	return notification.FieldErrors{fault(field, code, message, messaggio)}
}

// fault is one of several invalid fields.
func fault(field, code, message, messaggio string) notification.FieldError {
	return notification.FieldError{Field: field, Code: code, Message: message, Messaggio: messaggio}
}
