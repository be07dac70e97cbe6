// Package db keeps GeNIO's data: GORM queries and transactions on SQLite and PostgreSQL, versioned SQL
// migrations, and the encryption of personal data.
//
// No error of this package holds a stored or submitted value, see [ErrNotFound] and its neighbours.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
	"gorm.io/gorm"
)

// Connections kept by default. SQLite has one writer at a time: more connections would only queue on its
// lock, where they wait by polling, instead of in the pool, which is fair.
const (
	defaultPostgresConns = 20
	defaultSQLiteConns   = 4

	connMaxIdleTime = 5 * time.Minute
)

// noKeyUpdate is how rows are locked that a transaction decides upon. NO KEY lets rows that refer to them be inserted
// meanwhile. On SQLite, where GORM leaves the clause out, the transaction itself is the lock.
const noKeyUpdate = "NO KEY UPDATE"

// Config says which database to use and how.
type Config struct {
	// URL is "sqlite:///absolute/path.db", "sqlite:relative/path.db" or "postgres://…" with pgx's parameters.
	URL string
	// Keys encrypt and index personal data. Required.
	Keys *Keys
	// Log gets slow and failed statements, by their shape only. Nil: nothing is logged.
	Log *zap.Logger
	// MaxOpenConns bounds the connection pool. 0: 20 on PostgreSQL, 4 on SQLite.
	MaxOpenConns int
	// Clock gives the time of every record the caller brings no time for. Nil: time.Now.
	Clock func() time.Time
}

// Store is the database. It is safe for concurrent use.
type Store struct {
	gorm   *gorm.DB
	group  *group  // on SQLite, outside of transactions
	starts *starts // outside of transactions

	submissions *submissions // outside of transactions

	pool  *sql.DB
	keys  *Keys
	clock func() time.Time
	italy *time.Location
}

// Open connects to a migrated database. It returns [ErrSchemaOutdated] where the schema is older than this
// program, and [ErrUnavailable] where the database does not answer.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Keys == nil {
		return nil, errors.New("opening the database: no keys given")
	}

	target, err := parseURL(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}

	pool, err := target.open(cfg.MaxOpenConns)
	if err != nil {
		return nil, reduce("opening the database", err)
	}

	store, err := newStore(ctx, cfg, target, pool)
	if err != nil {
		return nil, errors.Join(err, reduce("closing the database", pool.Close()))
	}

	return store, nil
}

func newStore(ctx context.Context, cfg Config, target target, pool *sql.DB) (*Store, error) {
	if err := checkSchema(ctx, target, pool); err != nil {
		return nil, err
	}

	log := cfg.Log
	if log == nil {
		log = zap.NewNop()
	}

	orm, err := gorm.Open(target.dialector(pool), &gorm.Config{
		Logger:         newStatementLogger(log),
		TranslateError: true,
		// Single statements are atomic by themselves; whatever needs more opens its own transaction.
		SkipDefaultTransaction: true,
		// Open has pinged already, in checkSchema, within the caller's deadline.
		DisableAutomaticPing: true,
	})
	if err != nil {
		return nil, reduce("preparing the database", err)
	}

	clock := cfg.Clock
	if clock == nil {
		clock = time.Now
	}

	italy, err := time.LoadLocation(italianZone)
	if err != nil {
		return nil, fmt.Errorf("loading the Italian time zone: %w", err)
	}

	store := &Store{gorm: orm, pool: pool, keys: cfg.Keys, clock: clock, italy: italy, starts: newStarts(), submissions: newSubmissions()}
	if file, oneWriter := target.(sqliteTarget); oneWriter {
		store.group, err = newGroup(file.path)
	}

	return store, err
}

// Ping asks the database for an answer. [IsUnavailable] tells a failure that may pass.
func (s *Store) Ping(ctx context.Context) error {
	return reduce("pinging the database", s.pool.PingContext(ctx))
}

// Close ends every connection.
func (s *Store) Close() error {
	err := reduce("closing the database", s.pool.Close())

	if s.group != nil {
		err = errors.Join(err, s.group.turn.close())
	}

	return err
}

// transaction runs work in one transaction. On SQLite it holds the write lock from its beginning
// (_txlock=immediate), on PostgreSQL it is READ COMMITTED: work must lock the rows it decides upon.
func (s *Store) transaction(ctx context.Context, doing string, work func(tx *gorm.DB) error) error {
	return reduce(doing, s.atomically(ctx, work))
}

// atomically is a transaction whose error is as it comes.
func (s *Store) atomically(ctx context.Context, work func(tx *gorm.DB) error) error {
	if s.group != nil {
		return s.group.do(ctx, s.gorm, work)
	}

	return s.gorm.WithContext(ctx).Transaction(work) //nolint:wrapcheck // the caller says what was being done.
}

// statement runs work that is a single statement, which is atomic by itself. On SQLite it is committed with others.
func (s *Store) statement(ctx context.Context, work func(tx *gorm.DB) error) error {
	if s.group != nil {
		return s.atomically(ctx, work)
	}

	return work(s.gorm.WithContext(ctx))
}

// change is a statement that tells how many rows it changed.
func (s *Store) change(ctx context.Context, work func(tx *gorm.DB) (int, error)) (count int, err error) {
	err = s.statement(ctx, func(tx *gorm.DB) (err error) {
		count, err = work(tx)

		return err
	})

	return count, err
}

// create inserts a row.
func create[row any](ctx context.Context, s *Store, one *row) error {
	return s.statement(ctx, func(tx *gorm.DB) error { return gorm.G[row](tx).Create(ctx, one) })
}

// Together runs work in one transaction: either everything that it writes to the store that it gets is there afterwards,
// or nothing of it. Work's own error comes back as it is.
func (s *Store) Together(ctx context.Context, work func(store *Store) error) error {
	var failed error

	err := s.transaction(ctx, "doing things together", func(tx *gorm.DB) error {
		within := *s
		within.gorm, within.group, within.starts, within.submissions = tx, nil, nil, nil
		failed = work(&within)

		return failed
	})

	if failed != nil {
		return failed
	}

	return err
}

func (s *Store) now() time.Time { return stamp(s.clock()) }
