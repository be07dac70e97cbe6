package worker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/worker"
)

var errAway = errors.New("away")

func TestInsistTriesUntilItSucceeds(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		const failures = 9

		var (
			began    = time.Now()
			tries    []time.Duration
			failed   int
			deadline bool
		)

		worker.Insist(t.Context(), func(ctx context.Context) error {
			tries = append(tries, time.Since(began))
			_, deadline = ctx.Deadline()

			if len(tries) <= failures {
				return errAway
			}

			return nil
		}, func(err error) {
			require.ErrorIs(t, err, errAway)

			failed++
		})

		require.Equal(t, failures, failed, "each failure is told once")
		require.True(t, deadline, "no try waits for ever")

		var seconds []float64
		for _, at := range tries {
			seconds = append(seconds, at.Seconds())
		}

		require.Equal(t, []float64{0, 1, 3, 7, 15, 31, 63, 123, 183, 243}, seconds, "the pauses grow to a minute")
	})
}

func TestInsistEndsWithItsContext(t *testing.T) {
	t.Parallel()

	for name, cancelAt := range map[string]time.Duration{"in a pause": 10 * time.Second, "in a try": 16 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), cancelAt)
				defer cancel()

				failed := 0

				worker.Insist(ctx, func(ctx context.Context) error {
					if failed == 4 { // which is after 15 seconds
						<-ctx.Done()

						return ctx.Err()
					}

					return errAway
				}, func(error) { failed++ })

				require.Equal(t, 4, failed, "being stopped is no failure")
			})
		})
	}
}
