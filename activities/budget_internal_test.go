package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/workflows"
)

// Were the time-out shorter, Temporal would begin a second try beside a call that is still under way.
func TestHandOverFitsItsTimeOut(t *testing.T) {
	t.Parallel()
	require.Less(t, claimBudget+callBudget, workflows.HandOverTimeout)
}
