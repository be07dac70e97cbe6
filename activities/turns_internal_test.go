package activities

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

func newTurns(calls int) *Turns {
	windows := appio.NewWindows()
	// IO says nothing of what is left: only our own calls count.
	windows.Told("key", appio.Limits{})

	return &Turns{Windows: windows, Quota: func(context.Context, string) (int, error) { return calls, nil }}
}

// taken takes a turn that must come, and makes its call with this outcome.
func taken(t *testing.T, turns *Turns, outcome error) {
	t.Helper()

	ended, err := turns.take(t.Context(), "ente", "key", false)
	require.NoError(t, err)
	turns.Windows.Told("key", appio.Limits{})
	ended(outcome)
}

func TestTurnWaitsForTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls = 5

		turns, begin := newTurns(calls), time.Now()

		taken(t, turns, nil)
		taken(t, turns, nil)
		require.Zero(t, time.Since(begin))

		<-time.After(3 * time.Second) // of virtual time

		// Some of the quota are left alone.
		for range calls - 2 {
			taken(t, turns, nil)
		}

		require.Equal(t, notification.IOWindow, time.Since(begin))
	})
}

func TestTaskIsGivenBackWhereItsTurnDoesNotCome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(3)
		taken(t, turns, nil)
		turns.Windows.Told("key", appio.Limits{Refused: true, RetryAfter: time.Minute})

		begin := time.Now()
		_, err := turns.take(t.Context(), "ente", "key", true)
		require.Equal(t, turnPatience, time.Since(begin))

		failure, ok := errors.AsType[*temporal.ApplicationError](err)
		require.True(t, ok)
		require.Equal(t, string(notification.ReasonIORateLimited), failure.Type())
		require.False(t, failure.NonRetryable())
		require.Equal(t, turnPause, failure.NextRetryDelay())

		// Another Ente has a window of its own.
		_, err = turns.take(t.Context(), "other", "other key", false)
		require.NoError(t, err)
		require.Equal(t, turnPatience, time.Since(begin))
	})
}

func TestQuotaIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns, reads := newTurns(0), map[string]int{}
		turns.Quota = func(_ context.Context, enteID string) (int, error) {
			reads[enteID]++

			return notification.DefaultIOCalls, nil
		}

		for range 3 {
			taken(t, turns, nil)
		}

		require.Equal(t, map[string]int{"ente": 1}, reads)

		<-time.After(quotaRemembered)
		taken(t, turns, nil)
		require.Equal(t, map[string]int{"ente": 2}, reads, "a change comes through")

		_, err := turns.take(t.Context(), "other", "other key", false)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"ente": 2, "other": 1}, reads)
	})
}

func TestQuotaThatCannotBeRead(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		fault error
		final bool
	}{
		"an unknown Ente": {fmt.Errorf("reading the Ente: %w", db.ErrNotFound), true},
		"no database":     {db.ErrUnavailable, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			turns := newTurns(0)
			turns.Quota = func(context.Context, string) (int, error) { return 0, test.fault }

			_, err := turns.take(t.Context(), "ente", "key", false)
			failure, ok := errors.AsType[*temporal.ApplicationError](err)
			require.True(t, ok)
			require.Equal(t, test.final, failure.NonRetryable())
			require.Equal(t, string(notification.ReasonInternalError), failure.Type())
		})
	}
}

// brake notes what it is told, and does something else meanwhile.
type brake struct {
	told  []string
	fails bool
	while func()
}

// Refused is told of a refusal.
func (b *brake) Refused(_ context.Context, enteID string) error {
	b.told = append(b.told, enteID)

	if b.while != nil {
		b.while()
	}

	if b.fails {
		return errors.New("Temporal is away")
	}

	return nil
}

func refused(reason notification.Reason) error {
	return &notification.DeliveryError{Channel: notification.ChannelIO, Reason: reason, HandOver: notification.HandOverNotSent}
}

func TestBrakeIsToldOnceOfRefusalsThatComeTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns, told := newTurns(notification.DefaultIOCalls), &brake{}
		turns.Brake = told

		taken(t, turns, nil)
		taken(t, turns, refused(notification.ReasonIOUnavailable))
		taken(t, turns, errors.New("anything else"))
		require.Empty(t, told.told)

		// One more comes while Temporal is being told of the first.
		told.while = func() {
			told.while = nil

			turns.note(t.Context(), "ente", refused(notification.ReasonIORateLimited))
		}

		taken(t, turns, refused(notification.ReasonIORateLimited))
		taken(t, turns, refused(notification.ReasonIORateLimited))
		require.Equal(t, []string{"ente"}, told.told)

		turns.note(t.Context(), "other", refused(notification.ReasonIORateLimited))
		require.Equal(t, []string{"ente", "other"}, told.told)

		<-time.After(refusalRemembered)
		taken(t, turns, refused(notification.ReasonIORateLimited))
		require.Equal(t, []string{"ente", "other", "ente"}, told.told)
	})
}

func TestBrakeThatFailsIsToldAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns, told := newTurns(notification.DefaultIOCalls), &brake{fails: true}
		turns.Brake = told

		for range 2 {
			taken(t, turns, refused(notification.ReasonIORateLimited))
		}

		told.fails = false

		for range 2 {
			taken(t, turns, refused(notification.ReasonIORateLimited))
		}

		require.Len(t, told.told, 3)
	})
}

func TestRefusalsWithoutABrake(t *testing.T) {
	t.Parallel()

	turns := newTurns(notification.DefaultIOCalls)

	taken(t, turns, refused(notification.ReasonIORateLimited))
	require.Empty(t, turns.refusals)
}
