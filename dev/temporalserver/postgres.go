package temporalserver

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	postgresplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"
	"go.uber.org/zap"
)

const (
	// postgresConnections bound each of the eight pools: those of four services, to two databases.
	postgresConnections = 12
	// postgresShards can never be changed for a database that exists. Four are plenty for one machine; a cluster that is to
	// grow takes 512 from the start.
	postgresShards = 4

	visibilityStore  = "visibility"
	visibilitySuffix = "_visibility"
	// maintenanceDatabase is where one connects to create another.
	maintenanceDatabase = "postgres"

	// schemaBeforeAll is the version from which the tool brings an empty database to the newest one.
	schemaBeforeAll  = "0.0"
	schemaMain       = "postgresql/v12/temporal"
	schemaVisibility = "postgresql/v12/visibility"
)

// onPostgres keeps everything in two databases of one PostgreSQL server.
type onPostgres struct {
	store config.SQL
	log   *zap.Logger
}

// postgresOf reads a postgres:// URL. Errors never repeat it, for it may hold a password.
func postgresOf(raw string, logger *zap.Logger) (onPostgres, error) {
	address, err := url.Parse(raw)
	if err != nil {
		return onPostgres{}, errors.New("the database of Temporal: not a URL")
	}

	name := strings.Trim(address.Path, "/")

	switch {
	case address.Scheme != "postgres" && address.Scheme != "postgresql":
		return onPostgres{}, errors.New("the database of Temporal: the URL must begin with postgres://")
	case address.Hostname() == "" || address.Port() == "":
		return onPostgres{}, errors.New("the database of Temporal: the URL must name a host and a port")
	case name == "" || strings.ContainsAny(name, `/"`):
		return onPostgres{}, errors.New("the database of Temporal: the URL must name one database")
	}

	password, _ := address.User.Password()

	attributes := map[string]string{}

	for name, values := range address.Query() {
		if len(values) != 1 {
			return onPostgres{}, fmt.Errorf("the database of Temporal: the URL has the parameter %q more than once", name)
		}

		attributes[name] = values[0]
	}

	return onPostgres{log: logger, store: config.SQL{
		PluginName: postgresplugin.PluginNamePGX, ConnectAddr: address.Host, DatabaseName: name,
		User: address.User.Username(), Password: password, ConnectAttributes: attributes,
		MaxConns: postgresConnections, MaxIdleConns: postgresConnections,
	}}, nil
}

func (o onPostgres) config() config.Persistence {
	return config.Persistence{
		DefaultStore:     postgresplugin.PluginNamePGX,
		VisibilityStore:  visibilityStore,
		NumHistoryShards: postgresShards,
		DataStores: map[string]config.DataStore{
			postgresplugin.PluginNamePGX: {SQL: o.main()},
			visibilityStore:              {SQL: o.visibility()},
		},
	}
}

func (o onPostgres) main() *config.SQL { return o.database(o.store.DatabaseName) }

func (o onPostgres) visibility() *config.SQL {
	return o.database(o.store.DatabaseName + visibilitySuffix)
}

// database is a configuration of its own, since whoever gets one may change it.
func (o onPostgres) database(name string) *config.SQL {
	store := o.store
	store.DatabaseName = name
	store.ConnectAttributes = maps.Clone(o.store.ConnectAttributes)

	return &store
}

// setUpSchema makes both databases where they are missing and brings them to the server's version, as Temporal's own
// schema tool does. Cut short at any point, it goes on at the next start.
func (o onPostgres) setUpSchema() error {
	for database, schemaName := range map[*config.SQL]string{o.main(): schemaMain, o.visibility(): schemaVisibility} {
		if err := o.bring(database, schemaName); err != nil {
			return fmt.Errorf("setting up Temporal's database %s: %w", database.DatabaseName, err)
		}
	}

	return nil
}

func (o onPostgres) bring(database *config.SQL, schemaName string) error {
	logger := log.NewZapLogger(o.log)

	// It changes what it is given.
	if err := sqltool.DoCreateDatabase(o.database(database.DatabaseName), maintenanceDatabase, logger); err != nil {
		return fmt.Errorf("creating it: %w", err)
	}

	connection, err := sqltool.NewConnection(database, logger)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer connection.Close()

	if _, err := connection.ReadSchemaVersion(); err != nil {
		first := schema.NewSetupSchemaTask(connection, &schema.SetupConfig{InitialVersion: schemaBeforeAll}, logger)
		if err := first.Run(); err != nil {
			return fmt.Errorf("preparing its versions: %w", err)
		}
	}

	if err := schema.NewUpdateSchemaTask(connection, &schema.UpdateConfig{SchemaName: schemaName}, logger).Run(); err != nil {
		return fmt.Errorf("updating its schema: %w", err)
	}

	return nil
}
