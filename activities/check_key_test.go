package activities_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/appio"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

func TestTestKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		in := workflows.KeyTestInput{ServiceID: b.service.ID, EnteID: b.service.EnteID, Slot: notification.KeyPrimary, Number: 1}

		kept := func() notification.KeyState {
			t.Helper()

			states, err := store.KeyStates(t.Context(), b.service.ID)
			require.NoError(t, err)

			return states[notification.KeyPrimary]
		}

		for _, test := range []struct {
			key  simulator.IOKey
			want notification.KeyOutcome
		}{
			{simulator.IOKey{EnteID: "ente", ServiceID: "service"}, notification.KeyWorks},
			{simulator.IOKey{EnteID: "ente", ServiceID: "service", AuthorizedRecipients: []string{"RSSMRA80A01H501U"}}, notification.KeyWorks},
		} {
			b.sim.RegisterKey(ioKey, test.key)

			k := b.task(t, workflows.ActivityTestKey)
			got, err := run[notification.KeyOutcome](k, in)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			require.Equal(t, test.want, kept().Outcome)
			require.NotContains(t, k.told, ioKey)
		}

		b.sim.RevokeKey(ioKey)

		got, err := run[notification.KeyOutcome](b.task(t, workflows.ActivityTestKey), in)
		require.NoError(t, err)
		require.Equal(t, notification.KeyRefused, got)
		require.Equal(t, notification.KeyRefused, kept().Outcome)
		require.False(t, kept().TestedAt.IsZero())

		in.Number = 2 // as if the answer were about another key

		b.sim.RegisterKey(ioKey, simulator.IOKey{EnteID: "ente", ServiceID: "service"})

		_, err = run[notification.KeyOutcome](b.task(t, workflows.ActivityTestKey), in)
		require.NoError(t, err)
		require.Equal(t, notification.KeyRefused, kept().Outcome)

		_, err = run[notification.KeyOutcome](b.task(t, workflows.ActivityTestKey), workflows.KeyTestInput{ServiceID: newID(t)})
		requireFinal(t, err)
	})
}

func TestTestKeyWhereIODoesNotSay(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		status int
		body   string
		want   notification.KeyOutcome
		passes bool // it is worth asking again
	}{
		"the service may not": {
			http.StatusForbidden, `{"title":"You are not allowed here","status":403}`, notification.KeyForbidden, false,
		},
		"IO is down":   {http.StatusInternalServerError, `{"title":"Internal server error","status":500}`, notification.KeyNoAnswer, true},
		"no answer":    {http.StatusNotFound, `<html>`, notification.KeyNoAnswer, true},
		"not its form": {http.StatusTeapot, `{}`, notification.KeyNoAnswer, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
			in := workflows.KeyTestInput{ServiceID: b.service.ID, EnteID: b.service.EnteID, Slot: notification.KeyPrimary, Number: 1}
			io := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			t.Cleanup(io.Close)

			var err error

			b.does.IO, err = appio.New(appio.Config{BaseURL: io.URL})
			require.NoError(t, err)

			k := b.task(t, workflows.ActivityTestKey)
			k.scheduled = time.Now()

			if test.passes {
				_, err = run[notification.KeyOutcome](k, in)
				require.Error(t, err)
				require.False(t, requireFailure(t, err).NonRetryable())

				k.scheduled = time.Now().Add(-time.Minute)
			}

			got, err := run[notification.KeyOutcome](k, in)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}
