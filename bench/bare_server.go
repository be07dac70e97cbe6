package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/db"
)

// bareServerCommand is the least that can accept a notification durably: a handler of Echo that binds the JSON and inserts one row,
// without keys, checks, encryption, indexes or workflows. It is what GeNIO's acceptance is measured against, and so a process of its
// own like GeNIO's.
type bareServerCommand struct {
	Listen string `help:"Address to listen on." required:""`
	// DatabaseURL may hold a password, so that it comes from the environment only.
	DatabaseURL string `env:"BENCH_BARE_DATABASE_URL" hidden:"" required:""`
}

const (
	bareHeaderTimeout = 10 * time.Second
	// bareStatus is an address that the proxy lets through, too.
	bareStatus = "/api/v1/status"
)

// Run serves until the process is told to stop.
func (c *bareServerCommand) Run(ctx context.Context) error {
	store, err := openBare(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}

	defer func() { _ = store.Close() }()

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}

	handler := bareHandler(store, c.DatabaseURL) //nolint:contextcheck // each request brings its own.
	serves := &http.Server{Handler: handler, ReadHeaderTimeout: bareHeaderTimeout}

	go func() {
		<-ctx.Done()

		_ = serves.Close()
	}()

	if err := serves.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}

	return nil
}

// bareNotification is what the handler binds: the body of POST /notifications.
type bareNotification struct {
	ServiceID         string          `json:"service_id"`
	ExternalReference string          `json:"external_reference"`
	Recipient         json.RawMessage `json:"recipient"`
	Content           json.RawMessage `json:"content"`
}

func bareHandler(store *db.Store, databaseURL string) http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(io.Discard)

	insert := bareInsert(databaseURL)

	for _, path := range []string{"/readyz", bareStatus} {
		e.GET(path, func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	}

	e.POST("/api/v1/notifications", func(c echo.Context) error {
		var asked bareNotification
		if err := c.Bind(&asked); err != nil {
			return err
		}

		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("making an id: %w", err)
		}

		if _, err := store.Pool().ExecContext(c.Request().Context(), insert, id.String(), asked.ServiceID, asked.ExternalReference,
			[]byte(asked.Recipient), []byte(asked.Content), "accepted", time.Now().UTC()); err != nil {
			return fmt.Errorf("inserting: %w", err)
		}

		return c.JSON(http.StatusAccepted, map[string]string{"id": id.String(), "status": "accepted"})
	})

	return e
}

// openBare connects exactly as GeNIO does, pool and pragmas included, and makes the one table.
func openBare(ctx context.Context, databaseURL string) (*db.Store, error) {
	if err := db.Migrate(ctx, databaseURL); err != nil {
		return nil, fmt.Errorf("migrating: %w", err)
	}

	keys, err := db.NewKeys()
	if err != nil {
		return nil, fmt.Errorf("making keys: %w", err)
	}

	store, err := db.Open(ctx, db.Config{URL: databaseURL, Keys: keys})
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}

	if _, err := store.Pool().ExecContext(ctx, bareTable(databaseURL)); err != nil {
		return nil, errors.Join(fmt.Errorf("making the table: %w", err), store.Close())
	}

	return store, nil
}

func onPostgres(databaseURL string) bool { return strings.HasPrefix(databaseURL, "postgres") }

func bareTable(databaseURL string) string {
	id, bytes, at := "TEXT", "BLOB", "TEXT"
	if onPostgres(databaseURL) {
		id, bytes, at = "uuid", "bytea", "timestamptz"
	}

	return fmt.Sprintf(`CREATE TABLE IF NOT EXISTS bare (id %[1]s PRIMARY KEY, service_id %[1]s NOT NULL, external_reference text NOT NULL,
		recipient %[2]s NOT NULL, content %[2]s NOT NULL, status text NOT NULL, accepted_at %[3]s NOT NULL)`, id, bytes, at)
}

func bareInsert(databaseURL string) string {
	values := "?, ?, ?, ?, ?, ?, ?"
	if onPostgres(databaseURL) {
		values = "$1, $2, $3, $4, $5, $6, $7"
	}

	return "INSERT INTO bare (id, service_id, external_reference, recipient, content, status, accepted_at) VALUES (" + values + ")"
}
