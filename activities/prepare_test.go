package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

func TestPrepare(t *testing.T) {
	t.Parallel()

	phone := simulator.Phone(simulator.PhoneDelivered, 1)

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)

		for name, test := range map[string]struct {
			recipient notification.Recipient
			want      workflows.Plan
		}{
			"valid": {
				notification.Recipient{FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, 1), Phone: phone},
				workflows.Plan{HasPhone: true},
			},
			"without a phone": {
				notification.Recipient{FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, 2)},
				workflows.Plan{},
			},
			"provisional": {
				notification.Recipient{FiscalCode: "12345678903", Phone: phone},
				workflows.Plan{HasPhone: true, Provisional: true},
			},
			"wrong check character": {
				notification.Recipient{FiscalCode: "RSSMRA80A01H501A"},
				workflows.Plan{Reason: notification.ReasonFiscalCodeInvalid},
			},
			"allowed test user": {notification.Recipient{FiscalCode: allowedCode}, workflows.Plan{}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.accepted(t, test.recipient)
				plan, err := run[workflows.Plan](b.task(t, workflows.ActivityPrepare), firstRunOf(id))
				require.NoError(t, err)
				require.Equal(t, test.want, plan)

				head, err := store.Head(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, notification.StatusInProgress, head.Status)
			})
		}
	})
}

func TestPrepareTellsWhatEarlierRunsAchieved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toPhone(t, simulator.PhoneDelivered, 1)

		plan, err := run[workflows.Plan](b.task(t, workflows.ActivityPrepare), firstRunOf(id))
		require.NoError(t, err)
		require.Equal(t, workflows.Plan{HasPhone: true}, plan)

		require.NoError(t, store.SkipAttempt(t.Context(), id, notification.ChannelIO, notification.ReasonIOProfileNotFound))
		skipped := b.onlyAttempt(t, id)

		text := b.begun(t, id, notification.ChannelSMS)
		b.recorded(t, text.ID, db.AttemptChange{
			Status: notification.AttemptFailed, Reason: notification.ReasonSMSQueueFull,
		})

		plan, err = run[workflows.Plan](b.task(t, workflows.ActivityPrepare), firstRunOf(id))
		require.NoError(t, err)
		require.Equal(t, workflows.Plan{
			HasPhone: true,
			IO: workflows.AttemptState{
				AttemptID: skipped.ID, Status: notification.AttemptSkipped, Reason: notification.ReasonIOProfileNotFound,
			},
			SMS: workflows.AttemptState{
				AttemptID: text.ID, Status: notification.AttemptFailed, Reason: notification.ReasonSMSQueueFull,
			},
		}, plan)
	})
}

func TestWhatDoesNotExistIsNotRetried(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		unknown := workflows.Step{NotificationID: newID(t), AttemptID: newID(t), Deadline: inAnHour()}

		for name, input := range map[string]any{
			workflows.ActivityPrepare:          unknown,
			workflows.ActivityCheckProfile:     unknown,
			workflows.ActivitySendToIO:         unknown,
			workflows.ActivityAwaitIODelivery:  unknown,
			workflows.ActivitySendSMS:          unknown,
			workflows.ActivityAwaitSMSDelivery: unknown,
			workflows.ActivityResume:           unknown,
			workflows.ActivityHold:             workflows.HoldInput{NotificationID: unknown.NotificationID},
			workflows.ActivitySkipChannel: workflows.SkipInput{
				NotificationID: unknown.NotificationID, Channel: notification.ChannelIO, Reason: notification.ReasonSMSNoPhone,
			},
			workflows.ActivitySettle: workflows.SettleInput{
				NotificationID:     unknown.NotificationID,
				NotificationResult: workflows.NotificationResult{Status: notification.StatusFailed},
			},
			workflows.ActivityCheckRecipient: workflows.RecipientCheckInput{CheckID: newID(t)},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				_, err := run[any](b.task(t, name), input)
				requireFinal(t, err)
			})
		}
	})
}

func TestUnknownAttemptOfAKnownNotificationIsNotRetried(t *testing.T) {
	t.Parallel()

	b := newBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	step := stepOf(b.toCitizen(t, simulator.CitizenDelivered, 1))
	step.AttemptID = newID(t)

	_, err := run[workflows.DeliveryResult](b.task(t, workflows.ActivityAwaitIODelivery), step)
	requireFinal(t, err)
}

func TestDatabaseAwayIsRetried(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBench(t, store)
		id := b.toPhone(t, simulator.PhoneDelivered, 1)

		require.NoError(t, store.Close())

		for name, input := range everyInput(t, id) {
			_, err := run[any](b.task(t, name), input...)
			require.Zero(t, requireRetry(t, err, string(notification.ReasonInternalError)), name)
		}
	})
}

// everyInput is an input for every activity about a notification.
func everyInput(t *testing.T, id string) map[string][]any {
	t.Helper()

	step := workflows.Step{NotificationID: id, AttemptID: newID(t), Deadline: inAnHour()}

	return map[string][]any{
		workflows.ActivityPrepare:          {step},
		workflows.ActivityCheckProfile:     {step},
		workflows.ActivitySendToIO:         {step},
		workflows.ActivityAwaitIODelivery:  {step},
		workflows.ActivitySendSMS:          {step},
		workflows.ActivityAwaitSMSDelivery: {step},
		workflows.ActivityResume:           {step},
		workflows.ActivityHold: {workflows.HoldInput{
			NotificationID: id, Reason: notification.ReasonIOOutcomeUncertain,
		}},
		workflows.ActivitySkipChannel: {workflows.SkipInput{
			NotificationID: id, Channel: notification.ChannelIO, Reason: notification.ReasonFiscalCodeProvisional,
		}},
		workflows.ActivitySettle: {workflows.SettleInput{
			NotificationID: id,
			NotificationResult: workflows.NotificationResult{
				Status: notification.StatusFailed, Reason: notification.ReasonIOUnavailable,
			},
		}},
		workflows.ActivityCheckRecipient:   {workflows.RecipientCheckInput{CheckID: newID(t)}},
		workflows.ActivityArchiveTimelines: {},
	}
}

// firstRunOf is what a notification's first run tells Prepare.
func firstRunOf(id string) workflows.Step { return workflows.Step{NotificationID: id, Run: 1} }
