package prodlocal

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"
)

// ShellProcess is a process that runs a shell script, and is ready once it has said so.
func ShellProcess(folder, script string) *Process {
	return &Process{
		Name: "script", launches: newLauncher(), log: filepath.Join(folder, "script.log"), ends: syscall.SIGTERM,
		command: Command{Program: "/bin/sh", Arguments: []string{"-c", script}},
		ready:   func(_ context.Context, said func() []byte) bool { return string(said()) == "ready\n" },
	}
}

// ShellStack is a stack whose processes only look like its own, none of them started.
func ShellStack(folder string) *Stack {
	named := func(name string) *Process {
		process := ShellProcess(folder, "echo ready; exec sleep 600")
		process.Name, process.log = name, filepath.Join(folder, name+".log")

		return process
	}

	return &Stack{
		Postgres: named(portPostgres), Temporal: named(portTemporal), Simulator: named(portSimulator), Proxy: named("proxy"),
		Servers: []*Process{named(serverName(0))}, Workers: []*Process{named(workerName(0)), named(workerName(1))},
		settings: Settings{Folder: folder, Environment: []string{"GENIO_LOG_CONSOLE=true"}},
		ground:   ground{Ports: map[string]int{portPublic: 8080, workerName(0) + adminSuffix: 9091}},
	}
}

// StartChild starts a process that does nothing, as the stack does, and gives its number.
func StartChild(folder string) (int, error) {
	child := ShellProcess(folder, "echo ready; exec sleep 600")
	if err := child.Start(context.Background()); err != nil {
		return 0, err
	}

	return child.PID(), nil
}

// Ports are those that a start in the folder would use.
func Ports(t *testing.T, settings Settings) map[string]int {
	t.Helper()

	laid, err := layGround(settings)
	if err != nil {
		t.Fatal(err)
	}

	return laid.Ports
}
