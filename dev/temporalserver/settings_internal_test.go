package temporalserver

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/server/common/dynamicconfig"

	"github.com/genio-gateway/genio/workflows"
)

// TestProductionIsConfiguredAlike: what GeNIO's pace and order depend on must not differ between the server that tests run on
// and the one that production runs.
func TestProductionIsConfiguredAlike(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile("../../deploy/temporal/dynamicconfig.yaml")
	require.NoError(t, err)

	production := dynamicconfig.LoadYamlFile(text)
	require.NoError(t, production.Err())

	here := dynamicConfig(Config{OnePartition: workflows.FairTaskQueues()})

	for _, setting := range []dynamicconfig.Key{
		dynamicconfig.MatchingEnableFairness.Key(), dynamicconfig.MatchingNumTaskqueueReadPartitions.Key(),
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(), dynamicconfig.EnableCancelWorkerPollsOnShutdown.Key(),
	} {
		require.NotEmpty(t, here.GetValue(setting), setting)
		require.Equal(t, here.GetValue(setting), production.Map[setting], setting)
	}

	poll := dynamicconfig.MatchingGetUserDataLongPollTimeout.Key()
	require.Len(t, production.Map[poll], 1)
	require.IsType(t, time.Duration(0), here[poll])
	require.Equal(t, fmt.Sprint(here[poll]), production.Map[poll][0].Value)
}
