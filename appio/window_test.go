package appio_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
)

const (
	quotaCalls  = 150
	quotaWindow = 5 * time.Second
	enteKey     = "key-of-the-ente"
)

func turnOf(ente, key string) appio.Turn {
	return appio.Turn{EnteID: ente, Key: key, Quota: appio.Quota{Calls: quotaCalls, Window: quotaWindow}}
}

// began waits for a number of turns, asked for at once, and gives when each came.
func began(t *testing.T, windows *appio.Windows, turn appio.Turn, count int) []time.Duration {
	t.Helper()

	var (
		mutex sync.Mutex
		group sync.WaitGroup
		times []time.Duration
		start = time.Now()
	)

	for range count {
		group.Go(func() {
			ended, err := windows.Wait(t.Context(), turn)
			require.NoError(t, err)

			mutex.Lock()

			times = append(times, time.Since(start))

			mutex.Unlock()

			windows.Told(turn.Key, appio.Limits{}) // an answer that says nothing of the quota
			ended()
		})
	}

	group.Wait()

	return times
}

// fullest is the most calls that any window holds.
func fullest(times []time.Duration) int {
	most := 0

	for first := range times {
		last := first
		for last < len(times) && times[last]-times[first] < quotaWindow {
			last++
		}

		most = max(most, last-first)
	}

	return most
}

func TestWindowsNeverHoldMoreThanTheQuota(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		times := began(t, appio.NewWindows(), turnOf("one", enteKey), 4*quotaCalls)

		require.Len(t, times, 4*quotaCalls)
		require.LessOrEqual(t, fullest(times), quotaCalls-2, "some calls are spared for those that are late")
		require.GreaterOrEqual(t, fullest(times), quotaCalls*95/100, "nearly all of the quota is used")
		require.Less(t, times[quotaCalls-10], time.Second, "a window that is empty takes a burst")
	})
}

func TestWindowsOfOtherEntiAreTheirOwn(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		windows := appio.NewWindows()
		began(t, windows, turnOf("one", enteKey), quotaCalls-3)

		other := began(t, windows, turnOf("other", "another-key"), quotaCalls-3)
		require.Zero(t, other[len(other)-1], "nobody waits for another's calls")
	})
}

func TestWindowsLetTheUrgentPass(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		windows := appio.NewWindows()
		began(t, windows, turnOf("one", enteKey), 1)
		<-time.After(time.Second)

		began(t, windows, turnOf("one", enteKey), quotaCalls-3)

		// One turn comes in four seconds, the next one a second later.
		var (
			group sync.WaitGroup
			order = make(chan string, 2)
		)

		ask := func(name string, urgent bool) {
			turn := turnOf("one", enteKey)
			turn.Urgent = urgent

			group.Go(func() {
				_, err := windows.Wait(t.Context(), turn)
				require.NoError(t, err)

				order <- name
			})
			synctest.Wait()
		}

		ask("first", false)
		ask("urgent", true)
		group.Wait()
		require.Equal(t, "urgent", <-order)
	})
}

func TestWindowsBelieveIO(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		limits   appio.Limits
		earliest time.Duration
		latest   time.Duration
	}{
		"room":           {limits: appio.Limits{Known: true, Remaining: 5}},
		"full of others": {limits: appio.Limits{Known: true}, earliest: 100 * time.Millisecond, latest: time.Second},
		"refused": {
			limits:   appio.Limits{Known: true, Refused: true, RetryAfter: 3 * time.Second},
			earliest: 3 * time.Second, latest: 4 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				windows := appio.NewWindows()
				began(t, windows, turnOf("one", enteKey), 1)
				windows.Told(enteKey, test.limits)

				at := began(t, windows, turnOf("one", "its-other-key"), 1)[0]
				require.GreaterOrEqual(t, at, test.earliest)
				require.LessOrEqual(t, at, test.latest)
			})
		})
	}
}

// TestTwoProcessesShareAQuotaByWhatIOSays gives out tasks as Temporal does: a second's worth at once, then at the rate.
func TestTwoProcessesShareAQuotaByWhatIOSays(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		// The pace that Temporal is told: a little less than the quota, and a second of it at once.
		const (
			atOnce = 29
			pause  = 34014 * time.Microsecond
		)

		var (
			group sync.WaitGroup
			io    = &countedWindow{}
			sides = []*appio.Windows{appio.NewWindows(), appio.NewWindows()}
			start = time.Now()
		)

		for task := range 6 * quotaCalls {
			if task >= atOnce {
				<-time.After(pause)
			}

			group.Go(func() {
				windows := sides[task%len(sides)]
				ended, err := windows.Wait(t.Context(), turnOf("one", enteKey))
				require.NoError(t, err)

				<-time.After(20 * time.Millisecond) // on its way

				windows.Told(enteKey, appio.Limits{Known: true, Remaining: io.call()})
				ended()
			})
		}

		group.Wait()
		require.LessOrEqual(t, io.refused, 2, "only calls that were under way together can meet")

		used := float64(len(io.times)) / (quotaCalls * time.Since(start).Seconds() / quotaWindow.Seconds())
		require.Greater(t, used, 0.95, "the quota is used all the same")
	})
}

// countedWindow counts calls as IO does.
type countedWindow struct {
	mutex   sync.Mutex
	calls   []time.Time
	times   []time.Time // all of them
	refused int
}

func (w *countedWindow) call() (remaining int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()

	for len(w.calls) > 0 && time.Since(w.calls[0]) >= quotaWindow {
		w.calls = w.calls[1:]
	}

	if len(w.calls) >= quotaCalls {
		w.refused++

		return 0
	}

	w.calls = append(w.calls, time.Now())
	w.times = append(w.times, time.Now())

	return quotaCalls - len(w.calls)
}

func TestWindowsGiveUpWithTheirContext(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		windows := appio.NewWindows()
		began(t, windows, turnOf("one", enteKey), quotaCalls-2)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()

		_, err := windows.Wait(ctx, turnOf("one", enteKey))
		require.ErrorIs(t, err, appio.ErrNoTurn)

		at := began(t, windows, turnOf("one", enteKey), 1)[0]
		require.LessOrEqual(t, at, quotaWindow, "who gave up takes nobody's turn")
	})
}
