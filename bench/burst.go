package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// burst is many requests to one address.
type burst struct {
	url     string
	expects int // the status of each answer
	// connections are how many are used at once, each for one request after the other.
	connections int
	requests    []request
}

// request is one of a burst.
type request struct {
	apiKey         string
	idempotencyKey string
	body           []byte
}

// answers is what became of a burst.
type answers struct {
	took  time.Duration // from the first request to the last answer
	ended time.Time
	times []time.Duration // how long each took, the shortest first
}

// perSecond is how many things were done in that time.
func (a answers) perSecond(things int) float64 { return float64(things) / a.took.Seconds() }

// percentile: so many of a hundred requests took no longer.
func (a answers) percentile(percent int) time.Duration { return quantileOf(a.times, percent) }

// fire sends each request as soon as a connection is free. Everybody is measured with the same client, since on a small machine it takes
// a part of the processors.
func (b burst) fire(ctx context.Context) (answers, error) {
	client := b.client()
	defer client.CloseIdleConnections()

	var (
		group    sync.WaitGroup
		next     atomic.Int64
		times    = make([]time.Duration, len(b.requests))
		failures = make(chan error, b.connections)
		began    = time.Now()
	)

	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	for range b.connections {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(b.requests)); i = next.Add(1) - 1 {
				var err error
				if times[i], err = b.send(ctx, client, b.requests[i]); err != nil {
					failures <- err

					stop(err)

					return
				}
			}
		})
	}

	group.Wait()

	ended := time.Now()

	select {
	case err := <-failures:
		return answers{}, err
	default:
	}

	slices.Sort(times)

	return answers{took: ended.Sub(began), ended: ended, times: times}, nil
}

// pace sends the requests one after the other over one connection, and begins one in each interval, as long as answers come that fast.
func (b burst) pace(ctx context.Context, every time.Duration) (answers, error) {
	client := b.client()
	defer client.CloseIdleConnections()

	var (
		ticker = time.NewTicker(every)
		times  []time.Duration
		began  = time.Now()
	)
	defer ticker.Stop()

	for _, one := range b.requests {
		took, err := b.send(ctx, client, one)
		if err != nil {
			return answers{}, err
		}

		times = append(times, took)

		select {
		case <-ctx.Done():
			return answers{}, fmt.Errorf("sending one request after the other: %w", ctx.Err())
		case <-ticker.C:
		}
	}

	ended := time.Now()

	slices.Sort(times)

	return answers{took: ended.Sub(began), ended: ended, times: times}, nil
}

func (b burst) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxConnsPerHost: b.connections, MaxIdleConnsPerHost: b.connections, DisableCompression: true,
	}}
}

func (b burst) send(ctx context.Context, client *http.Client, one request) (time.Duration, error) {
	began := time.Now()

	asks, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url, bytes.NewReader(one.body))
	if err != nil {
		return 0, fmt.Errorf("making a request: %w", err)
	}

	asks.Header.Set("Content-Type", "application/json")
	asks.Header.Set("Authorization", "Bearer "+one.apiKey)

	if one.idempotencyKey != "" {
		asks.Header.Set("Idempotency-Key", one.idempotencyKey)
	}

	response, err := client.Do(asks)
	if err != nil {
		return 0, fmt.Errorf("sending a request: %w", err)
	}

	defer func() { _ = response.Body.Close() }()

	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, fmt.Errorf("reading an answer: %w", err)
	}

	if response.StatusCode != b.expects {
		return 0, fmt.Errorf("%w: %d %s", errStatus, response.StatusCode, answer)
	}

	return time.Since(began), nil
}
