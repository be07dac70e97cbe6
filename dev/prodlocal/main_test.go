package prodlocal_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

// parentArgument makes the test binary a parent that a test kills.
const parentArgument = "parent-that-is-killed"

// binariesVariable names the folder of what the tests build.
const binariesVariable = "GENIO_TEST_BINARIES"

// TestMain runs the tests or, called by one, a parent.
func TestMain(m *testing.M) {
	if len(os.Args) != 2 || os.Args[1] != parentArgument {
		os.Exit(run(m))
	}

	child, err := prodlocal.StartChild(os.Getenv("GENIO_TEST_FOLDER"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	fmt.Println(child)
	select {}
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "genio-binaries-")
	if err == nil {
		err = os.Setenv(binariesVariable, folder)
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, err)

		return 1
	}

	defer func() { _ = os.RemoveAll(folder) }()

	return m.Run()
}
