package gateway

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// RemapBatch has the file read again as a person says: columns gives fields to columns by their number, from 0, and
// header tells whether the first row names them; nil: as found. Columns that are not named keep their field, unless it
// was given to another one. check is the reading that the person saw; another one since is refused with ErrState.
func (g *Gateway) RemapBatch(
	ctx context.Context, actor Actor, id string, check int, columns map[int]batch.Field, header *bool,
) error {
	stored, err := g.actableBatch(ctx, actor, id, func(may BatchPossible) bool { return may.Remap })
	if err != nil {
		return err
	}

	template, err := g.Store.Template(ctx, stored.TemplateID, stored.TemplateVersion)
	if err != nil {
		return storeError("reading the template", err)
	}

	layout, err := layoutOf(stored)
	if err != nil {
		return err
	}

	changed := remapped(layout, columns, header)
	fields := append(checkNumbers(layout, columns), changed.Check(batch.Wanted{Placeholders: template.Placeholders()})...)

	if err := fields.OrNil(); err != nil {
		return err
	}

	encoded, err := encodeLayout(changed)
	if err != nil {
		return err
	}

	if err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return batchAct("remap", stored.Batch), storeError("storing the layout", store.RemapBatch(ctx, id, check, encoded))
	}); err != nil {
		return err
	}

	// The check after the one that the person saw.
	stored.Check = check + 1
	g.Starter.OfferBatch(stepOf(stored.Batch, db.BatchStepCheck))

	return nil
}

// remapped is the layout with a person's words in it.
func remapped(layout batch.Layout, columns map[int]batch.Field, header *bool) batch.Layout {
	given := map[batch.Field]bool{}
	for _, field := range columns {
		given[field] = true
	}

	// There is one amount, in one unit.
	if given[batch.FieldAmountEuro] || given[batch.FieldAmountCents] {
		given[batch.FieldAmountEuro], given[batch.FieldAmountCents] = true, true
	}

	changed := layout
	changed.Columns = make([]batch.Column, len(layout.Columns))

	for i, column := range layout.Columns {
		field, named := columns[i]

		switch {
		case named:
			column.Field = field
		case given[column.Field]:
			column.Field = ""
		}

		changed.Columns[i] = column
	}

	if len(columns) > 0 {
		// Positions mean nothing any more, and nor does what they say of amounts.
		changed.GovIO = false
	}

	if header != nil && *header != layout.Header {
		changed.Header = *header

		// What was taken for names was a citizen's row, or the other way round.
		for i := range changed.Columns {
			changed.Columns[i].Header = ""
		}
	}

	return changed
}

func checkNumbers(layout batch.Layout, columns map[int]batch.Field) notification.FieldErrors {
	var fields notification.FieldErrors

	for _, number := range slices.Sorted(maps.Keys(columns)) {
		if number < 0 || number >= len(layout.Columns) {
			fields = append(fields, notification.FieldError{
				Field: fmt.Sprintf("columns[%d]", number), Code: "unknown_column",
				Message: "the file has no such column", Messaggio: "il file non ha questa colonna",
			})
		}
	}

	return fields
}
