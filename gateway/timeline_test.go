package gateway_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

func event(event *historypb.HistoryEvent, at time.Time) *historypb.HistoryEvent {
	event.EventTime = timestamppb.New(at)

	return event
}

// story is the history of a run that ended so.
func story(tb testing.TB, id string, run int, result workflows.NotificationResult) []*historypb.HistoryEvent {
	tb.Helper()

	return append(beginning(tb, id, run), event(&historypb.HistoryEvent{
		EventId:   2,
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{
				Result: payloads(tb, result),
			},
		},
	}, time.Now()))
}

type told struct {
	Kind   notification.EntryKind
	State  notification.EntryState
	Status notification.Status
	Reason notification.Reason
}

func outline(timeline notification.Timeline) []told {
	entries := make([]told, len(timeline.Entries))
	for i, entry := range timeline.Entries {
		entries[i] = told{entry.Kind, entry.State, entry.Status, entry.Reason}
	}

	return entries
}

// attempted is an attempt of a notification with what became of it.
func (b bundle) attempted(
	tb testing.TB, id string, channel notification.Channel, changes ...db.AttemptChange,
) notification.Attempt {
	tb.Helper()

	claim, err := b.store.BeginAttempt(tb.Context(), id, channel, "")
	require.NoError(tb, err)

	attempt := claim.Attempt
	for _, change := range changes {
		attempt, err = b.store.RecordAttempt(tb.Context(), attempt.ID, change)
		require.NoError(tb, err)
	}

	return attempt
}

func acceptedEntry() told { return told{notification.EntryAccepted, notification.EntryDone, "", ""} }

func startedEntry() told { return told{notification.EntryStarted, notification.EntryDone, "", ""} }

func TestTimelineFromTheHistoryOfEveryRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.retried(t)
		b.began(t, id, 2, "run-2")

		b.temporal.historyOf(map[string][]*historypb.HistoryEvent{
			firstRun: story(t, id, 1, workflows.NotificationResult{
				Status: notification.StatusFailed, Reason: notification.ReasonIOUnavailable,
			}),
			"run-2": beginning(t, id, 2),
		})

		timeline, err := b.Timeline(t.Context(), b.user(gateway.RoleAuditor), id)

		require.NoError(t, err)
		require.Equal(t, notification.TimelineFromHistory, timeline.Source)
		require.Equal(t, []told{
			acceptedEntry(), startedEntry(),
			{notification.EntrySettled, notification.EntryFault, notification.StatusFailed, notification.ReasonIOUnavailable},
			startedEntry(),
		}, outline(timeline))
		require.Equal(t, 1, timeline.Entries[1].Run)
		require.Equal(t, 2, timeline.Entries[3].Run)
		require.Equal(t, b.stored(t, id).AcceptedAt, timeline.Entries[0].At)
	})
}

func TestTimelineTellsTheEndBeforeTheWorkflowHasClosed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.begun(t)
		b.temporal.historyOf(map[string][]*historypb.HistoryEvent{firstRun: beginning(t, id, 1)})
		b.settle(t, id, notification.StatusFailed, notification.ReasonIOUnavailable)

		timeline, err := b.Timeline(t.Context(), b.user(gateway.RoleAuditor), id)

		require.NoError(t, err)
		require.Equal(t, notification.TimelineFromHistory, timeline.Source)
		require.Equal(t, []told{
			acceptedEntry(), startedEntry(),
			{notification.EntrySettled, notification.EntryFault, notification.StatusFailed, notification.ReasonIOUnavailable},
		}, outline(timeline))
	})
}

func TestTimelineBeforeTheWorkflowBegins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		timeline, err := b.Timeline(t.Context(), b.application(), b.accepted(t))

		require.NoError(t, err)
		require.Equal(t, []told{acceptedEntry()}, outline(timeline))
	})
}

func TestTimelineWhereNoRunIsKnown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.accepted(t)
		b.settle(t, id, notification.StatusFailed, notification.ReasonInternalError)

		want := []told{
			acceptedEntry(),
			{notification.EntrySettled, notification.EntryFault, notification.StatusFailed, notification.ReasonInternalError},
		}

		timeline, err := b.Timeline(t.Context(), b.application(), id)
		require.NoError(t, err)
		require.Equal(t, want, outline(timeline), "the rows know more than nothing")

		require.NoError(t, store.SaveTimeline(t.Context(), id, []byte(`{"entries":[]}`)))

		timeline, err = b.Timeline(t.Context(), b.application(), id)
		require.NoError(t, err)
		require.Equal(t, want, outline(timeline), "and more than an archive of nothing")
	})
}

