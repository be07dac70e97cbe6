package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// endedKept is how long at least an ended session is remembered: longer than any request lasts.
const endedKept = time.Hour

// SessionStore keeps the backoffice's login sessions. It implements Store and CtxStore of
// github.com/alexedwards/scs/v2. A token is stored as its hash and the data encrypted, so that whoever
// reads the table can neither take over a session nor learn whose it is.
//
// A session that was ended stays behind without data. The manager writes a session at the end of each
// request: without that mark, a request that was under way during the sign-out would bring it back.
type SessionStore struct{ store *Store }

// Sessions is the store of login sessions.
func (s *Store) Sessions() *SessionStore { return &SessionStore{store: s} }

type sessionRow struct {
	TokenHash []byte `gorm:"primaryKey"`
	Data      []byte
	ExpiresAt time.Time
	// Whose the session is, since when and from where; see BeginSession.
	UserID    *string
	StartedAt *time.Time
	SeenAt    *time.Time
	Address   string
	UserAgent string
}

// TableName is GORM's hook.
func (sessionRow) TableName() string { return "sessions" }

// hashToken needs no key and no salt: a token is random and long.
func hashToken(token string) []byte {
	hash := sha256.Sum256([]byte(token))

	return hash[:]
}

// FindCtx gives the data of a session that has neither expired nor been ended.
func (s *SessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	hash := hashToken(token)

	row, err := gorm.G[sessionRow](s.store.gorm).Where("token_hash = ? AND expires_at > ?", hash, s.store.now()).Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, false, nil
	}

	if err != nil {
		return nil, false, reduce("reading a session", err)
	}

	if len(row.Data) == 0 {
		return nil, false, nil
	}

	if err := s.store.keys.unseal(columnSession, hex.EncodeToString(hash), row.Data, &data); err != nil {
		return nil, false, fmt.Errorf("reading a session: %w", err)
	}

	return data, true, nil
}

// CommitCtx writes a session, new or not. One that was ended stays so.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	hash := hashToken(token)

	sealed, err := s.store.keys.seal(columnSession, hex.EncodeToString(hash), data)
	if err != nil {
		return fmt.Errorf("writing a session: %w", err)
	}

	now := s.store.now()
	row := sessionRow{TokenHash: hash, Data: sealed, ExpiresAt: stamp(expiry), SeenAt: &now}
	replace := clause.OnConflict{
		Columns:   []clause.Column{{Name: "token_hash"}},
		DoUpdates: clause.AssignmentColumns([]string{"data", columnExpiresAt, "seen_at"}),
		Where:     clause.Where{Exprs: []clause.Expression{gorm.Expr("length(sessions.data) > 0")}},
	}

	return reduce("writing a session", gorm.G[sessionRow](s.store.gorm, replace).Create(ctx, &row))
}

// DeleteCtx ends a session; where there is none it does nothing.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := gorm.G[sessionRow](s.store.gorm).Where("token_hash = ?", hashToken(token)).Set(s.store.asEnded()...).Update(ctx)

	return reduce("ending a session", err)
}

// DeleteExpired removes the sessions that have expired, ended ones included, and tells how many there were.
func (s *SessionStore) DeleteExpired(ctx context.Context) (int, error) {
	return s.store.purge(ctx, "removing expired sessions", expiredSessions(s.store.now()))
}

// expiredSessions include one that expires at this very moment.
func expiredSessions(now time.Time) oldRows {
	return oldRows{model: &sessionRow{}, since: columnExpiresAt, before: now.Add(resolution)}
}

// Find is FindCtx for callers without a context.
func (s *SessionStore) Find(token string) (data []byte, found bool, err error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context.
func (s *SessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx for callers without a context.
func (s *SessionStore) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}
