package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/genio-gateway/genio/simulator"
)

// askPatience bounds one look at a database or a provider that may be away.
const askPatience = 15 * time.Second

// readRows reads all notifications.
func readRows(ctx context.Context, database string) (map[string]row, error) {
	ctx, done := context.WithTimeout(ctx, askPatience)
	defer done()

	connection, err := pgx.Connect(ctx, database)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	defer func() { _ = connection.Close(ctx) }()

	found, err := connection.Query(ctx,
		"SELECT id::text, ente_id::text, status, reason, channel, settled_at IS NOT NULL FROM notifications")
	if err != nil {
		return nil, fmt.Errorf("reading the notifications: %w", err)
	}

	rows := map[string]row{}

	var one row

	_, err = pgx.ForEachRow(found, []any{&one.id, &one.enteID, &one.status, &one.reason, &one.channel, &one.settled}, func() error {
		rows[one.id] = one

		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the notifications: %w", err)
	}

	return rows, nil
}

// readLedger is what the providers received, and what went wrong with them on purpose.
func readLedger(ctx context.Context, address string) ([]simulator.Entry, simulator.Counters, error) {
	ctx, done := context.WithTimeout(ctx, askPatience)
	defer done()

	var page struct {
		Entries  []simulator.Entry  `json:"entries"`
		Counters simulator.Counters `json:"counters"`
	}

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/ledger", http.NoBody)
	if err != nil {
		return nil, page.Counters, fmt.Errorf("making a request: %w", err)
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, page.Counters, fmt.Errorf("reading the ledger: %w", err)
	}
	defer func() { _ = response.Body.Close() }()

	if err := json.NewDecoder(response.Body).Decode(&page); err != nil {
		return nil, page.Counters, fmt.Errorf("decoding the ledger: %w", err)
	}

	return page.Entries, page.Counters, nil
}
