package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
)

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

// CreateEnte takes a public body on, which may send at once.
func (g *Gateway) CreateEnte(ctx context.Context, actor Actor, name, fiscalCode string) (notification.Ente, error) {
	return g.addEnte(ctx, actor, notification.Ente{Name: name, FiscalCode: fiscalCode, State: notification.EnteActive})
}

// AdmitEnte notes that a public body asked to join. It sends nothing before it is active.
func (g *Gateway) AdmitEnte(ctx context.Context, actor Actor, data EnteData, fiscalCode string) (notification.Ente, error) {
	return g.addEnte(ctx, actor, notification.Ente{
		Name: data.Name, FiscalCode: fiscalCode, Contact: data.Contact, State: notification.EnteRequested,
	})
}

func (g *Gateway) addEnte(ctx context.Context, actor Actor, ente notification.Ente) (notification.Ente, error) {
	if !actor.mayGovern() {
		return notification.Ente{}, ErrForbidden
	}

	fields := checkEnteData(EnteData{Name: ente.Name, Contact: ente.Contact})
	if fiscalcode.ValidateNumeric(ente.FiscalCode) != nil {
		fields = append(fields, fault("fiscal_code", "invalid",
			"11 digits, the last one a check digit", "11 cifre, l'ultima di controllo"))
	}

	if err := fields.OrNil(); err != nil {
		return notification.Ente{}, err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return notification.Ente{}, fmt.Errorf("making an id: %w", err)
	}

	ente.ID, ente.Active, ente.CreatedAt = id.String(), ente.State == notification.EnteActive, time.Now().UTC()
	ente.StateSince, ente.Version = ente.CreatedAt, 1

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return enteAct("create", ente, "state", string(ente.State)), store.CreateEnte(ctx, ente)
	})
	if errors.Is(err, db.ErrDuplicate) {
		return ente, invalid("fiscal_code", "taken", "an Ente with this code exists", "esiste già un Ente con questo codice")
	}

	return ente, storeError("storing the Ente", err)
}

// enteAct is what the audit log says of an act on an Ente; the detail alternates names and values.
func enteAct(verb string, ente notification.Ente, detail ...string) Act {
	return Act{Name: "ente." + verb, EnteID: ente.ID, Object: "ente", ObjectID: ente.ID, Detail: detailOf(detail)}
}

func detailOf(pairs []string) map[string]string {
	detail := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		detail[pairs[i]] = pairs[i+1]
	}

	return detail
}
