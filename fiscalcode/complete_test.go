package fiscalcode_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/fiscalcode"
)

func TestComplete(t *testing.T) {
	t.Parallel()

	for _, code := range []string{
		"RSSMRA80A01H501U", "MRTMTT91D08F205J", "RSRNOU70S54S000L", "RSSMRA80A01H50MM", "SPNDNL80R13C555T",
		"FRLFRC74E04B157H", "DIXDPZ44E08F367R", "PCRMJV76P12B782A", "MNVPNT77S11L219O",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()

			complete, err := fiscalcode.Complete(code[:15])
			require.NoError(t, err)
			require.Equal(t, code, complete)
		})
	}
}

func TestCompleteRefusesWhatParseWould(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		body string
		want fiscalcode.RuleError
	}{
		"too short":       {"RSSMRA80A01H50", fiscalcode.ErrLength},
		"already whole":   {"RSSMRA80A01H501U", fiscalcode.ErrLength},
		"lower case":      {"rssmra80a01h501", fiscalcode.ErrCharacters},
		"beyond ASCII":    {"RSSMRÀ80A01H50", fiscalcode.ErrCharacters},
		"unknown month":   {"RSSMRA80F01H501", fiscalcode.ErrMonth},
		"impossible day":  {"RSSMRA80B30H501", fiscalcode.ErrDay},
		"IO's test users": {"AAAAAA00A00A000", fiscalcode.ErrDay},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			complete, err := fiscalcode.Complete(tt.body)
			require.ErrorIs(t, err, tt.want)
			require.Empty(t, complete)
		})
	}
}

func TestNumericCodes(t *testing.T) {
	t.Parallel()

	// Published codes of organizations follow the same rule: PagoPA S.p.A., Consip S.p.A., Regione Lazio.
	for _, code := range []string{"61492729001", "15376371009", "05359681003", "80143490581"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()

			require.NoError(t, fiscalcode.ValidateNumeric(code))

			complete, err := fiscalcode.CompleteNumeric(code[:10])
			require.NoError(t, err)
			require.Equal(t, code, complete)
		})
	}
}

func TestCompleteNumericRefuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		body string
		want fiscalcode.RuleError
	}{
		"too short": {"614927290", fiscalcode.ErrLength},
		"too long":  {"61492729001", fiscalcode.ErrLength},
		"a letter":  {"614927290A", fiscalcode.ErrCharacters},
		"no serial": {"0000000123", fiscalcode.ErrProvisionalSerial},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			complete, err := fiscalcode.CompleteNumeric(tt.body)
			require.ErrorIs(t, err, tt.want)
			require.Empty(t, complete)
		})
	}
}
