package gateway

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shelf counts how often it is read.
type shelf struct{ reads int }

func (s *shelf) read() (int, error) {
	s.reads++

	return s.reads, nil
}

func TestWhatIsKnownIsNotReadAgain(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		age     time.Duration
		between func(k *known[int])
		want    int
	}{
		"a moment later":         {time.Hour, func(*known[int]) {}, 1},
		"nothing is believed":    {0, func(*known[int]) {}, 2},
		"too long ago":           {time.Hour, func(k *known[int]) { k.values["key"] = seen[int]{1, time.Now().Add(-2 * time.Hour)} }, 2},
		"something was changed":  {time.Hour, func(k *known[int]) { k.forget() }, 2},
		"too much is remembered": {time.Hour, crowded, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var (
				memory known[int]
				books  shelf
			)

			_, err := memory.get("key", test.age, books.read)
			require.NoError(t, err)

			test.between(&memory)

			got, err := memory.get("key", test.age, books.read)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func crowded(k *known[int]) {
	for i := range knownAtMost {
		k.put(strconv.Itoa(i), seen[int]{value: i, at: time.Now()}, 0)
	}
}

// TestWhatWasReadBeforeAChangeIsNotRemembered: the change may have come right after the look.
func TestWhatWasReadBeforeAChangeIsNotRemembered(t *testing.T) {
	t.Parallel()

	var (
		memory known[int]
		books  shelf
	)

	_, err := memory.get("key", time.Hour, func() (int, error) {
		memory.forget()

		return books.read()
	})
	require.NoError(t, err)

	got, err := memory.get("key", time.Hour, books.read)
	require.NoError(t, err)
	require.Equal(t, 2, got)
}

func TestAFailedLookIsNotRemembered(t *testing.T) {
	t.Parallel()

	var memory known[int]

	wrong := errors.New("away")
	_, err := memory.get("key", time.Hour, func() (int, error) { return 1, wrong })
	require.ErrorIs(t, err, wrong)

	got, err := memory.get("key", time.Hour, func() (int, error) { return 2, nil })
	require.NoError(t, err)
	require.Equal(t, 2, got)
}
