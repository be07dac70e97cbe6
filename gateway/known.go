package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// knownAtMost bounds what is remembered of each kind: more than a region has services.
const knownAtMost = 10_000

// register is what is looked up all the time and hardly ever changes: by every acceptance the key with which it comes, whose it is,
// and the service that sends; by every page what is paused. What this process changes counts at once, what another one changes
// a moment later: after [Config.Remember], and pauses after pausesRemembered.
type register struct {
	keys     known[db.APIKey] // by the hash of the secret
	enti     known[notification.Ente]
	services known[notification.Service]
	pauses   known[[]notification.Pause]
}

func (r *register) forget() {
	r.keys.forget()
	r.enti.forget()
	r.services.forget()
	r.pauses.forget()
}

func (g *Gateway) knownKey(ctx context.Context, hash []byte) (db.APIKey, error) {
	return g.register.keys.get(string(hash), g.Remember, func() (db.APIKey, error) { return g.Store.APIKeyByHash(ctx, hash) })
}

func (g *Gateway) knownEnte(ctx context.Context, id string) (notification.Ente, error) {
	return g.register.enti.get(id, g.Remember, func() (notification.Ente, error) { return g.Store.Ente(ctx, id) })
}

func (g *Gateway) knownService(ctx context.Context, id string) (notification.Service, error) {
	return g.register.services.get(id, g.Remember, func() (notification.Service, error) { return g.Store.Service(ctx, id) })
}

// known remembers for a moment what was read. An error is not remembered.
type known[V any] struct {
	mutex  sync.Mutex
	values map[string]seen[V]
	// forgotten counts how often everything was forgotten: what was read before is not remembered afterwards.
	forgotten int
}

type seen[V any] struct {
	value V
	at    time.Time
}

// get gives what was read under this key less than age ago, or reads it. The value is shared: nobody may change what it refers to.
func (k *known[V]) get(key string, age time.Duration, read func() (V, error)) (V, error) {
	asked := time.Now()

	value, found, forgotten := k.look(key, asked.Add(-age))
	if found {
		return value, nil
	}

	value, err := read()
	if err == nil && age > 0 {
		k.put(key, seen[V]{value: value, at: asked}, forgotten)
	}

	return value, err
}

func (k *known[V]) look(key string, since time.Time) (value V, found bool, forgotten int) {
	k.mutex.Lock()
	defer k.mutex.Unlock()

	last, there := k.values[key]

	return last.value, there && last.at.After(since), k.forgotten
}

func (k *known[V]) put(key string, value seen[V], forgotten int) {
	k.mutex.Lock()
	defer k.mutex.Unlock()

	if forgotten != k.forgotten {
		return
	}

	if k.values == nil || len(k.values) >= knownAtMost {
		k.values = make(map[string]seen[V])
	}

	k.values[key] = value
}

func (k *known[V]) forget() {
	k.mutex.Lock()
	defer k.mutex.Unlock()

	k.values = nil
	k.forgotten++
}
