package gateway

import "context"

// OccupyHashing takes every turn to work on a password, until they are released.
func (g *Gateway) OccupyHashing() (release func()) {
	var giveBack []func()

	for range cap(g.hashing) {
		if back, err := g.hashing.take(context.Background()); err == nil {
			giveBack = append(giveBack, back)
		}
	}

	return func() {
		for _, back := range giveBack {
			back()
		}
	}
}

// NobodysHash is the hash that stands in where there is no account.
func NobodysHash() string { return nobodysHash() }
