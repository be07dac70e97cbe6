package activities

import (
	"context"
	"errors"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// jobsCompared are listed at once.
const jobsCompared = 200

// jobs looks for open batches and interventions whose workflow is not running. There are few of them, so each is looked at.
func (c *comparison) jobs(ctx context.Context) error {
	before := time.Now().Add(-c.Grace.start())

	for _, kind := range []kindOfJob{c.batchJobs(), c.interventionJobs()} {
		for after := ""; ; {
			listed, err := kind.list(ctx, before, after, jobsCompared)
			if err != nil {
				return storeFault("listing open jobs", err)
			}

			for _, job := range listed {
				if err := c.job(ctx, kind, job); err != nil {
					return err
				}

				after = job.ID
			}

			if len(listed) < jobsCompared {
				break
			}
		}
	}

	return nil
}

// kindOfJob is how batches, or interventions, are looked at.
type kindOfJob struct {
	subject    string
	code       notification.FindingCode
	list       func(ctx context.Context, before time.Time, after string, limit int) ([]db.OpenJob, error)
	workflowID func(job db.OpenJob) string
	// waits tells, once the workflow is known not to run, whether the job still waits for it.
	waits   func(ctx context.Context, job db.OpenJob) (bool, error)
	restart func(ctx context.Context, id string) error
}

func (a *Activities) batchJobs() kindOfJob {
	return kindOfJob{
		subject: notification.SubjectBatch, code: notification.FindingBatchStuck,
		list: a.Store.OpenBatches, restart: a.Store.RestartBatch,
		workflowID: func(job db.OpenJob) string {
			if job.Step == db.BatchStepCheck {
				return workflows.BatchCheckID(job.ID, job.Check)
			}

			return workflows.BatchID(job.ID)
		},
		waits: func(ctx context.Context, job db.OpenJob) (bool, error) {
			now, err := a.Store.Batch(ctx, job.ID)
			if err != nil {
				return false, err //nolint:wrapcheck // the caller maps it.
			}

			if job.Step == db.BatchStepCheck {
				return now.Status == notification.BatchChecking && now.Check == job.Check, nil
			}

			return !now.Status.Final(), nil
		},
	}
}

func (a *Activities) interventionJobs() kindOfJob {
	return kindOfJob{
		subject: notification.SubjectIntervention, code: notification.FindingInterventionStuck,
		list: a.Store.OpenInterventions, restart: a.Store.RestartIntervention,
		workflowID: func(job db.OpenJob) string { return workflows.InterventionID(job.ID) },
		waits: func(ctx context.Context, job db.OpenJob) (bool, error) {
			now, err := a.Store.Intervention(ctx, job.ID)

			return !now.Status.Final(), err //nolint:wrapcheck // the caller maps it.
		},
	}
}

// job has the workflow started again where Temporal does not know it: a batch's rows become the same notifications, and an
// intervention acts on each of its own once. One that ended, or was ended, while there was work left is for a person.
func (c *comparison) job(ctx context.Context, kind kindOfJob, job db.OpenJob) error {
	c.looked(ctx)

	seen, err := c.Executions.Look(ctx, kind.workflowID(job))
	if err != nil {
		return engineFault(ctx, "looking at a workflow", err)
	}

	if seen.State == workflows.ExecutionRunning {
		return nil
	}

	waits, err := kind.waits(ctx, job)
	if err != nil {
		return storeFault("reading a job", err)
	}

	if !waits {
		return nil
	}

	may, err := c.mayRepair(ctx, job.ID, mostRepairs)
	if err != nil {
		return err
	}

	finding := notification.Finding{
		Code: kind.code, Subject: kind.subject, SubjectID: job.ID, EnteID: job.EnteID, Action: notification.ActionPerson,
	}

	if may && seen.State == workflows.ExecutionMissing {
		err := kind.restart(ctx, job.ID)
		if errors.Is(err, db.ErrConflict) {
			return nil
		}

		if err != nil {
			return storeFault("restarting a job", err)
		}

		finding.Action = notification.ActionRepaired
	}

	return c.found(ctx, finding)
}
