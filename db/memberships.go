package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Membership is a role that a user has, for one Ente or for all.
type Membership struct {
	ID     string // UUID
	UserID string
	// Role is operator, administrator, support, auditor or system_administrator.
	Role      string
	EnteID    string // empty: all Enti
	CreatedAt time.Time
}

type membershipRow struct {
	ID        string
	UserID    string
	Role      string
	EnteID    *string
	CreatedAt time.Time
}

// TableName is GORM's hook.
func (membershipRow) TableName() string { return "memberships" }

func (r membershipRow) membership() Membership {
	return Membership{ID: r.ID, UserID: r.UserID, Role: r.Role, EnteID: textOrEmpty(r.EnteID), CreatedAt: r.CreatedAt.UTC()}
}

// Memberships lists the roles of some users, of each the oldest first.
func (s *Store) Memberships(ctx context.Context, userIDs ...string) ([]Membership, error) {
	rows, err := gorm.G[membershipRow](s.gorm).Where("user_id IN ?", userIDs).Order("created_at, id").Find(ctx)
	if err != nil {
		return nil, reduce("reading memberships", err)
	}

	memberships := make([]Membership, len(rows))
	for i, row := range rows {
		memberships[i] = row.membership()
	}

	return memberships, nil
}

// AddMembership gives a user a role. It returns [ErrDuplicate] where the user has it, and [ErrNotFound] where there is no
// such user or Ente.
func (s *Store) AddMembership(ctx context.Context, membership Membership) error {
	if err := checkIDs(membership.ID, membership.UserID); err != nil {
		return fmt.Errorf("adding a membership: %w", err)
	}

	row := membershipRow{
		ID: membership.ID, UserID: membership.UserID, Role: membership.Role, EnteID: optionalText(membership.EnteID),
		CreatedAt: stampOr(membership.CreatedAt, s.now()),
	}

	return reduce("adding a membership", create(ctx, s, &row))
}

// RemoveMembership takes a role from a user.
func (s *Store) RemoveMembership(ctx context.Context, userID, id string) error {
	removed, err := gorm.G[membershipRow](s.gorm).Where("id = ? AND user_id = ?", id, userID).Delete(ctx)

	return changedOne("removing a membership", removed, err)
}

// LockUser reads a user whom nobody else changes until the transaction ends, for use within [Store.Together].
func (s *Store) LockUser(ctx context.Context, id string) (User, error) {
	row, err := gorm.G[userRow](s.gorm, clause.Locking{Strength: noKeyUpdate}).Where("id = ?", id).Take(ctx)
	if err != nil {
		return User{}, reduce("reading a user", err)
	}

	return row.user(), nil
}

// NoteSignIn says that a user has just signed in.
func (s *Store) NoteSignIn(ctx context.Context, userID string) error {
	updated, err := gorm.G[userRow](s.gorm).Where("id = ?", userID).Update(ctx, "last_sign_in_at", s.now())

	return changedOne("noting a sign-in", updated, err)
}

// PeopleFilter says which users are meant. A zero field does not filter.
type PeopleFilter struct {
	// EnteID: with a membership in this Ente.
	EnteID string
	// Text is part of the name or of the address, in whatever case.
	Text string
}

// People lists users by name, from the one after the given number of others, and tells whether there are more.
func (s *Store) People(ctx context.Context, filter PeopleFilter, skip, limit int) ([]User, bool, error) {
	query := gorm.G[userRow](s.gorm).Order("lower(name), email, id").Offset(skip).Limit(limit + 1)

	if filter.EnteID != "" {
		query = query.Where("id IN (SELECT user_id FROM memberships WHERE ente_id = ?)", filter.EnteID)
	}

	if filter.Text != "" {
		pattern := "%" + likeLiteral(normalEmail(filter.Text)) + "%"
		query = query.Where(`(lower(name) LIKE ? ESCAPE '!' OR email LIKE ? ESCAPE '!')`, pattern, pattern)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return nil, false, reduce("listing people", err)
	}

	users := make([]User, min(len(rows), limit))
	for i := range users {
		users[i] = rows[i].user()
	}

	return users, len(rows) > limit, nil
}
