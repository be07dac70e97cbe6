package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/workflows"
)

// Otherwise Temporal would begin a second hand-over beside one whose outcome is still being recorded.
func TestBudgetsOfAHandOverFitItsTimeout(t *testing.T) {
	t.Parallel()
	require.Less(t, claimBudget+callBudget+recordPatience, workflows.HandOverTimeout)
}
