package gateway

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/genio-gateway/genio/db"
)

// SessionStart is a session that begins with a sign-in.
type SessionStart struct {
	Token     string
	Address   string // of the browser; empty where nobody knows
	UserAgent string
	// Means is how the person has shown who they are: "password", "password and code", or "provider".
	Means string
	// Idle is how long the session lives without being used.
	Idle time.Duration
}

// Session is a signed-in browser of a person.
type Session struct {
	ID        string
	StartedAt time.Time
	SeenAt    time.Time
	Address   string
	UserAgent string
	Current   bool
}

// maxUserAgent bounds what is kept of a browser's name for itself, in bytes.
const maxUserAgent = 200

// OpenSession notes whose a new session is, before the session itself is stored: so it can be ended from its first moment
// on.
func (g *Gateway) OpenSession(ctx context.Context, account Account, start SessionStart) error {
	return g.beginSession(ctx, account, start, actOn("sign_in", account.ID, account.EnteID, "means", start.Means),
		func(store *db.Store) error {
			return storeError("noting the sign-in", store.NoteSignIn(ctx, account.ID))
		})
}

// ContinueSession notes that a person goes on in another membership, in a session with a new token.
func (g *Gateway) ContinueSession(ctx context.Context, account Account, start SessionStart) error {
	return g.beginSession(ctx, account, start,
		actOn("choose_membership", account.ID, account.EnteID, "role", string(account.Role)),
		func(*db.Store) error { return nil })
}

func (g *Gateway) beginSession(
	ctx context.Context, account Account, start SessionStart, act Act, also func(store *db.Store) error,
) error {
	actor := account.Actor()
	actor.Address = start.Address
	agent := strings.ReplaceAll(start.UserAgent[:min(len(start.UserAgent), maxUserAgent)], "\x00", "")

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := store.Sessions().BeginSession(ctx, start.Token, db.SessionInfo{
			UserID: account.ID, Address: start.Address, UserAgent: strings.ToValidUTF8(agent, ""),
		}, time.Now().Add(start.Idle))
		if err != nil {
			return act, storeError("noting the session", err)
		}

		return act, also(store)
	})
}

// RefusedSignIn notes a sign-in that failed. An address that has no account is not written down.
func (g *Gateway) RefusedSignIn(ctx context.Context, email, address, why string) error {
	user, err := g.Store.UserByEmail(ctx, email)
	if err != nil && !errors.Is(err, db.ErrNotFound) && !errors.Is(err, db.ErrInvalid) {
		return storeError("reading the account", err)
	}

	return g.audit(ctx, Actor{Address: address}, actOn("sign_in_refused", user.ID, "", "reason", why))
}

// SignedOut notes that a person ended the own session.
func (g *Gateway) SignedOut(ctx context.Context, actor Actor) error {
	return g.audit(ctx, actor, actOn("sign_out", actor.ID, actor.EnteID))
}

// OwnSessions lists the actor's sessions; token is that of the present one.
func (g *Gateway) OwnSessions(ctx context.Context, actor Actor, token string) ([]Session, error) {
	all, err := g.Store.SessionsOf(ctx, actor.ID)
	if err != nil {
		return nil, storeError("reading the sessions", err)
	}

	sessions := make([]Session, len(all))
	for i, info := range all {
		sessions[i] = Session{
			ID: info.ID, StartedAt: info.StartedAt, SeenAt: info.SeenAt, Address: info.Address, UserAgent: info.UserAgent,
			Current: info.ID == db.SessionID(token),
		}
	}

	return sessions, nil
}

// EndOwnSession ends one of the actor's sessions.
func (g *Gateway) EndOwnSession(ctx context.Context, actor Actor, id string) error {
	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return actOn("end_session", actor.ID, actor.EnteID), storeError("ending the session", store.EndSession(ctx, actor.ID, id))
	})
}

// EndOtherSessions ends every session of the actor but the one of token.
func (g *Gateway) EndOtherSessions(ctx context.Context, actor Actor, token string) error {
	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		ended, err := store.EndSessions(ctx, actor.ID, db.SessionID(token))

		return actOn("end_sessions", actor.ID, actor.EnteID, "ended", strconv.Itoa(ended)), storeError("ending the sessions", err)
	})
}

// formOwnerKept is how long a browser may say who worked in it last.
const formOwnerKept = 24 * time.Hour

// FormOwnerMark is what a browser keeps to tell, once the session is over, who worked in it: signed, so that nobody can make
// one up.
func (g *Gateway) FormOwnerMark(account Account) (string, error) {
	text := strings.Join([]string{
		account.ID, account.MembershipID, strconv.FormatInt(time.Now().Add(formOwnerKept).Unix(), 10),
	}, ".")

	mark, err := g.Store.Mark(text)
	if err != nil {
		return "", fmt.Errorf("marking the browser: %w", err)
	}

	return text + "." + mark, nil
}

// FormOwner reads such a mark: who worked in the browser last, and in which membership. ErrNotFound where it tells nothing.
func (g *Gateway) FormOwner(mark string) (accountID, membershipID string, err error) {
	const parts = 4

	read := strings.Split(mark, ".")
	if len(read) != parts {
		return "", "", ErrNotFound
	}

	text := strings.Join(read[:parts-1], ".")

	until, err := strconv.ParseInt(read[2], 10, 64)
	if err != nil || g.Store.CheckMark(text, read[3]) != nil || time.Now().Unix() > until {
		return "", "", ErrNotFound
	}

	return read[0], read[1], nil
}
