package drills

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// personLooks is how often the person looks for what waits.
const personLooks = 2 * time.Second

// person decides on what nobody can know, as somebody who does not want to risk that a citizen gets it twice: closes it.
type person struct {
	database string
	enti     map[string]*ente

	mu     sync.Mutex
	closed map[string]bool
	other  map[string]bool // on hold for whatever else
}

func newPerson(database string, enti []*ente) *person {
	byID := map[string]*ente{}
	for _, one := range enti {
		byID[one.id] = one
	}

	return &person{database: database, enti: byID, closed: map[string]bool{}, other: map[string]bool{}}
}

// work goes on until all that is known to be accepted has ended, or ctx does. What is away is looked at again.
func (p *person) work(ctx context.Context, complete func() (ids []string, all bool)) error {
	var last error

	for {
		rows, err := readRows(ctx, p.database)
		if err == nil {
			err = p.decide(ctx, rows)
		}

		if ids, all := complete(); err == nil && all && allEnded(rows, ids) {
			return nil
		}

		if _, refused := errors.AsType[refusedError](err); refused {
			return err
		}

		last = err

		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for all ends: %w", errors.Join(context.Cause(ctx), last))
		case <-time.After(personLooks):
		}
	}
}

// allEnded is also true where a row is missing: that is for the books.
func allEnded(rows map[string]row, ids []string) bool {
	for _, id := range ids {
		if found, there := rows[id]; there && !found.settled {
			return false
		}
	}

	return true
}

func (p *person) decide(ctx context.Context, rows map[string]row) error {
	for id, found := range rows {
		if found.status != onHold {
			continue
		}

		if found.reason != string(notification.ReasonIOOutcomeUncertain) {
			p.note(p.other, id)

			continue
		}

		// It may have been answered before the database was lost, so that it counts as decided whatever the answer is.
		p.note(p.closed, id)

		if err := p.enti[found.enteID].decide(ctx, id); err != nil && !isConflict(err) {
			return err
		}
	}

	return nil
}

// isConflict: it waits no more, since the decision of a moment ago has come through.
func isConflict(err error) bool {
	var refused refusedError

	return errors.As(err, &refused) && refused.status == http.StatusConflict
}

func (p *person) note(in map[string]bool, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()

	in[id] = true
}

func (p *person) decided() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	return maps.Clone(p.closed)
}
