package activities

import (
	"context"
	"errors"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// servicesAtOnce keeps an answer well below the largest that is read.
	servicesAtOnce = 50
	// importPatience is how long IO is asked again: a person waits, and can start once more.
	importPatience = 15 * time.Minute
)

// ListServices asks IO for some of the Ente's services, and keeps their names encrypted.
func (a *Activities) ListServices(ctx context.Context, listing workflows.ServiceListing) (workflows.ServiceList, error) {
	begun, key, err := a.importKey(ctx, listing.ImportID)
	if err != nil {
		return workflows.ServiceList{}, err
	}

	ended, err := a.Turns.take(ctx, begun.EnteID, key, false)
	if err != nil {
		return workflows.ServiceList{}, err
	}

	found, err := a.IO.Services(ctx, key, servicesAtOnce, listing.Offset)
	ended(err)

	if err != nil {
		reason, err := a.importTrouble(ctx, begun, err)

		return workflows.ServiceList{Reason: reason}, err
	}

	list := workflows.ServiceList{}
	staged := make([]db.StagedService, len(found))

	for i, service := range found {
		list.ServiceIDs = append(list.ServiceIDs, service.ID)
		staged[i] = db.StagedService{
			IOServiceID: service.ID, Number: listing.Offset + i, Name: service.Name, MaxPaymentCents: service.MaxPaymentCents,
			Lifecycle: service.Lifecycle,
		}
	}

	if len(found) > 0 {
		list.Next = listing.Offset + servicesAtOnce
	}

	if err := a.Store.StageServices(ctx, begun.ID, staged); err != nil {
		return workflows.ServiceList{}, storeFault("keeping the services found", err)
	}

	return list, a.troubleOver(ctx, begun)
}

// FetchServiceKeys asks IO for the keys of a service, and keeps them encrypted.
func (a *Activities) FetchServiceKeys(ctx context.Context, service workflows.ListedService) (workflows.ServiceFetched, error) {
	begun, key, err := a.importKey(ctx, service.ImportID)
	if err != nil {
		return workflows.ServiceFetched{}, err
	}

	ended, err := a.Turns.take(ctx, begun.EnteID, key, false)
	if err != nil {
		return workflows.ServiceFetched{}, err
	}

	keys, err := a.IO.ServiceKeys(ctx, key, service.ServiceID)
	ended(err)

	var reason notification.Reason

	if err != nil {
		if reason, err = a.importTrouble(ctx, begun, err); err != nil {
			return workflows.ServiceFetched{}, err
		}
	}

	if err := a.Store.StageKeys(ctx, begun.ID, service.ServiceID, keys, string(reason)); err != nil {
		return workflows.ServiceFetched{}, storeFault("keeping the keys of a service found", err)
	}

	return workflows.ServiceFetched{Reason: reason}, a.troubleOver(ctx, begun)
}

// FetchPublication asks IO whether citizens see a service, and keeps the answer. Where there is none it stays unknown: no
// reason to keep a person from importing the service.
func (a *Activities) FetchPublication(ctx context.Context, service workflows.ListedService) (workflows.ServiceFetched, error) {
	begun, key, err := a.importKey(ctx, service.ImportID)
	if err != nil {
		return workflows.ServiceFetched{}, err
	}

	ended, err := a.Turns.take(ctx, begun.EnteID, key, false)
	if err != nil {
		return workflows.ServiceFetched{}, err
	}

	publication, err := a.IO.ServicePublication(ctx, key, service.ServiceID)
	ended(err)

	if err != nil {
		reason, err := a.importTrouble(ctx, begun, err)

		return workflows.ServiceFetched{Reason: reason}, err
	}

	if err := a.Store.StagePublication(ctx, begun.ID, service.ServiceID, publication); err != nil {
		return workflows.ServiceFetched{}, storeFault("keeping a service's publication", err)
	}

	return workflows.ServiceFetched{}, a.troubleOver(ctx, begun)
}

// FinishServiceImport stores how the reading ended, and forgets the manage key.
func (a *Activities) FinishServiceImport(ctx context.Context, end workflows.ServiceImportEnd) error {
	return storeFault("ending a service import", a.Store.FinishServiceImport(ctx, end.ImportID, string(end.Reason)))
}

// ForgetServiceImport removes what was found. Where a person has chosen from it, or it failed, it is gone already.
func (a *Activities) ForgetServiceImport(ctx context.Context, end workflows.ServiceImportEnd) error {
	err := a.Store.Together(ctx, func(store *db.Store) error {
		return store.CloseServiceImport(ctx, end.ImportID, db.ImportForgotten)
	})
	if errors.Is(err, db.ErrConflict) {
		return nil
	}

	return storeFault("forgetting a service import", err)
}

func (a *Activities) importKey(ctx context.Context, id string) (db.ServiceImport, string, error) {
	begun, err := a.Store.ServiceImport(ctx, id)
	if err != nil {
		return begun, "", storeFault("reading the service import", err)
	}

	key, err := a.Store.ServiceImportKey(ctx, id)

	return begun, key, storeFault("reading the manage key", err)
}

// importTrouble retries what may pass, and notes it where a person can see it. Asking changes nothing at IO.
func (a *Activities) importTrouble(ctx context.Context, begun db.ServiceImport, err error) (notification.Reason, error) {
	trouble := deliveryError(notification.ChannelIO, err)
	deadline := begun.CreatedAt.Add(importPatience)

	if !trouble.Retryable || past(deadline) {
		return trouble.Reason, nil
	}

	if err := a.Store.NoteServiceImport(ctx, begun.ID, string(trouble.Reason)); err != nil {
		return "", storeFault("noting the trouble of a service import", err)
	}

	return "", retryLater(trouble.Reason, pauseAfter(ctx, trouble, deadline))
}

// troubleOver takes back what a person was told about trouble.
func (a *Activities) troubleOver(ctx context.Context, begun db.ServiceImport) error {
	if begun.Problem == "" {
		return nil
	}

	return storeFault("noting the end of trouble", a.Store.NoteServiceImport(ctx, begun.ID, ""))
}
