package drills_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/dev/drills"
	"github.com/genio-gateway/genio/dev/prodlocal/prodlocaltest"
)

const patience = 8 * time.Minute

// TestChaos is the drill in small: each part is killed at least once. So few calls need not meet each random fault.
func TestChaos(t *testing.T) {
	t.Parallel()

	settings := prodlocaltest.Settings(t)
	table, err := drills.Chaos{
		Settings: drills.Settings{
			Genio: settings.Genio, Temporal: settings.Temporal, ProxyConfig: settings.ProxyConfig, Enti: 2, Rate: 5, Patience: patience,
		},
		Folder: settings.Folder, Notifications: 60, Rounds: 1,
	}.Run(t.Context(), t.Output())

	if err != nil && !errors.Is(err, drills.ErrMissed) {
		require.NoError(t, err)
	}

	for _, missed := range table.Missed() {
		require.Equal(t, "random faults that struck", missed)
	}
}

// TestBackup is the drill in small.
func TestBackup(t *testing.T) {
	t.Parallel()

	settings := prodlocaltest.Settings(t)
	_, err := drills.Backup{
		Settings: drills.Settings{
			Genio: settings.Genio, Temporal: settings.Temporal, ProxyConfig: settings.ProxyConfig, Enti: 2, Rate: 4, Patience: patience,
		},
		Folder: settings.Folder, Notifications: 60,
	}.Run(t.Context(), t.Output())
	require.NoError(t, err)
}

// TestRolling is the drill in small. The new version is the same program, with a byte behind its end: a program that was not
// stamped is named by what it is.
func TestRolling(t *testing.T) {
	t.Parallel()

	settings := prodlocaltest.Settings(t)
	program, err := os.ReadFile(settings.Genio)
	require.NoError(t, err)

	next := filepath.Join(settings.Folder+"-next", "genio")
	require.NoError(t, os.MkdirAll(filepath.Dir(next), 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(filepath.Dir(next))) })
	require.NoError(t, os.WriteFile(next, append(program, 0), 0o755))

	_, err = drills.Rolling{
		Settings: drills.Settings{
			Genio: settings.Genio, Temporal: settings.Temporal, ProxyConfig: settings.ProxyConfig, Enti: 2, Rate: 3, Patience: patience,
		},
		Folder: settings.Folder, Next: next, Duration: time.Minute, Looks: 3,
	}.Run(t.Context(), t.Output())
	require.NoError(t, err)
}
