package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// patience is how long a runner that was asked to stop may take to clean up.
const patience = 20 * time.Second

// run runs one part, with everything its runner prints going to the terminal.
func (s suite) run(ctx context.Context, p part) result {
	fmt.Printf("\n=== %s (%s)\n", p.title, p.name)

	if missing := s.missing(ctx, p.needs); len(missing) > 0 {
		return result{part: p.name, leftOut: missing}
	}

	for _, preparation := range p.prepare {
		err := s.execute(ctx, preparation)
		if err != nil {
			return result{part: p.name, counts: counts{failed: 1, failures: []string{fmt.Sprintf("preparing the tests: %v", err)}}}
		}
	}

	return s.test(ctx, p)
}

func (s suite) test(ctx context.Context, p part) result {
	started := time.Now()

	err := forgetEvents(p.events)
	if err == nil {
		err = s.execute(ctx, p.test)
	}

	counted, problem := countsOf(p, err)
	if problem != nil {
		counted.fail(problem.Error())
	}

	return result{part: p.name, counts: counted, took: time.Since(started)}
}

// forgetEvents removes an earlier run's events, which must not be counted again where the runner cannot even start.
func forgetEvents(events string) error {
	if events == "" {
		return nil
	}

	err := os.Remove(events)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing the results of an earlier run: %w", err)
	}

	return nil
}

// countsOf reads what the runner recorded. A runner that failed without recording a failure is itself one, and so is a runner that
// succeeded without running any test.
func countsOf(p part, failure error) (counts, error) {
	if p.read == nil {
		if failure != nil {
			return counts{}, failure
		}

		return counts{passed: 1}, nil
	}

	counted, err := p.read(p.events)

	switch {
	case failure != nil && counted.failed == 0:
		return counted, failure
	case failure == nil && err != nil:
		return counted, err
	case failure == nil && counted.total() == 0:
		return counted, errors.New("no test ran")
	}

	return counted, nil
}

func (s suite) execute(ctx context.Context, c command) error {
	process := s.process(ctx, c)
	process.Stdout = os.Stdout
	process.Stderr = os.Stderr

	err := process.Run()
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(c.arguments[0]), err)
	}

	return nil
}

// process prepares a command. A program named with a slash is one of the project's own.
func (s suite) process(ctx context.Context, c command) *exec.Cmd {
	program := c.arguments[0]
	if strings.Contains(program, "/") {
		program = filepath.Join(s.root, program)
	}

	// What runs are the constants of parts.go and the arguments that the developer typed.
	process := exec.CommandContext(ctx, program, c.arguments[1:]...) //nolint:gosec // see above
	process.Dir = filepath.Join(s.root, c.folder)
	process.Env = append(os.Environ(), c.environment...)
	process.Cancel = func() error { return process.Process.Signal(os.Interrupt) }
	process.WaitDelay = patience

	return process
}
