package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

func TestSampleOfABatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		id := b.draft(t, append(citizenRows(250), "nobody;;"+addressee)...)
		require.NoError(t, store.WantSample(t.Context(), id))

		k := b.task(t, workflows.ActivityDrawSample)
		in := workflows.BatchSampleInput{BatchID: id, EnteID: b.service.EnteID, Check: 1}

		draw, err := run[workflows.SampleDraw](k, in)
		require.NoError(t, err)
		require.Len(t, draw.Rows, 100)
		require.Equal(t, 2, draw.Rows[0])
		require.Greater(t, draw.Rows[99], 245, "to the end of the file")
		require.Less(t, draw.Rows[99], 252, "of rows to be sent alone")
		require.Equal(t, notification.BatchSample{State: notification.SampleRunning, Asked: 100}, b.batch(t, id).Sample)

		again, err := run[workflows.SampleDraw](k, in)
		require.NoError(t, err)
		require.Equal(t, draw, again)

		answers := map[workflows.Reach]int{workflows.ReachIO: 60, workflows.ReachSMS: 25, workflows.ReachNone: 10, workflows.ReachUnknown: 5}
		_, err = run[any](b.task(t, workflows.ActivityRecordSample), workflows.SampleResult{BatchID: id, Check: 1, Answers: answers})
		require.NoError(t, err)
		require.Equal(t, notification.BatchSample{
			State: notification.SampleDone, Asked: 100, OnIO: 60, NotOnIO: 25, Unreachable: 10, Unknown: 5,
		}, b.batch(t, id).Sample)
	})
}

func TestSampleThatNobodyWaitsForAsksNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)
		id := b.draft(t, citizenRows(3)...)
		require.NoError(t, store.WantSample(t.Context(), id))
		require.NoError(t, store.ConfirmBatch(t.Context(), id, 1, time.Time{}, false))

		draw, err := run[workflows.SampleDraw](b.task(t, workflows.ActivityDrawSample), workflows.BatchSampleInput{BatchID: id, Check: 1})
		require.NoError(t, err)
		require.Empty(t, draw.Rows)

		_, err = run[any](b.task(t, workflows.ActivityRecordSample), workflows.SampleResult{BatchID: id, Check: 1})
		require.NoError(t, err)
		require.Zero(t, b.batch(t, id).Sample)
	})
}

func TestCheckBatchRow(t *testing.T) {
	t.Parallel()

	phone := simulator.Phone(simulator.PhoneDelivered, 1)

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBatchBench(t, store)

		for name, test := range map[string]struct {
			row  string
			want workflows.Reach
		}{
			"on IO":                      {citizenRow(simulator.CitizenDelivered, 1, phone), workflows.ReachIO},
			"not on IO":                  {citizenRow(simulator.CitizenNotOnIO, 1, phone), workflows.ReachSMS},
			"not on IO, no phone":        {citizenRow(simulator.CitizenNotOnIO, 1, ""), workflows.ReachNone},
			"service off":                {citizenRow(simulator.CitizenSenderNotAllowed, 1, phone), workflows.ReachSMS},
			"service off, no phone":      {citizenRow(simulator.CitizenSenderNotAllowed, 1, ""), workflows.ReachNone},
			"IO takes no such key":       {citizenRow(simulator.CitizenKeyRevoked, 1, phone), workflows.ReachUnknown},
			"provisional code":           {"61492729001;" + phone + ";" + addressee, workflows.ReachSMS},
			"provisional code, no phone": {"61492729001;;" + addressee, workflows.ReachNone},
			"IO's historic test citizen": {allowedCode + ";;" + addressee, workflows.ReachIO},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				id := b.draft(t, test.row)
				reach, err := run[workflows.Reach](b.task(t, workflows.ActivityCheckBatchRow), workflows.SampleRow{BatchID: id, Row: 2})
				require.NoError(t, err)
				require.Equal(t, test.want, reach)
			})
		}
	})
}

func TestProvisionalCodeOfASampleAsksNobody(t *testing.T) {
	t.Parallel()

	b := newBatchBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	id := b.draft(t, "61492729001;;"+addressee)

	reach, err := run[workflows.Reach](b.task(t, workflows.ActivityCheckBatchRow), workflows.SampleRow{BatchID: id, Row: 2})
	require.NoError(t, err)
	require.Equal(t, workflows.ReachNone, reach)
	require.Empty(t, b.sim.Counters().ProfileCalls)
}

// A sample is asked about for a minute, since somebody waits for the forecast.
func TestSampleGivesUpWhereIOIsDown(t *testing.T) {
	t.Parallel()

	b := newBatchBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	id := b.draft(t, citizenRows(1)...)
	require.NoError(t, b.sim.SetFaults(simulator.Faults{IO500: 1}))

	row := workflows.SampleRow{BatchID: id, Row: 2}
	k := b.task(t, workflows.ActivityCheckBatchRow)

	for range 2 {
		_, err := run[workflows.Reach](k, row)
		requireRetry(t, err, string(notification.ReasonIOUnavailable))
	}

	k.scheduled = time.Now().Add(-2 * time.Minute)
	reach, err := run[workflows.Reach](k, row)
	require.NoError(t, err)
	require.Equal(t, workflows.ReachUnknown, reach)
}

func TestRowThatIsGoneIsNotAskedAbout(t *testing.T) {
	t.Parallel()

	b := newBatchBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	id := b.draft(t, citizenRows(1)...)

	for _, row := range []workflows.SampleRow{{BatchID: id, Row: 3}, {BatchID: newID(t), Row: 2}} {
		_, err := run[workflows.Reach](b.task(t, workflows.ActivityCheckBatchRow), row)
		requireFinal(t, err)
	}
}
