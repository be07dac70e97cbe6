package wiring

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
)

// Open connects to the database.
func (d Database) Open(ctx context.Context, log *zap.Logger) (*db.Store, error) {
	keys, err := db.LoadKeys(d.KeysFile)
	if err != nil {
		return nil, fmt.Errorf("loading the encryption keys: %w", err)
	}

	address, err := Secret(d.URL, d.URLFile)
	if err != nil {
		return nil, fmt.Errorf("reading the database's URL: %w", err)
	}

	store, err := db.Open(ctx, db.Config{URL: address, Keys: keys, Log: log.Named("db")})
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}

	return store, nil
}

// Connect prepares a client. It does not wait for Temporal: a server accepts notifications without it.
func (t Temporal) Connect(log *zap.Logger) (client.Client, error) {
	options := client.Options{
		HostPort:  t.Address,
		Namespace: t.Namespace,
		Logger:    newTemporalLog(log),
	}

	if err := t.Telemetry.Temporal(&options, log); err != nil {
		return nil, fmt.Errorf("preparing the Temporal client: %w", err)
	}

	temporal, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("preparing the Temporal client: %w", err)
	}

	return temporal, nil
}
