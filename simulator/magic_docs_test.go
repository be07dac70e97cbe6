package simulator_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/simulator"
)

func TestDocumentationListsEveryMagicValue(t *testing.T) {
	t.Parallel()

	document, err := os.ReadFile("../docs/simulator.md")
	require.NoError(t, err)

	for _, citizen := range simulator.MagicCitizens() {
		require.Contains(t, string(document), fmt.Sprintf("| `X%03d` | %#q |", int(citizen.Outcome), citizen.FiscalCode))
	}

	for _, phone := range simulator.MagicPhones() {
		require.Contains(t, string(document), fmt.Sprintf("| `%02d` | %#q |", int(phone.Outcome), phone.Phone))
	}
}

// TestTheProductAcceptsTheMagicCodes asks the product's own validator, which shares no code with the simulator.
func TestTheProductAcceptsTheMagicCodes(t *testing.T) {
	t.Parallel()

	const ofEach = 500

	for _, citizen := range simulator.MagicCitizens() {
		for n := range ofEach {
			_, err := fiscalcode.Parse(simulator.FiscalCode(citizen.Outcome, n))
			require.NoError(t, err)
		}
	}
}
