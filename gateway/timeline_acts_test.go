package gateway_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func signalEvent(name string, at time.Time) *historypb.HistoryEvent {
	return event(&historypb.HistoryEvent{
		EventId: 3, EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes{
			WorkflowExecutionSignaledEventAttributes: &historypb.WorkflowExecutionSignaledEventAttributes{SignalName: name},
		},
	}, at)
}

// acts are the entries that name somebody.
func actsOf(timeline notification.Timeline) []notification.Entry {
	var acts []notification.Entry

	for _, entry := range timeline.Entries {
		if entry.By != "" {
			acts = append(acts, notification.Entry{Kind: entry.Kind, State: entry.State, By: entry.By, Detail: entry.Detail, Reason: entry.Reason})
		}
	}

	return acts
}

func TestTheTimelineTellsWhoActed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.begun(t)
		olga := b.user(gateway.RoleOperator)
		olga.Name = "Olga Operatrice"

		require.NoError(t, b.Hold(t.Context(), olga, id))
		b.temporal.historyOf(map[string][]*historypb.HistoryEvent{
			firstRun: append(beginning(t, id, 1), signalEvent(workflows.SignalHold, time.Now())),
		})

		// Another wish comes too late: the history does not have it.
		require.NoError(t, b.Cancel(t.Context(), olga, id, notification.ReasonCancelledByEnte))

		_, err := b.Reveal(t.Context(), olga, id, whyRevealed)
		require.NoError(t, err)

		timeline, err := b.Timeline(t.Context(), b.user(gateway.RoleAuditor), id)
		require.NoError(t, err)
		require.Equal(t, []notification.Entry{
			{Kind: notification.EntryHoldAsked, State: notification.EntryDone, By: "Olga Operatrice"},
			{
				Kind: notification.EntryCancelAsked, State: notification.EntryNegative, By: "Olga Operatrice",
				Reason: notification.ReasonCancelledByEnte,
			},
			{Kind: notification.EntryRevealed, State: notification.EntryDone, By: "Olga Operatrice", Detail: whyRevealed},
		}, actsOf(timeline))
		require.Len(t, timeline.Entries, 5, "accepted, started, and each act once")

		timeline, err = b.Timeline(t.Context(), b.application(), id)
		require.NoError(t, err)
		require.Empty(t, actsOf(timeline), "an Ente's application learns no names")
	})
}

func TestTheTimelineTellsARetryBetweenItsRuns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.in(t, notification.StatusFailed, notification.ReasonIOUnavailable)
		first := story(t, id, 1, workflows.NotificationResult{Status: notification.StatusFailed, Reason: notification.ReasonIOUnavailable})

		require.NoError(t, b.Retry(t.Context(), b.user(gateway.RoleOperator), id))
		b.began(t, id, 2, "run-2")
		b.temporal.historyOf(map[string][]*historypb.HistoryEvent{firstRun: first, "run-2": beginning(t, id, 2)})

		timeline, err := b.Timeline(t.Context(), b.user(gateway.RoleAuditor), id)
		require.NoError(t, err)

		kinds := []notification.EntryKind{}
		for _, entry := range timeline.Entries {
			kinds = append(kinds, entry.Kind)
		}

		require.Contains(t, kinds, notification.EntryRetryAsked)
		require.Equal(t, "persona", actsOf(timeline)[0].By)
	})
}

func TestTheTimelineSaysThatTemporalIsAway(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		reader := b.user(gateway.RoleAuditor)

		for name, id := range map[string]string{"accepted": b.accepted(t), "begun": b.begun(t)} {
			require.NoError(t, b.store.Audit(t.Context(), db.AuditEntry{
				ActorKind: "user", ActorName: "Olga", Action: "notification.hold", ObjectKind: "notification", ObjectID: id,
			}))

			timeline, err := b.Timeline(t.Context(), reader, id)
			require.NoError(t, err, name)
			require.True(t, timeline.Away, name)
			require.Equal(t, notification.TimelineFromDatabase, timeline.Source, name)
			require.Equal(t, []notification.Entry{
				{Kind: notification.EntryHoldAsked, State: notification.EntryRunning, By: "Olga"},
			}, actsOf(timeline), "nobody knows whether the workflow has heard of it")
		}
	})
}

func TestTheTimelineSaysNothingOfTemporalWhereItIsThere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		for name, id := range map[string]string{
			"not begun": b.accepted(t), "forgotten": b.begun(t), "ended": b.in(t, notification.StatusDelivered, notification.ReasonIODelivered),
		} {
			timeline, err := b.Timeline(t.Context(), b.user(gateway.RoleAuditor), id)
			require.NoError(t, err, name)
			require.False(t, timeline.Away, name)
		}
	})
}
