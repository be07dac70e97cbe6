package notification

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestMeasureIsWhatWriteWrites: a length that is off by one would let a text pass that app IO refuses.
func TestMeasureIsWhatWriteWrites(t *testing.T) {
	t.Parallel()

	values := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune(
		"abzAZ09èß€😀 \n\t\u00a0\u2028\ufeff\u202e\x00\u200b-=:.+wW`\\\"'<>()[]{}!#|&@_*~/?%,;$^\u0301",
	))))

	rapid.Check(t, func(t *rapid.T) {
		value := values.Draw(t, "value")
		lengths, fine := measure(value)

		require.Equal(t, !strings.ContainsFunc(value, isBroken) && !IsBlankValue(value), fine)

		if !fine {
			return
		}

		for form := range escapings {
			require.Equal(t, utf16Length(escaping(form).write(value)), lengths[form], form)
		}
	})
}

func FuzzMeasure(f *testing.F) {
	for _, seed := range []string{"", "Maria Rossi", " a\u00a0b ", "1.", "www.a", "-a-", "`\\\"", "😀", "a\xff", "\ufffd", "+ @ +"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, value string) {
		if lengths, fine := measure(value); fine {
			for form := range escapings {
				require.Equal(t, utf16Length(escaping(form).write(value)), lengths[form], form)
			}
		}
	})
}
