package simulator

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Bounds of the callbacks. Twilio gives a callback 15 s in all.
const (
	callbackTimeout     = 15 * time.Second
	callbacksAtOnce     = 64
	maxPendingCallbacks = 400_000
)

// callbackSender posts callbacks at their time. Those of one message go one after another, so that their order is the
// script's.
type callbackSender struct {
	closing    context.Context //nolint:containedctx // the sender's own life, not a call's
	client     *http.Client
	retryAfter time.Duration
	ledger     *ledger
	journal    *journal
	slots      chan struct{}

	mu      sync.Mutex
	pending int
	closed  bool
	running sync.WaitGroup
}

func newCallbackSender(closing context.Context, retryAfter time.Duration, ledger *ledger, journal *journal) *callbackSender {
	return &callbackSender{
		closing: closing, retryAfter: retryAfter, ledger: ledger, journal: journal,
		slots: make(chan struct{}, callbacksAtOnce),
		client: &http.Client{
			Timeout: callbackTimeout,
			Transport: &http.Transport{
				MaxIdleConnsPerHost: callbacksAtOnce, IdleConnTimeout: callbackTimeout,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// play schedules the first callback, which schedules the next. Beyond [maxPendingCallbacks] a script is dropped and
// counted as failed.
func (b *callbackSender) play(script []callback) {
	if len(script) == 0 || b.closing.Err() != nil {
		return
	}

	if !b.claim() {
		for _, dropped := range script {
			b.settle(dropped, tallyCallbackFailed)
		}

		return
	}

	b.schedule(script)
}

func (b *callbackSender) claim() bool {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.pending >= maxPendingCallbacks {
		return false
	}

	b.pending++

	return true
}

func (b *callbackSender) release() {
	b.mu.Lock()
	defer b.mu.Unlock()

	b.pending--
}

func (b *callbackSender) schedule(script []callback) {
	time.AfterFunc(time.Until(script[0].at), func() {
		if !b.enter() {
			return
		}
		defer b.running.Done()

		b.send(script[0])

		if len(script) == 1 {
			b.release()

			return
		}

		b.schedule(script[1:])
	})
}

// enter registers a callback under way, unless the sender is closed.
func (b *callbackSender) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()

	if b.closed {
		return false
	}

	b.running.Add(1)

	return true
}

// wait ends the sender: no callback starts any more, those under way are cancelled by the closing context.
func (b *callbackSender) wait() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()

	b.running.Wait()
	b.client.CloseIdleConnections()
}

// send posts a callback and, where that fails, posts it once more.
func (b *callbackSender) send(callback callback) {
	select {
	case b.slots <- struct{}{}:
	case <-b.closing.Done():
		return
	}

	defer func() { <-b.slots }()

	err := b.post(callback)
	if err != nil && b.pauseBeforeRetry() {
		err = b.post(callback)
	}

	switch {
	case err == nil:
		b.settle(callback, tallyCallbackSent)
	case b.closing.Err() == nil:
		b.settle(callback, tallyCallbackFailed)
	default: // cut short by the closing, so it is still to be made
	}
}

func (b *callbackSender) settle(callback callback, outcome tallyKind) {
	one := tally{Kind: outcome}
	b.journal.note(journalRecord{CalledBack: callback.sid, Count: &one}, func() { b.ledger.count(one) })
}

func (b *callbackSender) pauseBeforeRetry() bool {
	timer := time.NewTimer(b.retryAfter)
	defer timer.Stop()

	select {
	case <-timer.C:
		return true
	case <-b.closing.Done():
		return false
	}
}

func (b *callbackSender) post(callback callback) error {
	request, err := http.NewRequestWithContext(b.closing, http.MethodPost, callback.url, strings.NewReader(callback.form.Encode()))
	if err != nil {
		return fmt.Errorf("making a callback: %w", err)
	}

	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	request.Header.Set("User-Agent", "TwilioProxy/1.1")
	request.Header.Set("X-Twilio-Signature", callback.signature)
	request.Header.Set("I-Twilio-Idempotency-Token", callback.token)

	response, err := b.client.Do(request)
	if err != nil {
		return fmt.Errorf("sending a callback: %w", err)
	}

	if err := response.Body.Close(); err != nil {
		return fmt.Errorf("ending a callback: %w", err)
	}

	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("a callback was answered with status %d", response.StatusCode) //nolint:err113 // only counted
	}

	return nil
}
