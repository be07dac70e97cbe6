package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
)

// shell is a terminal with a person, or a script, before it.
type shell struct {
	in  strings.Reader
	out bytes.Buffer
	// usage is what kong itself prints.
	usage bytes.Buffer
}

// parse reads a command line into commands.
func (s *shell) parse(ctx context.Context, t *testing.T, into *commands, line ...string) (*kong.Context, error) {
	t.Helper()

	options := append(settings(ctx, terminal{in: &s.in, out: &s.out}), kong.Writers(&s.usage, &s.usage), kong.Exit(func(int) {}))
	parser, err := kong.New(into, options...)
	require.NoError(t, err)

	return parser.Parse(line)
}

// run runs a command line as main does.
func (s *shell) run(ctx context.Context, t *testing.T, input string, line ...string) error {
	t.Helper()
	s.in.Reset(input)
	s.out.Reset()

	parsed, err := s.parse(ctx, t, &commands{}, line...)
	require.NoError(t, err)

	return parsed.Run()
}

// answer runs a command line that must succeed, and gives what it printed.
func (s *shell) answer(t *testing.T, input string, line ...string) string {
	t.Helper()
	require.NoError(t, s.run(t.Context(), t, input, line...))

	return strings.TrimSuffix(s.out.String(), "\n")
}

