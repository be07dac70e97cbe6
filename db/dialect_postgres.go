package db

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"net/netip"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// postgresName is what GORM calls the engine.
const postgresName = "postgres"

type postgresTarget struct {
	config *pgx.ConnConfig
	url    string
}

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

	return postgresTarget{config: config, url: raw}, nil
}

func (t postgresTarget) open(maxConns int) (*sql.DB, error) {
	if maxConns == 0 {
		maxConns = defaultPostgresConns
	}

	pool := stdlib.OpenDB(*t.config, stdlib.OptionBeforeConnect(t.reread))
	pool.SetMaxOpenConns(maxConns)
	pool.SetMaxIdleConns(maxConns)
	pool.SetConnMaxIdleTime(connMaxIdleTime)

	return pool, nil
}

// reread takes the files that the URL names as they are at each new connection: certificates are renewed, and passwords
// changed, while processes run. pgx reads them only with the URL.
func (t postgresTarget) reread(_ context.Context, config *pgx.ConnConfig) error {
	fresh, err := pgx.ParseConfig(t.url)
	if err != nil {
		return errors.New("a file that the PostgreSQL URL names cannot be read")
	}

	config.TLSConfig, config.Fallbacks, config.Password = fresh.TLSConfig, fresh.Fallbacks, fresh.Password

	return nil
}

// Unverified names the host to which a URL connects without checking that it is the right one, where that is not this
// machine; empty for any other URL.
func Unverified(raw string) string {
	parsed, err := parseURL(raw)
	if err != nil {
		return ""
	}

	served, is := parsed.(postgresTarget)
	if !is || isLocal(served.config.Host) {
		return ""
	}

	// Fallbacks are what is tried next, such as without TLS.
	protections := []*tls.Config{served.config.TLSConfig}
	for _, fallback := range served.config.Fallbacks {
		protections = append(protections, fallback.TLSConfig)
	}

	for _, protection := range protections {
		if protection == nil || protection.InsecureSkipVerify {
			return served.config.Host
		}
	}

	return ""
}

// isLocal tells a host that no network is before: of this machine, or the folder of a socket.
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)

	return strings.HasPrefix(host, "/") || host == "localhost" || (err == nil && address.IsLoopback())
}

func (t postgresTarget) dialector(pool *sql.DB) gorm.Dialector {
	return postgres.New(postgres.Config{Conn: pool})
}

func (t postgresTarget) migrations() migrationSet {
	return migrationSet{dialect: goose.DialectPostgres, folder: "migrations/postgres", advisoryLock: true}
}
