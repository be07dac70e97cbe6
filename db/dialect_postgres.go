package db

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// postgresName is what GORM calls the engine.
const postgresName = "postgres"

type postgresTarget struct{ config *pgx.ConnConfig }

func parsePostgresURL(raw string) (target, error) {
	config, err := pgx.ParseConfig(raw)
	if err != nil {
		// pgx's own error repeats the URL.
		return nil, errors.New("the PostgreSQL URL or one of its parameters is not valid")
	}

	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "genio"
	}

	config.RuntimeParams["timezone"] = "UTC"

	return postgresTarget{config: config}, nil
}

func (t postgresTarget) open(maxConns int) (*sql.DB, error) {
	if maxConns == 0 {
		maxConns = defaultPostgresConns
	}

	pool := stdlib.OpenDB(*t.config)
	pool.SetMaxOpenConns(maxConns)
	pool.SetMaxIdleConns(maxConns)
	pool.SetConnMaxIdleTime(connMaxIdleTime)

	return pool, nil
}

func (t postgresTarget) dialector(pool *sql.DB) gorm.Dialector {
	return postgres.New(postgres.Config{Conn: pool})
}

func (t postgresTarget) migrations() migrationSet {
	return migrationSet{dialect: goose.DialectPostgres, folder: "migrations/postgres", advisoryLock: true}
}
