package main

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSimulatorEndsWithItsContext(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())

	var person shell

	parsed, err := person.parse(ctx, t, &commands{}, "simulator", "--listen=127.0.0.1:0", "--log-level=error")
	require.NoError(t, err)

	ended := make(chan error, 1)
	go func() { ended <- parsed.Run() }()

	cancel()
	require.NoError(t, <-ended)
}

func TestTakenAddressIsAnError(t *testing.T) {
	t.Parallel()

	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })

	o := newOffice(t)

	for _, line := range [][]string{
		{"simulator"},
		append([]string{"server", "--public-url=http://localhost", "--twilio-token=token"}, o.database...),
		append([]string{
			"worker", "--public-url=http://localhost", "--twilio-account-sid=AC1", "--twilio-auth-token=token",
		}, o.database...),
	} {
		err := o.run(t.Context(), t, "", append(line, "--listen="+taken.Addr().String(), "--log-level=error")...)
		require.ErrorContains(t, err, "listening")
	}

	err = o.run(t.Context(), t, "", append([]string{
		"server", "--public-url=http://localhost", "--twilio-token=token", "--listen=127.0.0.1:0", "--log-level=error",
		"--admin-listen=" + taken.Addr().String(),
	}, o.database...)...)
	require.ErrorContains(t, err, "listening for those who run GeNIO")
}

func TestProcessesNeedTheirKeys(t *testing.T) {
	t.Parallel()

	o := newOffice(t)
	lost := []string{"--database-url=" + o.url, "--database-keys-file=" + o.keysFile + "-lost", "--log-level=error"}

	err := o.run(t.Context(), t, "", append([]string{"server", "--public-url=http://localhost", "--twilio-token=token"}, lost...)...)
	require.ErrorContains(t, err, "starting the server: loading the encryption keys")

	err = o.run(t.Context(), t, "", append([]string{
		"worker", "--public-url=http://localhost", "--twilio-account-sid=AC1", "--twilio-auth-token=token",
	}, lost...)...)
	require.ErrorContains(t, err, "starting the worker: loading the encryption keys")
}
