package prodlocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// startPatience is for the slowest: Temporal on a database that has just begun to recover from a kill.
	startPatience = 2 * time.Minute
	// stopPatience is longer than GeNIO's processes let calls under way end.
	stopPatience = 45 * time.Second
	glance       = 50 * time.Millisecond
	// restartPause is between the end of a process that nobody asked to end and its next start.
	restartPause = 500 * time.Millisecond
)

// Command is what a process runs.
type Command struct {
	Program     string
	Arguments   []string
	Environment []string
	// GivesWay has the command run only with what those leave of the processors that applications and people wait for.
	GivesWay bool

	account *syscall.Credential // nil: our own
	folder  string
}

// Process is one part of the stack. It is kept running: when it ends unasked it is started again.
type Process struct {
	Name string

	launches *launcher
	log      string
	// ends asks the process to end in good order.
	ends syscall.Signal
	// ready tells whether the process does its work; said gives what it has logged since its last start.
	ready func(ctx context.Context, said func() []byte) bool

	mu       sync.Mutex
	command  Command
	keeper   *keeper // nil: not to run
	restarts int
}

// Command is what the next start runs.
func (p *Process) Command() Command {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.command
}

// Replace has the next start run something else, such as another version of the program.
func (p *Process) Replace(command Command) {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.command = command
}

// Restarts counts how often the process ended unasked and was started again.
func (p *Process) Restarts() int {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.restarts
}

// PID is that of the running process; 0: it does not run.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.keeper == nil {
		return 0
	}

	return p.keeper.pid()
}

// Log is the file that the process writes its log into.
func (p *Process) Log() string { return p.log }

var errRuns = errors.New("it runs already")

// Start starts the process and returns once it does its work. It fails when the process does not come so far in two minutes.
func (p *Process) Start(ctx context.Context) error {
	if err := p.Launch(); err != nil {
		return err
	}

	return p.AwaitReady(ctx)
}

// ensure starts the process unless it is started, and returns once it does its work.
func (p *Process) ensure(ctx context.Context) error {
	if err := p.Launch(); err != nil && !errors.Is(err, errRuns) {
		return err
	}

	return p.AwaitReady(ctx)
}

// keeps tells whether the process is kept running. A process that is not there is not.
func (p *Process) keeps() bool {
	if p == nil {
		return false
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	return p.keeper != nil
}

// Launch starts the process and does not wait for it.
func (p *Process) Launch() error {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.keeper != nil {
		return fmt.Errorf("starting %s: %w", p.Name, errRuns)
	}

	p.keeper = newKeeper(p, p.command)
	go p.keeper.keep()

	return nil
}

// AwaitReady waits until the process does its work.
func (p *Process) AwaitReady(ctx context.Context) error {
	if err := await(ctx, startPatience, func(ctx context.Context) bool { return p.Ready(ctx) }); err != nil {
		return fmt.Errorf("waiting for %s (see %s): %w; it said last: %s", p.Name, p.log, err, p.saidLast())
	}

	return nil
}

// saidLast is the end of the log: the folder may be gone by the time somebody reads why a process did not start.
func (p *Process) saidLast() []byte {
	const enough = 1 << 10

	said, _ := os.ReadFile(p.log) // what there is of it

	return bytes.TrimSpace(said[max(0, len(said)-enough):])
}

// Ready tells whether the process does its work now.
func (p *Process) Ready(ctx context.Context) bool {
	p.mu.Lock()
	keeper := p.keeper
	p.mu.Unlock()

	return keeper != nil && keeper.pid() != 0 && p.ready(ctx, keeper.said)
}

// Stop asks the process to end and waits for it. It fails, and kills the process, when that takes longer than 45 seconds.
func (p *Process) Stop(ctx context.Context) error {
	keeper := p.release()
	if keeper == nil {
		return nil
	}

	keeper.signal(p.ends)

	patience, done := context.WithTimeout(ctx, stopPatience)
	defer done()

	select {
	case <-keeper.ended:
		return nil
	case <-patience.Done():
		keeper.signal(syscall.SIGKILL)
		<-keeper.ended

		return fmt.Errorf("stopping %s: %w", p.Name, patience.Err())
	}
}

// Kill ends the process at once (kill -9), as a machine that goes away does, and returns once it is gone.
func (p *Process) Kill() {
	keeper := p.release()
	if keeper == nil {
		return
	}

	keeper.signal(syscall.SIGKILL)
	<-keeper.ended
}

// release stops keeping the process; whoever calls ends it.
func (p *Process) release() *keeper {
	p.mu.Lock()
	defer p.mu.Unlock()

	keeper := p.keeper
	p.keeper = nil

	if keeper != nil {
		keeper.letGo()
	}

	return keeper
}

func (p *Process) countRestart() {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.restarts++
}

// await asks again and again until something is so.
func await(ctx context.Context, patience time.Duration, so func(ctx context.Context) bool) error {
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()

	for !so(ctx) {
		select {
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // whoever waits says for what.
		case <-time.After(glance):
		}
	}

	return nil
}

func openLog(file string) (*os.File, error) {
	log, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // in our own folder.
	if err != nil {
		return nil, fmt.Errorf("opening a log: %w", err)
	}

	return log, nil
}
