package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// chunk is how many rows are written at once.
const chunk = 5000

// rows are what one chunk becomes.
type rows struct {
	notifications, attempts [][]any

	err error
}

// fill writes the invented region, and lets the product fold its figures.
func (w *world) fill(ctx context.Context, address string, figures *table) error {
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}

	defer func() { _ = connection.Close(ctx) }()

	if err := w.found(ctx); err != nil {
		return err
	}

	progressf("writing %d notifications", w.count)

	took, err := timed(func() error { return w.write(ctx, connection) })
	if err != nil {
		return err
	}

	progressf("written in %s; folding the figures", took.Round(time.Second))

	folded := 0

	took, err = timed(func() (err error) {
		folded, err = foldAll(ctx, w.store)

		return err
	})
	if err != nil {
		return err
	}

	figures.add(fmt.Sprintf("folding the figures of %d notifications, %d changes", w.count, folded), "–", true, "%.0f s (%.0f changes/s)",
		took.Seconds(), float64(folded)/took.Seconds())

	if err := w.writeBatches(ctx, connection); err != nil {
		return err
	}

	_, err = connection.Exec(ctx, "VACUUM ANALYZE")

	return err //nolint:wrapcheck // it says everything.
}

// write leaves the indexes to the end, where making them takes less.
func (w *world) write(ctx context.Context, connection *pgx.Conn) error {
	indexes, err := takeIndexes(ctx, connection)
	if err != nil {
		return err
	}

	within, stop := context.WithCancel(ctx)
	defer stop()

	for made := range w.chunks(within) {
		if made.err != nil {
			return made.err
		}

		if err := copyInto(ctx, connection, "notifications", notificationColumns(), made.notifications); err != nil {
			return err
		}

		if err := copyInto(ctx, connection, "attempts", attemptColumns(), made.attempts); err != nil {
			return err
		}
	}

	for _, index := range indexes {
		if _, err := connection.Exec(ctx, index); err != nil {
			return fmt.Errorf("making an index: %w", err)
		}
	}

	return nil
}

// chunks are made while those before are written.
func (w *world) chunks(ctx context.Context) <-chan rows {
	ready := make(chan rows, 2)

	go func() {
		defer close(ready)

		for begin := 0; begin < w.count; begin += chunk {
			made, err := w.chunk(begin, min(begin+chunk, w.count))
			made.err = err

			select {
			case ready <- made:
			case <-ctx.Done():
				return
			}
		}
	}()

	return ready
}

// takeIndexes drops those that only serve to find, and gives what makes them again.
func takeIndexes(ctx context.Context, connection *pgx.Conn) ([]string, error) {
	found, err := connection.Query(ctx,
		"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('notifications', 'attempts') AND indexdef LIKE 'CREATE INDEX%'")
	if err != nil {
		return nil, fmt.Errorf("listing indexes: %w", err)
	}

	names, made := []string{}, []string{}

	var name, definition string

	_, err = pgx.ForEachRow(found, []any{&name, &definition}, func() error {
		names, made = append(names, name), append(made, definition)

		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing indexes: %w", err)
	}

	for _, name := range names {
		if _, err := connection.Exec(ctx, "DROP INDEX "+pgx.Identifier{name}.Sanitize()); err != nil {
			return nil, fmt.Errorf("dropping an index: %w", err)
		}
	}

	return made, nil
}

func copyInto(ctx context.Context, connection *pgx.Conn, table string, columns []string, rows [][]any) error {
	if _, err := connection.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("writing %s: %w", table, err)
	}

	return nil
}

func notificationColumns() []string {
	return []string{
		"id", "ente_id", "service_id", "batch_id", "external_reference", "recipient", "content", "fiscal_code_hash", "phone_hash", "policy",
		"priority", "status", "reason", "channel", "accepted_at", "queued_at", "settled_at", "run", "started_run", "archived",
	}
}

func attemptColumns() []string {
	return []string{
		"id", "notification_id", "channel", "ordinal", "status", "reason", "provider_status", "calls", "segments",
		"started_at", "called_at", "sent_at", "settled_at",
	}
}

func (w *world) chunk(begin, end int) (made rows, err error) {
	for i := begin; i < end; i++ {
		one := w.notification(i)

		sealed, err := w.keys.Seal(one.Notification)
		if err != nil {
			return made, fmt.Errorf("sealing: %w", err)
		}

		var batch any
		if one.ofBatch {
			batch = one.batch.String()
		}

		made.notifications = append(made.notifications, []any{
			[16]byte(one.uuid), one.EnteID, one.ServiceID, batch, one.ExternalReference, sealed.Recipient, sealed.Content,
			sealed.FiscalCodeHash, sealed.PhoneHash, w.policy, string(one.Priority), string(one.Status), string(one.Reason), string(one.Channel),
			one.AcceptedAt, one.AcceptedAt, orNull(one.SettledAt), 1, 1, one.Status.Final(),
		})

		for _, attempt := range one.Attempts {
			made.attempts = append(made.attempts, []any{
				[16]byte(newUUID(attempt.StartedAt, w.random)), [16]byte(one.uuid), string(attempt.Channel), 1, string(attempt.Status),
				string(attempt.Reason), "", attempt.Calls, attempt.Segments, attempt.StartedAt, orNull(attempt.StartedAt),
				orNull(attempt.SentAt), orNull(attempt.SettledAt),
			})
		}
	}

	return made, nil
}

func orNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}

	return at
}

// writeBatches writes the files that the notifications came from.
func (w *world) writeBatches(ctx context.Context, connection *pgx.Conn) error {
	templates := map[string]string{}

	for i, batch := range w.batches {
		service := w.services[batch.service]

		if templates[service.EnteID] == "" {
			id := newUUID(batch.at, w.random).String()
			text := paymentTemplate()
			text.ID, text.EnteID = id, service.EnteID

			if err := w.store.CreateTemplate(ctx, text); err != nil {
				return fmt.Errorf("creating a template: %w", err)
			}

			templates[service.EnteID] = id
		}

		status, ended := "completed", any(batch.at.Add(time.Hour))
		if i > len(w.batches)-4 {
			status, ended = "sending", nil
		}

		_, err := connection.Exec(ctx, `INSERT INTO batches (id, ente_id, service_id, template_id, template_version, name, file_name, file_size,
			status, problem, priority, check_number, counts, sample, include_duplicates, to_send, created_by, created_at, confirmed_at,
			started_at, ended_at, check_due, sample_due, send_due, emptied)
			VALUES ($1, $2, $3, $4, 1, $5, 'avvisi.csv', 100000, $6, '', 'bulk', 1, $7, '{}', $11, $8,
			'bench', $9, $9, $9, $10, $11, $11, $11, $11)`,
			batch.id.String(), service.EnteID, service.ID, templates[service.EnteID], fmt.Sprintf("Avvisi %d", i+1), status,
			fmt.Sprintf(`{"rows": %d, "good": %d}`, batch.size, batch.size), batch.size, batch.at, ended, false)
		if err != nil {
			return fmt.Errorf("writing a batch: %w", err)
		}
	}

	return nil
}
