package gateway

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// ImportServices takes over services that a reading found, by their ids on IO: all of those, or none. A new one begins with
// GeNIO's usual policy; of one that GeNIO has, name, payment ceiling and keys change, and never its policy. ErrState where the
// reading is not ready, such as when somebody has chosen already.
func (g *Gateway) ImportServices(ctx context.Context, actor Actor, id string, ioServiceIDs []string) (Imported, error) {
	var done Imported

	err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		begun, err := g.ownImport(ctx, store, actor, id)
		if err != nil {
			return Act{}, err
		}

		if importView(begun).State != ImportReady {
			return Act{}, ErrState
		}

		chosen, err := chosenServices(ctx, store, begun, ioServiceIDs)
		if err != nil {
			return Act{}, err
		}

		if done, err = g.takeOver(ctx, store, actor, begun, chosen); err != nil {
			return Act{}, err
		}

		act := Act{
			Name: "service_import.apply", EnteID: begun.EnteID, Object: "service_import", ObjectID: begun.ID,
			Detail: map[string]string{"created": strconv.Itoa(done.Created), "updated": strconv.Itoa(done.Updated)},
		}

		return act, storeError("closing the service import", store.CloseServiceImport(ctx, begun.ID, db.ImportDone))
	})
	if err != nil {
		return Imported{}, err
	}

	g.tellImport(ctx, id)

	return done, nil
}

// tellImport says that what the workflow waits for has happened. Where it cannot be told, it ends by itself within a day.
func (g *Gateway) tellImport(ctx context.Context, id string) {
	telling, done := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer done()

	if err := g.Temporal.SignalWorkflow(telling, workflows.ServiceImportID(id), "", workflows.SignalServicesImported, nil); err != nil {
		g.Log.Warn("service import's workflow not told", zap.String("import_id", id), zap.Error(err))
	}
}

// chosenServices are the services that a person ticked.
func chosenServices(ctx context.Context, store *db.Store, begun db.ServiceImport, ioServiceIDs []string) ([]FoundService, error) {
	found, err := foundServices(ctx, store, begun)
	if err != nil {
		return nil, err
	}

	chosen := slices.DeleteFunc(found, func(service FoundService) bool {
		return !service.Importable() || !slices.Contains(ioServiceIDs, service.IOServiceID)
	})

	wanted := slices.Compact(slices.Sorted(slices.Values(ioServiceIDs)))

	switch {
	case len(wanted) == 0:
		return nil, invalid("services", "required", "choose at least one service", "scegliere almeno un servizio")
	case len(chosen) != len(wanted):
		return nil, invalid("services", codeUnknown, "a service that was chosen cannot be imported",
			"un servizio scelto non si può importare")
	}

	return chosen, nil
}

func (g *Gateway) takeOver(
	ctx context.Context, store *db.Store, actor Actor, begun db.ServiceImport, chosen []FoundService,
) (Imported, error) {
	var done Imported

	keys, err := store.StagedKeys(ctx, begun.ID)
	if err != nil {
		return done, storeError("reading the keys found", err)
	}

	for _, service := range chosen {
		act := Act{EnteID: begun.EnteID, Object: "service", Detail: map[string]string{
			"import": begun.ID, "io_service_id": service.IOServiceID,
		}}

		if service.IsNew() {
			done.Created++
			act.Name = "service.create"
			act.ObjectID, err = addFound(ctx, store, begun.EnteID, service, keys[service.IOServiceID])
		} else {
			done.Updated++
			act.Name, act.ObjectID = "service.update", service.ServiceID
			err = renewFound(ctx, store, service, keys[service.IOServiceID])
		}

		if err != nil {
			return done, storeError("storing an imported service", err)
		}

		if err := store.Audit(ctx, act.entry(actor)); err != nil {
			return done, storeError("noting the act", err)
		}
	}

	return done, nil
}

func addFound(
	ctx context.Context, store *db.Store, enteID string, found FoundService, keys notification.ServiceKeys,
) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}

	return id.String(), store.CreateService(ctx, notification.Service{
		ID: id.String(), EnteID: enteID, Name: found.Name, Active: true, IOServiceID: found.IOServiceID,
		Policy: notification.DefaultPolicy(), MaxPaymentCents: found.MaxPaymentCents, CreatedAt: time.Now().UTC(),
	}, keys)
}

// renewFound leaves alone which of the two keys is in use.
func renewFound(ctx context.Context, store *db.Store, found FoundService, keys notification.ServiceKeys) error {
	service, err := store.Service(ctx, found.ServiceID)
	if err != nil {
		return err //nolint:wrapcheck // the caller says what was being done.
	}

	before, err := store.ServiceKeys(ctx, found.ServiceID)
	if err != nil {
		return err //nolint:wrapcheck // as above.
	}

	service.Name, service.MaxPaymentCents = found.Name, found.MaxPaymentCents
	if err := store.UpdateService(ctx, service); err != nil {
		return err //nolint:wrapcheck // as above.
	}

	keys.UseSecondary = before.UseSecondary && keys.Secondary != ""

	return store.SetServiceKeys(ctx, service.ID, keys) //nolint:wrapcheck // as above.
}
