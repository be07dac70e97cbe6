package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// program is what a process runs.
type program struct {
	binary      string
	arguments   []string
	environment []string // on top of our own
	log         string   // file for what it says
	// givesWay has it run as prod-local has what gives way to servers.
	givesWay bool
	// talks: its standard output comes line by line instead, and its standard input stays open for it.
	talks bool
}

// givingWay is prodlocal's.
const givingWay = "5"

// process is one running process.
type process struct {
	command *exec.Cmd
	ended   chan struct{}

	// These are of one that talks. Whoever starts it reads what it says, or it has to wait.
	in    io.WriteCloser
	lines chan string
}

// launch starts a process. When ctx ends it is asked to end in good order.
func launch(ctx context.Context, what program) (*process, error) {
	log, err := os.OpenFile(what.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a log: %w", err)
	}

	line := append([]string{what.binary}, what.arguments...)
	if what.givesWay {
		line = append([]string{"nice", "-n", givingWay}, line...)
	}

	started := &process{
		command: exec.CommandContext(ctx, line[0], line[1:]...), //nolint:gosec // our own programs.
		ended:   make(chan struct{}),
	}

	started.command.Env = append(os.Environ(), what.environment...)
	started.command.Stdout, started.command.Stderr = log, log
	started.command.Cancel = func() error { return started.command.Process.Signal(syscall.SIGTERM) }
	started.command.WaitDelay = stopPatience
	// Control-C is for us; the processes are ended in order.
	started.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}

	said := io.Closer(log)

	if what.talks {
		if said, err = started.talk(log); err != nil {
			return nil, errors.Join(err, log.Close())
		}
	}

	if err := started.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", what.binary, err), said.Close())
	}

	go func() {
		defer close(started.ended)

		_ = started.command.Wait() // one that is ended always ends with an error
		_ = said.Close()
	}()

	return started, nil
}

// talk has what the process says come line by line, until whatever it gives is closed.
func (p *process) talk(log io.Closer) (said io.Closer, err error) {
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("opening a process's input: %w", err)
	}

	reads, writes := io.Pipe()
	p.command.Stdout = writes
	p.lines = make(chan string)

	go func() {
		defer close(p.lines)

		for lines := bufio.NewScanner(reads); lines.Scan(); {
			p.lines <- lines.Text()
		}

		_ = log.Close()
	}()

	return writes, nil
}

var errEnded = errors.New("the process ended")

// hear gives the next line of a process that talks.
func (p *process) hear(ctx context.Context) (string, error) {
	select {
	case line, more := <-p.lines:
		if !more {
			return "", errEnded
		}

		return line, nil
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for what a process says: %w", ctx.Err())
	}
}

// stopPatience is longer than GeNIO's processes let calls under way end.
const stopPatience = 90 * time.Second

// stop ends the process in good order, or at once where that takes too long.
func (p *process) stop() {
	if p == nil {
		return
	}

	_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended

	select {
	case <-p.over():
	case <-time.After(stopPatience):
		p.kill()
	}
}

// kill ends the process at once (kill -9), as a machine that goes away does.
func (p *process) kill() {
	if p == nil {
		return
	}

	_ = p.command.Process.Kill() // it may have ended
	<-p.over()
}

// over is closed once the process has ended. What one that talks still says is not heard any more.
func (p *process) over() <-chan struct{} {
	if p.lines != nil {
		go func() {
			for range p.lines {
				continue // until there are no more
			}
		}()
	}

	return p.ended
}

// pid is that of the process; 0: there is none.
func (p *process) pid() int {
	if p == nil {
		return 0
	}

	select {
	case <-p.ended:
		return 0
	default:
		return p.command.Process.Pid
	}
}
