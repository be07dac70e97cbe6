package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// ImportState is how far a reading of the services that an Ente has on IO is.
type ImportState string

// The states of a reading.
const (
	ImportRunning   ImportState = "running"
	ImportReady     ImportState = "ready"     // read; what was found waits for a person's choice
	ImportFailed    ImportState = "failed"    // Problem says why
	ImportDone      ImportState = "imported"  // a person has chosen
	ImportForgotten ImportState = "forgotten" // nobody has, within the time that keys found may wait
)

// ServiceImport is a reading of the services that an Ente has on IO.
type ServiceImport struct {
	ID        string // UUID version 7
	EnteID    string
	State     ImportState
	Problem   string // why it failed, or what it waits for: a reason code
	CreatedAt time.Time
	EndedAt   time.Time // zero: still running

	// Found counts the services that IO listed, and Fetched those of them whose keys came or could not be had.
	Found, Fetched int
}

type serviceImportRow struct {
	ID        string
	EnteID    string
	ManageKey sql.Null[[]byte]
	State     ImportState
	Problem   string
	CreatedAt time.Time
	EndedAt   *time.Time
}

// TableName is GORM's hook.
func (serviceImportRow) TableName() string { return "service_imports" }

func (r serviceImportRow) serviceImport() ServiceImport {
	return ServiceImport{
		ID: r.ID, EnteID: r.EnteID, State: r.State, Problem: r.Problem, CreatedAt: r.CreatedAt.UTC(), EndedAt: timeOrZero(r.EndedAt),
	}
}

// CreateServiceImport begins a reading with the Ente's manage key, which is encrypted and goes when the reading ends.
func (s *Store) CreateServiceImport(ctx context.Context, begun ServiceImport, manageKey string) error {
	const doing = "beginning a service import"

	if err := checkIDs(begun.ID, begun.EnteID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	sealed, err := s.keys.seal(columnImportKey, begun.ID, manageKey)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row := serviceImportRow{
		ID: begun.ID, EnteID: begun.EnteID, ManageKey: sql.Null[[]byte]{V: sealed, Valid: true}, State: ImportRunning,
		CreatedAt: stampOr(begun.CreatedAt, s.now()),
	}

	return reduce(doing, create(ctx, s, &row))
}

// DiscardServiceImport removes a reading that nobody started.
func (s *Store) DiscardServiceImport(ctx context.Context, id string) error {
	_, err := gorm.G[serviceImportRow](s.gorm).Where("id = ?", id).Delete(ctx)

	return reduce("discarding a service import", err)
}

// ServiceImport finds a reading.
func (s *Store) ServiceImport(ctx context.Context, id string) (ServiceImport, error) {
	const doing = "reading a service import"

	row, err := gorm.G[serviceImportRow](s.gorm).Omit("manage_key").Where("id = ?", id).Take(ctx)
	if err != nil {
		return ServiceImport{}, reduce(doing, err)
	}

	found := row.serviceImport()

	counts, err := gorm.G[struct{ Found, Fetched int }](s.gorm).Raw(`SELECT COUNT(*) AS found,
		COUNT(CASE WHEN io_keys IS NOT NULL OR problem <> '' THEN 1 END) AS fetched
		FROM staged_services WHERE import_id = ?`, id).Take(ctx)
	if err != nil {
		return ServiceImport{}, reduce(doing, err)
	}

	found.Found, found.Fetched = counts.Found, counts.Fetched

	return found, nil
}

// ServiceImportKey decrypts the manage key of a reading; [ErrNotFound] where it has ended.
func (s *Store) ServiceImportKey(ctx context.Context, id string) (string, error) {
	const doing = "reading the manage key of a service import"

	row, err := gorm.G[serviceImportRow](s.gorm).Where("id = ? AND manage_key IS NOT NULL", id).Take(ctx)
	if err != nil {
		return "", reduce(doing, err)
	}

	var key string
	if err := s.keys.unseal(columnImportKey, row.ID, row.ManageKey.V, &key); err != nil {
		return "", fmt.Errorf("%s: %w", doing, err)
	}

	return key, nil
}

// ServiceImports lists an Ente's latest readings, the newest first, without their counts.
func (s *Store) ServiceImports(ctx context.Context, enteID string, limit int) ([]ServiceImport, error) {
	rows, err := gorm.G[serviceImportRow](s.gorm).Omit("manage_key").Where("ente_id = ?", enteID).
		Order("created_at DESC, id DESC").Limit(limit).Find(ctx)
	if err != nil {
		return nil, reduce("listing service imports", err)
	}

	found := make([]ServiceImport, len(rows))
	for i, row := range rows {
		found[i] = row.serviceImport()
	}

	return found, nil
}

// NoteServiceImport notes what a running reading waits for; empty: nothing any more.
func (s *Store) NoteServiceImport(ctx context.Context, id, problem string) error {
	_, err := gorm.G[serviceImportRow](s.gorm).
		Where("id = ? AND state = ? AND problem <> ?", id, ImportRunning, problem).Update(ctx, "problem", problem)

	return reduce("noting a service import's trouble", err)
}

// FinishServiceImport ends a running reading, well where problem is empty, and forgets its manage key. One that has ended
// stays as it is.
func (s *Store) FinishServiceImport(ctx context.Context, id, problem string) error {
	state := ImportReady
	if problem != "" {
		state = ImportFailed
	}

	now := s.now()
	_, err := gorm.G[serviceImportRow](s.gorm).Where("id = ? AND state = ?", id, ImportRunning).
		Select("state", "problem", "manage_key", "ended_at").
		Updates(ctx, serviceImportRow{State: state, Problem: problem, EndedAt: &now})

	return reduce("ending a service import", err)
}

// CloseServiceImport says what became of a reading that is ready, and removes what it found. [ErrConflict] where it is not
// ready, such as when its services are imported already.
func (s *Store) CloseServiceImport(ctx context.Context, id string, end ImportState) error {
	const doing = "closing a service import"

	closed, err := gorm.G[serviceImportRow](s.gorm).Where("id = ? AND state = ?", id, ImportReady).Update(ctx, "state", end)
	if err := changedAsSeen(doing, closed, err); err != nil {
		return err
	}

	return s.removeStaged(ctx, id)
}

// removeStaged removes what a reading found.
func (s *Store) removeStaged(ctx context.Context, importID string) error {
	_, err := gorm.G[stagedServiceRow](s.gorm).Where("import_id = ?", importID).Delete(ctx)

	return reduce("removing staged services", err)
}

// PurgeServiceImports removes the readings begun before a time, with what they found and the keys they hold, and tells how
// many there were. A workflow that somebody ended from outside leaves them behind.
func (s *Store) PurgeServiceImports(ctx context.Context, before time.Time) (int, error) {
	const doing = "purging service imports"

	old := s.gorm.WithContext(ctx).Model(&serviceImportRow{}).Select("id").Where("created_at < ?", stamp(before))
	if err := s.gorm.WithContext(ctx).Where("import_id IN (?)", old).Delete(&stagedServiceRow{}).Error; err != nil {
		return 0, reduce(doing, err)
	}

	purged, err := gorm.G[serviceImportRow](s.gorm).Where("created_at < ?", stamp(before)).Delete(ctx)

	return purged, reduce(doing, err)
}
