package wiring

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
)

// Open connects to the database. Until ctx ends, keys that are changed in their file come into use by themselves.
func (d Database) Open(ctx context.Context, log *zap.Logger) (*db.Store, error) {
	keys, err := db.LoadKeys(d.KeysFile)
	if err != nil {
		return nil, fmt.Errorf("loading the encryption keys: %w", err)
	}

	store, err := d.OpenWith(ctx, keys, log)
	if err != nil {
		return nil, err
	}

	go d.follow(ctx, keys, log.Named("keys"))

	return store, nil
}

// followEvery is how often the file of keys is looked at.
const followEvery = 10 * time.Second

// follow reads the file again and again rather than being told of changes: the platforms of containers exchange it in ways of
// their own, of which no notice comes.
func (d Database) follow(ctx context.Context, keys *db.Keys, log *zap.Logger) {
	again := time.NewTicker(followEvery)
	defer again.Stop()

	for failing := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}

		changed, err := keys.Follow(d.KeysFile)

		switch {
		case err != nil && !failing:
			log.Error("the file of keys cannot be read any more; those known stay in use", zap.Error(err))
		case changed:
			log.Info("keys changed",
				zap.Uint32("encryption", keys.Primary(db.KeySetEncryption)), zap.Uint32("index", keys.Primary(db.KeySetIndex)))
		}

		failing = err != nil
	}
}

// OpenWith connects to the database with keys that are known.
func (d Database) OpenWith(ctx context.Context, keys *db.Keys, log *zap.Logger) (*db.Store, error) {
	address, err := Secret(d.URL, d.URLFile)
	if err != nil {
		return nil, fmt.Errorf("reading the database's URL: %w", err)
	}

	if host := db.Unverified(address); host != "" {
		log.Warn("the connection to PostgreSQL leaves this machine, and sslmode is not verify-full: whoever is between could read it",
			zap.String("host", host))
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
		HostPort: t.Address, Namespace: t.Namespace, Logger: newTemporalLog(log),
		// What is large in a request is encrypted, which gzip cannot make smaller, and it takes longer than the network here.
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}},
	}
	if err := t.protect(&options); err != nil {
		return nil, fmt.Errorf("preparing the Temporal client: %w", err)
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

// protect adds TLS and the API key. A key in a file is read for each call: it may be exchanged at any time.
func (t Temporal) protect(options *client.Options) error {
	key, err := optionalSecret(t.APIKey, t.APIKeyFile)
	if err != nil {
		return fmt.Errorf("reading the API key: %w", err)
	}

	if !t.TLS && !t.TLSFiles.Given() && key == "" {
		return nil
	}

	if options.ConnectionOptions.TLS, err = t.TLSFiles.Config(); err != nil {
		return err
	}

	if key != "" {
		options.Credentials = client.NewAPIKeyDynamicCredentials(func(context.Context) (string, error) {
			return Secret(t.APIKey, t.APIKeyFile)
		})
	}

	return nil
}
