package drills

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReconciliationInTheTable(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		said   string
		missed []string
	}{
		"all agrees": {
			`{"difference": 0, "sums": {"accepted": 3, "settled": 2, "open": 1}, "checks": [{"check": "runs", "looked": 3, "repaired": 1}]}`, nil,
		},
		"a difference": {
			`{"difference": 1, "sums": {"accepted": 3, "settled": 3}, "checks": []}`,
			[]string{"GeNIO's own reconciliation: what does not agree"},
		},
		"sums": {`{"sums": {"accepted": 3, "settled": 1}}`, []string{"… accepted = settled + open"}},
		"a check not made": {
			`{"checks": [{"check": "runs", "failed": true}]}`, []string{"… checks that could not be made"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var found reconciled
			require.NoError(t, json.Unmarshal([]byte(test.said), &found))

			table := &Table{}
			found.into(table)
			require.Equal(t, test.missed, table.Missed())
		})
	}
}
