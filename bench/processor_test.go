package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProcessorTimeIsRead(t *testing.T) {
	t.Parallel()

	const rest = " 20 0 9 0 1234 1267504 16780"

	for name, test := range map[string]struct {
		line   string
		wanted processorUse
		fails  bool
	}{
		"plain": {
			line:   "4711 (genio) S 42 4711 4711 0 -1 4194560 1 2 3 4 150 30 15 5" + rest,
			wanted: processorUse{parent: 42, used: 2 * time.Second},
		},
		"odd name": {
			line:   "4711 (postgres: a) b (c) R 7 4711 4711 0 -1 4194560 1 2 3 4 1 2 3 4" + rest,
			wanted: processorUse{parent: 7, used: 100 * time.Millisecond},
		},
		"no name":   {line: "4711 genio S 42 4711 4711 0 -1 4194560 1 2 3 4 150 30 15 5", fails: true},
		"cut":       {line: "4711 (genio) S 42 4711 4711 0 -1 4194560 1 2 3 4 150 30 15", fails: true},
		"no number": {line: "4711 (genio) S 42 4711 4711 0 -1 4194560 1 2 3 4 150 30 x 5", fails: true},
		"no parent": {line: "4711 (genio) S x 4711 4711 0 -1 4194560 1 2 3 4 150 30 15 5", fails: true},
		"empty":     {line: "", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			read, err := parseProcessorTime(test.line)
			require.Equal(t, test.fails, err != nil, err)
			require.Equal(t, test.wanted, read)
		})
	}
}

func TestProcessorTimeOfThisProcess(t *testing.T) {
	t.Parallel()

	own, err := processorTime(os.Getpid())
	require.NoError(t, err)
	require.Positive(t, own)

	_, err = processorTime(-1)
	require.Error(t, err)
}

func TestProcessorUses(t *testing.T) {
	t.Parallel()

	before := processorUses{"temporal": time.Second, "worker": 2 * time.Second}
	after := processorUses{"temporal": 4 * time.Second, "worker": 3 * time.Second, "bare": 500 * time.Millisecond}

	used := after.since(before)
	require.Equal(t, processorUses{"temporal": 3 * time.Second, "worker": time.Second, "bare": 500 * time.Millisecond}, used)
	require.Equal(t, "45.0 ms: temporal 30.0, worker 10.0, bare 5.0", used.each(100))
}
