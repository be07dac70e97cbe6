package db

import (
	"context"
	"database/sql"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// StagedService is a service that a reading found on IO, before anybody has chosen it.
type StagedService struct {
	IOServiceID     string
	Number          int // its place in IO's list, from 0
	Name            string
	MaxPaymentCents int64
	Lifecycle       string // IO's word, such as "approved"
	Publication     string // published, unpublished; empty: not known
	// Problem is why its keys could not be had: a reason code. Empty: HasKeys, or they are not here yet.
	Problem string
	HasKeys bool
}

type stagedServiceRow struct {
	ImportID    string `gorm:"primaryKey"`
	IOServiceID string `gorm:"primaryKey"`
	Number      int
	Details     []byte
	Lifecycle   string
	Publication string
	IOKeys      sql.Null[[]byte]
	Problem     string
}

// TableName is GORM's hook.
func (stagedServiceRow) TableName() string { return "staged_services" }

// stagedDetails is the stored form of what is encrypted, keys aside.
type stagedDetails struct {
	Name            string `json:"name"`
	MaxPaymentCents int64  `json:"max_payment_cents"`
}

func stagedPlace(importID, ioServiceID string) string { return importID + "/" + ioServiceID }

// StageServices keeps services that a running reading found. Those that are there already stay as they are, so that it may
// be repeated.
func (s *Store) StageServices(ctx context.Context, importID string, found []StagedService) error {
	const doing = "keeping services found"

	for _, service := range found {
		place := stagedPlace(importID, service.IOServiceID)

		sealed, err := s.keys.seal(columnStagedDetails, place, stagedDetails{service.Name, service.MaxPaymentCents})
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}

		row := stagedServiceRow{
			ImportID: importID, IOServiceID: service.IOServiceID, Number: service.Number, Details: sealed,
			Lifecycle: service.Lifecycle, Publication: service.Publication, Problem: service.Problem,
		}
		if err := gorm.G[stagedServiceRow](s.gorm, clause.OnConflict{DoNothing: true}).Create(ctx, &row); err != nil {
			return reduce(doing, err)
		}
	}

	return nil
}

// StageKeys keeps the keys of a service found, encrypted; or why they could not be had, where problem is not empty.
func (s *Store) StageKeys(ctx context.Context, importID, ioServiceID string, keys notification.ServiceKeys, problem string) error {
	const doing = "keeping the keys of a service found"

	row := stagedServiceRow{Problem: problem}

	if problem == "" {
		sealed, err := s.keys.seal(columnStagedKeys, stagedPlace(importID, ioServiceID), ioKeys(keys))
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}

		row.IOKeys = sql.Null[[]byte]{V: sealed, Valid: true}
	}

	staged, err := gorm.G[stagedServiceRow](s.gorm).Where("import_id = ? AND io_service_id = ?", importID, ioServiceID).
		Select("io_keys", "problem").Updates(ctx, row)

	return changedOne(doing, staged, err)
}

// StagePublication keeps whether citizens see a service found: published or unpublished.
func (s *Store) StagePublication(ctx context.Context, importID, ioServiceID, publication string) error {
	staged, err := gorm.G[stagedServiceRow](s.gorm).Where("import_id = ? AND io_service_id = ?", importID, ioServiceID).
		Update(ctx, "publication", publication)

	return changedOne("keeping a service's publication", staged, err)
}

// StagedServices lists what a reading found, as IO lists it.
func (s *Store) StagedServices(ctx context.Context, importID string) ([]StagedService, error) {
	rows, err := s.stagedRows(ctx, importID)
	if err != nil {
		return nil, err
	}

	found := make([]StagedService, len(rows))

	for i, row := range rows {
		var details stagedDetails
		if err := s.keys.unseal(columnStagedDetails, stagedPlace(importID, row.IOServiceID), row.Details, &details); err != nil {
			return nil, fmt.Errorf("listing services found: %w", err)
		}

		found[i] = StagedService{
			IOServiceID: row.IOServiceID, Number: row.Number, Name: details.Name, MaxPaymentCents: details.MaxPaymentCents,
			Lifecycle: row.Lifecycle, Publication: row.Publication, Problem: row.Problem, HasKeys: row.IOKeys.Valid,
		}
	}

	return found, nil
}

// StagedKeys decrypts the keys of the services found, by their ids on IO.
func (s *Store) StagedKeys(ctx context.Context, importID string) (map[string]notification.ServiceKeys, error) {
	rows, err := s.stagedRows(ctx, importID)
	if err != nil {
		return nil, err
	}

	found := map[string]notification.ServiceKeys{}

	for _, row := range rows {
		if !row.IOKeys.Valid {
			continue
		}

		var keys ioKeys
		if err := s.keys.unseal(columnStagedKeys, stagedPlace(importID, row.IOServiceID), row.IOKeys.V, &keys); err != nil {
			return nil, fmt.Errorf("reading the keys of services found: %w", err)
		}

		found[row.IOServiceID] = notification.ServiceKeys(keys)
	}

	return found, nil
}

func (s *Store) stagedRows(ctx context.Context, importID string) ([]stagedServiceRow, error) {
	rows, err := gorm.G[stagedServiceRow](s.gorm).Where("import_id = ?", importID).Order("number, io_service_id").Find(ctx)

	return rows, reduce("listing services found", err)
}
