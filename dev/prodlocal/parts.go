package prodlocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/worker"
	"github.com/genio-gateway/genio/workflows"
)

const (
	namespace = "genio"
	// askPatience bounds one question whether a process is ready.
	askPatience = 2 * time.Second
	// listPatience is longer than Temporal's lists lag behind.
	listPatience = 20 * time.Second
)

// describe says what each process runs.
func (s *Stack) describe() {
	s.Postgres = s.process(portPostgres, s.cluster.command(), s.cluster.answers)
	// PostgreSQL's fast shutdown: SIGTERM would wait for everybody who is connected.
	s.Postgres.ends = syscall.SIGINT

	s.Temporal = s.process(portTemporal, Command{
		Program: s.settings.Temporal, Arguments: []string{"--port", strconv.Itoa(s.ground.Ports[portTemporal])},
		Environment: []string{"GENIO_TEMPORAL_DATABASE_URL=" + s.PostgresURL(databaseTemporal), "GENIO_LOG_LEVEL=warn"},
	}, s.temporalServes)

	s.Simulator = s.process(portSimulator, s.genio("simulator",
		"--listen", s.ground.address(portSimulator), "--journal", s.settings.file("simulator.jsonl")),
		func(ctx context.Context, _ func() []byte) bool { return answers(ctx, s.SimulatorURL()+"/healthz") })

	for number := range s.settings.Servers {
		name := serverName(number)
		command := s.genio("server", "--listen", s.ground.address(name))
		command.Environment = append(command.Environment, "GENIO_ADMIN_LISTEN="+s.ground.address(name+adminSuffix))
		s.Servers = append(s.Servers, s.process(name, command,
			func(ctx context.Context, _ func() []byte) bool { return answers(ctx, s.ground.url(name)+"/readyz") }))
	}

	for number := range s.settings.Workers {
		name := workerName(number)
		command := s.worker()
		command.Environment = append(command.Environment, "GENIO_WORKER_LISTEN="+s.ground.address(name+adminSuffix))
		s.Workers = append(s.Workers, s.process(name, command, working))
	}

	// In the foreground, and as one process: the one that is killed.
	s.Proxy = s.process("proxy", Command{
		Program: s.haproxy, Arguments: []string{"-db", "-f", s.settings.ProxyConfig}, Environment: s.proxyEnvironment(),
	}, func(ctx context.Context, _ func() []byte) bool { return answers(ctx, s.URL()+"/api/v1/status") })
}

func (s *Stack) process(name string, command Command, ready func(context.Context, func() []byte) bool) *Process {
	return &Process{
		Name: name, command: command, ready: ready, ends: syscall.SIGTERM,
		launches: s.launches, log: s.settings.file("logs", name+".log"),
	}
}

func (s *Stack) proxyEnvironment() []string {
	environment := []string{"GENIO_PROXY_LISTEN=" + s.ground.address(portPublic)}
	for number := range s.settings.Servers {
		environment = append(environment, fmt.Sprintf("GENIO_SERVER_%d=%s", number+1, s.ground.address(serverName(number))))
	}

	return environment
}

// temporalServes asks as GeNIO's processes will: the port is open before the server can answer.
func (s *Stack) temporalServes(ctx context.Context, _ func() []byte) bool {
	temporal, err := s.engine().Connect(zap.NewNop())
	if err != nil {
		return false
	}
	defer temporal.Close()

	ctx, done := context.WithTimeout(ctx, askPatience)
	defer done()

	_, err = temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace})

	return err == nil
}

// OpenWorkflows counts the notifications that Temporal has not finished. Temporal's lists come a moment after what they tell.
func (s *Stack) OpenWorkflows(ctx context.Context) (int, error) {
	temporal, err := s.engine().Connect(zap.NewNop())
	if err != nil {
		return 0, fmt.Errorf("connecting to Temporal: %w", err)
	}
	defer temporal.Close()

	var open int64

	err = await(ctx, listPatience, func(ctx context.Context) bool {
		counted, countErr := temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: namespace,
			Query:     fmt.Sprintf("WorkflowType = %q AND ExecutionStatus = %q", workflows.NotificationWorkflow, "Running"),
		})
		if countErr != nil {
			open = -1

			return false
		}

		open = counted.GetCount()

		return open == 0
	})

	if open < 0 {
		return 0, fmt.Errorf("asking Temporal: %w", err)
	}

	return int(open), nil
}

