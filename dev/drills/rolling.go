package drills

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

// Rolling rolls a new version of servers and workers out under a steady load, in the order that docs/operations.md tells.
type Rolling struct {
	Settings `embed:""`

	Folder   string        `default:".genio/rolling" help:"Folder of the stack; what a drill of before left there is removed." type:"path"`
	Next     string        `default:"bin/genio-next" help:"The new version's binary."                                          type:"path"`
	Duration time.Duration `default:"3m"             help:"How long the load lasts."`
	Looks    float64       `default:"8"              help:"How many reads and page views a second come on top."`
}

// Run does it, and gives the table also where it breaks off. It fails with [ErrMissed] where a goal was missed.
func (r Rolling) Run(ctx context.Context, progress io.Writer) (*Table, error) {
	return r.drill(ctx, r.Folder, progress, r.on)
}

func (r Rolling) on(ctx context.Context, stack *prodlocal.Stack, says teller) (*Table, error) {
	enti, err := found(ctx, stack, r.Enti)
	if err != nil {
		return nil, err
	}

	versions, err := r.versions(ctx, stack)
	if err != nil {
		return nil, err
	}

	letters := write(int(r.Rate*r.Duration.Seconds()), enti)
	hands, looks, decides := newLoad(letters), newLooker(stack.URL(), enti), newPerson(stack.PostgresURL("genio"), enti)

	says.tell("%d Enti hand in %d notifications, and look around", r.Enti, len(letters))

	broke := r.together(ctx, stack, hands, looks, decides, says)

	closing, closed := context.WithTimeout(context.WithoutCancel(ctx), closingPatience)
	defer closed()

	table, err := r.close(closing, stack, hands, looks, decides, versions)

	return table, errors.Join(broke, err)
}

// versions are the names of the old version and of the new one.
func (r Rolling) versions(ctx context.Context, stack *prodlocal.Stack) ([2]string, error) {
	before, err := stack.Genio(ctx, "", "version")
	if err != nil {
		return [2]string{}, err //nolint:wrapcheck // it says what was being done.
	}

	after, err := stack.Another(ctx, r.Next, "version")
	if err != nil {
		return [2]string{}, err //nolint:wrapcheck // as above.
	}

	if before == after {
		return [2]string{}, errors.New("both binaries are of the same version")
	}

	return [2]string{before, after}, nil
}

// together runs until all have ended.
func (r Rolling) together(
	ctx context.Context, stack *prodlocal.Stack, hands *load, looks *looker, decides *person, says teller,
) error {
	group, ctx := errgroup.WithContext(ctx)
	looking, enough := context.WithCancel(ctx)
	handedIn := func() bool { return hands.acceptedSoFar() == len(hands.letters) }

	group.Go(func() error {
		defer enough()

		return hands.run(ctx, r.Rate)
	})
	group.Go(func() error {
		looks.run(looking, r.Looks, hands)

		return nil
	})
	group.Go(func() error {
		select {
		case <-time.After(r.Duration / 5): //nolint:mnd // a fifth of the load is behind, and most of it ahead.
			return r.rollOut(ctx, stack, says)
		case <-ctx.Done():
			return nil
		}
	})
	group.Go(func() error {
		return decides.work(ctx, func() ([]string, bool) { return hands.acceptedIDs(), handedIn() })
	})

	return group.Wait() //nolint:wrapcheck // each says what it was doing.
}

// rollOut does what whoever runs GeNIO does.
func (r Rolling) rollOut(ctx context.Context, stack *prodlocal.Stack, says teller) error {
	if _, err := stack.Another(ctx, r.Next, "migrate"); err != nil {
		return err //nolint:wrapcheck // it says what was being done.
	}

	says.tell("migrated")

	old := stack.Workers
	for range old {
		if _, err := stack.AddWorker(ctx, r.Next); err != nil {
			return fmt.Errorf("starting a worker of the new version: %w", err)
		}
	}

	says.tell("%d workers of the new version are beside the old ones", len(old))

	told, err := stack.Another(ctx, r.Next, "admin", "release")
	if err != nil {
		return err //nolint:wrapcheck // it says what was being done.
	}

	says.tell("%s", told)

	for _, worker := range old {
		if err := worker.Stop(ctx); err != nil {
			return err //nolint:wrapcheck // as above.
		}

		says.tell("%s of the old version has ended", worker.Name)
	}

	for _, server := range stack.Servers {
		if err := r.replace(ctx, server); err != nil {
			return err
		}

		says.tell("%s is of the new version", server.Name)
	}

	return nil
}

// proxyNotices is longer than the proxy takes to see that a server is back.
const proxyNotices = 3 * time.Second

func (r Rolling) replace(ctx context.Context, server *prodlocal.Process) error {
	if err := server.Stop(ctx); err != nil {
		return err //nolint:wrapcheck // it says what was being done.
	}

	command := server.Command()
	command.Program = r.Next
	server.Replace(command)

	if err := server.Start(ctx); err != nil {
		return err //nolint:wrapcheck // as above.
	}

	select {
	case <-time.After(proxyNotices):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx) //nolint:wrapcheck // what the others said.
	}
}

func (r Rolling) close(
	ctx context.Context, stack *prodlocal.Stack, hands *load, looks *looker, decides *person, versions [2]string,
) (*Table, error) {
	table := &Table{title: "Rolling: " + versions[0] + " replaced by " + versions[1] + " under a steady load"}
	seen, failed := looks.counted()

	table.tell("requests", "%d: %d notifications handed in, %s", len(hands.letters)+total(seen), len(hands.letters), listed(seen))
	table.add("failed requests, of notifications handed in", "0", total(hands.repeated()) == 0, "%d: %s",
		total(hands.repeated()), listed(hands.repeated()))
	table.add("failed requests, of reads and page views", "0", total(failed) == 0, "%d: %s", total(failed), listed(failed))

	if _, err := closeBooks(ctx, stack, hands, decides, table); err != nil {
		return table, err
	}

	moved, err := stack.RanOnBoth(ctx, versions[0], versions[1])
	if err != nil {
		return table, err //nolint:wrapcheck // it says what was being done.
	}

	table.add("workflows that began on the old version and ended on the new one", "≥ 1", moved > 0, "%d", moved)

	return table, nil
}
