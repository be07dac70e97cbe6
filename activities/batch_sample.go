package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// sampleSize tells a share to within some ten points, in a few seconds of the Ente's quota.
const sampleSize = 100

// samplePatience is how long a row of a sample is asked about: somebody waits for the forecast.
const samplePatience = time.Minute

// DrawSample picks the rows of a sample, evenly over the batch; none where nobody waits for it any more: the file was
// read anew, or the batch is sent.
func (a *Activities) DrawSample(ctx context.Context, in workflows.BatchSampleInput) (workflows.SampleDraw, error) {
	rows, err := a.Store.SampleRows(ctx, in.BatchID, sampleSize)
	if err != nil {
		return workflows.SampleDraw{}, storeFault("drawing a sample", err)
	}

	draw := workflows.SampleDraw{Rows: make([]int, len(rows))}
	for i, row := range rows {
		draw.Rows[i] = row.Number
	}

	running := notification.BatchSample{State: notification.SampleRunning, Asked: len(rows)}

	err = a.Store.RecordSample(ctx, in.BatchID, in.Check, running)
	if errors.Is(err, db.ErrConflict) {
		return workflows.SampleDraw{}, nil
	}

	return draw, storeFault("storing the sample", err)
}

// CheckBatchRow asks IO about the citizen of one row.
func (a *Activities) CheckBatchRow(ctx context.Context, row workflows.SampleRow) (workflows.Reach, error) {
	stored, err := a.Store.Batch(ctx, row.BatchID)
	if err != nil {
		return "", storeFault("reading the batch", err)
	}

	read, err := a.Store.BatchRow(ctx, row.BatchID, row.Row)
	if err != nil {
		return "", storeFault("reading the row", err)
	}

	payload, err := batch.DecodePayload(read.Payload)
	if err != nil {
		return "", storeFault("reading the row", err)
	}

	otherwise := workflows.ReachNone
	if payload.Recipient.Phone != "" {
		otherwise = workflows.ReachSMS
	}

	// IO refuses provisional codes.
	if kind, err := a.FiscalCodes.Validate(payload.Recipient.FiscalCode); err != nil || kind == fiscalcode.Provisional {
		return otherwise, nil //nolint:nilerr // whoever has no code for IO cannot be reached there.
	}

	who := citizen{enteID: stored.EnteID, serviceID: stored.ServiceID, fiscalCode: payload.Recipient.FiscalCode}
	patience := activity.GetInfo(ctx).ScheduledTime.Add(samplePatience)
	answer, _, err := a.askProfile(ctx, who, workflows.Step{Deadline: patience})

	switch {
	case err != nil:
		return "", err
	case answer.Reachable:
		return workflows.ReachIO, nil
	case answer.Reason == notification.ReasonIOProfileNotFound, answer.Reason == notification.ReasonIOSenderNotAllowed:
		return otherwise, nil
	}

	return workflows.ReachUnknown, nil
}

// RecordSample stores what the sample found, unless nobody waits for it any more.
func (a *Activities) RecordSample(ctx context.Context, result workflows.SampleResult) error {
	sample := notification.BatchSample{
		State:       notification.SampleDone,
		OnIO:        result.Answers[workflows.ReachIO],
		NotOnIO:     result.Answers[workflows.ReachSMS],
		Unreachable: result.Answers[workflows.ReachNone],
		Unknown:     result.Answers[workflows.ReachUnknown],
	}
	sample.Asked = sample.OnIO + sample.NotOnIO + sample.Unreachable + sample.Unknown

	if err := a.Store.RecordSample(ctx, result.BatchID, result.Check, sample); !errors.Is(err, db.ErrConflict) {
		return storeFault("storing the sample", err)
	}

	return nil
}
