package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// User is somebody who may log in to the backoffice.
type User struct {
	ID    string // UUID version 7
	Email string // kept in lower case
	Name  string
	// PasswordHash is empty for somebody who has chosen no password: who has not answered an invitation yet, or signs in
	// with another provider.
	PasswordHash string
	// Role and EnteID are the membership that the user begins with; what counts later is [Store.Memberships].
	Role      string
	EnteID    string // empty: all Enti
	Active    bool
	CreatedAt time.Time
	// LastSignInAt is zero for somebody who never has.
	LastSignInAt time.Time
}

type userRow struct {
	ID           string
	Email        string
	Name         string
	PasswordHash string
	Role         string
	EnteID       *string
	Active       bool
	CreatedAt    time.Time
	LastSignInAt *time.Time
}

// TableName is GORM's hook.
func (userRow) TableName() string { return "users" }

func (r userRow) user() User {
	return User{
		ID: r.ID, Email: r.Email, Name: r.Name, PasswordHash: r.PasswordHash, Role: r.Role,
		EnteID: textOrEmpty(r.EnteID), Active: r.Active, CreatedAt: r.CreatedAt.UTC(),
		LastSignInAt: timeOrZero(r.LastSignInAt),
	}
}

// normalEmail makes addresses comparable. Mailboxes may legally differ by case alone; people do not.
func normalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// CreateUser adds a user with a first membership. It returns [ErrDuplicate] where the address is taken, in whatever case.
func (s *Store) CreateUser(ctx context.Context, user User) error {
	if err := checkIDs(user.ID); err != nil {
		return fmt.Errorf("creating a user: %w", err)
	}

	row := userRow{
		ID: user.ID, Email: normalEmail(user.Email), Name: user.Name, PasswordHash: user.PasswordHash, Role: user.Role,
		EnteID: optionalText(user.EnteID), Active: user.Active, CreatedAt: stampOr(user.CreatedAt, s.now()),
	}

	return s.transaction(ctx, "creating a user", func(tx *gorm.DB) error {
		if err := gorm.G[userRow](tx).Create(ctx, &row); err != nil {
			return reduce("storing the user", err)
		}

		first := membershipRow{ID: row.ID, UserID: row.ID, Role: row.Role, EnteID: row.EnteID, CreatedAt: row.CreatedAt}

		return reduce("storing the first membership", gorm.G[membershipRow](tx).Create(ctx, &first))
	})
}

// UpdateUser replaces everything of a user but the id, the times of creation and of the last sign-in, and the memberships.
func (s *Store) UpdateUser(ctx context.Context, user User) error {
	updated, err := gorm.G[userRow](s.gorm).Where("id = ?", user.ID).
		Select("email", "name", "password_hash", "role", "ente_id", "active").
		Updates(ctx, userRow{
			Email: normalEmail(user.Email), Name: user.Name, PasswordHash: user.PasswordHash, Role: user.Role,
			EnteID: optionalText(user.EnteID), Active: user.Active,
		})

	return changedOne("updating a user", updated, err)
}

// UserByEmail finds a user by address, in whatever case.
func (s *Store) UserByEmail(ctx context.Context, email string) (User, error) {
	return s.userWhere(ctx, "email = ?", normalEmail(email))
}

// User finds one user.
func (s *Store) User(ctx context.Context, id string) (User, error) {
	return s.userWhere(ctx, "id = ?", id)
}

func (s *Store) userWhere(ctx context.Context, condition, value string) (User, error) {
	row, err := gorm.G[userRow](s.gorm).Where(condition, value).Take(ctx)
	if err != nil {
		return User{}, reduce("reading a user", err)
	}

	return row.user(), nil
}

// Users lists every user by address.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	rows, err := gorm.G[userRow](s.gorm).Order("email").Find(ctx)
	if err != nil {
		return nil, reduce("listing users", err)
	}

	users := make([]User, len(rows))
	for i, row := range rows {
		users[i] = row.user()
	}

	return users, nil
}
