package frontend

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMessagesForOneAndForManyTakeTheNumber(t *testing.T) {
	t.Parallel()

	texts, err := readCatalogue()
	require.NoError(t, err)

	counted := 0

	for lang, messages := range texts {
		for key := range messages {
			if !strings.HasSuffix(key, ".one") && !strings.HasSuffix(key, ".many") {
				continue
			}

			counted++

			require.NotContains(t, texts.text(lang, key, "1"), "%!", key)
		}
	}

	require.Positive(t, counted)
}
