package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
)

// mayConfigure tells whether the actor may change the settings of an Ente.
func (a Actor) mayConfigure(enteID string) bool {
	if a.Kind == ActorSystem {
		return true
	}

	return a.SeesEnte(enteID) && (a.Role == RoleAdministrator && a.EnteID != "" || a.Role == RoleSystem)
}

// Enti lists the Enti that the actor may see.
func (g *Gateway) Enti(ctx context.Context, actor Actor) ([]notification.Ente, error) {
	all, err := g.Store.Enti(ctx)
	if err != nil {
		return nil, storeError("reading the Enti", err)
	}

	var visible []notification.Ente

	for _, ente := range all {
		if actor.SeesEnte(ente.ID) {
			visible = append(visible, ente)
		}
	}

	return visible, nil
}

// Services lists the services that the actor may see.
func (g *Gateway) Services(ctx context.Context, actor Actor) ([]notification.Service, error) {
	all, err := g.Store.Services(ctx, actor.EnteID)
	if err != nil {
		return nil, storeError("reading the services", err)
	}

	var visible []notification.Service

	for _, service := range all {
		if actor.SeesService(service.EnteID, service.ID) {
			visible = append(visible, service)
		}
	}

	return visible, nil
}

// CreateEnte takes a public body on.
func (g *Gateway) CreateEnte(ctx context.Context, actor Actor, name, fiscalCode string) (notification.Ente, error) {
	if !actor.mayConfigure("") {
		return notification.Ente{}, ErrForbidden
	}

	if strings.TrimSpace(name) == "" {
		return notification.Ente{}, invalid("name", "required", "an Ente needs a name", "serve il nome dell'Ente")
	}

	if fiscalcode.ValidateNumeric(fiscalCode) != nil {
		return notification.Ente{}, invalid("fiscal_code", "invalid",
			"11 digits, the last one a check digit", "11 cifre, l'ultima di controllo")
	}

	id, err := uuid.NewV7()
	if err != nil {
		return notification.Ente{}, fmt.Errorf("making an id: %w", err)
	}

	ente := notification.Ente{
		ID: id.String(), Name: name, FiscalCode: fiscalCode, Active: true, CreatedAt: time.Now().UTC(),
	}

	err = g.Store.CreateEnte(ctx, ente)
	if errors.Is(err, db.ErrDuplicate) {
		return ente, invalid("fiscal_code", "taken", "an Ente with this code exists", "esiste già un Ente con questo codice")
	}

	return ente, storeError("storing the Ente", err)
}

// CreateService adds a service that is published on IO.
func (g *Gateway) CreateService(
	ctx context.Context, actor Actor, service notification.Service, keys notification.ServiceKeys,
) (notification.Service, error) {
	if !actor.mayConfigure(service.EnteID) {
		return service, ErrForbidden
	}

	switch {
	case strings.TrimSpace(service.Name) == "":
		return service, invalid("name", "required", "a service needs a name", "serve il nome del servizio")
	case strings.TrimSpace(keys.Primary) == "":
		return service, invalid("primary_key", "required", "IO's primary key is needed", "serve la chiave primaria di IO")
	}

	if err := checkPolicy(service.Policy).OrNil(); err != nil {
		return service, err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return service, fmt.Errorf("making an id: %w", err)
	}

	service.ID, service.Active, service.CreatedAt = id.String(), true, time.Now().UTC()

	return service, storeError("storing the service", g.Store.CreateService(ctx, service, keys))
}

func checkPolicy(policy notification.Policy) notification.FieldErrors {
	var fields notification.FieldErrors

	add := func(field, code, message, messaggio string) {
		fields = append(fields, notification.FieldError{Field: field, Code: code, Message: message, Messaggio: messaggio})
	}

	if policy.IODeadline <= 0 {
		add("policy.io_deadline", "range", "longer than nothing", "deve essere maggiore di zero")
	}

	if policy.SMSDeadline <= 0 {
		add("policy.sms_deadline", "range", "longer than nothing", "deve essere maggiore di zero")
	}

	other := func(channel notification.Channel) bool { return channel != notification.ChannelSMS }
	if slices.ContainsFunc(policy.Fallback, other) {
		add("policy.fallback", "unknown", "sms, or none", "sms oppure nessuno")
	}

	switch policy.OnUncertain {
	case notification.UncertainHold, notification.UncertainSMS, notification.UncertainResend:
	default:
		add("policy.on_uncertain", "unknown", "one of hold, sms, resend", "uno tra hold, sms, resend")
	}

	return fields
}
