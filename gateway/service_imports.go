package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// longestManageKey is far above the length of IO's keys.
	longestManageKey = 256
	// importsListed are as many as a person looks back at.
	importsListed = 5
	// importsKept is long past the day after which a reading's workflow removes what it found: what is older was left by one
	// that somebody ended from outside.
	importsKept = 3 * workflows.StagedFor
)

// ManageKeySaved tells since when an Ente's manage key is kept; zero: it is not.
func (g *Gateway) ManageKeySaved(ctx context.Context, actor Actor, enteID string) (time.Time, error) {
	if err := actor.configures(enteID); err != nil {
		return time.Time{}, err
	}

	saved, err := g.Store.ManageKeySaved(ctx, enteID)

	return saved, storeError("reading the manage key", err)
}

// RemoveManageKey forgets an Ente's manage key.
func (g *Gateway) RemoveManageKey(ctx context.Context, actor Actor, enteID string) error {
	if err := actor.configures(enteID); err != nil {
		return err
	}

	return g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := storeError("removing the manage key", store.RemoveManageKey(ctx, enteID))

		return Act{Name: "manage_key.remove", EnteID: enteID, Object: "ente", ObjectID: enteID}, err
	})
}

// StartServiceImport has the Ente's services read from IO, and gives the reading's id.
func (g *Gateway) StartServiceImport(ctx context.Context, actor Actor, wish ServiceImportWish) (string, error) {
	if err := actor.configures(wish.EnteID); err != nil {
		return "", err
	}

	key, err := g.manageKey(ctx, wish)
	if err != nil {
		return "", err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}

	begun := db.ServiceImport{ID: id.String(), EnteID: wish.EnteID, CreatedAt: time.Now().UTC()}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		act := Act{Name: "service_import.start", EnteID: wish.EnteID, Object: "service_import", ObjectID: begun.ID}

		if wish.Keep {
			act.Detail = map[string]string{"manage_key": "kept"}
		}

		return act, storeError("beginning the service import", beginImport(ctx, store, begun, key, wish.Keep))
	})
	if err != nil {
		return "", err
	}

	return begun.ID, g.startImport(ctx, begun)
}

func beginImport(ctx context.Context, store *db.Store, begun db.ServiceImport, key string, keep bool) error {
	if _, err := store.PurgeServiceImports(ctx, begun.CreatedAt.Add(-importsKept)); err != nil {
		return err //nolint:wrapcheck // the caller says what was being done.
	}

	if keep {
		if err := store.SetManageKey(ctx, begun.EnteID, key); err != nil {
			return err //nolint:wrapcheck // as above.
		}
	}

	return store.CreateServiceImport(ctx, begun, key) //nolint:wrapcheck // as above.
}

// manageKey is the key of the wish, or else the one that is kept.
func (g *Gateway) manageKey(ctx context.Context, wish ServiceImportWish) (string, error) {
	key := strings.TrimSpace(wish.ManageKey)

	if key == "" {
		kept, err := g.Store.ManageKey(ctx, wish.EnteID)
		if errors.Is(err, db.ErrNotFound) {
			return "", invalid("manage_key", "required", "IO's manage key is needed", "serve la chiave di gestione (manage key) di IO")
		}

		return kept, storeError("reading the manage key", err)
	}

	strange := func(c rune) bool { return c <= ' ' || c > '~' }
	if len(key) > longestManageKey || strings.ContainsFunc(key, strange) {
		return "", invalid("manage_key", "invalid", "a key has letters and digits, without spaces",
			"una chiave è fatta di lettere e cifre, senza spazi")
	}

	return key, nil
}

// startImport starts the reading. One that cannot be started is forgotten, key included: whoever asked tries again.
func (g *Gateway) startImport(ctx context.Context, begun db.ServiceImport) error {
	starting, done := context.WithTimeout(ctx, startTimeout)
	defer done()

	_, err := g.Temporal.ExecuteWorkflow(starting, client.StartWorkflowOptions{
		ID:        workflows.ServiceImportID(begun.ID),
		TaskQueue: workflows.TaskQueue,
		Priority:  workflows.PriorityOf(begun.EnteID, workflows.ServiceImportPriority),
	}, workflows.ServiceImportWorkflow, workflows.ServiceImportInput{ImportID: begun.ID, EnteID: begun.EnteID})
	if err == nil {
		return nil
	}

	if err := g.Store.DiscardServiceImport(context.WithoutCancel(ctx), begun.ID); err != nil {
		g.Log.Warn("service import not discarded", zap.String("import_id", begun.ID), zap.Error(err))
	}

	return temporalError("starting the service import", err)
}

