package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

// everyBatchInput is an input for every activity about a batch and about an Ente's pace.
func (b batchBench) everyBatchInput(id string) map[string]any {
	return map[string]any{
		workflows.ActivityCheckBatch:     b.reading(id, 1),
		workflows.ActivityDrawSample:     workflows.BatchSampleInput{BatchID: id, EnteID: b.service.EnteID},
		workflows.ActivityCheckBatchRow:  workflows.SampleRow{BatchID: id, Row: 2},
		workflows.ActivityRecordSample:   workflows.SampleResult{BatchID: id},
		workflows.ActivitySendBatchPage:  workflows.BatchPage{BatchID: id},
		workflows.ActivityAwaitBatchEnd:  workflows.BatchEnd{BatchID: id},
		workflows.ActivityCancelOpenRows: workflows.BatchEnd{BatchID: id},
		workflows.ActivityFinishBatch:    workflows.BatchEnd{BatchID: id},
		workflows.ActivityApplyPace:      workflows.PaceStep{EnteID: b.service.EnteID, Share: 100},
	}
}

func TestDatabaseAwayIsRetriedForBatches(t *testing.T) {
	t.Parallel()

	b := newBatchBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	id := b.sending(t, citizenRows(1)...)
	require.NoError(t, b.store.Close())

	for name, input := range b.everyBatchInput(id) {
		_, err := run[any](b.task(t, name), input)
		require.Zero(t, requireRetry(t, err, string(notification.ReasonInternalError)), name)
	}
}

// TestTemporalSeesNoPersonalDataOfBatches goes through what may become of a file's rows, good and bad.
func TestTemporalSeesNoPersonalDataOfBatches(t *testing.T) {
	t.Parallel()

	b := newBatchBench(t, dbtest.Open(t, dbtest.EngineSQLite))
	b.does.Pacer = &scales{fails: true}
	b.starter.fails, b.canceller.failures = true, 1
	phone := simulator.Phone(simulator.PhoneDelivered, 7)

	var (
		recipients []notification.Recipient
		rows       []string
		heard      witness
	)

	for _, citizen := range simulator.MagicCitizens() {
		recipients = append(recipients, notification.Recipient{FiscalCode: citizen.FiscalCode, Phone: phone})
		rows = append(rows, citizenRow(citizen.Outcome, 0, phone))
	}

	recipients = append(recipients, notification.Recipient{FiscalCode: "RSSMRA80A01H501A", Phone: "3700000000000"})
	rows = append(rows, "RSSMRA80A01H501A;3700000000000;"+addressee)

	id := b.uploaded(t, fileOf(columns, rows...))
	heard.hear(t, b.bench, workflows.ActivityCheckBatch, b.reading(id, 1))
	require.Equal(t, len(rows)-1, b.batch(t, id).Counts.Good)
	require.NoError(t, b.store.WantSample(t.Context(), id))

	for n := range rows {
		heard.hear(t, b.bench, workflows.ActivityCheckBatchRow, workflows.SampleRow{BatchID: id, Row: n + 2})
	}

	inputs := b.everyBatchInput(id)
	heard.hear(t, b.bench, workflows.ActivityDrawSample, inputs[workflows.ActivityDrawSample])
	require.NoError(t, b.store.ConfirmBatch(t.Context(), id, 1, inAnHour(), false))

	for _, activity := range []string{
		workflows.ActivitySendBatchPage, workflows.ActivityAwaitBatchEnd, workflows.ActivityCancelOpenRows,
		workflows.ActivityFinishBatch, workflows.ActivityApplyPace,
	} {
		heard.hear(t, b.bench, activity, inputs[activity])
	}

	require.NoError(t, b.store.Close())

	for activity, input := range inputs {
		heard.hear(t, b.bench, activity, input)
	}

	for _, recipient := range recipients {
		heard.requireSecrecy(t, recipient)
	}

	for _, told := range heard.told {
		require.NotContains(t, told, addressee)
	}

	require.Greater(t, heard.failed, 2*len(inputs), "failures were looked at")
}
