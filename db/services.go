package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

type serviceRow struct {
	ID              string
	EnteID          string
	Name            string
	Active          bool
	IOServiceID     string
	Policy          notification.Policy `gorm:"serializer:json"`
	MaxPaymentCents int64
	SMSSender       string
	IOKeys          []byte
	CreatedAt       time.Time
	Version         int
}

// TableName is GORM's hook.
func (serviceRow) TableName() string { return "services" }

// ioKeys is the stored form of notification.ServiceKeys.
type ioKeys struct {
	Primary      string `json:"primary"`
	Secondary    string `json:"secondary"`
	UseSecondary bool   `json:"use_secondary"`
}

func (s *Store) serviceRow(service notification.Service, keys notification.ServiceKeys) (serviceRow, error) {
	sealed, err := s.keys.seal(columnIOKeys, service.ID, ioKeys(keys))
	if err != nil {
		return serviceRow{}, err
	}

	return serviceRow{
		ID: service.ID, EnteID: service.EnteID, Name: service.Name, Active: service.Active,
		IOServiceID: service.IOServiceID, Policy: service.Policy, MaxPaymentCents: service.MaxPaymentCents,
		SMSSender: service.SMSSender, IOKeys: sealed, CreatedAt: stampOr(service.CreatedAt, s.now()), Version: 1,
	}, nil
}

func (r serviceRow) service() notification.Service {
	return notification.Service{
		ID: r.ID, EnteID: r.EnteID, Name: r.Name, Active: r.Active, IOServiceID: r.IOServiceID, Policy: r.Policy,
		MaxPaymentCents: r.MaxPaymentCents, SMSSender: r.SMSSender, CreatedAt: r.CreatedAt.UTC(), Version: r.Version,
	}
}

// CreateService adds a service with its keys of IO, which are stored encrypted. It returns [ErrNotFound]
// where the Ente does not exist.
func (s *Store) CreateService(ctx context.Context, service notification.Service, keys notification.ServiceKeys) error {
	if err := checkIDs(service.ID, service.EnteID); err != nil {
		return fmt.Errorf("creating a service: %w", err)
	}

	row, err := s.serviceRow(service, keys)
	if err != nil {
		return fmt.Errorf("creating a service: %w", err)
	}

	return s.Together(ctx, func(within *Store) error {
		if err := gorm.G[serviceRow](within.gorm).Create(ctx, &row); err != nil {
			return reduce("creating a service", err)
		}

		for _, slot := range notification.KeySlots() {
			if keys.Of(slot) == "" {
				continue
			}

			if err := within.noteNewKey(ctx, service.ID, slot); err != nil {
				return err
			}
		}

		return nil
	})
}

// UpdateService replaces everything of a service but its id, its Ente, its keys and its time of creation. It returns
// [ErrConflict] where the service has another version by now than the one given.
func (s *Store) UpdateService(ctx context.Context, service notification.Service) error {
	return s.Together(ctx, func(within *Store) error {
		present, err := gorm.G[serviceRow](within.gorm).Select("version").Where("id = ?", service.ID).Take(ctx)
		if err != nil {
			return reduce("updating a service", err)
		}

		updated, err := gorm.G[serviceRow](within.gorm).
			Where("id = ? AND version = ?", service.ID, seenOr(service.Version, present.Version)).
			Select("name", "active", "io_service_id", "policy", "max_payment_cents", "sms_sender", "version").
			Updates(ctx, serviceRow{
				Name: service.Name, Active: service.Active, IOServiceID: service.IOServiceID, Policy: service.Policy,
				MaxPaymentCents: service.MaxPaymentCents, SMSSender: service.SMSSender, Version: present.Version + 1,
			})

		return stillThere("updating a service", updated, err)
	})
}

// Service finds one service.
func (s *Store) Service(ctx context.Context, id string) (notification.Service, error) {
	row, err := gorm.G[serviceRow](s.gorm).Omit("io_keys").Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Service{}, reduce("reading a service", err)
	}

	return row.service(), nil
}

// Services lists an Ente's services by name, or everybody's where enteID is empty.
func (s *Store) Services(ctx context.Context, enteID string) ([]notification.Service, error) {
	query := gorm.G[serviceRow](s.gorm).Omit("io_keys").Order("name, id")
	if enteID != "" {
		query = query.Where("ente_id = ?", enteID)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return nil, reduce("listing services", err)
	}

	services := make([]notification.Service, len(rows))
	for i, row := range rows {
		services[i] = row.service()
	}

	return services, nil
}
