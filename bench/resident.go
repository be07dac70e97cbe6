package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const kibi = 1024

var errNoMemory = errors.New("the process tells no resident memory")

// resident is how many bytes of a process are in memory now: Linux's VmRSS.
func resident(pid int) (int64, error) {
	status, err := os.Open("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, fmt.Errorf("looking at a process's memory: %w", err)
	}

	defer func() { _ = status.Close() }()

	lines := bufio.NewScanner(status)
	for lines.Scan() {
		value, found := strings.CutPrefix(lines.Text(), "VmRSS:")
		if !found {
			continue
		}

		kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading a process's memory: %w", err)
		}

		return kilobytes * kibi, nil
	}

	return 0, errors.Join(errNoMemory, lines.Err())
}

// mostResident is the most that each group of processes has in memory together within a time. Go's heap grows and shrinks by half
// between two collections, so that a single look would tell where in that it fell.
func mostResident(ctx context.Context, within time.Duration, groups ...[]int) ([]int64, error) {
	ended := time.After(within)
	most := make([]int64, len(groups))

	for {
		for i, pids := range groups {
			var together int64

			for _, pid := range pids {
				one, err := resident(pid)
				if err != nil {
					return nil, err
				}

				together += one
			}

			most[i] = max(most[i], together)
		}

		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("watching memory: %w", ctx.Err())
		case <-ended:
			return most, nil
		case <-time.After(glance):
		}
	}
}
