// Command testsuite runs the parts of GeNIO's tests one after the other and closes with a report of what passed, what failed and what
// was left out and why. Its last line is a plain "N passed, N failed, N skipped" over all parts.
//
// A part whose prerequisites are missing, such as a browser, is left out and reported; so is each test that skipped itself. With
// GENIO_TEST_REQUIRE=all anything left out is a failure: that is how a continuous integration proves that everything ran.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// requireVariable is the environment variable that the tests themselves know too: where it says "all", they fail instead of skipping.
const requireVariable = "GENIO_TEST_REQUIRE"

var errNotPassed = errors.New("the tests did not pass")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])

	stop()

	if err != nil {
		if !errors.Is(err, errNotPassed) {
			fmt.Fprintln(os.Stderr, "testsuite:", err)
		}

		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("testsuite", flag.ContinueOnError)
	project := flags.String("project", ".", "the project's folder")
	name := flags.String("part", "", "run this part only, with the remaining arguments handed to its test runner")

	err := flags.Parse(arguments)
	if err != nil {
		return fmt.Errorf("reading the command line: %w", err)
	}

	tests, err := newSuite(*project)
	if err != nil {
		return err
	}

	selected, err := tests.partsNamed(*name, flags.Args())
	if err != nil {
		return err
	}

	all := report{requireAll: os.Getenv(requireVariable) == "all"}

	for _, part := range selected {
		if ctx.Err() != nil {
			return fmt.Errorf("before part %s: %w", part.name, ctx.Err())
		}

		all.add(tests.run(ctx, part))
	}

	fmt.Print(all.text())

	if !all.passed() {
		return errNotPassed
	}

	return nil
}

// newSuite prepares the folder that the test runners write their events to.
func newSuite(project string) (suite, error) {
	root, err := filepath.Abs(project)
	if err != nil {
		return suite{}, fmt.Errorf("finding the project's folder: %w", err)
	}

	results := filepath.Join(root, ".genio", "test-results")

	err = os.MkdirAll(results, 0o750)
	if err != nil {
		return suite{}, fmt.Errorf("making the folder of test results: %w", err)
	}

	return suite{root: root, results: results}, nil
}
