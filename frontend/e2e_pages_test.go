package frontend_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryPageIsLookedAt: what axe checks and what the screenshots show is every page that there is.
func TestEveryPageIsLookedAt(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile("e2e/pages.json")
	require.NoError(t, err)

	var listed struct {
		Pages []struct {
			Route string `json:"route"`
		} `json:"pages"`
		Elsewhere map[string]string `json:"elsewhere"`
	}
	require.NoError(t, json.Unmarshal(text, &listed))

	known := listed.Elsewhere
	for _, page := range listed.Pages {
		known[page.Route] = page.Route
	}

	for _, route := range openReal(t, "").pages.Routes() {
		if route.Method == http.MethodGet {
			require.Contains(t, known, route.Path)
			delete(known, route.Path)
		}
	}

	delete(known, "") // pages without a route
	require.Empty(t, known, "pages that do not exist")
}
