package db

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// likeLiteral is a text that LIKE takes as it is, with the escape character '!'.
func likeLiteral(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

// Invitation is a link that lets a user choose a password. A user has at most one.
type Invitation struct {
	UserID    string
	TokenHash []byte
	CreatedAt time.Time
	ExpiresAt time.Time
}

type invitationRow struct {
	UserID    string `gorm:"primaryKey"`
	TokenHash []byte
	CreatedAt time.Time
	ExpiresAt time.Time
}

// TableName is GORM's hook.
func (invitationRow) TableName() string { return "invitations" }

func (r invitationRow) invitation() Invitation {
	return Invitation{UserID: r.UserID, TokenHash: r.TokenHash, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC()}
}

// SaveInvitation makes a user's invitation; an earlier one counts no more.
func (s *Store) SaveInvitation(ctx context.Context, invitation Invitation) error {
	row := invitationRow{
		UserID: invitation.UserID, TokenHash: invitation.TokenHash,
		CreatedAt: stampOr(invitation.CreatedAt, s.now()), ExpiresAt: stamp(invitation.ExpiresAt),
	}
	replace := clause.OnConflict{
		Columns:   []clause.Column{{Name: "user_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"token_hash", columnCreatedAt, columnExpiresAt}),
	}

	return reduce("storing an invitation", gorm.G[invitationRow](s.gorm, replace).Create(ctx, &row))
}

// InvitationByHash finds an invitation by its token's hash, whether or not it has expired.
func (s *Store) InvitationByHash(ctx context.Context, hash []byte) (Invitation, error) {
	row, err := gorm.G[invitationRow](s.gorm).Where("token_hash = ?", hash).Take(ctx)
	if err != nil {
		return Invitation{}, reduce("reading an invitation", err)
	}

	return row.invitation(), nil
}

// InvitationsOf reads the invitations of some users; whoever has none is left out.
func (s *Store) InvitationsOf(ctx context.Context, userIDs ...string) ([]Invitation, error) {
	rows, err := gorm.G[invitationRow](s.gorm).Where("user_id IN ?", userIDs).Find(ctx)
	if err != nil {
		return nil, reduce("reading invitations", err)
	}

	invitations := make([]Invitation, len(rows))
	for i, row := range rows {
		invitations[i] = row.invitation()
	}

	return invitations, nil
}

// TakeInvitation uses an invitation up. Of several who try at once one succeeds; the others get [ErrNotFound].
func (s *Store) TakeInvitation(ctx context.Context, hash []byte) error {
	taken, err := gorm.G[invitationRow](s.gorm).Where("token_hash = ?", hash).Delete(ctx)

	return changedOne("using an invitation up", taken, err)
}

// DropInvitation withdraws a user's invitation; where there is none it does nothing.
func (s *Store) DropInvitation(ctx context.Context, userID string) error {
	_, err := gorm.G[invitationRow](s.gorm).Where("user_id = ?", userID).Delete(ctx)

	return reduce("withdrawing an invitation", err)
}

// PurgeInvitations forgets the invitations that expired before a time and tells how many there were.
func (s *Store) PurgeInvitations(ctx context.Context, before time.Time) (int, error) {
	return s.purge(ctx, "forgetting invitations", oldInvitations(before))
}

func oldInvitations(before time.Time) oldRows {
	return oldRows{model: &invitationRow{}, since: columnExpiresAt, before: before}
}
