package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.temporal.io/api/serviceerror"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// failuresInARow end a round: while Temporal is away there is no point in asking for each notification.
const failuresInARow = 16

// errOtherRun: a retry was asked before Temporal had closed the failed run. The next sweep tries again.
var errOtherRun = errors.New("another run is not closed yet")

// sweepRound is one sweep under way.
type sweepRound struct {
	giveUp chan struct{}

	mutex  sync.Mutex
	inARow int
	failed int
	last   error
}

// startAll starts what a sweep found, several at once. A failure does not keep the others from being started, unless
// nothing but failures comes.
func startAll[T any](ctx context.Context, found []T, start func(context.Context, T) error) error {
	round := &sweepRound{giveUp: make(chan struct{})}
	queue := make(chan T)

	var group sync.WaitGroup

	for range min(startsAtOnce, len(found)) {
		group.Go(func() {
			for one := range queue {
				round.note(start(ctx, one))
			}
		})
	}

	feed(ctx, round, found, queue)
	close(queue)
	group.Wait()

	return round.outcome()
}

// startFound gives a failure that says something about Temporal or the database, and not about the notification.
func (s *Starter) startFound(ctx context.Context, start db.Start) error {
	if start.Priority != notification.PriorityUrgent {
		s.way.give(ctx)
	}

	err := s.Start(ctx, start)

	switch {
	case errors.Is(err, errOtherRun):
		return nil
	case isOwnFault(err):
		s.log.Error("workflow refused", zap.String("notification_id", start.ID), zap.Error(err))

		return nil
	}

	return err
}

// isOwnFault tells whether Temporal refused this one notification, and not whoever asks.
func isOwnFault(err error) bool {
	_, refused := errors.AsType[*serviceerror.InvalidArgument](err)
	_, gone := errors.AsType[*serviceerror.NotFound](err)

	return refused || gone
}

func feed[T any](ctx context.Context, round *sweepRound, found []T, queue chan<- T) {
	for _, one := range found {
		select {
		case queue <- one:
		case <-round.giveUp:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (r *sweepRound) note(err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()

	if err == nil {
		r.inARow = 0

		return
	}

	r.inARow++
	r.failed++
	r.last = err

	if r.inARow == failuresInARow {
		// Those already under way may succeed and fail again, so this may be reached more than once.
		r.stop()
	}
}

func (r *sweepRound) stop() {
	select {
	case <-r.giveUp:
	default:
		close(r.giveUp)
	}
}

func (r *sweepRound) outcome() error {
	if r.last == nil {
		return nil
	}

	return fmt.Errorf("%d workflows not started, the last because: %w", r.failed, r.last)
}
