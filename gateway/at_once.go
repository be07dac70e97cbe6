package gateway

import "sync"

// AtOnce bounds what goes on at the same time for each Ente in this process: what takes memory, connections or the
// database for long must not be taken up by one of them. It is safe for concurrent use. Make it with NewAtOnce.
type AtOnce struct {
	most  int
	mutex sync.Mutex
	under map[string]int // ways, by the Ente's id
}

// NewAtOnce lets as many through for each Ente.
func NewAtOnce(most int) *AtOnce { return &AtOnce{most: most, under: map[string]int{}} }

// Begin is ErrTooMany where the Ente has as many under way already; else end must be called once it is over.
func (a *AtOnce) Begin(enteID string) (end func(), err error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()

	if a.under[enteID] >= a.most {
		return nil, ErrTooMany
	}

	a.under[enteID]++

	return sync.OnceFunc(func() { a.end(enteID) }), nil
}

func (a *AtOnce) end(enteID string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()

	a.under[enteID]--
	if a.under[enteID] == 0 {
		delete(a.under, enteID)
	}
}
