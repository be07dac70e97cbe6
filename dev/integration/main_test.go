// Package integration_test runs the whole of GeNIO on a real Temporal, in this process and in others that are killed.
package integration_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// testsAtOnce is high because these tests wait much more than they compute.
const testsAtOnce = "12"

// TestMain runs the tests or, called by a test, one of GeNIO's processes.
func TestMain(m *testing.M) {
	if len(os.Args) == processArguments {
		if err := runProcess(os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}

		return
	}

	flag.Parse()

	if err := flag.Set("test.parallel", testsAtOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	os.Exit(m.Run())
}
