package gateway

import (
	"sync"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// startQueue is what one process has accepted and not started yet. Each Ente has its turn, so that the flood of one does not delay
// another's few; what is of the priority bulk comes after all else.
type startQueue struct {
	// ready has a token for each start that waits.
	ready chan struct{}

	mutex  sync.Mutex
	size   int
	levels [2]startTurns
}

// waitingStart is a start that was offered.
type waitingStart struct {
	db.Start

	since time.Time
}

func newStartQueue(limit int) *startQueue { return &startQueue{ready: make(chan struct{}, limit)} }

// push is false where the queue is full.
func (q *startQueue) push(start db.Start) bool { return q.pushSince(start, time.Now()) }

func (q *startQueue) pushSince(start db.Start, since time.Time) bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()

	if q.size == cap(q.ready) {
		return false
	}

	q.size++
	q.levels[levelOf(start.Priority)].push(waitingStart{Start: start, since: since})

	q.ready <- struct{}{} // there are no more tokens than starts

	return true
}

// pop is for whoever took a token.
func (q *startQueue) pop() waitingStart {
	q.mutex.Lock()
	defer q.mutex.Unlock()

	q.size--

	if q.levels[0].isEmpty() {
		return q.levels[1].pop()
	}

	return q.levels[0].pop()
}

func levelOf(priority notification.Priority) int {
	if priority == notification.PriorityBulk {
		return 1
	}

	return 0
}

// startTurns are the starts of several Enti, one of each in turn.
type startTurns struct {
	enti    []string // those that have something waiting, the next one first
	waiting map[string][]waitingStart
}

func (t *startTurns) isEmpty() bool { return len(t.enti) == 0 }

func (t *startTurns) push(start waitingStart) {
	if t.waiting == nil {
		t.waiting = make(map[string][]waitingStart)
	}

	if len(t.waiting[start.EnteID]) == 0 {
		t.enti = append(t.enti, start.EnteID)
	}

	t.waiting[start.EnteID] = append(t.waiting[start.EnteID], start)
}

func (t *startTurns) pop() waitingStart {
	ente := t.enti[0]
	t.enti = t.enti[1:]

	own := t.waiting[ente]
	if len(own) == 1 {
		delete(t.waiting, ente)
	} else {
		t.waiting[ente] = own[1:]
		t.enti = append(t.enti, ente)
	}

	return own[0]
}
