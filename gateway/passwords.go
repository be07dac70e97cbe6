package gateway

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/alexedwards/argon2id"
)

const (
	// hashesAtOnce bounds the passwords worked on at the same time: each takes hashMemory, and whoever is not signed
	// in may ask for as many as he likes.
	hashesAtOnce = 4

	// What a hash costs. The library's own defaults differ with the machine's processors; then an unknown address
	// would be told from a known one by the time that nobodysHash takes.
	hashMemory     = 64 * 1024 // KiB
	hashIterations = 1
	hashLanes      = 2
	saltLength     = 16 // bytes
	keyLength      = 32 // bytes
	hashVersion    = 19 // of Argon2, RFC 9106
)

// turns lets as many through as it has room for.
type turns chan struct{}

// take waits for a turn, which the returned function gives back.
func (t turns) take(ctx context.Context) (giveBack func(), err error) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a turn: %w", ErrUnavailable)
	}
}

// hash makes the PHC string of a new password.
func (g *Gateway) hash(ctx context.Context, password string) (string, error) {
	giveBack, err := g.hashing.take(ctx)
	if err != nil {
		return "", err
	}
	defer giveBack()

	hash, err := argon2id.CreateHash(password, &argon2id.Params{
		Memory: hashMemory, Iterations: hashIterations, Parallelism: hashLanes, SaltLength: saltLength, KeyLength: keyLength,
	})
	if err != nil {
		return "", fmt.Errorf("hashing the password: %w", err)
	}

	return hash, nil
}

// compare holds a password against a PHC string, whatever parameters that names.
func (g *Gateway) compare(ctx context.Context, password, hash string) (bool, error) {
	giveBack, err := g.hashing.take(ctx)
	if err != nil {
		return false, err
	}
	defer giveBack()

	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("comparing the password: %w", err)
	}

	return match, nil
}

// nobodysHash is compared against where the address is unknown, so that an answer takes as long as for a known
// one and does not tell who has an account. No password has this key.
func nobodysHash() string {
	zeros := func(length int) string { return base64.RawStdEncoding.EncodeToString(make([]byte, length)) }

	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		hashVersion, hashMemory, hashIterations, hashLanes, zeros(saltLength), zeros(keyLength))
}
