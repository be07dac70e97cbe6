package frontendtest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// RemapBatch has the check begin again. No two columns may hold the same.
func (g *Gateway) RemapBatch(
	_ context.Context, actor gateway.Actor, id string, check int, columns map[int]batch.Field, header *bool,
) error {
	return g.changeBatch(actor, id, "remap", func(entry *BatchEntry) error {
		if entry.View.Check != check {
			return gateway.ErrState
		}

		seen := map[batch.Field]bool{}

		for i := range entry.View.Layout.Columns {
			field := columns[i]
			if field != "" && seen[field] {
				return fieldError("columns", "two columns hold the same", "due colonne contengono la stessa cosa")
			}

			seen[field] = true
			entry.View.Layout.Columns[i].Field = field
		}

		entry.View.Layout.Header = *header
		entry.View.Check++
		entry.View.Unmapped = nil
		entry.begin(notification.BatchChecking, g.Clock())

		return nil
	})
}

// SampleBatch begins a sample, which is there after a while.
func (g *Gateway) SampleBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.changeBatch(actor, id, "sample", func(entry *BatchEntry) error {
		entry.View.Sample = notification.BatchSample{State: notification.SampleRunning}
		entry.since = g.Clock()

		return nil
	})
}

// ConfirmBatch lets a draft be sent.
func (g *Gateway) ConfirmBatch(_ context.Context, actor gateway.Actor, id string, confirmation gateway.Confirmation) error {
	call := "confirm"
	if !confirmation.SendAt.IsZero() {
		call += " " + confirmation.SendAt.UTC().Format(time.RFC3339)
	}

	if confirmation.IncludeDuplicates {
		call += " with duplicates"
	}

	return g.changeBatch(actor, id, call, func(entry *BatchEntry) error {
		if entry.View.Status != notification.BatchDraft || entry.View.Check != confirmation.Check {
			return gateway.ErrState
		}

		entry.View.ConfirmedAt = g.Clock()
		entry.View.Progress = notification.BatchProgress{ToSend: entry.View.Counts.Good, Queued: entry.View.Counts.Good}

		if confirmation.SendAt.IsZero() {
			entry.View.StartedAt = g.Clock()
			entry.begin(notification.BatchSending, g.Clock())
		} else {
			entry.View.SendAt = confirmation.SendAt
			entry.begin(notification.BatchScheduled, time.Time{})
		}

		return nil
	})
}

// PauseBatch stops a batch that is sent.
func (g *Gateway) PauseBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.move(actor, id, "pause", notification.BatchPaused, notification.BatchSending, notification.BatchScheduled)
}

// ResumeBatch lets a paused batch go on.
func (g *Gateway) ResumeBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.move(actor, id, "resume", notification.BatchSending, notification.BatchPaused)
}

// CancelBatch stops a batch for good.
func (g *Gateway) CancelBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.move(
		actor, id, "cancel", notification.BatchCancelled,
		notification.BatchSending, notification.BatchScheduled, notification.BatchPaused,
	)
}

// DiscardBatch throws a batch away of which nothing was sent.
func (g *Gateway) DiscardBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.move(
		actor, id, "discard", notification.BatchDiscarded,
		notification.BatchChecking, notification.BatchMapping, notification.BatchDraft, notification.BatchUnreadable,
	)
}

func (g *Gateway) move(actor gateway.Actor, id, call string, to notification.BatchStatus, from ...notification.BatchStatus) error {
	return g.changeBatch(actor, id, call, func(entry *BatchEntry) error {
		if !slices.Contains(from, entry.View.Status) {
			return gateway.ErrState
		}

		entry.begin(to, time.Time{})

		return nil
	})
}

func (g *Gateway) changeBatch(actor gateway.Actor, id, call string, do func(*BatchEntry) error) error {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	entry, err := g.findBatch(actor, id)
	if err != nil {
		return err
	}

	if !actor.MayChange() {
		return gateway.ErrForbidden
	}

	g.calls = append(g.calls, call)

	return do(entry)
}

// WriteRejects writes one line for each row that is not sent.
func (g *Gateway) WriteRejects(_ context.Context, actor gateway.Actor, id string, w io.Writer, format gateway.TableFormat) error {
	return g.report(actor, id, w, "rejects "+string(format), func(row gateway.RowView) bool { return row.State != notification.RowGood })
}

// WriteResults writes one line for each row that is sent.
func (g *Gateway) WriteResults(
	_ context.Context, actor gateway.Actor, id string, w io.Writer, format gateway.TableFormat, lang notification.Lang,
) error {
	return g.report(
		actor, id, w, "results "+string(format)+" "+string(lang), func(row gateway.RowView) bool { return row.State == notification.RowGood },
	)
}

func (g *Gateway) report(actor gateway.Actor, id string, w io.Writer, title string, wanted func(gateway.RowView) bool) error {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	entry, err := g.findBatch(actor, id)
	if err != nil {
		return err
	}

	lines := []string{title + "\n"}

	for _, row := range entry.Rows {
		if wanted(row) {
			lines = append(lines, fmt.Sprintf("%d\n", row.Number))
		}
	}

	if g.ReportFault != nil {
		lines = lines[:1]
	}

	if _, err := io.WriteString(w, strings.Join(lines, "")); err != nil {
		return fmt.Errorf("writing a report: %w", err)
	}

	return g.ReportFault
}
