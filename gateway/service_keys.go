package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func (g *Gateway) keyViews(ctx context.Context, service notification.Service) ([]KeyView, error) {
	keys, err := g.Store.ServiceKeys(ctx, service.ID)
	if err != nil {
		return nil, storeError("reading the service's keys", err)
	}

	states, err := g.Store.KeyStates(ctx, service.ID)
	if err != nil {
		return nil, storeError("reading the states of the service's keys", err)
	}

	views := make([]KeyView, 0, len(notification.KeySlots()))

	for _, slot := range notification.KeySlots() {
		view := KeyView{KeyState: states[slot], Present: keys.Of(slot) != "", InUse: keys.InUse() == slot}
		view.Slot = slot
		views = append(views, view)
	}

	return views, nil
}

// ReplaceServiceKey puts another key of IO into a slot. Seen is the number of the key that the author saw there: it returns
// ErrState where somebody else replaced that one meanwhile.
func (g *Gateway) ReplaceServiceKey(
	ctx context.Context, actor Actor, id string, slot notification.KeySlot, seen int, key string,
) error {
	view, err := g.configurable(ctx, actor, id)
	if err != nil {
		return err
	}

	if err := checkSlot(slot); err != nil {
		return err
	}

	if err := checkIOKey(slot, &key).OrNil(); err != nil {
		return err
	}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return serviceAct("replace_key", view.Service, "key", string(slot)), store.ReplaceServiceKey(ctx, id, slot, seen, key)
	})

	return settledError("storing the key", err)
}

// UseServiceKey makes the next call to IO with the key in the slot. It returns ErrState where there is none.
func (g *Gateway) UseServiceKey(ctx context.Context, actor Actor, id string, slot notification.KeySlot) error {
	view, err := g.configurable(ctx, actor, id)
	if err != nil {
		return err
	}

	if err := checkSlot(slot); err != nil {
		return err
	}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return serviceAct("use_key", view.Service, "key", string(slot)), store.UseServiceKey(ctx, id, slot)
	})

	return settledError("choosing the key", err)
}

// TestServiceKey asks IO whether the key in the slot works, by a question about a citizen whom nobody is, in the Ente's
// own quota. The answer stays with the key. It returns ErrState where the slot is empty, and ErrUnavailable where nobody
// answered in time; a late answer is kept all the same.
func (g *Gateway) TestServiceKey(
	ctx context.Context, actor Actor, id string, slot notification.KeySlot,
) (notification.KeyOutcome, error) {
	view, err := g.configurable(ctx, actor, id)
	if err != nil {
		return "", err
	}

	if err := checkSlot(slot); err != nil {
		return "", err
	}

	number := 0

	for _, key := range view.Keys {
		if key.Slot == slot && key.Present {
			number = key.Number
		}
	}

	if number == 0 {
		return "", ErrState
	}

	if err := g.audit(ctx, actor, serviceAct("test_key", view.Service, "key", string(slot))); err != nil {
		return "", err
	}

	return g.askAboutKey(ctx, workflows.KeyTestInput{ServiceID: id, EnteID: view.EnteID, Slot: slot, Number: number})
}

func (g *Gateway) askAboutKey(ctx context.Context, in workflows.KeyTestInput) (notification.KeyOutcome, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}

	const patience = workflows.KeyTestPatience + 2*time.Second

	ctx, done := context.WithTimeout(ctx, patience)
	defer done()

	run, err := g.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       workflows.KeyTestID(id.String()),
		TaskQueue:                workflows.TaskQueue,
		WorkflowExecutionTimeout: 2 * patience,
		Priority:                 workflows.PriorityOf(in.EnteID, workflows.RecipientCheckPriority),
	}, workflows.KeyTestWorkflow, in)
	if err != nil {
		return "", temporalError("starting the test of a key", err)
	}

	var outcome notification.KeyOutcome
	if err := run.Get(ctx, &outcome); err != nil {
		return "", temporalError("waiting for the test of a key", err)
	}

	return outcome, nil
}

// checkSlot answers for a slot that is none: it names nothing.
func checkSlot(slot notification.KeySlot) error {
	if !slices.Contains(notification.KeySlots(), slot) {
		return ErrNotFound
	}

	return nil
}

func slotField(slot notification.KeySlot) string { return string(slot) + "_key" }

// longestKey is far above IO's own keys, which have 32 characters.
const longestKey = 200

// checkIOKey takes the spaces around a key away and refuses what no key of IO's is. The key itself never stands in an error.
func checkIOKey(slot notification.KeySlot, key *string) notification.FieldErrors {
	*key = strings.TrimSpace(*key)
	odd := func(r rune) bool { return r <= ' ' || r > '~' }

	switch {
	case *key == "":
		return notification.FieldErrors{fault(slotField(slot), "required",
			"type the key", "scrivere la chiave")}
	case len(*key) > longestKey || strings.IndexFunc(*key, odd) >= 0:
		return notification.FieldErrors{fault(slotField(slot), "invalid",
			"a key has letters, digits and signs without spaces, as IO shows it",
			"una chiave ha lettere, cifre e segni senza spazi, come la mostra IO")}
	}

	return nil
}
