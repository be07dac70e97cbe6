package db

import (
	"context"
	"fmt"
	"sync"

	"gorm.io/gorm"
)

// groupLimit bounds how many transactions are committed together, and with it how long another process waits for its turn.
const groupLimit = 32

// group commits transactions together that wait for SQLite's one writer. Each commit waits for the disk, which costs much more
// than what a short transaction writes: what comes while one is under way is written as one after it. PostgreSQL does the same
// by itself.
//
// To whoever asks it is a transaction like any other: it succeeds once it is on the disk, and fails alone.
type group struct {
	mutex   sync.Mutex
	waiting []*member
	writing bool
}

// member is one transaction of a group.
type member struct {
	ctx   context.Context //nolint:containedctx // the caller waits until the work is done or withdrawn.
	work  func(tx *gorm.DB) error
	err   error
	panic any
	ended chan struct{}
}

// do runs work in a transaction and gives its error, or that of the commit.
func (g *group) do(ctx context.Context, orm *gorm.DB, work func(tx *gorm.DB) error) error {
	own := &member{ctx: ctx, work: work, ended: make(chan struct{})}
	g.join(own, orm)

	select {
	case <-own.ended:
	case <-ctx.Done():
		if g.withdraw(own) {
			return ctx.Err()
		}

		// It is being written, and what became of it will be known in a moment.
		<-own.ended
	}

	if own.panic != nil {
		panic(own.panic)
	}

	return own.err
}

func (g *group) join(own *member, orm *gorm.DB) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	g.waiting = append(g.waiting, own)

	if !g.writing {
		g.writing = true

		go g.write(orm)
	}
}

// withdraw takes back what is not being written yet.
func (g *group) withdraw(own *member) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	for i, one := range g.waiting {
		if one == own {
			g.waiting = append(g.waiting[:i:i], g.waiting[i+1:]...)

			return true
		}
	}

	return false
}

// write works until nothing waits any more.
func (g *group) write(orm *gorm.DB) {
	for together := g.next(); len(together) > 0; together = g.next() {
		commit(orm, together)

		for _, one := range together {
			close(one.ended)
		}
	}
}

// next takes those who have waited longest.
func (g *group) next() []*member {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	count := min(len(g.waiting), groupLimit)
	together := g.waiting[:count:count]
	g.waiting = g.waiting[count:]
	g.writing = count > 0

	return together
}

func commit(orm *gorm.DB, together []*member) {
	if len(together) == 1 {
		own := together[0]
		own.err = guarded(own, func() error { return orm.WithContext(own.ctx).Transaction(own.work) })

		return
	}

	// Nobody's cancellation may undo the others' work: SQLite rolls all of a transaction back in which a statement is interrupted.
	err := orm.WithContext(context.WithoutCancel(together[0].ctx)).Transaction(func(tx *gorm.DB) error {
		for _, own := range together {
			own.err = guarded(own, func() error {
				// A transaction within another: what fails is undone alone.
				return tx.WithContext(context.WithoutCancel(own.ctx)).Transaction(own.work)
			})
		}

		return nil
	})
	if err == nil {
		return
	}

	for _, own := range together {
		if own.err == nil {
			own.err = fmt.Errorf("committing: %w", err)
		}
	}
}

// guarded keeps a panic for the goroutine whose work it is.
func guarded(own *member, do func() error) (err error) {
	defer func() { own.panic = recover() }()

	return do()
}
