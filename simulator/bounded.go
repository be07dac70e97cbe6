package simulator

import "slices"

// bounded keeps the newest values by key, up to a limit. Its user guards it against concurrent use.
type bounded[T any] struct {
	limit int
	byKey map[string]T
	// keys is a ring once it is full; next is the place of the oldest key then.
	keys    []string
	next    int
	evicted int
}

func newBounded[T any](limit int) *bounded[T] {
	return &bounded[T]{limit: limit, byKey: make(map[string]T)}
}

func (b *bounded[T]) get(key string) (T, bool) {
	value, found := b.byKey[key]

	return value, found
}

func (b *bounded[T]) put(key string, value T) {
	if _, known := b.byKey[key]; known {
		b.byKey[key] = value

		return
	}

	b.byKey[key] = value

	if len(b.keys) < b.limit {
		b.keys = append(b.keys, key)

		return
	}

	delete(b.byKey, b.keys[b.next])
	b.evicted++
	b.keys[b.next] = key
	b.next = (b.next + 1) % b.limit
}

// all lists the values, oldest first.
func (b *bounded[T]) all() []T {
	values := make([]T, 0, len(b.keys))
	for _, key := range b.keysByAge() {
		values = append(values, b.byKey[key])
	}

	return values
}

func (b *bounded[T]) keysByAge() []string { return slices.Concat(b.keys[b.next:], b.keys[:b.next]) }
