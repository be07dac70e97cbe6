package frontend

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"sync"
	"time"
)

const (
	onceRemembered = 10_000
	onceKept       = time.Hour
	onceKeyBytes   = 16
)

var wellFormedOnceKey = regexp.MustCompile(`^[0-9a-f]{32}$`)

// onceKeys lets each rendered form act once, so that a double click or a reload does not act twice. It
// remembers the forms of this process; what reaches another process meets the notification's new state there.
type onceKeys struct {
	mutex sync.Mutex
	clock func() time.Time
	used  *recent[bool]
}

func newOnceKeys(clock func() time.Time) *onceKeys {
	return &onceKeys{clock: clock, used: newRecent[bool](onceRemembered, onceKept)}
}

// newOnceKey names a form that is about to be rendered.
func newOnceKey() string {
	var random [onceKeyBytes]byte

	_, _ = rand.Read(random[:]) // never fails: it would end the process instead

	return hex.EncodeToString(random[:])
}

// isOnceKey tells whether the text may come from newOnceKey. Nothing else is ever remembered.
func isOnceKey(text string) bool { return wellFormedOnceKey.MatchString(text) }

// use is true the first time only. A key counts for one account: nobody uses up another's form.
func (o *onceKeys) use(account, key string) bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()

	now := o.clock()
	name := digest(account, key)

	used, known := o.used.get(name, now)

	switch {
	case used:
		return false
	case known:
		o.used.replace(name, true)
	default:
		o.used.add(name, true, now)
	}

	return true
}

// release lets the account's form act again, because it came to nothing.
func (o *onceKeys) release(account, key string) {
	o.mutex.Lock()
	defer o.mutex.Unlock()

	o.used.replace(digest(account, key), false)
}

// wasUsed tells whether the account's form has acted already.
func (o *onceKeys) wasUsed(account, key string) bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()

	used, _ := o.used.get(digest(account, key), o.clock())

	return used
}
