package db

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// groupLimit bounds how many transactions are committed together, and with it how long another process waits for its turn.
const groupLimit = 32

// group commits transactions together that wait for SQLite's one writer. Each commit waits for the disk, which costs much more
// than what a short transaction writes: what comes while one is under way is written as one after it. PostgreSQL does the same
// by itself.
//
// To whoever asks it is a transaction like any other: it succeeds once it is on the disk, and fails alone.
type group struct{ together[*member] }

// member is one transaction of a group.
type member struct {
	work  func(tx *gorm.DB) error
	panic any
}

func newGroup() *group { return &group{together[*member]{limit: groupLimit}} }

// do runs work in a transaction and gives its error, or that of the commit.
func (g *group) do(ctx context.Context, orm *gorm.DB, work func(tx *gorm.DB) error) error {
	own := &member{work: work}
	//nolint:contextcheck // each member has a context of its own.
	err := g.together.do(ctx, own, func(all []*joined[*member]) { commit(orm, all) })

	if own.panic != nil {
		panic(own.panic) //nolint:forbidigo // it is the work's own, and whoever asked for the work has to get it.
	}

	return err
}

func commit(orm *gorm.DB, all []*joined[*member]) {
	if len(all) == 1 {
		own := all[0]
		own.err = guarded(own.what, func() error { return orm.WithContext(own.ctx).Transaction(own.what.work) })

		return
	}

	// Nobody's cancellation may undo the others' work: SQLite rolls all of a transaction back in which a statement is interrupted.
	err := orm.WithContext(context.WithoutCancel(all[0].ctx)).Transaction(func(tx *gorm.DB) error {
		for _, own := range all {
			own.err = guarded(own.what, func() error {
				// A transaction within another: what fails is undone alone.
				return tx.WithContext(context.WithoutCancel(own.ctx)).Transaction(own.what.work)
			})
		}

		return nil
	})
	if err == nil {
		return
	}

	for _, own := range all {
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
