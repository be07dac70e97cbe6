package db

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// SessionInfo is what is known of a user's session beside its data.
type SessionInfo struct {
	// ID names the session without giving it away: nobody can come from it to the token.
	ID        string
	UserID    string
	StartedAt time.Time
	SeenAt    time.Time
	Address   string
	UserAgent string // shortened
}

// SessionID is how [Store.SessionsOf] names the session of a token.
func SessionID(token string) string { return hex.EncodeToString(hashToken(token)) }

// BeginSession says whose a new session is, before its data is written: so it can be ended from its first moment on.
func (s *SessionStore) BeginSession(ctx context.Context, token string, info SessionInfo, expiry time.Time) error {
	hash := hashToken(token)

	sealed, err := s.store.keys.seal(columnSession, hex.EncodeToString(hash), []byte{})
	if err != nil {
		return fmt.Errorf("beginning a session: %w", err)
	}

	now := s.store.now()
	row := sessionRow{
		TokenHash: hash, Data: sealed, ExpiresAt: stamp(expiry), UserID: optionalText(info.UserID),
		StartedAt: &now, SeenAt: &now, Address: info.Address, UserAgent: info.UserAgent,
	}

	return reduce("beginning a session", gorm.G[sessionRow](s.store.gorm).Create(ctx, &row))
}

// SessionsOf lists a user's sessions that have neither expired nor been ended, the last seen first.
func (s *Store) SessionsOf(ctx context.Context, userID string) ([]SessionInfo, error) {
	rows, err := gorm.G[sessionRow](s.gorm).Where("user_id = ? AND expires_at > ? AND length(data) > 0", userID, s.now()).
		Order("seen_at DESC, token_hash").Find(ctx)
	if err != nil {
		return nil, reduce("listing sessions", err)
	}

	sessions := make([]SessionInfo, len(rows))
	for i, row := range rows {
		sessions[i] = SessionInfo{
			ID: hex.EncodeToString(row.TokenHash), UserID: textOrEmpty(row.UserID), StartedAt: timeOrZero(row.StartedAt),
			SeenAt: timeOrZero(row.SeenAt), Address: row.Address, UserAgent: row.UserAgent,
		}
	}

	return sessions, nil
}

// EndSession ends one session of a user.
func (s *Store) EndSession(ctx context.Context, userID, id string) error {
	hash, err := hex.DecodeString(id)
	if err != nil {
		return fmt.Errorf("ending a session: %w", ErrNotFound)
	}

	ended, err := gorm.G[sessionRow](s.gorm).Where("user_id = ? AND token_hash = ? AND length(data) > 0", userID, hash).
		Set(s.asEnded()...).Update(ctx)

	return changedOne("ending a session", ended, err)
}

// EndSessions ends every session of a user but the one with the id keep; empty: every one.
func (s *Store) EndSessions(ctx context.Context, userID, keep string) (int, error) {
	kept, err := hex.DecodeString(keep)
	if err != nil {
		return 0, fmt.Errorf("ending sessions: %w", ErrNotFound)
	}

	ended, err := gorm.G[sessionRow](s.gorm).Where("user_id = ? AND token_hash <> ? AND length(data) > 0", userID, kept).
		Set(s.asEnded()...).Update(ctx)

	return ended, reduce("ending sessions", err)
}

// asEnded is what remains of an ended session: a mark that outlives every request that is under way.
func (s *Store) asEnded() []clause.Assigner {
	kept := s.now().Add(endedKept)

	return []clause.Assigner{
		clause.Assignment{Column: clause.Column{Name: "data"}, Value: []byte{}},
		clause.Assignment{
			Column: clause.Column{Name: columnExpiresAt},
			Value:  gorm.Expr("CASE WHEN expires_at > ? THEN expires_at ELSE ? END", kept, kept),
		},
	}
}
