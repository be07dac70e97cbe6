package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

const (
	// fileTimeout bounds the reading of a file of the largest size on a slow database.
	fileTimeout = 15 * time.Minute
	// fileHeartbeat is how soon a reader that died is noticed.
	fileHeartbeat = 30 * time.Second
)

// BatchCheck reads a batch's file: what its columns hold, which rows are good and what is wrong with the others. The
// batch is a draft afterwards, of which nothing is sent.
func BatchCheck(ctx workflow.Context, in BatchCheckInput) error {
	reading := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: fileTimeout,
		HeartbeatTimeout:    fileHeartbeat,
		RetryPolicy:         retryUntilDeadline(),
		Summary:             "read the file",
	})

	return workflow.ExecuteActivity(reading, ActivityCheckBatch, in).Get(ctx, nil) //nolint:wrapcheck // Temporal's own error tells the step.
}

// BatchSample asks IO about some of a batch's citizens, so that the Ente knows beforehand how many will need an SMS.
// The calls go through the same paced queue as all others.
func BatchSample(ctx workflow.Context, in BatchSampleInput) error {
	var draw SampleDraw
	if err := workflow.ExecuteLocalActivity(recording(ctx), ActivityDrawSample, in).Get(ctx, &draw); err != nil {
		return err //nolint:wrapcheck // Temporal's own error tells the step.
	}

	asking := waiting(ctx, TaskQueueIO, "is a citizen of the sample on IO?")
	answers := make([]workflow.Future, len(draw.Rows))

	for i, row := range draw.Rows {
		answers[i] = workflow.ExecuteActivity(asking, ActivityCheckBatchRow, SampleRow{BatchID: in.BatchID, Row: row})
	}

	result := SampleResult{BatchID: in.BatchID, Check: in.Check, Answers: map[Reach]int{}}

	for _, answer := range answers {
		reach := ReachUnknown
		if err := answer.Get(ctx, &reach); err != nil {
			workflow.GetLogger(ctx).Warn("a row of the sample could not be asked about", "error", err)
		}

		result.Answers[reach]++
	}

	return workflow.ExecuteLocalActivity(recording(ctx), ActivityRecordSample, result).Get(ctx, nil) //nolint:wrapcheck // as above.
}
