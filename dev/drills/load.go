package drills

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// sendersEach is how many calls an Ente makes at once.
	sendersEach = 6
	// beforeRepeat is what docs/api.md advises as the least.
	beforeRepeat = 500 * time.Millisecond
)

// load hands letters in at an even pace. Each is repeated with the same Idempotency-Key until it is accepted, as an Ente does.
type load struct {
	letters []*letter

	mu       sync.Mutex
	accepted int
	repeats  map[string]int // by why
}

func newLoad(letters []*letter) *load { return &load{letters: letters, repeats: map[string]int{}} }

// run ends once all are accepted. It fails where one is refused.
func (l *load) run(ctx context.Context, rate float64) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	var group sync.WaitGroup

	queues := map[*ente]chan *letter{}
	for _, written := range l.letters {
		if queues[written.ente] != nil {
			continue
		}

		queue := make(chan *letter, len(l.letters))
		queues[written.ente] = queue

		for range sendersEach {
			group.Go(func() {
				for next := range queue {
					if err := l.send(ctx, next); err != nil {
						stop(err)

						return
					}
				}
			})
		}
	}

	l.pace(ctx, rate, queues)
	group.Wait()

	return context.Cause(ctx) //nolint:wrapcheck // what one of the senders said, or why we were told to stop.
}

// pace gives each Ente's senders their letters when it is time.
func (l *load) pace(ctx context.Context, rate float64, queues map[*ente]chan *letter) {
	again := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer again.Stop()

	for _, written := range l.letters {
		select {
		case <-again.C:
		case <-ctx.Done():
		}

		queues[written.ente] <- written
	}

	for _, queue := range queues {
		close(queue)
	}
}

func (l *load) send(ctx context.Context, written *letter) error {
	for {
		id, err := written.ente.submit(ctx, written)
		if err == nil {
			l.note(written, id)

			return nil
		}

		var passing passingError
		if !errors.As(err, &passing) {
			return fmt.Errorf("handing in number %d: %w", written.number, err)
		}

		l.repeat(passing.what)

		select {
		case <-ctx.Done():
			return context.Cause(ctx) //nolint:wrapcheck // as in run.
		case <-time.After(beforeRepeat):
		}
	}
}

func (l *load) note(written *letter, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()

	written.id = id
	l.accepted++
}

func (l *load) repeat(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()

	l.repeats[why]++
}

// acceptedSoFar is how many were.
func (l *load) acceptedSoFar() int {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.accepted
}

// acceptedIDs are those accepted so far.
func (l *load) acceptedIDs() []string {
	l.mu.Lock()
	defer l.mu.Unlock()

	var ids []string

	for _, written := range l.letters {
		if written.id != "" {
			ids = append(ids, written.id)
		}
	}

	return ids
}

func (l *load) repeated() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()

	return maps.Clone(l.repeats)
}

// acceptedBy is the last one of an Ente that was accepted; empty: none was.
func (l *load) acceptedBy(one *ente) string {
	l.mu.Lock()
	defer l.mu.Unlock()

	for _, written := range slices.Backward(l.letters) {
		if written.ente == one && written.id != "" {
			return written.id
		}
	}

	return ""
}
