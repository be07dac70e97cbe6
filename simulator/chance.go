package simulator

import (
	cryptorand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"
)

// chance draws the random faults and delays, repeatably for a given seed.
type chance struct {
	mu     sync.Mutex
	source *rand.Rand
}

func newChance(seed uint64) *chance {
	if seed == 0 {
		var random [8]byte

		_, _ = cryptorand.Read(random[:]) // never fails: the runtime ends the process instead
		seed = binary.LittleEndian.Uint64(random[:])
	}

	return &chance{source: rand.New(rand.NewPCG(seed, seed))} //nolint:gosec // repeatable on purpose
}

// happens is true for the given share of draws.
func (c *chance) happens(share float64) bool {
	if share <= 0 {
		return false
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	return c.source.Float64() < share
}

func (c *chance) within(span Span) time.Duration {
	if span.Max <= span.Min {
		return span.Min
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	return span.Min + time.Duration(c.source.Int64N(int64(span.Max-span.Min)+1))
}