func TestTimelineOfRunsThatTemporalHasForgotten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.retried(t)
		b.began(t, id, 2, "run-2")
		b.temporal.historyOf(map[string][]*historypb.HistoryEvent{"run-2": beginning(t, id, 2)})

		timeline, err := b.Timeline(t.Context(), b.application(), id)
		require.NoError(t, err)
		require.Equal(t, notification.TimelineFromHistory, timeline.Source)
		require.Equal(t, []told{acceptedEntry(), startedEntry()}, outline(timeline))
		require.Equal(t, 2, timeline.Entries[1].Run)

		b.temporal.historyOf(nil)

		histories := gateway.Histories{Temporal: b.Temporal}
		_, err = histories.Timeline(t.Context(), []string{firstRun, "run-2"}, id)
		require.ErrorContains(t, err, "history", "none is left to tell the story")
	})
}

func TestTimelineFromTheArchive(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store) // which has forgotten every history
		id := b.in(t, notification.StatusDelivered, notification.ReasonIODelivered)

		archived, err := json.Marshal(notification.Timeline{
			Source: notification.TimelineFromArchive,
			Entries: []notification.Entry{
				{At: time.Now().UTC(), Kind: notification.EntryStarted, State: notification.EntryDone, Run: 1},
			},
		})
		require.NoError(t, err)
		require.NoError(t, store.SaveTimeline(t.Context(), id, archived))

		timeline, err := b.Timeline(t.Context(), b.application(), id)

		require.NoError(t, err)
		require.Equal(t, notification.TimelineFromArchive, timeline.Source)
		require.Equal(t, []told{acceptedEntry(), startedEntry()}, outline(timeline))
	})
}

func TestTimelineFromTheDatabase(t *testing.T) {
	t.Parallel()

	sent := db.AttemptChange{Status: notification.AttemptSent, ProviderID: "01J"}
	failed := notification.ReasonIOProcessingFailed
	cases := map[string]struct {
		arrange func(*testing.T, bundle) string
		want    []told
	}{
		"delivered by SMS after IO failed": {
			arrange: func(t *testing.T, b bundle) string {
				t.Helper()

				id := b.begun(t)
				b.attempted(t, id, notification.ChannelIO, sent, db.AttemptChange{Status: notification.AttemptFailed, Reason: failed})
				b.attempted(t, id, notification.ChannelSMS, sent,
					db.AttemptChange{Status: notification.AttemptDelivered, Reason: notification.ReasonSMSDelivered})
				b.settle(t, id, notification.StatusDelivered, notification.ReasonSMSDelivered)

				return id
			},
			want: []told{
				{notification.EntrySentIO, notification.EntryDone, "", ""},
				{notification.EntryDeliveredIO, notification.EntryNegative, "", failed},
				{notification.EntrySentSMS, notification.EntryDone, "", ""},
				{notification.EntryDeliveredSMS, notification.EntryDone, "", notification.ReasonSMSDelivered},
				{notification.EntrySettled, notification.EntryDone, notification.StatusDelivered, notification.ReasonSMSDelivered},
			},
		},
		"refused by IO": {
			arrange: func(t *testing.T, b bundle) string {
				t.Helper()

				id := b.begun(t)
				b.attempted(t, id, notification.ChannelIO,
					db.AttemptChange{Status: notification.AttemptFailed, Reason: notification.ReasonIOKeyRejected})
				b.settle(t, id, notification.StatusFailed, notification.ReasonIOKeyRejected)

				return id
			},
			want: []told{
				{notification.EntrySentIO, notification.EntryFault, "", notification.ReasonIOKeyRejected},
				{notification.EntrySettled, notification.EntryFault, notification.StatusFailed, notification.ReasonIOKeyRejected},
			},
		},
		"skipped": {
			arrange: func(t *testing.T, b bundle) string {
				t.Helper()

				id := b.begun(t)
				require.NoError(t, b.store.SkipAttempt(
					t.Context(), id, notification.ChannelIO, notification.ReasonFiscalCodeProvisional))

				return id
			},
			want: []told{{notification.EntrySkipped, notification.EntryNegative, "", notification.ReasonFiscalCodeProvisional}},
		},
		"sending": {
			arrange: func(t *testing.T, b bundle) string {
				t.Helper()

				id := b.begun(t)
				b.attempted(t, id, notification.ChannelIO)

				return id
			},
			want: []told{{notification.EntrySentIO, notification.EntryRunning, "", ""}},
		},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := test.arrange(t, b)
				timeline, err := b.Timeline(shortly(t), b.application(), id)

				require.NoError(t, err, "Temporal is away")
				require.Equal(t, notification.TimelineFromDatabase, timeline.Source)
				require.Equal(t, append([]told{acceptedEntry()}, test.want...), outline(timeline))
			})
		}
	})
}

