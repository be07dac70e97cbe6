package frontend

import (
	"crypto/rand"
	"sync"
	"time"
)

const (
	onceRemembered = 10_000
	onceKept       = time.Hour
)

// onceKeys lets each rendered form act once, so that a double click or a reload does not act twice. It
// remembers the forms of this process; what reaches another process meets the notification's new state there.
type onceKeys struct {
	mutex sync.Mutex
	clock func() time.Time
	used  *recent[struct{}]
}

func newOnceKeys(clock func() time.Time) *onceKeys {
	return &onceKeys{clock: clock, used: newRecent[struct{}](onceRemembered, onceKept)}
}

// newOnceKey names a form that is about to be rendered.
func newOnceKey() string { return rand.Text() }

// use is true the first time only.
func (o *onceKeys) use(key string) bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()

	now := o.clock()
	if _, used := o.used.get(key, now); used {
		return false
	}

	o.used.add(key, struct{}{}, now)

	return true
}