// ServiceImports lists an Ente's latest readings, the newest first, without what they found.
func (g *Gateway) ServiceImports(ctx context.Context, actor Actor, enteID string) ([]ServiceImport, error) {
	if err := actor.configures(enteID); err != nil {
		return nil, err
	}

	stored, err := g.Store.ServiceImports(ctx, enteID, importsListed)
	if err != nil {
		return nil, storeError("listing the service imports", err)
	}

	views := make([]ServiceImport, len(stored))
	for i, one := range stored {
		views[i] = importView(one)
	}

	return views, nil
}

// ServiceImport gives one reading, with what it found once it is ready.
func (g *Gateway) ServiceImport(ctx context.Context, actor Actor, id string) (ServiceImport, error) {
	stored, err := g.ownImport(ctx, g.Store, actor, id)
	if err != nil {
		return ServiceImport{}, err
	}

	view := importView(stored)

	ente, err := g.Store.Ente(ctx, stored.EnteID)
	if err != nil {
		return ServiceImport{}, storeError("reading the Ente", err)
	}

	view.EnteName = ente.Name

	if view.State == ImportReady {
		view.Services, err = foundServices(ctx, g.Store, stored)
	}

	return view, err
}

func (g *Gateway) ownImport(ctx context.Context, store *db.Store, actor Actor, id string) (db.ServiceImport, error) {
	stored, err := store.ServiceImport(ctx, id)
	if err != nil {
		return db.ServiceImport{}, storeError("reading the service import", err)
	}

	return stored, actor.configures(stored.EnteID)
}

// importView shows a reading that waited for too long as ended, although its workflow has not said so: it may be gone.
func importView(stored db.ServiceImport) ServiceImport {
	view := ServiceImport{
		ID: stored.ID, EnteID: stored.EnteID, State: ImportState(stored.State), Reason: notification.Reason(stored.Problem),
		CreatedAt: stored.CreatedAt, EndedAt: stored.EndedAt, Found: stored.Found, Fetched: stored.Fetched,
	}

	switch {
	case view.State == ImportReady && time.Since(view.EndedAt) > workflows.StagedFor:
		view.State = ImportForgotten
	case view.State == ImportRunning && time.Since(view.CreatedAt) > workflows.StagedFor:
		view.State, view.Reason = ImportFailed, notification.ReasonInternalError
	}

	return view
}

// foundServices puts what a reading found beside what GeNIO has.
func foundServices(ctx context.Context, store *db.Store, begun db.ServiceImport) ([]FoundService, error) {
	staged, err := store.StagedServices(ctx, begun.ID)
	if err != nil {
		return nil, storeError("listing the services found", err)
	}

	keys, err := store.StagedKeys(ctx, begun.ID)
	if err != nil {
		return nil, storeError("reading the keys found", err)
	}

	known, err := servicesByIOID(ctx, store, begun.EnteID)
	if err != nil {
		return nil, err
	}

	found := make([]FoundService, len(staged))

	for i, service := range staged {
		found[i] = FoundService{
			IOServiceID: service.IOServiceID, Name: service.Name, Lifecycle: service.Lifecycle, Publication: service.Publication,
			MaxPaymentCents: service.MaxPaymentCents, Reason: notification.Reason(service.Problem),
		}

		if ours, there := known[service.IOServiceID]; there {
			if err := compare(ctx, store, &found[i], ours, keys[service.IOServiceID]); err != nil {
				return nil, err
			}
		}
	}

	return found, nil
}

func servicesByIOID(ctx context.Context, store *db.Store, enteID string) (map[string]notification.Service, error) {
	services, err := store.Services(ctx, enteID)
	if err != nil {
		return nil, storeError("listing the services", err)
	}

	known := map[string]notification.Service{}

	for _, service := range services {
		if service.IOServiceID != "" {
			known[service.IOServiceID] = service
		}
	}

	return known, nil
}

func compare(
	ctx context.Context, store *db.Store, found *FoundService, ours notification.Service, theirs notification.ServiceKeys,
) error {
	keys, err := store.ServiceKeys(ctx, ours.ID)
	if err != nil {
		return storeError("reading the service's keys", err)
	}

	found.ServiceID, found.KnownName, found.KnownPaymentCents = ours.ID, ours.Name, ours.MaxPaymentCents
	found.ChangesName = ours.Name != found.Name
	found.ChangesCeiling = ours.MaxPaymentCents != found.MaxPaymentCents
	found.ChangesKeys = found.Reason == "" && (keys.Primary != theirs.Primary || keys.Secondary != theirs.Secondary)

	return nil
}
