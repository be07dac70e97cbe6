package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

type enteRow struct {
	ID                string
	Name              string
	FiscalCode        string
	Active            bool
	State             string
	StateSince        *time.Time
	StateReason       string
	AgreementVersion  string
	AgreementSignedOn string
	ContactName       string
	ContactEmail      string
	IOCalls           int
	ContentDays       int
	OutcomeDays       int
	CreatedAt         time.Time
	Version           int
}

// TableName is GORM's hook.
func (enteRow) TableName() string { return "enti" }

func (r enteRow) ente() notification.Ente {
	return notification.Ente{
		ID: r.ID, Name: r.Name, FiscalCode: r.FiscalCode, Active: r.Active,
		State: notification.EnteState(r.State), StateSince: timeOrZero(r.StateSince), StateReason: r.StateReason,
		Agreement: notification.Agreement{Version: r.AgreementVersion, SignedOn: r.AgreementSignedOn},
		Contact:   notification.Contact{Name: r.ContactName, Email: r.ContactEmail},
		IOCalls:   r.IOCalls, Retention: notification.Retention{ContentDays: r.ContentDays, OutcomeDays: r.OutcomeDays},
		CreatedAt: r.CreatedAt.UTC(), Version: r.Version,
	}
}

// newEnteRow leaves the time of creation to the caller.
func newEnteRow(ente notification.Ente) enteRow {
	ente = ente.Settled()
	retention := ente.Retention.OrUsual()

	return enteRow{
		ID: ente.ID, Name: ente.Name, FiscalCode: ente.FiscalCode, Active: ente.Active,
		State: string(ente.State), StateSince: optionalStamp(ente.StateSince), StateReason: ente.StateReason,
		AgreementVersion: ente.Agreement.Version, AgreementSignedOn: ente.Agreement.SignedOn,
		ContactName: ente.Contact.Name, ContactEmail: ente.Contact.Email, IOCalls: ioCalls(ente),
		ContentDays: retention.ContentDays, OutcomeDays: retention.OutcomeDays, Version: 1,
	}
}

// CreateEnte adds an Ente. It returns [ErrDuplicate] where the id or the organization's fiscal code is
// taken: IO's quota counts per organization, so two Enti must never share one.
// A quota of 0 becomes IO's usual one, and retention without days the usual one.
func (s *Store) CreateEnte(ctx context.Context, ente notification.Ente) error {
	if err := checkIDs(ente.ID); err != nil {
		return fmt.Errorf("creating an Ente: %w", err)
	}

	row := newEnteRow(ente)
	row.CreatedAt = stampOr(ente.CreatedAt, s.now())

	return reduce("creating an Ente", create(ctx, s, &row))
}

// ioCalls is written out, so that a quota stays what it is when the usual one changes.
func ioCalls(ente notification.Ente) int {
	if ente.IOCalls == 0 {
		return notification.DefaultIOCalls
	}

	return ente.IOCalls
}

// UpdateEnte replaces everything of an Ente but its id and its time of creation; a quota of 0 becomes IO's usual one. It
// returns [ErrConflict] where the Ente has another version by now than the one given.
func (s *Store) UpdateEnte(ctx context.Context, ente notification.Ente) error {
	return s.Together(ctx, func(within *Store) error {
		present, err := gorm.G[enteRow](within.gorm).Select("version").Where("id = ?", ente.ID).Take(ctx)
		if err != nil {
			return reduce("updating an Ente", err)
		}

		row := newEnteRow(ente)
		row.Version = present.Version + 1

		updated, err := gorm.G[enteRow](within.gorm).Where("id = ? AND version = ?", ente.ID, seenOr(ente.Version, present.Version)).
			Select("name", "fiscal_code", "active", "state", "state_since", "state_reason", "agreement_version", "agreement_signed_on",
				"contact_name", "contact_email", "io_calls", "content_days", "outcome_days", "version").
			Updates(ctx, row)

		return stillThere("updating an Ente", updated, err)
	})
}

// seenOr is the version that the change is meant for: the one that was seen, or whichever is present.
func seenOr(seen, present int) int {
	if seen == 0 {
		return present
	}

	return seen
}

// stillThere is ErrConflict where a change met no row of the version that it was meant for.
func stillThere(doing string, changed int, err error) error {
	if err == nil && changed == 0 {
		err = ErrConflict
	}

	return reduce(doing, err)
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
