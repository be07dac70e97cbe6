package fiscalcode_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/fiscalcode"
)

func TestValidatorAllowsTestUsers(t *testing.T) {
	t.Parallel()

	const sandboxUser = "AAAAAA00A00A000A"

	validator, err := fiscalcode.NewValidator([]string{sandboxUser, "SPNDNL80R13C555X"})
	require.NoError(t, err)

	kind, err := validator.Validate(sandboxUser)
	require.NoError(t, err)
	require.Equal(t, fiscalcode.Personal, kind)

	kind, err = validator.Validate("61492729001")
	require.NoError(t, err)
	require.Equal(t, fiscalcode.Provisional, kind)

	_, err = validator.Validate("FRLFRC74E04B157I")
	require.ErrorIs(t, err, fiscalcode.ErrCheckCharacter, "what is not on the list is checked as ever")

	code, err := validator.Parse(sandboxUser)
	require.NoError(t, err)
	require.Equal(t, sandboxUser, code.Value())
	require.Equal(t, code, code.Base())

	_, ok := code.BirthDate(time.Now())
	require.False(t, ok, "day 00 is no date")
}

func TestZeroValidatorAllowsNoTestUser(t *testing.T) {
	t.Parallel()

	kind, err := new(fiscalcode.Validator).Validate("AAAAAA00A00A000A")
	require.ErrorIs(t, err, fiscalcode.ErrDay)
	require.Empty(t, kind)
}

func TestNewValidatorRefusesWhatIORefuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		code string
		want fiscalcode.RuleError
	}{
		"lower case":  {"aaaaaa00a00a000a", fiscalcode.ErrCharacters},
		"provisional": {"61492729001", fiscalcode.ErrLength},
		"wildcard":    {"*", fiscalcode.ErrLength},
		"month":       {"AAAAAA00F00A000A", fiscalcode.ErrMonth},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := fiscalcode.NewValidator([]string{"AAAAAA00A00A000A", tt.code})
			require.ErrorIs(t, err, tt.want)
			require.ErrorContains(t, err, "number 2")
			require.NotContains(t, err.Error(), tt.code)
		})
	}
}
