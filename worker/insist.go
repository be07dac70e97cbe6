package worker

import (
	"context"
	"time"
)

const (
	// tryTimeout bounds one try, which would wait for as long as Temporal says nothing.
	tryTimeout = 10 * time.Second

	firstPause   = time.Second
	longestPause = time.Minute
)

// Insist tries until it succeeds or ctx ends, with growing pauses. Each failure is told to failed.
func Insist(ctx context.Context, try func(context.Context) error, failed func(error)) {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := tryOnce(ctx, try)
		if err == nil || ctx.Err() != nil {
			return
		}

		failed(err)

		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func tryOnce(ctx context.Context, try func(context.Context) error) error {
	ctx, done := context.WithTimeout(ctx, tryTimeout)
	defer done()

	return try(ctx)
}
