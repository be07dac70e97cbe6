package simulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckCharacterOfKnownCodes(t *testing.T) {
	t.Parallel()

	for _, code := range []string{
		"RSSMRA80A01H501U", "MRTMTT91D08F205J", "RSRNOU70S54S000L", "RSSMRA80A01H50MM", "AAAAAA00A00A000I", "SPNDNL80R13C555T",
		"FRLFRC74E04B157H", "DIXDPZ44E08F367R", "RSSMRO00A00A000Z", "PCRMJV76P12B782A", "MNVPNT77S11L219O",
	} {
		require.Equal(t, string(code[15]), string(checkCharacter(code[:15])), code)
	}
}

func TestPlaceUndoesOmocodia(t *testing.T) {
	t.Parallel()

	require.Equal(t, "X004", placeOf("RSSMRA80A01X004U"))
	require.Equal(t, "X014", placeOf("RSSMRA80A01XLMQU"))
	require.Equal(t, "H501", placeOf("RSSMRA80A01H50MM"))
	require.Empty(t, placeOf("61492729001"))
}
