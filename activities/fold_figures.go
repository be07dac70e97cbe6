package activities

import (
	"context"

	"go.temporal.io/sdk/activity"
)

// foldAtOnce is how many changes one transaction adds to the figures.
const foldAtOnce = 10_000

// FoldFigures adds to the figures what has changed since, transaction by transaction, and tells how many changes it were.
func (a *Activities) FoldFigures(ctx context.Context) (int, error) {
	folded := 0

	for {
		some, err := a.Store.FoldFigures(ctx, foldAtOnce)
		if err != nil {
			return folded, storeFault("folding the figures", err)
		}

		folded += some

		activity.RecordHeartbeat(ctx, folded)

		if some < foldAtOnce {
			return folded, nil
		}
	}
}
