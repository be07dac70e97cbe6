package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const (
	serverStartGoal   = time.Second
	allInOneStartGoal = 5 * time.Second
	// starts are how often each is started; the median counts.
	starts = 5
	// startGlance is how often a process that starts is asked whether it is ready.
	startGlance = 5 * time.Millisecond
)

// measureStartUp starts a server and the all-in-one.
func (r *speedRun) measureStartUp(ctx context.Context) error {
	if err := r.measureServerStart(ctx); err != nil {
		return fmt.Errorf("starting a server: %w", err)
	}

	// It is a stack of its own, the same beside any other.
	if r.stack.kind != stackEmbedded {
		return nil
	}

	if err := r.measureAllInOneStart(ctx); err != nil {
		return fmt.Errorf("starting the all-in-one: %w", err)
	}

	return nil
}

// measureServerStart starts one more server beside those of the stack: its database is migrated, and Temporal is there.
func (r *speedRun) measureServerStart(ctx context.Context) error {
	took, err := medianStart(ctx, func() (*exec.Cmd, string, error) {
		port, err := freePort()
		if err != nil {
			return nil, "", err
		}

		command := exec.CommandContext(ctx, r.stack.genio, "server", "--listen", address(port)) //nolint:gosec // our own binary.
		// The port of its metrics is taken already, by the server that runs.
		command.Env = append(append(os.Environ(), r.stack.settings...), "GENIO_ADMIN_LISTEN="+address(0))

		return command, "http://" + address(port) + "/readyz", nil
	})
	if err != nil {
		return err
	}

	r.figures.add(fmt.Sprintf("`genio server`: from its start to `/readyz`, median of %d", starts), "≤ 1 s", took <= serverStartGoal,
		"%s", inMillis(took))

	return nil
}

// measureAllInOneStart starts everything in one process in an empty folder, as a newcomer does.
func (r *speedRun) measureAllInOneStart(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "genio-bench-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}

	defer func() { _ = os.RemoveAll(folder) }()

	number := 0

	took, err := medianStart(ctx, func() (*exec.Cmd, string, error) {
		port, err := freePort()
		if err != nil {
			return nil, "", err
		}

		number++

		//nolint:gosec // our own binary.
		command := exec.CommandContext(ctx, filepath.Join(r.Binaries, "genio-dev"), "--port", strconv.Itoa(port),
			"--temporal-port", "0", "--temporal-ui-port", "0", "--simulator-port", "0", "--admin-port", "0",
			"--data", filepath.Join(folder, strconv.Itoa(number)), "--log-level", "warn")

		return command, "http://" + address(port) + "/readyz", nil
	})
	if err != nil {
		return err
	}

	r.figures.add(fmt.Sprintf("the all-in-one in an empty folder: from its start to `/readyz`, median of %d", starts), "≤ 5 s",
		took <= allInOneStartGoal, "%s", inMillis(took))

	return nil
}

// medianStart starts a process again and again, and kills it once its address answers.
func medianStart(ctx context.Context, prepare func() (command *exec.Cmd, address string, err error)) (time.Duration, error) {
	var all []time.Duration

	for range starts {
		command, address, err := prepare()
		if err != nil {
			return 0, err
		}

		took, err := timeToAnswer(ctx, command, address)
		if err != nil {
			return 0, err
		}

		all = append(all, took)
	}

	slices.Sort(all)

	return quantileOf(all, half), nil
}

func timeToAnswer(ctx context.Context, command *exec.Cmd, address string) (time.Duration, error) {
	ctx, done := context.WithTimeout(ctx, startPatience)
	defer done()

	began := time.Now()

	if err := command.Start(); err != nil {
		return 0, fmt.Errorf("starting %s: %w", filepath.Base(command.Path), err)
	}

	defer func() {
		_ = command.Process.Kill() // nothing of it is needed any more
		_ = command.Wait()         // killed processes always end with an error
	}()

	for get(ctx, address) != nil {
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("waiting for %s: %w", filepath.Base(command.Path), ctx.Err())
		case <-time.After(startGlance):
		}
	}

	return time.Since(began), nil
}
