package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// prodPatience is for PostgreSQL and Temporal to make their databases on a busy machine.
	prodPatience = 5 * time.Minute
	usualCopies  = 2 // of servers and workers
)

// prodLocal are the processes that the program prod-local keeps running.
type prodLocal struct {
	*stack

	keeper *process
	told   prodDescription
}

// prodDescription is what prod-local tells of itself, as far as it is needed here.
type prodDescription struct {
	URL             string   `json:"url"`
	SimulatorURL    string   `json:"simulator_url"`
	TemporalAddress string   `json:"temporal_address"`
	Environment     []string `json:"environment"`
	Processes       []struct {
		Name string `json:"name"`
		PID  int    `json:"pid"`
	} `json:"processes"`
}

// startProdLocal starts PostgreSQL, Temporal on it, the simulators, servers behind a proxy, and workers.
func startProdLocal(ctx context.Context, s *stack, wishes stackWishes) error {
	p := &prodLocal{stack: s}
	s.parts = p

	arguments := []string{
		"--folder", filepath.Join(s.folder, "prod"), "--port=0", "--temporal-port=0", "--simulator-port=0", "--postgres-port=0",
		"--servers", strconv.Itoa(cmp.Or(wishes.servers, usualCopies)), "--workers", strconv.Itoa(cmp.Or(wishes.workers, usualCopies)),
		"--genio", s.genio, "--temporal", filepath.Join(wishes.binaries, "temporal-dev"), "--proxy-config", wishes.proxyConfig,
		"--no-demo", "--commands",
	}
	for _, setting := range slices.Concat(unbounded(), wishes.settings, ourProfiling()) {
		arguments = append(arguments, "--env", setting)
	}

	// PostgreSQL may run as another account, which has to pass through.
	if err := os.Chmod(s.folder, 0o711); err != nil { //nolint:gosec // the files in it are for their owner only.
		return err //nolint:wrapcheck // a path error says everything.
	}

	log := filepath.Join(s.folder, "prod-local.log")

	var err error

	p.keeper, err = launch(ctx, program{
		binary: filepath.Join(wishes.binaries, "prod-local"), arguments: arguments, log: log, talks: true,
	})
	if err != nil {
		return err
	}

	starting, done := context.WithTimeout(ctx, prodPatience)
	defer done()

	if _, err := p.keeper.hear(starting); err != nil {
		said, _ := os.ReadFile(log) //nolint:gosec // our own file; what there is of it.

		return fmt.Errorf("%w: %s", err, said)
	}

	if err := p.learn(); err != nil {
		return err
	}

	s.publicURL, s.simulatorURL = p.told.URL, p.told.SimulatorURL
	s.temporalAddress, s.settings = p.told.TemporalAddress, p.told.Environment

	return nil
}

// ourProfiling is passed on, as it is to the processes that are started here.
func ourProfiling() []string {
	const name = "GENIO_PROFILING"

	value, given := os.LookupEnv(name)
	if !given {
		return nil
	}

	return []string{name + "=" + value}
}

// learn reads what prod-local tells of itself.
func (p *prodLocal) learn() error {
	content, err := os.ReadFile(filepath.Join(p.folder, "prod", "stack.json"))
	if err != nil {
		return fmt.Errorf("learning what runs: %w", err)
	}

	p.told = prodDescription{}
	if err := json.Unmarshal(content, &p.told); err != nil {
		return fmt.Errorf("learning what runs: %w", err)
	}

	return nil
}

func (p *prodLocal) names() []string {
	names := make([]string, 0, len(p.told.Processes))
	for _, one := range p.told.Processes {
		names = append(names, one.Name)
	}

	return names
}

func (p *prodLocal) pid(name string) int {
	for _, one := range p.told.Processes {
		if one.Name == name {
			return one.PID
		}
	}

	return 0
}

func (p *prodLocal) start(ctx context.Context, name string) error {
	return p.command(ctx, "start", name)
}

func (p *prodLocal) stop(ctx context.Context, name string) error { return p.command(ctx, "stop", name) }

func (p *prodLocal) kill(ctx context.Context, name string) error { return p.command(ctx, "kill", name) }

// command has prod-local do something with one of its processes.
func (p *prodLocal) command(ctx context.Context, verb, name string) error {
	doing := verb + " " + name
	if _, err := fmt.Fprintln(p.keeper.in, doing); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	answer, err := p.keeper.hear(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	if why, failed := strings.CutPrefix(answer, "failed: "); failed {
		return fmt.Errorf("%s: %w", doing, errors.New(why))
	}

	return p.learn()
}

func (p *prodLocal) end() { p.keeper.stop() }
