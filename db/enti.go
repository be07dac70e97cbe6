package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

type enteRow struct {
	ID         string
	Name       string
	FiscalCode string
	Active     bool
	IOCalls    int
	CreatedAt  time.Time
}

// TableName is GORM's hook.
func (enteRow) TableName() string { return "enti" }

func (r enteRow) ente() notification.Ente {
	return notification.Ente{
		ID: r.ID, Name: r.Name, FiscalCode: r.FiscalCode, Active: r.Active, IOCalls: r.IOCalls,
		CreatedAt: r.CreatedAt.UTC(),
	}
}

// CreateEnte adds an Ente. It returns [ErrDuplicate] where the id or the organization's fiscal code is
// taken: IO's quota counts per organization, so two Enti must never share one.
// A quota of 0 becomes IO's usual one.
func (s *Store) CreateEnte(ctx context.Context, ente notification.Ente) error {
	if err := checkIDs(ente.ID); err != nil {
		return fmt.Errorf("creating an Ente: %w", err)
	}

	row := enteRow{
		ID: ente.ID, Name: ente.Name, FiscalCode: ente.FiscalCode, Active: ente.Active,
		IOCalls: ioCalls(ente), CreatedAt: stampOr(ente.CreatedAt, s.now()),
	}

	return reduce("creating an Ente", gorm.G[enteRow](s.gorm).Create(ctx, &row))
}

// ioCalls is written out, so that a quota stays what it is when the usual one changes.
func ioCalls(ente notification.Ente) int {
	if ente.IOCalls == 0 {
		return notification.DefaultIOCalls
	}

	return ente.IOCalls
}

// UpdateEnte replaces an Ente's name, fiscal code, activity and quota; a quota of 0 becomes IO's usual one.
func (s *Store) UpdateEnte(ctx context.Context, ente notification.Ente) error {
	updated, err := gorm.G[enteRow](s.gorm).Where("id = ?", ente.ID).
		Select("name", "fiscal_code", "active", "io_calls").
		Updates(ctx, enteRow{Name: ente.Name, FiscalCode: ente.FiscalCode, Active: ente.Active, IOCalls: ioCalls(ente)})

	return changedOne("updating an Ente", updated, err)
}

// Ente finds one Ente.
func (s *Store) Ente(ctx context.Context, id string) (notification.Ente, error) {
	row, err := gorm.G[enteRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Ente{}, reduce("reading an Ente", err)
	}

	return row.ente(), nil
}

// Enti lists every Ente by name.
func (s *Store) Enti(ctx context.Context) ([]notification.Ente, error) {
	rows, err := gorm.G[enteRow](s.gorm).Order("name, id").Find(ctx)
	if err != nil {
		return nil, reduce("listing Enti", err)
	}

	enti := make([]notification.Ente, len(rows))
	for i, row := range rows {
		enti[i] = row.ente()
	}

	return enti, nil
}

// changedOne is ErrNotFound where a change that names one row met none.
func changedOne(doing string, changed int, err error) error {
	if err == nil && changed == 0 {
		err = ErrNotFound
	}

	return reduce(doing, err)
}
