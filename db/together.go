package db

import (
	"context"
	"sync"
)

// together lets what comes while something is being written be written at once after it. It keeps no goroutine while nothing
// comes.
type together[T any] struct {
	limit   int // of what is written at once
	mutex   sync.Mutex
	waiting []*joined[T]
	writing bool
}

// joined is one of those that are written together.
type joined[T any] struct {
	ctx   context.Context //nolint:containedctx // the caller waits until the work is done or withdrawn.
	what  T
	err   error
	ended chan struct{}
}

// do waits until write has been told about what, perhaps with others, and gives the error that it left for it. Where ctx ends
// before, nothing is written.
func (t *together[T]) do(ctx context.Context, what T, write func(all []*joined[T])) error {
	own := &joined[T]{ctx: ctx, what: what, ended: make(chan struct{})}
	t.join(own, write)

	select {
	case <-own.ended:
	case <-ctx.Done():
		if t.withdraw(own) {
			return ctx.Err() //nolint:wrapcheck // the caller says what was being done.
		}

		// It is being written, and what became of it will be known in a moment.
		<-own.ended
	}

	return own.err
}

func (t *together[T]) join(own *joined[T], write func([]*joined[T])) {
	t.mutex.Lock()
	defer t.mutex.Unlock()

	t.waiting = append(t.waiting, own)

	if !t.writing {
		t.writing = true

		go t.writeAll(write)
	}
}

// withdraw takes back what is not being written yet.
func (t *together[T]) withdraw(own *joined[T]) bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()

	for i, one := range t.waiting {
		if one == own {
			t.waiting = append(t.waiting[:i:i], t.waiting[i+1:]...)

			return true
		}
	}

	return false
}

// writeAll works until nothing waits any more.
func (t *together[T]) writeAll(write func([]*joined[T])) {
	for all := t.next(); len(all) > 0; all = t.next() {
		write(all)

		for _, one := range all {
			close(one.ended)
		}
	}
}

// next takes those who have waited longest.
func (t *together[T]) next() []*joined[T] {
	t.mutex.Lock()
	defer t.mutex.Unlock()

	count := min(len(t.waiting), t.limit)
	all := t.waiting[:count:count]
	t.waiting = t.waiting[count:]
	t.writing = count > 0

	return all
}
