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
		SMSSender: service.SMSSender, IOKeys: sealed, CreatedAt: stampOr(service.CreatedAt, s.now()),
	}, nil
}

func (r serviceRow) service() notification.Service {
	return notification.Service{
		ID: r.ID, EnteID: r.EnteID, Name: r.Name, Active: r.Active, IOServiceID: r.IOServiceID, Policy: r.Policy,
		MaxPaymentCents: r.MaxPaymentCents, SMSSender: r.SMSSender, CreatedAt: r.CreatedAt.UTC(),
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

	return reduce("creating a service", gorm.G[serviceRow](s.gorm).Create(ctx, &row))
}

// UpdateService replaces everything of a service but its id, its Ente, its keys and its time of creation.
func (s *Store) UpdateService(ctx context.Context, service notification.Service) error {
	updated, err := gorm.G[serviceRow](s.gorm).Where("id = ?", service.ID).
		Select("name", "active", "io_service_id", "policy", "max_payment_cents", "sms_sender").
		Updates(ctx, serviceRow{
			Name: service.Name, Active: service.Active, IOServiceID: service.IOServiceID, Policy: service.Policy,
			MaxPaymentCents: service.MaxPaymentCents, SMSSender: service.SMSSender,
		})

	return changedOne("updating a service", updated, err)
}

// SetServiceKeys replaces a service's keys of IO.
func (s *Store) SetServiceKeys(ctx context.Context, serviceID string, keys notification.ServiceKeys) error {
	if err := checkIDs(serviceID); err != nil {
		return fmt.Errorf("replacing a service's keys: %w", err)
	}

	sealed, err := s.keys.seal(columnIOKeys, serviceID, ioKeys(keys))
	if err != nil {
		return fmt.Errorf("replacing a service's keys: %w", err)
	}

	updated, err := gorm.G[serviceRow](s.gorm).Where("id = ?", serviceID).Update(ctx, "io_keys", sealed)

	return changedOne("replacing a service's keys", updated, err)
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

// ServiceKeys decrypts a service's keys of IO.
func (s *Store) ServiceKeys(ctx context.Context, serviceID string) (notification.ServiceKeys, error) {
	row, err := gorm.G[serviceRow](s.gorm).Select("id", "io_keys").Where("id = ?", serviceID).Take(ctx)
	if err != nil {
		return notification.ServiceKeys{}, reduce("reading a service's keys", err)
	}

	var keys ioKeys
	if err := s.keys.unseal(columnIOKeys, row.ID, row.IOKeys, &keys); err != nil {
		return notification.ServiceKeys{}, fmt.Errorf("reading a service's keys: %w", err)
	}

	return notification.ServiceKeys(keys), nil
}
