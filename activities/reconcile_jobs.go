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

// jobs looks for open batches, interventions and erasures whose workflow is not running. There are few of them, so each is looked
// at.
func (c *comparison) jobs(ctx context.Context) error {
	before := time.Now().Add(-c.Grace.start())

	for _, kind := range []kindOfJob{c.batchJobs(), c.interventionJobs(), c.erasureJobs()} {
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

// kindOfJob is how batches, interventions or erasures are looked at.
type kindOfJob struct {
	subject    string
	code       notification.FindingCode
	list       func(ctx context.Context, before time.Time, after string, limit int) ([]db.OpenJob, error)
	workflowID func(job db.OpenJob) string
	// waits tells, once the workflow is known not to run, whether the job still waits for it.
	waits   func(ctx context.Context, job db.OpenJob) (bool, error)
	restart func(ctx context.Context, job db.OpenJob) error
	// harmless tells that to begin again undoes nothing that a person did.
	harmless func(job db.OpenJob) bool
}

func (a *Activities) batchJobs() kindOfJob {
	return kindOfJob{
		subject: notification.SubjectBatch, code: notification.FindingBatchStuck,
		list: a.Store.OpenBatches, waits: a.Store.BatchWaits, restart: a.Store.RestartBatch,
		workflowID: func(job db.OpenJob) string {
			switch job.Step {
			case db.BatchStepCheck:
				return workflows.BatchCheckID(job.ID, job.Check)
			case db.BatchStepSample:
				return workflows.BatchSampleID(job.ID, job.Check)
			case db.BatchStepSend:
			}

			return workflows.BatchID(job.ID)
		},
		// A sample only asks, and nobody can ask for another one while it is under way.
		harmless: func(job db.OpenJob) bool { return job.Step == db.BatchStepSample },
	}
}

func (a *Activities) interventionJobs() kindOfJob {
	return kindOfJob{
		subject: notification.SubjectIntervention, code: notification.FindingInterventionStuck,
		list:       a.Store.OpenInterventions,
		restart:    func(ctx context.Context, job db.OpenJob) error { return a.Store.RestartIntervention(ctx, job.ID) },
		workflowID: func(job db.OpenJob) string { return workflows.InterventionID(job.ID) },
		waits: func(ctx context.Context, job db.OpenJob) (bool, error) {
			now, err := a.Store.Intervention(ctx, job.ID)

			return !now.Status.Final(), err //nolint:wrapcheck // the caller maps it.
		},
		harmless: func(db.OpenJob) bool { return false },
	}
}

func (a *Activities) erasureJobs() kindOfJob {
	return kindOfJob{
		subject: notification.SubjectErasure, code: notification.FindingErasureStuck,
		list:       a.Store.OpenErasures,
		restart:    func(ctx context.Context, job db.OpenJob) error { return a.Store.RestartErasure(ctx, job.ID) },
		workflowID: func(job db.OpenJob) string { return workflows.ErasureID(job.ID) },
		waits: func(ctx context.Context, job db.OpenJob) (bool, error) {
			now, err := a.Store.Erasure(ctx, job.ID)

			return now.Status == notification.ErasureRunning, err //nolint:wrapcheck // the caller maps it.
		},
		harmless: func(db.OpenJob) bool { return false },
	}
}

// job has the workflow started again where Temporal does not know it: a batch's rows become the same notifications, an
// intervention acts on each of its own once, and an erasure does not find what it erased. One that ended, or was ended, while
// there was work left is for a person, unless beginning again undoes nothing.
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

	if may && (seen.State == workflows.ExecutionMissing || kind.harmless(job)) {
		err := kind.restart(ctx, job)
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
