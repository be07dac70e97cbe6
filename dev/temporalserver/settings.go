package temporalserver

import (
	"fmt"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
)

const (
	clusterName = "active"
	disabled    = "disabled"
	loopback    = "127.0.0.1"

	// historyCache bounds the server's memory; its default of 128,000 entries grows to gigabytes.
	historyCache = 8096
	// checkpointEvery replaces a default of 30 seconds. Until then the server keeps every task that it has done in a list,
	// which it goes through again for each new one: a fifth of its work at sixty calls a second (measured).
	checkpointEvery = 3 * time.Second
	// userDataPoll bounds how long a partition of a queue may overlook that another version of the workers has become current:
	// its question is sometimes not woken by the change, and is asked again after a default of 5 minutes (seen).
	userDataPoll = 20 * time.Second
	// visibilityRate replaces a default of 10 a second, which a list in the Web UI exhausts.
	visibilityRate = 100
)

func serverConfig(ports ports, keeps persistence) *config.Config {
	return &config.Config{
		Persistence: keeps.config(),
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, //nolint:mnd // the server's own convention for a single cluster.
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
				Enabled: true, InitialFailoverVersion: 1, RPCAddress: ports.frontendAddress(),
			}},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            ports.services(),
		Archival: config.Archival{
			History:    config.HistoryArchival{State: disabled},
			Visibility: config.VisibilityArchival{State: disabled},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: disabled},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: disabled},
		}},
		PublicClient: config.PublicClient{HostPort: ports.frontendAddress()},
	}
}

func dynamicConfig(cfg Config) dynamicconfig.StaticClient {
	single := make([]dynamicconfig.ConstrainedValue, 0, len(cfg.OnePartition))
	for _, queue := range cfg.OnePartition {
		single = append(single, dynamicconfig.ConstrainedValue{
			Constraints: dynamicconfig.Constraints{TaskQueueName: queue}, Value: 1,
		})
	}

	return dynamicconfig.StaticClient{
		dynamicconfig.MatchingEnableFairness.Key():                       true,
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():           single,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key():          single,
		dynamicconfig.MatchingGetUserDataLongPollTimeout.Key():           userDataPoll,
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): visibilityRate,
		// A worker that stops is handed nothing more, instead of what would only be given out again after a time-out.
		dynamicconfig.EnableCancelWorkerPollsOnShutdown.Key():    true,
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key():         historyCache,
		dynamicconfig.TransferProcessorUpdateAckInterval.Key():   checkpointEvery,
		dynamicconfig.VisibilityProcessorUpdateAckInterval.Key(): checkpointEvery,
		dynamicconfig.TimerProcessorUpdateAckInterval.Key():      checkpointEvery,
	}
}

func (p ports) frontendAddress() string { return fmt.Sprintf("%s:%d", loopback, p.frontend) }
