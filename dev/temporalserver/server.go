// Package temporalserver runs a whole Temporal server inside the process, on one SQLite file or on PostgreSQL. It is the
// only place that knows the server's own packages, for which no compatibility is promised.
package temporalserver

import (
	"fmt"
	"runtime/debug"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
	"go.uber.org/zap"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Config says how to run the server.
type Config struct {
	// File holds all state; it is made at the first start. Empty: in memory, forgotten at the end.
	File string
	// Postgres is the URL of a PostgreSQL database that holds all state instead of a file. It and a second one beside it,
	// with "_visibility" at the end of its name, are made at the first start, which takes a role that may create databases.
	Postgres string
	// Port of the frontend, on the loopback address; 0: a free one.
	Port      int
	Namespace string
	// OnePartition names task queues whose rates are kept exactly: fairness across several partitions divides
	// the rate and stalls keys.
	OnePartition []string
	Log          *zap.Logger
}

// retention is how long closed workflows stay. The hourly archive of timelines needs much less.
const retention = 7 * 24 * time.Hour

// Server is a running Temporal server.
type Server struct {
	server  temporal.Server
	address string
}

// Address is the frontend's host and port.
func (s *Server) Address() string { return s.address }

// garbagePercent lets the process's heap grow more between collections than Go does by default: the server makes much
// garbage, and has little that lives.
const garbagePercent = 300

// Start starts the server and returns once it can be called.
func Start(cfg Config) (*Server, error) {
	debug.SetGCPercent(garbagePercent)

	ports, err := choosePorts(cfg.Port)
	if err != nil {
		return nil, err
	}

	keeps, err := persistenceOf(cfg, ports)
	if err != nil {
		return nil, err
	}

	settings := serverConfig(ports, keeps)
	if err := prepare(cfg, keeps); err != nil {
		return nil, err
	}

	claimMapper, err := authorization.GetClaimMapperFromConfig(&settings.Global.Authorization, log.NewNoopLogger())
	if err != nil {
		return nil, fmt.Errorf("preparing Temporal's claim mapper: %w", err)
	}

	server, err := temporal.NewServer(
		temporal.WithConfig(settings),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(ports.hosts()),
		temporal.WithLogger(log.NewZapLogger(cfg.Log)),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claimMapper }),
		temporal.WithDynamicConfigClient(dynamicConfig(cfg)),
	)
	if err != nil {
		return nil, fmt.Errorf("preparing the Temporal server: %w", err)
	}

	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("starting the Temporal server: %w", err)
	}

	return &Server{server: server, address: ports.frontendAddress()}, nil
}

// Stop ends the server; what it keeps stays.
func (s *Server) Stop() error {
	if err := s.server.Stop(); err != nil {
		return fmt.Errorf("stopping the Temporal server: %w", err)
	}

	return nil
}

// prepare makes the schema, and the namespace where it is missing.
func prepare(cfg Config, keeps persistence) error {
	if err := keeps.setUpSchema(); err != nil {
		return err
	}

	// Made for SQLite, and working through whichever plugin the store names.
	namespace, err := sqlite.NewNamespaceConfig(clusterName, cfg.Namespace, false, nil)
	if err != nil {
		return fmt.Errorf("describing the namespace: %w", err)
	}

	namespace.Detail.Config.Retention = durationpb.New(retention)

	if err := sqlite.CreateNamespaces(keeps.main(), namespace); err != nil {
		return fmt.Errorf("creating the namespace: %w", err)
	}

	return nil
}
