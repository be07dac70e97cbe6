package drills

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"
)

// looker reads notifications and looks at pages, at an even pace, and repeats nothing.
type looker struct {
	url    string
	enti   []*ente
	client *http.Client

	mu     sync.Mutex
	seen   map[string]int // by what was asked for
	failed map[string]int // by what was asked for, and what came
}

func newLooker(url string, enti []*ente) *looker {
	return &looker{
		url: url, enti: enti, client: &http.Client{Timeout: callPatience, Transport: &http.Transport{MaxIdleConnsPerHost: connectionsEach}},
		seen: map[string]int{}, failed: map[string]int{},
	}
}

// run looks until ctx ends, and for what it has begun to.
func (l *looker) run(ctx context.Context, rate float64, hands *load) {
	again := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer again.Stop()

	var group sync.WaitGroup
	defer group.Wait()

	for number := 0; ; number++ {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			what, path, key := l.choose(number, hands)

			group.Go(func() { l.look(context.WithoutCancel(ctx), what, path, key) })
		}
	}
}

// choose takes turns: one notification, a list, a page.
func (l *looker) choose(number int, hands *load) (what, path, key string) {
	one := l.enti[number%len(l.enti)]

	switch accepted := hands.acceptedBy(one); {
	case number%3 == 0 && accepted != "":
		return "one notification", "/api/v1/notifications/" + accepted, one.apiKey
	case number%3 == 1:
		return "a list", "/api/v1/notifications?limit=20", one.apiKey
	default:
		return "a page", "/signin", ""
	}
}

func (l *looker) look(ctx context.Context, what, path, key string) {
	came := l.ask(ctx, path, key)

	l.mu.Lock()
	defer l.mu.Unlock()

	l.seen[what]++

	if came != "" {
		l.failed[what+": "+came]++
	}
}

// ask gives what came instead of an answer, or nothing.
func (l *looker) ask(ctx context.Context, path, key string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url+path, http.NoBody)
	if err != nil {
		return err.Error()
	}

	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}

	response, err := l.client.Do(request)
	if err != nil {
		return whyNoAnswer(err)
	}
	defer func() { _ = response.Body.Close() }()

	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return "answer cut"
	}

	if response.StatusCode != http.StatusOK {
		return fmt.Sprintf("answer %d", response.StatusCode)
	}

	return ""
}

func (l *looker) counted() (seen, failed map[string]int) {
	l.mu.Lock()
	defer l.mu.Unlock()

	return maps.Clone(l.seen), maps.Clone(l.failed)
}