func TestTimelineFromTheDatabaseTellsWhatIsHeld(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		uncertain := notification.ReasonIOOutcomeUncertain

		id := b.begun(t)
		b.attempted(t, id, notification.ChannelIO, db.AttemptChange{Status: notification.AttemptUncertain, Reason: uncertain})
		require.NoError(t, store.SetHold(t.Context(), id, uncertain))

		timeline, err := b.Timeline(shortly(t), b.application(), id)

		require.NoError(t, err)
		require.Equal(t, []told{
			acceptedEntry(),
			{notification.EntrySentIO, notification.EntryFault, "", uncertain},
			{notification.EntryOnHold, notification.EntryNegative, "", uncertain},
		}, outline(timeline))
	})
}

func TestTimelineWhileTemporalDoesNotAnswer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.temporal.fallSilent()

		id := b.begun(t)
		ctx, done := context.WithTimeout(t.Context(), 5*time.Second)
		t.Cleanup(done)

		timeline, err := b.Timeline(ctx, b.application(), id)

		require.NoError(t, err, "there is time left for the database")
		require.Equal(t, notification.TimelineFromDatabase, timeline.Source)
	})
}

func TestTimelineTellsWhatCameAfterTheEnd(t *testing.T) {
	t.Parallel()

	unconfirmed := workflows.NotificationResult{
		Status: notification.StatusNotDelivered, Reason: notification.ReasonSMSUnconfirmed,
	}
	end := told{notification.EntrySettled, notification.EntryNegative, unconfirmed.Status, unconfirmed.Reason}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.temporal.onSignal = func(*signalRequest) (*signalResponse, error) { return nil, workflowGone() }

		confirmed, refused := b.awaiting(t), b.awaitingAs(t, otherSID)
		for _, attempt := range []notification.Attempt{confirmed, refused} {
			b.settle(t, attempt.NotificationID, unconfirmed.Status, unconfirmed.Reason)
		}

		b.temporal.historyOf(map[string][]*historypb.HistoryEvent{
			firstRun: story(t, confirmed.NotificationID, 1, unconfirmed),
		})

		require.NoError(t, b.report(t, confirmed.ID, statusForm("delivered", "")))
		require.NoError(t, b.report(t, refused.ID, otherForm("undelivered", "30003")))

		timeline, err := b.Timeline(t.Context(), b.application(), confirmed.NotificationID)
		require.NoError(t, err)
		require.Equal(t, []told{
			acceptedEntry(), startedEntry(), end,
			{notification.EntryDeliveredSMS, notification.EntryDone, "", notification.ReasonSMSDelivered},
			{notification.EntrySettled, notification.EntryDone, notification.StatusDelivered, notification.ReasonSMSDelivered},
		}, outline(timeline), "once each")

		timeline, err = b.Timeline(t.Context(), b.application(), refused.NotificationID)
		require.NoError(t, err)
		require.Equal(t, []told{
			acceptedEntry(), startedEntry(), end,
			{notification.EntryDeliveredSMS, notification.EntryNegative, "", notification.ReasonSMSUnreachable},
		}, outline(timeline))
	})
}

func TestTimelineIsForThoseWhoSeeTheNotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		_, err := b.Timeline(t.Context(), newTenant(t, store).application(), b.accepted(t))
		require.ErrorIs(t, err, gateway.ErrNotFound)
	})
}

func TestAnArchiveThatCannotBeReadIsAFault(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.in(t, notification.StatusDelivered, notification.ReasonIODelivered)
		require.NoError(t, store.SaveTimeline(t.Context(), id, []byte("{")))

		_, err := b.Timeline(t.Context(), b.application(), id)
		require.ErrorContains(t, err, "archived timeline")
	})
}
