// Package demo prepares an invented Ente with services, a key and accounts, and plays notifications that cover
// every outcome, so that the first page already tells stories.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/simulator"
)

// Setting is what the demonstration works with. It is kept in a file, because a key's secret cannot be read back
// from the database.
type Setting struct {
	EnteID  string  `json:"ente_id"`
	APIKey  string  `json:"api_key"`
	Service Service `json:"service"` // with GeNIO's default policy
	Hasty   Service `json:"hasty"`   // waits for IO only for moments
	Careful Service `json:"careful"` // asks a person when an outcome is uncertain
	Renewed Service `json:"renewed"` // its IO key is revoked, and then renewed
	Logins  []Login `json:"logins"`

	// ManageKey lists the Ente's services on IO, those of Elsewhere too, which GeNIO does not know yet.
	ManageKey string             `json:"manage_key"`
	Elsewhere []ServiceElsewhere `json:"elsewhere"`

	// First tells that this start made it.
	First bool `json:"-"`
}

// Service is a service of the demonstration with its IO key.
type Service struct {
	ID    string `json:"id"`
	IOKey string `json:"io_key"`

	Name        string `json:"name"`
	IOServiceID string `json:"io_service_id"`
}

// ServiceElsewhere is a service of the Ente that is on IO only.
type ServiceElsewhere struct {
	IOServiceID  string `json:"io_service_id"`
	Name         string `json:"name"`
	Lifecycle    string `json:"lifecycle"`
	PrimaryKey   string `json:"primary_key"`
	SecondaryKey string `json:"secondary_key"`
}

// Login is an account of the demonstration.
type Login struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Label    string `json:"label"`
}

// Prepare reads the setting from the file, or makes it in an empty database.
func Prepare(ctx context.Context, store *db.Store, file string) (Setting, error) {
	content, err := os.ReadFile(file) //nolint:gosec // in the folder that the settings name.
	if errors.Is(err, os.ErrNotExist) {
		return found(ctx, store, file)
	}

	if err != nil {
		return Setting{}, fmt.Errorf("reading the demonstration: %w", err)
	}

	var setting Setting
	if err := json.Unmarshal(content, &setting); err != nil {
		return Setting{}, fmt.Errorf("decoding the demonstration: %w", err)
	}

	return setting, nil
}

// found makes the Ente and writes the file at the end, in one move: a start that was cut short founds another one.
func found(ctx context.Context, store *db.Store, file string) (Setting, error) {
	setting, err := founding{store: store}.found(ctx)
	if err != nil {
		return Setting{}, err
	}

	content, err := json.MarshalIndent(setting, "", "  ") //nolint:gosec // a key of invented data, for its owner only.
	if err != nil {
		return Setting{}, fmt.Errorf("encoding the demonstration: %w", err)
	}

	if err := os.WriteFile(file+".new", content, 0o600); err != nil {
		return Setting{}, fmt.Errorf("writing the demonstration: %w", err)
	}

	if err := os.Rename(file+".new", file); err != nil {
		return Setting{}, fmt.Errorf("putting the demonstration in place: %w", err)
	}

	setting.First = true

	return setting, nil
}

// maxPaymentCents is IO's own default ceiling for an approved service: 10,000 euro.
const maxPaymentCents = 1_000_000

// IOKeys are the keys that the simulator has to know.
func (s Setting) IOKeys() map[string]simulator.IOKey {
	keys := map[string]simulator.IOKey{}
	for _, service := range []Service{s.Service, s.Hasty, s.Careful, s.Renewed} {
		keys[service.IOKey] = s.ioKey(service)
	}

	return keys
}

// OnIO are the Ente's services as IO's Manage API lists them: those of GeNIO, and those that are to be imported.
func (s Setting) OnIO() []simulator.ManagedService {
	var listed []simulator.ManagedService

	for _, service := range []Service{s.Service, s.Hasty, s.Careful, s.Renewed} {
		listed = append(listed, s.managed(simulator.ManagedService{
			ID: service.IOServiceID, Name: service.Name, Published: true, PrimaryKey: service.IOKey, MaxPaymentCents: maxPaymentCents,
		}))
	}

	for _, service := range s.Elsewhere {
		listed = append(listed, s.managed(simulator.ManagedService{
			ID: service.IOServiceID, Name: service.Name, Lifecycle: service.Lifecycle, Published: service.Lifecycle == "approved",
			PrimaryKey: service.PrimaryKey, SecondaryKey: service.SecondaryKey, MaxPaymentCents: maxPaymentCents,
		}))
	}

	return listed
}

func (s Setting) managed(service simulator.ManagedService) simulator.ManagedService {
	service.EnteID, service.OrganizationName, service.OrganizationFiscalCode = s.EnteID, enteName, enteFiscalCode

	return service
}

func (s Setting) ioKey(service Service) simulator.IOKey {
	return simulator.IOKey{EnteID: s.EnteID, ServiceID: service.ID, MaxPaymentCents: maxPaymentCents}
}