// RanOnBoth counts the notifications whose workflows ran on both versions of the workers.
func (s *Stack) RanOnBoth(ctx context.Context, before, after string) (int, error) {
	temporal, err := s.engine().Connect(zap.NewNop())
	if err != nil {
		return 0, fmt.Errorf("connecting to Temporal: %w", err)
	}
	defer temporal.Close()

	const used = "TemporalUsedWorkerDeploymentVersions"

	counted, err := temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: namespace,
		Query: fmt.Sprintf("WorkflowType = %q AND %s = %q AND %s = %q", workflows.NotificationWorkflow,
			used, worker.Deployment+":"+before, used, worker.Deployment+":"+after),
	})
	if err != nil {
		return 0, fmt.Errorf("asking Temporal: %w", err)
	}

	return int(counted.GetCount()), nil
}

func (s *Stack) engine() wiring.Temporal {
	return wiring.Temporal{Address: s.TemporalAddress(), Namespace: namespace}
}

func (s *Stack) genio(arguments ...string) Command {
	return Command{Program: s.settings.Genio, Arguments: arguments, Environment: s.environment()}
}

func (s *Stack) worker() Command {
	command := s.genio("worker")
	command.GivesWay = true

	return command
}

// environment is that of every process of GeNIO. Secrets are in files, as the containers' platforms mount them.
func (s *Stack) environment() []string {
	return append(slices.Clone(s.settings.Environment),
		"GENIO_DATABASE_URL_FILE="+s.secretFile("database-url"),
		"GENIO_KEYS_FILE="+s.keysFile(),
		"GENIO_TEMPORAL_ADDRESS="+s.TemporalAddress(),
		"GENIO_TEMPORAL_NAMESPACE="+namespace,
		"GENIO_PUBLIC_URL="+s.URL(),
		"GENIO_TRUSTED_PROXIES="+loopback+"/32",
		"GENIO_IO_URL="+s.SimulatorURL()+"/io/api/v1",
		"GENIO_TWILIO_URL="+s.SimulatorURL()+"/twilio",
		"GENIO_TWILIO_ACCOUNT_SID="+twilioAccount,
		"GENIO_TWILIO_AUTH_TOKEN_FILE="+s.secretFile("twilio-token"),
		"GENIO_LOG_LEVEL="+s.settings.LogLevel,
	)
}

func (s *Stack) keysFile() string { return s.settings.file("keys.json") }

func (s *Stack) secretFile(name string) string { return s.settings.file("secrets", name) }

func (s *Stack) writeSecrets() error {
	if err := os.MkdirAll(s.settings.file("secrets"), 0o700); err != nil {
		return fmt.Errorf("making the folder of the secrets: %w", err)
	}

	return errors.Join(
		os.WriteFile(s.secretFile("database-url"), []byte(s.PostgresURL(databaseGenio)), 0o600),
		os.WriteFile(s.secretFile("twilio-token"), []byte(s.ground.Token), 0o600),
	)
}

// Genio runs one of the product's commands to its end, such as migrate, and gives what it printed, also where it failed.
func (s *Stack) Genio(ctx context.Context, input string, arguments ...string) (string, error) {
	return s.once(ctx, input, s.genio(arguments...))
}

// Another runs a command of another version of the product to its end.
func (s *Stack) Another(ctx context.Context, program string, arguments ...string) (string, error) {
	does := s.genio(arguments...)
	does.Program = program

	return s.once(ctx, "", does)
}

// AddWorker starts one more worker, of another version of the product, beside those that there are.
func (s *Stack) AddWorker(ctx context.Context, program string) (*Process, error) {
	name := workerName(len(s.Workers))
	command := s.worker()
	command.Program = program
	command.Environment = append(command.Environment, "GENIO_WORKER_LISTEN="+net.JoinHostPort(loopback, "0"))

	added := s.process(name, command, working)
	s.Workers = append(s.Workers, added)
	err := added.Start(ctx)

	return added, err
}

// working tells whether a worker asks for work.
func working(_ context.Context, said func() []byte) bool {
	return bytes.Contains(said(), []byte("worker ready"))
}

func (s *Stack) once(ctx context.Context, input string, does Command) (string, error) {
	command := exec.CommandContext(ctx, does.Program, does.Arguments...) //nolint:gosec // the stack's own choice.
	command.Env = does.Environment
	command.Stdin = strings.NewReader(input)

	var printed, complaint bytes.Buffer

	command.Stdout, command.Stderr = &printed, &complaint
	if err := command.Run(); err != nil {
		return strings.TrimSpace(printed.String()), fmt.Errorf("genio %s: %w: %s", does.Arguments[0], err, complaint.String())
	}

	return strings.TrimSpace(printed.String()), nil
}