func TestHelp(t *testing.T) {
	t.Parallel()

	for line, tells := range map[string][]string{
		"": {"server", "worker", "migrate", "admin new-keys", "admin ente", "admin service", "admin api-key", "admin account", "simulator"},
		"server": {
			"--listen", "$GENIO_LISTEN", "--public-url", "--database-url", "--database-keys-file", "--temporal-address",
			"--temporal-namespace", "--fiscal-codes-allow", "--twilio-token", "$GENIO_TWILIO_AUTH_TOKEN", "--log-level", "--log-console",
			"--admin-listen", "$GENIO_ADMIN_LISTEN", "--traces-endpoint", "$OTEL_EXPORTER_OTLP_ENDPOINT",
		},
		"worker": {
			"--io-url", "$GENIO_IO_URL", "--io-calls-per-second", "--twilio-url", "--twilio-account-sid", "--twilio-auth-token",
			"--public-url", "$GENIO_PUBLIC_URL", "--[no-]versioning", "--build-id", "$GENIO_WORKER_LISTEN", "--traces-endpoint",
		},
		"admin release":  {"--build-id", "--sample", "--wait", "--temporal-address"},
		"admin versions": {"--temporal-address", "--temporal-namespace"},
		"migrate":        {"--database-url", "$GENIO_DATABASE_URL"},
		"simulator":      {"--listen", "--io-429", "--io-timeout-after-accepting", "--twilio-500", "--callback-reorder"},
		"admin new-keys": {"<file>"},
		"admin ente":     {"<name>", "<fiscal-code>", "--database-url"},
		"admin service":  {"<ente-id>", "--io-service-id", "--sms-sender", "--io-deadline", "--no-sms"},
		"admin quota":    {"<ente-id>", "<calls>", "--database-url", "--temporal-address"},
		"admin api-key":  {"<ente-id>", "--service"},
		"admin account":  {"<email>", "--role", "--ente"},
	} {
		t.Run("genio "+line, func(t *testing.T) {
			t.Parallel()

			var person shell

			// kong goes on after its exit, which is none here, and may then miss what is required.
			_, _ = person.parse(t.Context(), t, &commands{}, append(strings.Fields(line), "--help")...)

			help := person.usage.String()
			for _, word := range tells {
				require.Contains(t, help, word)
			}
		})
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()

	for line, missing := range map[string][]string{
		"server": {"--public-url", "--database-url", "--database-keys-file", "--twilio-token"},
		"worker": {
			"--public-url", "--database-url", "--database-keys-file", "--twilio-account-sid", "--twilio-auth-token",
		},
		"migrate":           {"--database-url"},
		"admin":             {"new-keys", "ente", "service"},
		"admin new-keys":    {"<file>"},
		"admin ente Comune": {"--database-url", "--database-keys-file"},
		"admin ente Comune --database-url=sqlite:a --database-keys-file=k": {"<fiscal-code>"},
		"admin account a@b A": {"--role"},
		"admin quota 1 --database-url=sqlite:a --database-keys-file=k": {"<calls>"},
		"": {"server", "worker"},
	} {
		t.Run("genio "+line, func(t *testing.T) {
			t.Parallel()

			var person shell

			_, err := person.parse(t.Context(), t, &commands{}, strings.Fields(line)...)
			require.Error(t, err)

			for _, name := range missing {
				require.ErrorContains(t, err, name)
			}
		})
	}
}

func TestWrongValuesAreRefused(t *testing.T) {
	t.Parallel()

	for name, line := range map[string][]string{
		"log level":       {"simulator", "--log-level=chatty"},
		"share":           {"simulator", "--io-429=often"},
		"role":            {"admin", "account", "a@b", "A", "--role=king", "--database-url=sqlite:a", "--database-keys-file=k"},
		"unknown command": {"serve"},
		"unknown flag":    {"simulator", "--fast"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var person shell

			_, err := person.parse(t.Context(), t, &commands{}, line...)
			require.Error(t, err)
		})
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()

	var (
		person shell
		given  commands
	)

	_, err := person.parse(t.Context(), t, &given, "worker", "--public-url=https://genio.example", "--database-url=postgres://db/genio",
		"--database-keys-file=/etc/genio/keys", "--temporal-address=temporal:7233", "--twilio-account-sid=AC1", "--twilio-auth-token=token",
		"--io-calls-per-second=12.5", "--fiscal-codes-allow=AAAAAA00A00A000A,BBBBBB00A00A000B", "--log-console")
	require.NoError(t, err)

	worker := given.Worker
	require.Equal(t, "https://genio.example", worker.Public.URL)
	require.Equal(t, "postgres://db/genio", worker.Database.URL)
	require.Equal(t, "/etc/genio/keys", worker.Database.KeysFile)
	require.Equal(t, "temporal:7233", worker.Temporal.Address)
	require.Equal(t, "genio", worker.Temporal.Namespace)
	require.Equal(t, "AC1", worker.Twilio.AccountSID)
	require.Equal(t, "token", worker.Twilio.AuthToken)
	require.Equal(t, "https://api.twilio.com", worker.Twilio.URL)
	require.Equal(t, "https://api.io.pagopa.it/api/v1", worker.IO.URL)
	require.InDelta(t, 12.5, worker.IO.CallsPerSecond, 0)
	require.Equal(t, []string{"AAAAAA00A00A000A", "BBBBBB00A00A000B"}, worker.FiscalCodes.Allow)
	require.True(t, worker.Log.Console)
	require.Equal(t, "info", worker.Log.Level)
}

// TestEnvironment sets the environment of the whole process, so it cannot run beside others.
func TestEnvironment(t *testing.T) { //nolint:paralleltest // see above
	for name, value := range map[string]string{
		"GENIO_LISTEN": "127.0.0.1:9000", "GENIO_PUBLIC_URL": "https://genio.example", "GENIO_DATABASE_URL": "sqlite:genio.db",
		"GENIO_KEYS_FILE": "/etc/genio/keys", "GENIO_TEMPORAL_ADDRESS": "temporal:7233", "GENIO_TEMPORAL_NAMESPACE": "prova",
		"GENIO_TWILIO_ACCOUNT_SID": "AC1", "GENIO_TWILIO_AUTH_TOKEN": "token", "GENIO_TWILIO_URL": "http://twilio",
		"GENIO_IO_URL": "http://io", "GENIO_IO_CALLS_PER_SECOND": "7", "GENIO_ALLOW_FISCAL_CODES": "AAAAAA00A00A000A",
		"GENIO_LOG_LEVEL": "warn", "GENIO_LOG_CONSOLE": "true", "GENIO_TEMPORAL_UI_URL": "http://ui",
		"GENIO_TEMPORAL_TLS": "true", "GENIO_TEMPORAL_TLS_CA_FILE": "/etc/temporal/ca", "GENIO_TEMPORAL_TLS_CERT_FILE": "/etc/temporal/cert",
		"GENIO_TEMPORAL_TLS_KEY_FILE": "/etc/temporal/key", "GENIO_TEMPORAL_TLS_SERVER_NAME": "temporal.example",
		"GENIO_TEMPORAL_API_KEY_FILE": "/etc/temporal/api", "GENIO_IO_TLS_CERT_FILE": "/etc/io/cert", "GENIO_IO_TLS_KEY_FILE": "/etc/io/key",
		"GENIO_TLS_CERT_FILE": "/etc/genio/cert", "GENIO_TLS_KEY_FILE": "/etc/genio/key", "GENIO_TWILIO_PREVIOUS_AUTH_TOKEN": "before",
		"GENIO_ADMIN_LISTEN": "", "GENIO_DRAIN_DELAY": "1m", "GENIO_WORKER_VERSIONING": "false", "GENIO_WORKER_BUILD_ID": "1.2.3",
		"GENIO_WORKER_LISTEN":    "127.0.0.1:9002",
		"GENIO_SIMULATOR_LISTEN": "127.0.0.1:9001", "GENIO_SIMULATOR_IO_429": "0.25", "GENIO_SIMULATOR_TWILIO_TIMEOUT": "0.5",
	} {
		t.Setenv(name, value)
	}

	var given commands

	for _, command := range []string{"server", "worker", "migrate", "simulator"} {
		var person shell

		_, err := person.parse(t.Context(), t, &given, command)
		require.NoError(t, err)
	}

	require.Equal(t, "127.0.0.1:9000", given.Server.Listen)
	require.Equal(t, "token", given.Server.TwilioToken)
	require.Equal(t, "http://ui", given.Server.TemporalUI)
	require.Equal(t, "warn", given.Server.Log.Level)
	require.Equal(t, "before", given.Server.TwilioOther.PreviousAuthToken)
	require.Equal(t, wiring.ServerTLS{CertFile: "/etc/genio/cert", KeyFile: "/etc/genio/key"}, given.Server.TLS)
	require.True(t, given.Server.Temporal.TLS)
	require.Equal(t, "/etc/temporal/api", given.Server.Temporal.APIKeyFile)
	require.Equal(t, wiring.TLSFiles{
		CAFile: "/etc/temporal/ca", CertFile: "/etc/temporal/cert", KeyFile: "/etc/temporal/key", ServerName: "temporal.example",
	}, given.Worker.Temporal.TLSFiles)
	require.Equal(t, wiring.TLSFiles{CertFile: "/etc/io/cert", KeyFile: "/etc/io/key"}, given.Worker.IO.TLSFiles)
	require.Empty(t, given.Server.AdminListen)
	require.Equal(t, time.Minute, given.Server.DrainDelay)
	require.Equal(t, "127.0.0.1:9002", given.Worker.Listen)
	require.Equal(t, "1.2.3", given.Worker.Versioning.BuildID)
	require.Empty(t, given.Worker.Versioning.ID())
	require.Equal(t, "https://genio.example", given.Worker.Public.URL)
	require.Equal(t, "/etc/genio/keys", given.Worker.Database.KeysFile)
	require.Equal(t, "prova", given.Worker.Temporal.Namespace)
	require.Equal(t, "AC1", given.Worker.Twilio.AccountSID)
	require.Equal(t, "http://io", given.Worker.IO.URL)
	require.InDelta(t, 7, given.Worker.IO.CallsPerSecond, 0)
	require.Equal(t, []string{"AAAAAA00A00A000A"}, given.Worker.FiscalCodes.Allow)
	require.Equal(t, "sqlite:genio.db", given.Migrate.URL)
	require.Equal(t, "127.0.0.1:9001", given.Simulator.Listen)
	require.InDelta(t, 0.25, given.Simulator.Faults.Config().Faults.IO429, 0)
	require.InDelta(t, 0.5, given.Simulator.Faults.Config().Faults.TwilioTimeoutAfterAccepting, 0)
}
