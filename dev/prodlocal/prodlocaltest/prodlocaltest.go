// Package prodlocaltest gives tests the settings of a stack of their own, with binaries that are built for them.
package prodlocaltest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

const (
	// requireVariable set to requireAll turns skipping into failing.
	requireVariable = "GENIO_TEST_REQUIRE"
	requireAll      = "all"

	moduleFile = "go.mod"
)

// Settings are those of a stack in a folder that goes with the test, on free ports. The test is left out where PostgreSQL or
// HAProxy is missing, or fails if GENIO_TEST_REQUIRE is "all".
func Settings(t *testing.T) prodlocal.Settings {
	t.Helper()

	_, _, err := prodlocal.FindPrograms()

	var missing prodlocal.MissingError
	if errors.As(err, &missing) && os.Getenv(requireVariable) != requireAll {
		t.Skip(err)
	}

	require.NoError(t, err)

	built, err := binaries()
	require.NoError(t, err)

	folder, err := os.MkdirTemp("", "genio-prod-local-") //nolint:usetesting // PostgreSQL's account cannot pass through the test's own.
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })

	return prodlocal.Settings{
		Folder: folder, Servers: 2, Workers: 2, LogLevel: "info",
		Genio: filepath.Join(built, "genio"), Temporal: filepath.Join(built, "temporal-dev"),
		ProxyConfig: filepath.Join(built, "..", "..", "..", "deploy", "haproxy.cfg"),
	}
}

// binaries are built once for each test binary, into a folder of its package where they stay: Go links nothing again that is
// up to date.
var binaries = sync.OnceValues(build) //nolint:gochecknoglobals // A cache for the life of the test binary.

func build() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the test's folder: %w", err)
	}

	nested, err := moduleOf(here)
	if err != nil {
		return "", err
	}

	product := filepath.Dir(nested)
	folder := filepath.Join(product, ".genio", "test-binaries", filepath.Base(here))

	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("making the folder of the binaries: %w", err)
	}

	for module, program := range map[string]string{product: "./cmd/genio", nested: "./cmd/temporal-dev"} {
		//nolint:noctx // bounded by the test binary's own time-out.
		command := exec.Command("go", "build", "-ldflags=-s -w", "-o", folder, program)
		command.Dir = module

		command.Env = append(os.Environ(), "GOWORK=off")

		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building %s: %w: %s", program, err, output)
		}
	}

	return folder, nil
}

// moduleOf is the folder of the module that a folder is in.
func moduleOf(folder string) (string, error) {
	for {
		_, err := os.Stat(filepath.Join(folder, moduleFile))
		if err == nil {
			return folder, nil
		}

		above := filepath.Dir(folder)
		if above == folder {
			return "", fmt.Errorf("looking for the module: %w", err)
		}

		folder = above
	}
}
