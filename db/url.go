package db

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"gorm.io/gorm"
)

// target is a parsed database URL.
type target interface {
	// open prepares a pool; maxConns 0 means the engine's default.
	open(maxConns int) (*sql.DB, error)
	dialector(pool *sql.DB) gorm.Dialector
	migrations() migrationSet
}

// parseURL understands the URLs that [Config.URL] describes. Its errors never repeat the URL, which may
// hold a password.
func parseURL(raw string) (target, error) {
	scheme, _, found := strings.Cut(raw, ":")
	if !found {
		return nil, errUnknownScheme()
	}

	switch scheme {
	case "sqlite":
		return parseSQLiteURL(raw)
	case "postgres", "postgresql":
		return parsePostgresURL(raw)
	default:
		return nil, errUnknownScheme()
	}
}

func errUnknownScheme() error {
	return errors.New(`the database URL must begin with "sqlite:" or "postgres://"`)
}

func parseSQLiteURL(raw string) (target, error) {
	parsed, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("the database URL is not a valid URL")
	}

	if parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" {
		return nil, errors.New("the SQLite URL takes no parameters: the product sets them")
	}

	if parsed.Host != "" {
		return nil, fmt.Errorf("the SQLite URL names a host: write %q or %q", "sqlite:///absolute/path.db", "sqlite:relative/path.db")
	}

	path := parsed.Path
	if parsed.Opaque != "" {
		path, err = url.PathUnescape(parsed.Opaque)
	}

	if err != nil || path == "" || strings.HasSuffix(path, "/") || strings.HasPrefix(path, ":") || strings.ContainsRune(path, 0) {
		return nil, errors.New("the SQLite URL names no file")
	}

	return sqliteTarget{path: path}, nil
}
