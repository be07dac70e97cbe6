package simulator_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

const readyPrefix = "simulator at "

// TestServeUntilKilled is the process that [TestNothingAnsweredIsLostByAKill] kills. It needs the journal as its
// argument.
func TestServeUntilKilled(t *testing.T) {
	t.Parallel()

	if flag.NArg() != 1 {
		return // in the suite itself there is nothing to serve
	}

	config := benchConfig()
	config.Journal = flag.Arg(0)

	sim, err := simulator.Open(config)
	require.NoError(t, err)

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	_, err = fmt.Fprintln(os.Stdout, readyPrefix+listener.Addr().String())
	require.NoError(t, err)

	server := &http.Server{Handler: sim.Handler(), ReadHeaderTimeout: time.Minute}
	require.NoError(t, server.Serve(listener))
}

// killable starts a simulator in a process of its own, and gives how to kill it.
func killable(t *testing.T, journal string) (bench, func()) {
	t.Helper()

	ctx, end := context.WithCancel(t.Context()) // which kills
	process := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestServeUntilKilled$", journal)
	output, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())

	kill := sync.OnceFunc(func() {
		end()

		_ = process.Wait() // tells of the kill
	})
	t.Cleanup(kill)

	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if address, isReady := strings.CutPrefix(lines.Text(), readyPrefix); isReady {
			return bench{t: t, url: "http://" + address}, kill
		}
	}

	require.Fail(t, "the process did not start")

	return bench{}, kill
}

func TestNothingAnsweredIsLostByAKill(t *testing.T) {
	t.Parallel()

	const (
		senders    = 4
		beforeKill = 40
	)

	journal := newJournal(t)
	killed, kill := killable(t, journal)
	answered := make(chan string, senders*10_000)

	var running sync.WaitGroup

	for sender := range senders {
		running.Go(func() {
			for n := range 10_000 {
				created := killed.submit(simulator.FiscalCode(simulator.CitizenDelivered, sender*10_000+n))
				if created.status != http.StatusCreated {
					return // it is killed
				}

				answered <- created.header.Get("Location")
			}
		})
	}

	require.Eventually(t, func() bool { return len(answered) >= beforeKill }, patience, glance)
	kill()
	running.Wait()
	close(answered)

	again := reopened(t, journal)
	count := 0

	for location := range answered {
		count++

		read := again.io(http.MethodGet, strings.TrimPrefix(location, "/api/v1"), keyOfRome, nil)
		require.Equal(t, http.StatusOK, read.status, location)
	}

	require.GreaterOrEqual(t, len(again.Ledger()), count)
	require.LessOrEqual(t, len(again.Ledger()), count+senders, "each sender had one call under way")
	require.Zero(t, again.Summary().DuplicateCount)
}
