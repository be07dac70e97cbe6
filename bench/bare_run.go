package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// bareStartsAtOnce is how many workflows one of GeNIO's servers starts at a time.
const bareStartsAtOnce = 4

// bareWorkers are as many bare workers as the stack has workers of GeNIO.
type bareWorkers struct {
	run       *speedRun
	processes []*process
	ends      chan bareSettled
	broken    chan error
}

// settleBare starts bare workflows in the place of notifications, and waits for their ends.
func (r *speedRun) settleBare(ctx context.Context) (round settled, err error) {
	// Nobody would know what to do with one that begins meanwhile.
	if err := r.pauseSchedules(ctx, workflows.FoldFiguresScheduleID); err != nil {
		return round, err
	}

	if err := r.stack.stopWorkers(ctx); err != nil {
		return round, err
	}

	workers := &bareWorkers{run: r, ends: make(chan bareSettled), broken: make(chan error, 1)}

	err = workers.start(ctx)
	if err == nil {
		round, err = workers.settle(ctx)
	}

	workers.stop()

	return round, errors.Join(err, r.stack.startWorkers(ctx), r.resumeSchedule(ctx, workflows.FoldFiguresScheduleID))
}

func (b *bareWorkers) start(ctx context.Context) error {
	buildID, err := b.run.stack.buildID(ctx)
	if err != nil {
		return err
	}

	program := program{
		arguments: []string{"bare-worker", "--address", b.run.stack.temporalAddress, "--build-id", buildID}, talks: true,
		givesWay: b.run.stack.kind == stackProdLocal,
	}
	if program.binary, err = os.Executable(); err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}

	for number := range b.run.stack.named(prefixWorker) {
		program.log = filepath.Join(b.run.stack.folder, "bare-worker-"+strconv.Itoa(number+1)+".log")

		started, err := launch(ctx, program)
		if err != nil {
			return err
		}

		b.processes = append(b.processes, started)

		if _, err := started.hear(ctx); err != nil {
			return fmt.Errorf("starting a bare worker: %w", err)
		}

		go b.listen(started)
	}

	return nil
}

// listen takes in what a bare worker says, until it ends.
func (b *bareWorkers) listen(to *process) {
	for line := range to.lines {
		one, err := parseBareSettled(line)
		if err != nil {
			b.broken <- err

			return
		}

		b.ends <- one
	}
}

func (b *bareWorkers) stop() {
	// What they still say is not heard any more.
	go func() {
		for range b.ends {
			continue
		}
	}()

	for _, one := range b.processes {
		one.stop()
	}
}

// settle measures, after some that are not counted.
func (b *bareWorkers) settle(ctx context.Context) (settled, error) {
	if _, _, err := b.together(ctx, warmUpEach*len(b.run.enti)); err != nil {
		return settled{}, err
	}

	before, err := b.uses()
	if err != nil {
		return settled{}, err
	}

	began := time.Now()

	ids, last, err := b.together(ctx, b.run.Notifications)
	if err != nil {
		return settled{}, err
	}

	after, err := b.uses()
	if err != nil {
		return settled{}, err
	}

	round := settled{
		perSecond: float64(b.run.Notifications) / last.Sub(began).Seconds(), uses: after.since(before),
	}
	round.shape, err = shapeOf(ctx, b.run.temporal, ids[max(0, len(ids)-shapesSeen):])

	return round, err
}

// uses are those of the stack, of the bare workers, and of this process, which starts the workflows.
func (b *bareWorkers) uses() (processorUses, error) {
	others := map[string][]int{}
	for _, one := range b.processes {
		others["bare worker"] = append(others["bare worker"], one.pid())
	}

	used, err := b.run.stack.uses(others)
	if err != nil {
		return nil, err
	}

	used["bare starter"], err = readProcessorTime("self")

	return used, err
}

// together starts so many workflows and waits for their ends. It gives their ids and when the last one was settled.
func (b *bareWorkers) together(ctx context.Context, count int) (ids []string, last time.Time, err error) {
	ctx, done := context.WithTimeout(ctx, settlePatience)
	defer done()

	starts := b.starts(count)
	open := map[string]bool{}

	for _, one := range starts {
		ids = append(ids, bareIDPrefix+one.ID)
		open[one.ID] = true
	}

	started := make(chan error, 1)

	go func() { started <- b.startAll(ctx, starts) }()

	for len(open) > 0 {
		select {
		case one := <-b.ends:
			delete(open, one.ID)

			if one.At.After(last) {
				last = one.At
			}
		case err := <-started:
			if err != nil {
				return ids, last, err
			}

			started = nil
		case err := <-b.broken:
			return ids, last, err
		case <-ctx.Done():
			return ids, last, fmt.Errorf("waiting for %d bare workflows: %w", len(open), ctx.Err())
		}
	}

	return ids, last, nil
}

// starts are as many as there are to be, of the same Enti as GeNIO's.
func (b *bareWorkers) starts(count int) []db.Start {
	starts := make([]db.Start, count)
	for i := range starts {
		one := b.run.enti[i*len(b.run.enti)/count]
		starts[i] = db.Start{
			ID: uuid.NewString(), EnteID: one.id, ServiceID: one.service, Priority: notification.PriorityNormal,
			Policy: notification.DefaultPolicy(), Run: 1,
		}
	}

	return starts
}

// startAll starts the workflows as GeNIO's servers would.
func (b *bareWorkers) startAll(ctx context.Context, starts []db.Start) error {
	var (
		group    sync.WaitGroup
		next     atomic.Int64
		atOnce   = bareStartsAtOnce * len(b.run.stack.named(prefixServer))
		failures = make([]error, atOnce)
	)

	for number := range atOnce {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(starts)) && failures[number] == nil; i = next.Add(1) - 1 {
				failures[number] = b.startOne(ctx, starts[i])
			}
		})
	}

	group.Wait()

	return errors.Join(failures...)
}

func (b *bareWorkers) startOne(ctx context.Context, start db.Start) error {
	options := gateway.StartOptions(start)
	options.ID = bareIDPrefix + start.ID

	_, err := b.run.temporal.ExecuteWorkflow(ctx, options, bareWorkflowName, workflows.NotificationInput{
		ID: start.ID, EnteID: start.EnteID, ServiceID: start.ServiceID, Priority: start.Priority, Policy: start.Policy, Run: start.Run,
	})
	if err != nil {
		return fmt.Errorf("starting a bare workflow: %w", err)
	}

	return nil
}
