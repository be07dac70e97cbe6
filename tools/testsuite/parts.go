package main

import (
	"fmt"
	"path/filepath"
	"slices"
)

// suite knows where the project and the results are.
type suite struct {
	root    string
	results string
}

// part is one runner's share of the tests.
type part struct {
	name  string
	title string
	// needs lists what must be installed; without it the part is left out.
	needs []prerequisite
	// prepare lists commands that must succeed before the tests, such as building what they drive.
	prepare []command
	test    command
	// events is the file that the runner writes and read counts; read is nil for a check that only passes or fails.
	events string
	read   func(file string) (counts, error)
}

// command is a program to run in a folder of the project.
type command struct {
	folder      string // relative to the project; empty: the project's own
	arguments   []string
	environment []string // added to the caller's
}

// toolRunner builds and starts the tools of tools/go.mod.
const toolRunner = "tools/run"

// Tests on Temporal itself may take long on a small machine.
const integrationTimeout = "25m"

func (s suite) parts() []part {
	return []part{
		s.goPart("unit", "Go tests of the product", ".", []string{"GOWORK=off"}, "./..."),
		s.goPart("tools", "Go tests of the tools", "tools", []string{"GOWORK=off"}, "./..."),
		// Package by package: each starts whole installations, whose time-outs mean something only while they have the machine's attention.
		s.goPart("integration", "Integration tests on Temporal", "dev", []string{"GOWORK="},
			"-p=1", "-count=1", "-timeout="+integrationTimeout, "./..."),
		{
			name:  "determinism",
			title: "Determinism of the workflows",
			test: command{
				arguments:   []string{toolRunner, "workflowcheck", "./workflows/..."},
				environment: []string{"GOWORK=off"},
			},
		},
		s.endToEndPart(),
	}
}

// goPart runs Go tests through gotestsum, which prints them readably and records every event.
func (s suite) goPart(name, title, folder string, environment []string, goTestArguments ...string) part {
	events := filepath.Join(s.results, name+".json")
	arguments := slices.Concat([]string{
		toolRunner, "gotestsum",
		"--format=pkgname", "--format-hide-empty-pkg", "--jsonfile=" + events, "--",
	}, goTestArguments)

	return part{
		name:   name,
		title:  title,
		test:   command{folder: folder, arguments: arguments, environment: environment},
		events: events,
		read:   readGoEvents,
	}
}

// endToEndPart drives the backoffice of a running genio-dev with a browser.
func (s suite) endToEndPart() part {
	events := filepath.Join(s.results, "e2e.tap")

	return part{
		name:    "e2e",
		title:   "End-to-end tests of the backoffice",
		needs:   []prerequisite{node, chromium},
		prepare: []command{{arguments: []string{"./task", "build:dev"}}}, // with the frontend's assets
		test: command{
			folder: filepath.Join("frontend", "e2e"),
			arguments: []string{
				"node", "--test",
				"--test-reporter=spec", "--test-reporter-destination=stdout",
				"--test-reporter=tap", "--test-reporter-destination=" + events,
			},
			environment: []string{"GENIO_DEV=" + filepath.Join(s.root, "bin", "genio-dev")},
		},
		events: events,
		read:   readTAP,
	}
}

// partsNamed is the one part of that name with the runner's arguments replaced, or every part where name is empty.
func (s suite) partsNamed(name string, arguments []string) ([]part, error) {
	all := s.parts()
	if name == "" {
		return all, nil
	}

	i := slices.IndexFunc(all, func(p part) bool { return p.name == name })
	if i < 0 {
		return nil, fmt.Errorf("no part of the tests is called %q", name)
	}

	chosen := all[i]
	if len(arguments) > 0 {
		chosen.test.arguments = withArguments(chosen.test.arguments, arguments)
	}

	return []part{chosen}, nil
}

// withArguments replaces what go test would get, after gotestsum's "--", or adds to any other runner's arguments.
func withArguments(command, arguments []string) []string {
	if i := slices.Index(command, "--"); i >= 0 {
		command = command[:i+1]
	}

	return slices.Concat(command, arguments)
}
