package db

import (
	"context"
	"database/sql"
	"errors"
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
type group struct {
	together[*member]

	turn *turn
}

// member is one transaction of a group.
type member struct {
	work  func(tx *gorm.DB) error
	panic any
}

func newGroup(database string) (*group, error) {
	next, err := newTurn(database)
	if err != nil {
		return nil, err
	}

	return &group{together: together[*member]{limit: groupLimit}, turn: next}, nil
}

// do runs work in a transaction and gives its error, or that of the commit.
func (g *group) do(ctx context.Context, orm *gorm.DB, work func(tx *gorm.DB) error) error {
	own := &member{work: work}
	//nolint:contextcheck // each member has a context of its own.
	err := g.together.do(ctx, own, func(all []*joined[*member]) {
		over := g.turn.take()
		defer over()

		commit(orm, all)
	})

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

	err := orm.WithContext(context.WithoutCancel(all[0].ctx)).Transaction(func(tx *gorm.DB) error {
		if err := uninterrupted(tx); err != nil {
			return err
		}

		if err := tx.SavePoint(whole).Error; err != nil {
			return err
		}

		for _, own := range all {
			own.err = guarded(own.what, func() error {
				// A transaction within another: what fails is undone alone.
				return tx.WithContext(own.ctx).Transaction(own.what.work)
			})
		}

		if tx.Exec("RELEASE "+whole).Error != nil {
			return fmt.Errorf("a fault undid the whole transaction: %w", ErrUnavailable)
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

// whole is a savepoint around all of a group. Some faults, such as a full disk, make SQLite roll the whole transaction back at
// once, upon which the next member would begin another without knowing it. The savepoint is gone then, so that
// releasing it fails, and nobody is told of a success that was undone.
const whole = "together"

// uninterrupted lets no cancellation into the transaction: SQLite rolls all of it back when it interrupts a statement, and the
// others' work with it.
func uninterrupted(tx *gorm.DB) error {
	transaction, ok := tx.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return errors.New("a transaction of an unknown kind")
	}

	tx.Statement.ConnPool = &steadyTx{transaction}

	return nil
}

// steadyTx is a transaction whose statements run to their ends.
type steadyTx struct{ *sql.Tx }

// PrepareContext is that of gorm.ConnPool.
func (t *steadyTx) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return t.Tx.PrepareContext(context.WithoutCancel(ctx), query) //nolint:wrapcheck // it is GORM's.
}

// ExecContext is that of gorm.ConnPool.
func (t *steadyTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.Tx.ExecContext(context.WithoutCancel(ctx), query, args...) //nolint:wrapcheck // it is GORM's.
}

// QueryContext is that of gorm.ConnPool.
func (t *steadyTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.Tx.QueryContext(context.WithoutCancel(ctx), query, args...) //nolint:wrapcheck // it is GORM's.
}

// QueryRowContext is that of gorm.ConnPool.
func (t *steadyTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.Tx.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

// guarded keeps a panic for the goroutine whose work it is.
func guarded(own *member, do func() error) (err error) {
	defer func() { own.panic = recover() }()

	return do()
}
