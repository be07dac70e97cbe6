package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/genio-gateway/genio/db"
)

const (
	settleGlance   = 500 * time.Millisecond
	settlePatience = 10 * time.Minute
)

// awaitSettled waits until no notification is open. It reads an index of the few that are, beside the product, twice a second.
func awaitSettled(ctx context.Context, store *db.Store) error {
	ctx, done := context.WithTimeout(ctx, settlePatience)
	defer done()

	for {
		open, err := openNow(ctx, store)
		if err != nil {
			return err
		}

		if open == 0 {
			return nil
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d notifications: %w", open, ctx.Err())
		case <-time.After(settleGlance):
		}
	}
}

// openNow is how many notifications have not ended.
func openNow(ctx context.Context, store *db.Store) (open int, err error) {
	counts, err := store.OpenByStatus(ctx)
	if err != nil {
		return 0, fmt.Errorf("counting what is open: %w", err)
	}

	for _, count := range counts {
		open += count
	}

	return open, nil
}

// lastSettled is when the last notification of all was settled, by its row: whoever waits for it learns of it later.
func lastSettled(ctx context.Context, store *db.Store) (time.Time, error) {
	var at sql.NullTime

	err := store.Pool().QueryRowContext(ctx,
		"SELECT settled_at FROM notifications WHERE settled_at IS NOT NULL ORDER BY settled_at DESC LIMIT 1").Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading when the last notification was settled: %w", err)
	}

	return at.Time, nil
}

// lastNotifications are the ids of those that were accepted last.
func lastNotifications(ctx context.Context, store *db.Store, count int) (ids []string, err error) {
	rows, err := store.Pool().QueryContext(ctx, fmt.Sprintf("SELECT id FROM notifications ORDER BY id DESC LIMIT %d", count))
	if err != nil {
		return nil, fmt.Errorf("listing notifications: %w", err)
	}

	defer func() { err = errors.Join(err, rows.Close()) }()

	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("listing notifications: %w", err)
		}

		ids = append(ids, id)
	}

	return ids, rows.Err() //nolint:wrapcheck // it says everything.
}

// forgetLedger lets the simulators begin to count anew.
func (s *stack) forgetLedger(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.ledger("/ledger/reset"), http.NoBody)
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("resetting the simulators' ledger: %w", err)
	}

	if response.StatusCode != http.StatusNoContent {
		err = errStatus
	}

	return errors.Join(err, response.Body.Close())
}
