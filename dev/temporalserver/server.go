// Package temporalserver runs a whole Temporal server inside the process, on one SQLite file. It is the only
// place that knows the server's own packages, for which no compatibility is promised.
package temporalserver

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
	"go.uber.org/zap"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Config says how to run the server.
type Config struct {
	// File holds all state; it is made at the first start. Empty: in memory, forgotten at the end.
	File string
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

	settings := serverConfig(cfg, ports)
	if err := prepare(cfg, settings); err != nil {
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

// Stop ends the server; its file stays.
func (s *Server) Stop() error {
	if err := s.server.Stop(); err != nil {
		return fmt.Errorf("stopping the Temporal server: %w", err)
	}

	return nil
}

// prepare makes the schema of a new file, and the namespace where it is missing.
func prepare(cfg Config, settings *config.Config) error {
	store := settings.Persistence.DataStores[sqliteplugin.PluginName].SQL

	if err := setUpSchema(cfg.File, store); err != nil {
		return err
	}

	namespace, err := sqlite.NewNamespaceConfig(clusterName, cfg.Namespace, false, nil)
	if err != nil {
		return fmt.Errorf("describing the namespace: %w", err)
	}

	namespace.Detail.Config.Retention = durationpb.New(retention)

	if err := sqlite.CreateNamespaces(store, namespace); err != nil {
		return fmt.Errorf("creating the namespace: %w", err)
	}

	return nil
}

// setUpSchema fills a new file under another name first, so that a process killed in the middle leaves no half
// schema behind.
func setUpSchema(file string, store *config.SQL) error {
	if file == "" {
		// The plugin sets the schema up by itself for a database in memory.
		return nil
	}

	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		return err //nolint:wrapcheck // nil, or a path error that says everything.
	}

	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("making the folder of Temporal's file: %w", err)
	}

	fresh := *store
	fresh.DatabaseName = file + ".new"
	// Without a write-ahead log, which the server's connection pool would leave beside the file when it is renamed.
	fresh.ConnectAttributes = map[string]string{"mode": "rwc"}

	for _, leftover := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.RemoveAll(fresh.DatabaseName + leftover); err != nil {
			return fmt.Errorf("clearing an unfinished file: %w", err)
		}
	}

	if err := sqlite.SetupSchema(&fresh); err != nil {
		return fmt.Errorf("setting up Temporal's schema: %w", err)
	}

	if err := os.Rename(fresh.DatabaseName, file); err != nil {
		return fmt.Errorf("putting Temporal's file in place: %w", err)
	}

	return nil
}
