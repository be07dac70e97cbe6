package dbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
)

const (
	// serverVariable names a PostgreSQL server to use instead of starting one.
	serverVariable = "GENIO_TEST_POSTGRES"
	// requireVariable set to requireAll turns skipping into failing.
	requireVariable = "GENIO_TEST_REQUIRE"
	requireAll      = "all"

	// templateLock is an arbitrary number: the advisory lock under which test binaries that share a server
	// make the template.
	templateLock = 724_111_905

	dropDeadline = 30 * time.Second
)

var errNoPostgres = errors.New("no PostgreSQL: set " + serverVariable + " or install PostgreSQL's server programs")

// postgresServer is the server and its migrated template, prepared once for each test binary.
var postgresServer = sync.OnceValues(prepareServer) //nolint:gochecknoglobals // A cache for the life of the test binary.

type server struct {
	url      *url.URL
	template string
	// lifeline is held open, unused, for the life of the test binary: the started server ends with it.
	lifeline *os.File
}

func prepareServer() (prepared server, err error) {
	address := os.Getenv(serverVariable)
	if address == "" {
		if address, prepared.lifeline, err = startCluster(); err != nil {
			return server{}, err
		}
	}

	if prepared.url, err = url.Parse(address); err != nil {
		return server{}, errors.New(serverVariable + " is not a URL")
	}

	prepared.template, err = prepareTemplate(context.Background(), prepared.url)

	return prepared, err
}

// Postgres is the URL of a fresh migrated PostgreSQL database, which goes with the test.
func Postgres(tb testing.TB) string {
	tb.Helper()

	server, err := postgresServer()
	if errors.Is(err, errNoPostgres) && os.Getenv(requireVariable) != requireAll {
		tb.Skip(err)
	}

	require.NoError(tb, err)

	name := "genio_test_" + strings.ToLower(rand.Text())
	require.NoError(tb, execute(tb.Context(), server.url, "CREATE DATABASE "+name+" TEMPLATE "+server.template))

	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), dropDeadline)
		defer cancel()

		require.NoError(tb, execute(ctx, server.url, "DROP DATABASE "+name+" WITH (FORCE)"))
	})

	return withDatabase(server.url, name)
}

// prepareTemplate makes the migrated template unless another test binary did. It gets its name once it is
// complete, and the name tells the migrations it was made from.
func prepareTemplate(ctx context.Context, address *url.URL) (string, error) {
	fingerprint, err := migrationsFingerprint()
	if err != nil {
		return "", err
	}

	name := "genio_template_" + fingerprint

	conn, err := pgx.Connect(ctx, address.String())
	if err != nil {
		return "", fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()

	// The lock ends with the connection.
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return "", fmt.Errorf("waiting for the template's lock: %w", err)
	}

	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		return "", fmt.Errorf("looking for the template: %w", err)
	}

	if exists {
		return name, nil
	}

	return name, makeTemplate(ctx, conn, address, name)
}

func makeTemplate(ctx context.Context, conn *pgx.Conn, address *url.URL, name string) error {
	draft := "genio_draft_" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+draft); err != nil {
		return fmt.Errorf("creating the template: %w", err)
	}

	if err := db.Migrate(ctx, withDatabase(address, draft)); err != nil {
		return fmt.Errorf("migrating the template: %w", err)
	}

	if _, err := conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name); err != nil {
		return fmt.Errorf("naming the template: %w", err)
	}

	return nil
}

func migrationsFingerprint() (string, error) {
	migrations := db.Migrations()
	sum := fnv.New64a()

	err := fs.WalkDir(migrations, "migrations/postgres", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}

		content, err := fs.ReadFile(migrations, path)
		_, _ = sum.Write(content)

		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading the migrations: %w", err)
	}

	return fmt.Sprintf("%016x", sum.Sum64()), nil
}

func execute(ctx context.Context, address *url.URL, statement string) error {
	conn, err := pgx.Connect(ctx, address.String())
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}

	_, err = conn.Exec(ctx, statement)

	return errors.Join(err, conn.Close(ctx))
}

func withDatabase(address *url.URL, name string) string {
	copied := *address
	copied.Path = "/" + name

	return copied.String()
}
