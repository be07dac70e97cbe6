package drills

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

// Backup backs up under a light load, destroys everything but the backup, restores it and goes on.
//
// A base backup alone would bring back a GeNIO that does not know what it has sent since, and would send it again. So the
// write-ahead log goes to the archive commit by commit, and the restored database knows everything that the lost one
// knew, Temporal's as well as GeNIO's.
type Backup struct {
	Settings `embed:""`

	Folder        string `default:".genio/backup-drill" help:"Folder of the stack; what a drill of before left there is removed." type:"path"`
	Notifications int    `default:"400"                 help:"How many notifications."`
}

// Run does it. It fails with [ErrMissed] where a goal was missed.
func (b Backup) Run(ctx context.Context, progress io.Writer) (*Table, error) {
	ctx, done := context.WithTimeout(ctx, b.Patience)
	defer done()

	says := teller{out: progress, began: time.Now()}

	stack, err := b.open(ctx, b.Folder)
	if err != nil {
		return nil, err
	}

	defer stack.Abandon()

	says.tell("starting in %s", b.Folder)

	if err := stack.Start(ctx); err != nil {
		return nil, fmt.Errorf("starting: %w", err)
	}

	table, err := b.on(ctx, stack, says)
	if err != nil {
		return table, err
	}

	if missed := table.Missed(); len(missed) > 0 {
		return table, fmt.Errorf("%w: %q", ErrMissed, missed)
	}

	return table, nil
}

// moments are how far the load was at each step of the disaster.
type moments struct {
	backedUp, destroyed int
	before              []string // accepted before everything was destroyed
	outageLasted        time.Duration
}

func (b Backup) on(ctx context.Context, stack *prodlocal.Stack, says teller) (*Table, error) {
	enti, err := found(ctx, stack, b.Enti)
	if err != nil {
		return nil, err
	}

	var disaster moments

	hands := newLoad(write(b.Notifications, enti))
	decides := newPerson(stack.PostgresURL("genio"), enti)
	group, groupCtx := errgroup.WithContext(ctx)

	group.Go(func() error { return hands.run(groupCtx, b.Rate) })
	group.Go(func() error { return b.suffer(groupCtx, stack, hands, &disaster, says) })
	group.Go(func() error {
		return decides.work(groupCtx, func() ([]string, bool) {
			return hands.acceptedIDs(), hands.acceptedSoFar() == len(hands.letters)
		})
	})

	broke := group.Wait()

	closing, closed := context.WithTimeout(context.WithoutCancel(ctx), closingPatience)
	defer closed()

	table := &Table{title: "Backup drill: everything destroyed under load, restored from base backup and write-ahead log"}
	disaster.into(table)

	if _, err := closeBooks(closing, stack, hands, decides, table); err != nil && broke == nil {
		return table, err
	}

	rows, err := readRows(closing, stack.PostgresURL("genio"))
	if err == nil {
		table.zero("accepted before, and unknown to the restored database", disaster.forgotten(rows))
	}

	table.tell("calls of the Enti repeated with the same Idempotency-Key", "%d: %s", total(hands.repeated()), listed(hands.repeated()))

	if broke != nil {
		return table, fmt.Errorf("the drill broke off: %w", broke)
	}

	return table, err
}

// suffer is the drill itself: a backup after a third of the load, the disaster after two thirds.
func (b Backup) suffer(ctx context.Context, stack *prodlocal.Stack, hands *load, disaster *moments, says teller) error {
	archive, err := stack.Archive(ctx, filepath.Join(b.Folder, "archive"))
	if err != nil {
		return fmt.Errorf("beginning to archive: %w", err)
	}

	says.tell("the archive receives the write-ahead log; commits wait for it")

	if err := b.backUp(ctx, archive, hands, disaster, says); err != nil {
		return err
	}

	if err := awaitAccepted(ctx, hands, 2*b.Notifications/3); err != nil { //nolint:mnd // two thirds.
		return err
	}

	began := time.Now()

	if err := stack.Destroy(archive); err != nil {
		return fmt.Errorf("destroying: %w", err)
	}

	// Whoever was answered in the very moment counts as well.
	disaster.before = hands.acceptedIDs()
	disaster.destroyed = len(disaster.before)
	says.tell("everything is destroyed after %d acceptances; restoring", disaster.destroyed)

	if err := archive.Restore(); err != nil {
		return fmt.Errorf("restoring: %w", err)
	}

	if err := stack.Start(ctx); err != nil {
		return fmt.Errorf("starting after the restore: %w", err)
	}

	disaster.outageLasted = time.Since(began)
	says.tell("restored: everything works again after %.1f s", disaster.outageLasted.Seconds())

	return b.archiveAnew(ctx, stack, says)
}

func (b Backup) backUp(ctx context.Context, archive *prodlocal.Archive, hands *load, disaster *moments, says teller) error {
	if err := awaitAccepted(ctx, hands, b.Notifications/3); err != nil { //nolint:mnd // a third.
		return err
	}

	if err := archive.BackUp(ctx); err != nil {
		return fmt.Errorf("backing up: %w", err)
	}

	if err := archive.Verify(ctx); err != nil {
		return fmt.Errorf("verifying the backup: %w", err)
	}

	disaster.backedUp = hands.acceptedSoFar()
	says.tell("base backup taken and verified after %d acceptances", disaster.backedUp)

	return nil
}

// archiveAnew: the restored database's log goes another way than the lost one's, so that it needs an archive of its own.
func (b Backup) archiveAnew(ctx context.Context, stack *prodlocal.Stack, says teller) error {
	archive, err := stack.Archive(ctx, filepath.Join(b.Folder, "archive-2"))
	if err != nil {
		return fmt.Errorf("beginning to archive again: %w", err)
	}

	if err := archive.BackUp(ctx); err != nil {
		return fmt.Errorf("backing up again: %w", err)
	}

	says.tell("the restored database has a backup of its own")

	return nil
}

// acceptedLooks is how often a drill looks how far the load is.
const acceptedLooks = 50 * time.Millisecond

func awaitAccepted(ctx context.Context, hands *load, count int) error {
	for hands.acceptedSoFar() < count {
		if err := rest(ctx, acceptedLooks); err != nil {
			return err
		}
	}

	return nil
}

func (m moments) into(table *Table) {
	table.tell("accepted before the base backup was complete", "%d", m.backedUp)
	table.tell("accepted before everything was destroyed", "%d", m.destroyed)
	table.tell("from the disaster until everything worked again", "%.1f s", m.outageLasted.Seconds())
}

// forgotten counts what was accepted before the disaster and is in no row now.
func (m moments) forgotten(rows map[string]row) int {
	count := 0

	for _, id := range m.before {
		if _, there := rows[id]; !there {
			count++
		}
	}

	return count
}
