package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// The databases of a stack on PostgreSQL.
const (
	databaseGenio      = "genio"
	databaseTemporal   = "temporal"
	databaseVisibility = "temporal_visibility"
)

// spent is what a stack on PostgreSQL has used up since it was started.
type spent struct {
	databases  map[string]databaseSpent
	log        int64 // bytes of the write-ahead log
	syncs      int64 // of it to the disk
	processors processorUses
}

type databaseSpent struct{ bytes, commits int64 }

// statisticsLag is more than PostgreSQL's statistics are behind at the most while its connections are used.
const statisticsLag = 3 * time.Second

// spent looks at the stack.
func (s *stack) spent(ctx context.Context) (used spent, err error) {
	select {
	case <-ctx.Done():
		return used, fmt.Errorf("waiting for PostgreSQL's statistics: %w", ctx.Err())
	case <-time.After(statisticsLag):
	}

	if used.processors, err = s.uses(nil); err != nil {
		return used, err
	}

	address, err := s.databaseURL()
	if err != nil {
		return used, err
	}

	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return used, fmt.Errorf("connecting: %w", err)
	}

	defer func() { err = errors.Join(err, connection.Close(ctx)) }()

	used.databases = map[string]databaseSpent{}

	for _, name := range []string{databaseGenio, databaseTemporal, databaseVisibility} {
		var one databaseSpent

		err := connection.QueryRow(ctx, "SELECT pg_database_size(datname), xact_commit FROM pg_stat_database WHERE datname = $1", name).
			Scan(&one.bytes, &one.commits)
		if err != nil {
			return used, fmt.Errorf("looking at the database %s: %w", name, err)
		}

		used.databases[name] = one
	}

	if err := connection.QueryRow(ctx, "SELECT wal_bytes::bigint, wal_sync FROM pg_stat_wal").Scan(&used.log, &used.syncs); err != nil {
		return used, fmt.Errorf("looking at the write-ahead log: %w", err)
	}

	return used, nil
}

// since is what was used up between two looks.
func (s spent) since(before spent) spent {
	between := spent{
		databases: map[string]databaseSpent{}, log: s.log - before.log, syncs: s.syncs - before.syncs,
		processors: s.processors.since(before.processors),
	}

	for name, now := range s.databases {
		was := before.databases[name]
		between.databases[name] = databaseSpent{bytes: now.bytes - was.bytes, commits: now.commits - was.commits}
	}

	return between
}

// each tells the cost of one of so many notifications.
func (s spent) each(count int) *grid {
	one := func(amount int64) float64 { return float64(amount) / float64(count) }
	costs := &grid{head: []string{"one notification costs", "amount"}}

	for _, name := range slices.Sorted(maps.Keys(s.databases)) {
		used := s.databases[name]
		costs.add("in the database `"+name+"`", fmt.Sprintf("%.1f KB, %.1f transactions", one(used.bytes)/kibi, one(used.commits)))
	}

	costs.add("in PostgreSQL's log", fmt.Sprintf("%.0f KB, written to the disk %.1f times", one(s.log)/kibi, one(s.syncs)))
	costs.add("of the processors", s.processors.each(count))

	return costs
}
