package drills

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

const (
	// away is how long a killed process stays away: a machine that reboots, or an orchestrator that notices.
	away = 2 * time.Second
	// calm is how long the stack works undisturbed before the next kill.
	calm = 3 * time.Second
)

// killer kills (kill -9) one process after the other and starts each again.
type killer struct {
	teller

	stack *prodlocal.Stack

	mu    sync.Mutex
	kills map[string]int // by kind of process
}

func newKiller(stack *prodlocal.Stack, teller teller) *killer {
	return &killer{stack: stack, teller: teller, kills: map[string]int{}}
}

// victims are in turn one of the workers, one of the servers, Temporal and PostgreSQL: everything that keeps or moves a
// notification. In the next round it is another worker and another server.
func (k *killer) victims(round int) map[string]*prodlocal.Process {
	return map[string]*prodlocal.Process{
		"worker": k.stack.Workers[round%len(k.stack.Workers)], "server": k.stack.Servers[round%len(k.stack.Servers)],
		"Temporal": k.stack.Temporal, "PostgreSQL": k.stack.Postgres,
	}
}

func victimsInTurn() []string { return []string{"worker", "server", "Temporal", "PostgreSQL"} }

// run kills all in turn, for so many rounds and then as long as more is true.
func (k *killer) run(ctx context.Context, rounds int, more func() bool) error {
	for round := 0; round < rounds || more(); round++ {
		for _, kind := range victimsInTurn() {
			if err := k.strike(ctx, kind, k.victims(round)[kind]); err != nil {
				return err
			}
		}
	}

	return nil
}

func (k *killer) strike(ctx context.Context, kind string, victim *prodlocal.Process) error {
	if err := rest(ctx, calm); err != nil {
		return err
	}

	began := time.Now()

	victim.Kill()
	k.count(kind)

	if err := rest(ctx, away); err != nil {
		return err
	}

	if err := victim.Start(ctx); err != nil {
		return fmt.Errorf("starting what was killed: %w", err)
	}

	// Temporal may have ended with its database; whoever keeps it has started it again.
	for _, process := range k.stack.Processes() {
		if err := process.AwaitReady(ctx); err != nil {
			return fmt.Errorf("after the kill of %s: %w", victim.Name, err)
		}
	}

	k.tell("kill -9 of %s; all worked again after %.1f s", victim.Name, time.Since(began).Seconds())

	return nil
}

func (k *killer) count(kind string) {
	k.mu.Lock()
	defer k.mu.Unlock()

	k.kills[kind]++
}

func (k *killer) counted() map[string]int {
	k.mu.Lock()
	defer k.mu.Unlock()

	return maps.Clone(k.kills)
}

func rest(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx) //nolint:wrapcheck // why we were told to stop.
	case <-time.After(pause):
		return nil
	}
}
