package gateway

import (
	"time"

	"github.com/genio-gateway/genio/db"
)

// KeyExpiresSoon is how long before its end a key counts as expiring, in answers of the API and on the pages.
const KeyExpiresSoon = 14 * 24 * time.Hour

// KeyState is how things stand with an API key.
type KeyState string

// The states of a key.
const (
	KeyInForce      KeyState = "in_force"
	KeyExpiringSoon KeyState = "expires_soon"
	KeyReplaced     KeyState = "replaced" // in force until ExpiresAt, beside its successor
	KeyExpired      KeyState = "expired"
	KeyRevoked      KeyState = "revoked"
)

// APIKey is an application's key as a person sees it; never its secret.
type APIKey struct {
	ID         string
	EnteID     string
	Name       string
	Prefix     string // the first characters of the secret, to recognise it by
	ServiceIDs []string
	IPRanges   []string // networks (CIDR); none: from anywhere
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time // zero: in force
	LastUsedAt time.Time // zero: never; exact to a minute

	RequestsPerSecond int // 0: the installation's bound

	Version     int    // for a change, see [KeyChange]
	SuccessorID string // the key that takes its place; empty: none
}

// State is the key's state at a time.
func (k APIKey) State(now time.Time) KeyState {
	switch {
	case !k.RevokedAt.IsZero():
		return KeyRevoked
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return KeyExpired
	case k.SuccessorID != "":
		return KeyReplaced
	case !k.ExpiresAt.IsZero() && k.ExpiresAt.Sub(now) <= KeyExpiresSoon:
		return KeyExpiringSoon
	}

	return KeyInForce
}

// Works tells whether the key opens anything at a time.
func (k APIKey) Works(now time.Time) bool {
	state := k.State(now)

	return state != KeyRevoked && state != KeyExpired
}

func keyView(key db.APIKey) APIKey {
	return APIKey{
		ID: key.ID, EnteID: key.EnteID, Name: key.Name, Prefix: key.Prefix, ServiceIDs: key.ServiceIDs, IPRanges: key.IPRanges,
		CreatedAt: key.CreatedAt, ExpiresAt: key.ExpiresAt, RevokedAt: key.RevokedAt, LastUsedAt: key.LastUsedAt,
		Version: key.Version, SuccessorID: key.SuccessorID, RequestsPerSecond: key.RequestsPerSecond,
	}
}
