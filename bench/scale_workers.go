package main

import (
	"context"
)

// workersSettled is what so many workers did.
type workersSettled struct {
	perSecond float64
	used      spent
}

// settleWith settles notifications with so many workers, on a stack of their own.
func (c *scaleCommand) settleWith(ctx context.Context, workers int) (found workersSettled, err error) {
	run := &speedRun{speedCommand: &speedCommand{
		Binaries: c.Binaries, ProxyConfig: c.ProxyConfig, Servers: usualCopies, Workers: workers,
		Notifications: c.Notifications, Enti: c.Enti,
	}}

	err = run.onNewStack(ctx, stackProdLocal, func(ctx context.Context) error {
		if err := run.pauseSchedules(ctx, hourlySchedules()...); err != nil {
			return err
		}

		before, err := run.stack.spent(ctx)
		if err != nil {
			return err
		}

		round, err := run.settleNotifications(ctx)
		if err != nil {
			return err
		}

		after, err := run.stack.spent(ctx)
		if err != nil {
			return err
		}

		found = workersSettled{perSecond: round.perSecond, used: after.since(before)}

		return nil
	})

	return found, err
}
