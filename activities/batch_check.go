package activities

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// rowsAtOnce is how many checked rows are stored together.
	rowsAtOnce = 500
	// repeatedWithin is how far back a row is looked for among what the Ente has sent.
	repeatedWithin = 24 * time.Hour
)

// CheckBatch reads the file, and stores its rows and what was found. What is wrong with the file is an outcome: the
// batch says so to whoever uploaded it. It may be repeated, and a reading that another one has overtaken ends quietly.
func (a *Activities) CheckBatch(ctx context.Context, in workflows.BatchCheckInput) error {
	check, err := a.beginCheck(ctx, in)
	if err != nil {
		return a.checkFault(ctx, in, "beginning to read the file", err)
	}

	outcome, err := check.run(ctx)
	if unreadable, ok := errors.AsType[*batch.FileError](err); ok {
		outcome, err = db.CheckOutcome{Status: notification.BatchUnreadable, Problem: unreadable.Code}, nil
	}

	if err != nil {
		return a.checkFault(ctx, in, "reading the file", err)
	}

	err = a.Store.FinishCheck(ctx, in.BatchID, in.Check, outcome)

	return a.checkFault(ctx, in, "storing what was found", err)
}

// checkFault is storeFault for a reading of a file, whose faults are nobody's concern once the batch has another reading
// or was thrown away together with its file.
func (a *Activities) checkFault(ctx context.Context, in workflows.BatchCheckInput, doing string, err error) error {
	switch {
	case errors.Is(err, batch.ErrTemplate):
		outcome := db.CheckOutcome{Status: notification.BatchUnreadable, Problem: batch.ProblemTemplate}

		return a.checkFault(ctx, in, doing, a.Store.FinishCheck(ctx, in.BatchID, in.Check, outcome))
	case errors.Is(err, db.ErrConflict):
		return nil
	case errors.Is(err, db.ErrNotFound):
		stored, gone := a.Store.Batch(ctx, in.BatchID)
		if gone == nil && (stored.Status != notification.BatchChecking || stored.Check != in.Check) {
			return nil
		}
	}

	return storeFault(doing, err)
}

// fileCheck is one reading of a batch's file.
type fileCheck struct {
	does   *Activities
	stored db.StoredBatch
	check  int // the number of the reading
	maker  *batch.Maker
	rules  batch.Rules
	file   batchFile
}

func (a *Activities) beginCheck(ctx context.Context, in workflows.BatchCheckInput) (*fileCheck, error) {
	if err := a.Store.BeginCheck(ctx, in.BatchID, in.Check); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what was being done.
	}

	stored, err := a.Store.Batch(ctx, in.BatchID)
	if err != nil {
		return nil, err //nolint:wrapcheck // as above.
	}

	maker, service, err := a.maker(ctx, stored.Batch)
	if err != nil {
		return nil, err
	}

	// To forget what an earlier try found may have taken long.
	activity.RecordHeartbeat(ctx)

	return &fileCheck{
		does: a, stored: stored, check: in.Check, maker: maker,
		rules: batch.Rules{
			FiscalCodes: a.FiscalCodes, Phones: a.Phones, Content: maker.Filling(),
			MaxPaymentCents: service.MaxPaymentCents, Now: time.Now(),
		},
		file: batchFile{ctx: ctx, store: a.Store, batch: stored.Batch},
	}, nil
}

// maker makes the notifications of a batch.
func (a *Activities) maker(ctx context.Context, b notification.Batch) (*batch.Maker, notification.Service, error) {
	service, err := a.Store.Service(ctx, b.ServiceID)
	if err != nil {
		return nil, service, err //nolint:wrapcheck // the callers say what was being done.
	}

	ente, err := a.Store.Ente(ctx, b.EnteID)
	if err != nil {
		return nil, service, err //nolint:wrapcheck // as above.
	}

	template, err := a.Store.Template(ctx, b.TemplateID, b.TemplateVersion)
	if err != nil {
		return nil, service, err //nolint:wrapcheck // as above.
	}

	maker, err := batch.NewMaker(b, service, ente, template)

	return maker, service, err //nolint:wrapcheck // as above.
}

// run finds out how the file is laid out, where nobody has said, and reads it.
func (c *fileCheck) run(ctx context.Context) (db.CheckOutcome, error) {
	wanted := batch.Wanted{Placeholders: c.rules.Content.Placeholders()}

	layout, err := c.layout(ctx, wanted)
	if err != nil {
		return db.CheckOutcome{}, err
	}

	encoded, err := json.Marshal(layout)
	if err != nil {
		return db.CheckOutcome{}, err //nolint:wrapcheck // as above.
	}

	if len(layout.Unmapped(wanted)) > 0 || len(layout.Check(wanted)) > 0 {
		return db.CheckOutcome{Status: notification.BatchMapping, Layout: encoded}, nil
	}

	counts, err := c.rows(ctx, layout)

	return db.CheckOutcome{Status: notification.BatchDraft, Layout: encoded, Counts: counts}, err
}

// layout is what a person has put right, or else what the file shows.
func (c *fileCheck) layout(ctx context.Context, wanted batch.Wanted) (batch.Layout, error) {
	var known batch.Layout

	if len(c.stored.Layout) > 0 {
		if err := json.Unmarshal(c.stored.Layout, &known); err != nil {
			return known, err //nolint:wrapcheck // as above.
		}
	}

	if known.Format != "" {
		return known, nil
	}

	// An application may have said what its headers mean.
	wanted.Columns = known.Known()

	return batch.Inspect(ctx, c.file, wanted) //nolint:wrapcheck // as above.
}

// rows stores the rows page by page, and counts them.
func (c *fileCheck) rows(ctx context.Context, layout batch.Layout) (notification.BatchCounts, error) {
	page := make([]db.BatchRow, 0, rowsAtOnce)

	flush := func() error {
		activity.RecordHeartbeat(ctx)

		if len(page) == 0 {
			return nil
		}

		err := c.does.Store.AddBatchRows(ctx, c.stored.ID, c.check, page)
		page = page[:0]

		return err //nolint:wrapcheck // as above.
	}

	summary, err := batch.Read(ctx, c.file, layout, c.rules, func(row *batch.Row) error {
		stored, err := c.row(row)
		if err != nil {
			return err
		}

		if page = append(page, stored); len(page) < rowsAtOnce {
			return nil
		}

		return flush()
	})
	if err == nil {
		err = flush()
	}

	if err != nil {
		return summary.Counts, err
	}

	return c.withoutRepeated(ctx, summary.Counts)
}

// withoutRepeated takes the rows out of the good ones whose citizen was sent the same a short while ago. FinishCheck does
// the same with their phones and SMS.
func (c *fileCheck) withoutRepeated(ctx context.Context, counts notification.BatchCounts) (notification.BatchCounts, error) {
	since := time.Now().Add(-repeatedWithin)

	repeated, err := c.does.Store.MarkRepeated(ctx, c.stored.ID, c.check, since)
	if err != nil {
		return counts, err //nolint:wrapcheck // as above.
	}

	counts.Good -= repeated
	counts.Duplicates += repeated

	return counts, nil
}
