package temporalserver

import "go.temporal.io/server/common/config"

// persistence is where the server keeps everything.
type persistence interface {
	config() config.Persistence
	// main is the store of histories and namespaces.
	main() *config.SQL
	// setUpSchema makes what is missing.
	setUpSchema() error
}

func persistenceOf(cfg Config, ports ports) (persistence, error) {
	if cfg.Postgres != "" {
		return postgresOf(cfg.Postgres, cfg.Log)
	}

	return onSQLite{file: cfg.File, ports: ports}, nil
}
