package prodlocal_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

const (
	// parentArgument makes the test binary a parent that a test kills.
	parentArgument = "parent-that-is-killed"
	folderVariable = "GENIO_TEST_FOLDER"
)

// TestMain runs the tests or, called by one, a parent.
func TestMain(m *testing.M) {
	if len(os.Args) != 2 || os.Args[1] != parentArgument {
		os.Exit(m.Run())
	}

	child, err := prodlocal.StartChild(os.Getenv(folderVariable))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	_, _ = fmt.Fprintln(os.Stdout, child) // whoever does not read it notices

	<-make(chan struct{}) // until it is killed
}
