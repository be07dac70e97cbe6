package drills

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/genio-gateway/genio/dev/prodlocal"
	"github.com/genio-gateway/genio/notification"
)

// reconciled is what GeNIO's own reconciliation came to.
type reconciled struct {
	Difference int                        `json:"difference"`
	Open       int                        `json:"open_findings"`
	Sums       notification.Sums          `json:"sums"`
	Checks     []notification.CheckResult `json:"checks"`
}

// reconcile has GeNIO compare database, Temporal and providers now. Whatever is younger than some minutes is not looked at by
// every check, since it may be in flight: the drill's own books look at everything.
func reconcile(ctx context.Context, stack *prodlocal.Stack) (reconciled, error) {
	// The command ends with an error where they do not agree, and says what it found nevertheless.
	said, failed := stack.Genio(ctx, "", "admin", "reconcile", "--json")

	var found reconciled
	if err := json.Unmarshal([]byte(said), &found); err != nil {
		return found, fmt.Errorf("reconciling: %w", errors.Join(err, failed))
	}

	return found, nil
}

func (r reconciled) into(table *Table) {
	var compared, repaired, notMade int

	for _, check := range r.Checks {
		compared += check.Looked
		repaired += check.Repaired

		if check.Failed {
			notMade++
		}
	}

	table.add("GeNIO's own reconciliation: what does not agree", "0", r.Difference == 0,
		"%d (%d compared by %d checks, %d repaired, %d before a person)", r.Difference, compared, len(r.Checks), repaired, r.Open)
	table.add("… accepted = settled + open", "equal", r.Sums.Accepted == r.Sums.Settled+r.Sums.Open,
		"%d = %d + %d", r.Sums.Accepted, r.Sums.Settled, r.Sums.Open)
	table.zero("… checks that could not be made", notMade)
}
