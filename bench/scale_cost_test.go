package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCostOfOneNotification(t *testing.T) {
	t.Parallel()

	before := spent{
		databases: map[string]databaseSpent{databaseGenio: {bytes: 1000, commits: 10}, databaseTemporal: {bytes: 2000, commits: 20}},
		log:       5000, syncs: 7,
		processors: processorUses{"worker": time.Second},
	}
	after := spent{
		databases: map[string]databaseSpent{
			databaseGenio: {bytes: 1000 + 10*2048, commits: 50}, databaseTemporal: {bytes: 2000 + 10*512, commits: 25},
		},
		log: 5000 + 10*4096, syncs: 22,
		processors: processorUses{"worker": time.Second + 30*time.Millisecond, "temporal": 250 * time.Millisecond},
	}

	var told strings.Builder

	_, err := after.since(before).each(10).WriteTo(&told)
	require.NoError(t, err)
	require.Equal(t, strings.Join([]string{
		"| one notification costs | amount |",
		"|---|---|",
		"| in the database `genio` | 2.0 KB, 4.0 transactions |",
		"| in the database `temporal` | 0.5 KB, 0.5 transactions |",
		"| in PostgreSQL's log | 4 KB, written to the disk 1.5 times |",
		"| of the processors | 28.0 ms: temporal 25.0, worker 3.0 |",
		"",
	}, "\n"), told.String())
}
