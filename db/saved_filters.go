package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// SavedFilter is a filter of the list of notifications that somebody keeps under a name.
type SavedFilter struct {
	ID     string // UUID version 7
	UserID string // whose it is
	Name   string
	// Query is the list's address, its parameters alone. Nothing of a citizen.
	Query string
	// EnteID is with whose people it is shared; empty: with nobody.
	EnteID    string
	CreatedAt time.Time
}

type savedFilterRow struct {
	ID        string
	UserID    string
	Name      string
	Query     string
	EnteID    *string
	CreatedAt time.Time
}

// TableName is GORM's hook.
func (savedFilterRow) TableName() string { return "saved_filters" }

func (r savedFilterRow) filter() SavedFilter {
	return SavedFilter{
		ID: r.ID, UserID: r.UserID, Name: r.Name, Query: r.Query, EnteID: textOrEmpty(r.EnteID), CreatedAt: r.CreatedAt.UTC(),
	}
}

// SaveFilter adds a filter and gives its id. It returns [ErrDuplicate] where the person has one of that name, and
// [ErrConflict] where they have as many as they may.
func (s *Store) SaveFilter(ctx context.Context, filter SavedFilter, most int) (string, error) {
	const doing = "saving a filter"

	id, err := newID()
	if err != nil {
		return "", fmt.Errorf("%s: %w", doing, err)
	}

	err = s.transaction(ctx, doing, func(tx *gorm.DB) error {
		// Two forms that are sent at once must not both find room for one more.
		_, err := gorm.G[userRow](tx, clause.Locking{Strength: noKeyUpdate}).Where("id = ?", filter.UserID).Take(ctx)
		if err != nil {
			return reduce("locking the person", err)
		}

		kept, err := gorm.G[savedFilterRow](tx).Where("user_id = ?", filter.UserID).Count(ctx, "id")

		switch {
		case err != nil:
			return reduce("counting the filters", err)
		case kept >= int64(most):
			return ErrConflict
		}

		row := savedFilterRow{
			ID: id, UserID: filter.UserID, Name: filter.Name, Query: filter.Query, EnteID: optionalText(filter.EnteID),
			CreatedAt: stampOr(filter.CreatedAt, s.now()),
		}

		return reduce("adding the filter", gorm.G[savedFilterRow](tx).Create(ctx, &row))
	})
	if err != nil {
		return "", err
	}

	return id, nil
}

// SavedFilter finds one.
func (s *Store) SavedFilter(ctx context.Context, id string) (SavedFilter, error) {
	row, err := gorm.G[savedFilterRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return SavedFilter{}, reduce("reading a saved filter", err)
	}

	return row.filter(), nil
}

// SavedFilters lists a person's filters and those shared with an Ente's people, by name; an empty Ente: those shared with
// anybody, for people who work across Enti.
func (s *Store) SavedFilters(ctx context.Context, userID, enteID string) ([]SavedFilter, error) {
	query := gorm.G[savedFilterRow](s.gorm).Where("user_id = ?", userID)
	if enteID == "" {
		query = query.Or("ente_id IS NOT NULL")
	} else {
		query = query.Or("ente_id = ?", enteID)
	}

	rows, err := query.Order("name, id").Find(ctx)
	if err != nil {
		return nil, reduce("listing saved filters", err)
	}

	filters := make([]SavedFilter, len(rows))
	for i, row := range rows {
		filters[i] = row.filter()
	}

	return filters, nil
}

// ShareFilter shares a filter with an Ente's people; an empty Ente: with nobody any more.
func (s *Store) ShareFilter(ctx context.Context, id, enteID string) error {
	updated, err := gorm.G[savedFilterRow](s.gorm).Where("id = ?", id).Select("ente_id").
		Updates(ctx, savedFilterRow{EnteID: optionalText(enteID)})

	return changedOne("sharing a filter", updated, err)
}

// DeleteFilter removes a filter.
func (s *Store) DeleteFilter(ctx context.Context, id string) error {
	deleted, err := gorm.G[savedFilterRow](s.gorm).Where("id = ?", id).Delete(ctx)

	return changedOne("deleting a filter", deleted, err)
}
