package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// APIKey is an Ente's key to the API. The secret itself is never stored, only a hash of it.
type APIKey struct {
	ID     string // UUID version 7
	EnteID string
	Name   string
	// Prefix is the secret's beginning, by which people tell keys apart.
	Prefix string
	// ServiceIDs are the services the key may use. Empty: every service of the Ente.
	ServiceIDs []string
	// IPRanges are the networks (CIDR) from which the key may be used. Empty: from anywhere.
	IPRanges []string
	// RequestsPerSecond is how many requests the key may make. 0: the installation's bound.
	RequestsPerSecond int

	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time // zero: not revoked
	LastUsedAt time.Time // zero: never used; exact to a minute

	// Version counts the changes, from 1.
	Version int
	// SuccessorID is the key that takes this one's place; empty: none.
	SuccessorID string
}

// KeyUseInterval is how exactly the last use of a key is known.
const KeyUseInterval = time.Minute

type apiKeyRow struct {
	ID         string
	EnteID     string
	Name       string
	Prefix     string
	SecretHash []byte
	ServiceIDs []string `gorm:"serializer:json"`
	IPRanges   []string `gorm:"column:ip_ranges;serializer:json"`
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	RevokedAt  *time.Time
	LastUsedAt *time.Time
	Version    int

	SuccessorID       *string
	RequestsPerSecond int
}

// TableName is GORM's hook.
func (apiKeyRow) TableName() string { return "api_keys" }

func (r apiKeyRow) apiKey() APIKey {
	return APIKey{
		ID: r.ID, EnteID: r.EnteID, Name: r.Name, Prefix: r.Prefix, ServiceIDs: r.ServiceIDs, IPRanges: r.IPRanges,
		CreatedAt: r.CreatedAt.UTC(), ExpiresAt: timeOrZero(r.ExpiresAt), RevokedAt: timeOrZero(r.RevokedAt),
		LastUsedAt: timeOrZero(r.LastUsedAt), Version: r.Version, SuccessorID: textOrEmpty(r.SuccessorID),
		RequestsPerSecond: r.RequestsPerSecond,
	}
}

// CreateAPIKey adds a key. secretHash must come from a secret of high entropy: it is stored as it is.
func (s *Store) CreateAPIKey(ctx context.Context, key APIKey, secretHash []byte) error {
	if err := checkIDs(key.ID, key.EnteID); err != nil {
		return fmt.Errorf("creating an API key: %w", err)
	}

	row := apiKeyRow{
		ID: key.ID, EnteID: key.EnteID, Name: key.Name, Prefix: key.Prefix, SecretHash: secretHash,
		ServiceIDs: append([]string{}, key.ServiceIDs...), IPRanges: append([]string{}, key.IPRanges...),
		CreatedAt: stampOr(key.CreatedAt, s.now()), ExpiresAt: optionalStamp(key.ExpiresAt),
		RevokedAt: optionalStamp(key.RevokedAt), Version: 1,
		RequestsPerSecond: key.RequestsPerSecond,
	}

	return reduce("creating an API key", create(ctx, s, &row))
}

// APIKeyByHash finds the key of a secret, revoked and expired ones included: the caller decides.
func (s *Store) APIKeyByHash(ctx context.Context, secretHash []byte) (APIKey, error) {
	row, err := gorm.G[apiKeyRow](s.gorm).Where("secret_hash = ?", secretHash).Take(ctx)
	if err != nil {
		return APIKey{}, reduce("reading an API key", err)
	}

	return row.apiKey(), nil
}

// APIKeys lists an Ente's keys, the newest first.
func (s *Store) APIKeys(ctx context.Context, enteID string) ([]APIKey, error) {
	rows, err := gorm.G[apiKeyRow](s.gorm).Where("ente_id = ?", enteID).Order("created_at DESC, id DESC").Find(ctx)
	if err != nil {
		return nil, reduce("listing API keys", err)
	}

	keys := make([]APIKey, len(rows))
	for i, row := range rows {
		keys[i] = row.apiKey()
	}

	return keys, nil
}

// APIKey finds a key.
func (s *Store) APIKey(ctx context.Context, id string) (APIKey, error) {
	row, err := gorm.G[apiKeyRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return APIKey{}, reduce("reading an API key", err)
	}

	return row.apiKey(), nil
}

// UpdateAPIKey changes the name, the end, the networks and the bound of a key as it was at key.Version. [ErrConflict] where somebody
// else has changed or revoked it since, or it is gone.
func (s *Store) UpdateAPIKey(ctx context.Context, key APIKey) error {
	updated, err := gorm.G[apiKeyRow](s.gorm).
		Where("id = ? AND ente_id = ? AND version = ? AND revoked_at IS NULL", key.ID, key.EnteID, key.Version).
		Select("name", columnExpiresAt, "ip_ranges", "requests_per_second", "version").
		Updates(ctx, apiKeyRow{
			Name: key.Name, ExpiresAt: optionalStamp(key.ExpiresAt), IPRanges: append([]string{}, key.IPRanges...),
			RequestsPerSecond: key.RequestsPerSecond, Version: key.Version + 1,
		})

	return changedAsSeen("changing an API key", updated, err)
}

// ReplaceAPIKey notes which key takes the place of one, which ends at key.ExpiresAt. [ErrConflict] as for
// [Store.UpdateAPIKey], and where it has a successor already.
func (s *Store) ReplaceAPIKey(ctx context.Context, key APIKey) error {
	replaced, err := gorm.G[apiKeyRow](s.gorm).
		Where("id = ? AND ente_id = ? AND version = ?", key.ID, key.EnteID, key.Version).
		Where("revoked_at IS NULL AND successor_id IS NULL").
		Select(columnExpiresAt, "successor_id", "version").
		Updates(ctx, apiKeyRow{
			ExpiresAt: optionalStamp(key.ExpiresAt), SuccessorID: optionalText(key.SuccessorID), Version: key.Version + 1,
		})

	return changedAsSeen("replacing an API key", replaced, err)
}

// changedAsSeen is ErrConflict where a change that names a row as somebody saw it met none.
func changedAsSeen(doing string, changed int, err error) error {
	if err == nil && changed == 0 {
		err = ErrConflict
	}

	return reduce(doing, err)
}

// RevokeAPIKey revokes an Ente's key from now on. Revoking it again changes nothing.
func (s *Store) RevokeAPIKey(ctx context.Context, enteID, id string) error {
	revoked, err := gorm.G[apiKeyRow](s.gorm).Where("id = ? AND ente_id = ?", id, enteID).
		Update(ctx, "revoked_at", gorm.Expr("COALESCE(revoked_at, ?)", s.now()))

	return changedOne("revoking an API key", revoked, err)
}

// TouchAPIKey notes that a key was used. It writes at most once a minute for each key.
func (s *Store) TouchAPIKey(ctx context.Context, id string, at time.Time) error {
	_, err := gorm.G[apiKeyRow](s.gorm).
		Where("id = ? AND (last_used_at IS NULL OR last_used_at <= ?)", id, stamp(at).Add(-KeyUseInterval)).
		Update(ctx, "last_used_at", stamp(at))

	return reduce("noting the use of an API key", err)
}
