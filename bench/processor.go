package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit in which Linux tells processor time, on every architecture that Go knows.
const ticksPerSecond = 100

// processorTime is how much of the processors a process has used, with its children, as PostgreSQL has one for each connection.
func processorTime(pid int) (time.Duration, error) {
	total, err := readProcessorTime(strconv.Itoa(pid))
	if err != nil {
		return 0, err
	}

	children, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, fmt.Errorf("listing processes: %w", err)
	}

	for _, file := range children {
		content, err := os.ReadFile(file) //nolint:gosec // it is the system's.
		if err != nil {
			continue // it has ended meanwhile, and its parent counts it
		}

		if one, err := parseProcessorTime(string(content)); err == nil && one.parent == pid {
			total += one.used
		}
	}

	return total, nil
}

func readProcessorTime(pid string) (time.Duration, error) {
	content, err := os.ReadFile("/proc/" + pid + "/stat") //nolint:gosec // it is the system's.
	if err != nil {
		return 0, fmt.Errorf("reading a process's time: %w", err)
	}

	one, err := parseProcessorTime(string(content))

	return one.used, err
}

// processorUse is what a line of /proc/PID/stat says.
type processorUse struct {
	parent int
	used   time.Duration // by the process itself and by children that have ended
}

// parseProcessorTime reads the fields that man proc_pid_stat numbers 4 and 14 to 17. The second is the program's name in
// parentheses, in which anything may stand.
func parseProcessorTime(line string) (processorUse, error) {
	const (
		afterName          = 3 // the number of the first field behind the name
		parent, from, upTo = 4 - afterName, 14 - afterName, 17 - afterName
	)

	end := strings.LastIndexByte(line, ')')

	fields := strings.Fields(line[end+1:])
	if end < 0 || len(fields) <= upTo {
		return processorUse{}, fmt.Errorf("a process tells %d fields of its state", len(fields))
	}

	pid, err := strconv.Atoi(fields[parent])
	if err != nil {
		return processorUse{}, fmt.Errorf("reading a process's parent: %w", err)
	}

	ticks := 0

	for _, field := range fields[from : upTo+1] {
		one, err := strconv.Atoi(field)
		if err != nil {
			return processorUse{}, fmt.Errorf("reading a process's time: %w", err)
		}

		ticks += one
	}

	return processorUse{parent: pid, used: time.Duration(ticks) * time.Second / ticksPerSecond}, nil
}

// processorUses are those of a stack's parts, by kind: temporal, postgres, server, worker and so on.
type processorUses map[string]time.Duration

// uses looks how much of the processors the stack's processes have used so far, and others beside them.
func (s *stack) uses(others map[string][]int) (processorUses, error) {
	found := processorUses{}

	groups := maps.Clone(others)
	if groups == nil {
		groups = map[string][]int{}
	}

	for _, name := range s.parts.names() {
		kind, _, _ := strings.Cut(name, "-")
		if pid := s.parts.pid(name); pid != 0 {
			groups[kind] = append(groups[kind], pid)
		}
	}

	for kind, pids := range groups {
		for _, pid := range pids {
			used, err := processorTime(pid)
			if err != nil {
				return nil, err
			}

			found[kind] += used
		}
	}

	return found, nil
}

// since is what was used since an earlier look.
func (u processorUses) since(before processorUses) processorUses {
	used := processorUses{}
	for kind, all := range u {
		used[kind] = all - before[kind]
	}

	return used
}

// each tells how much was used for each of so many things, the most first.
func (u processorUses) each(things int) string {
	kinds := slices.SortedFunc(maps.Keys(u), func(a, b string) int { return int(u[b] - u[a]) })

	var told []string

	total := time.Duration(0)

	for _, kind := range kinds {
		total += u[kind]
		told = append(told, fmt.Sprintf("%s %.1f", kind, inMillisEach(u[kind], things)))
	}

	return fmt.Sprintf("%.1f ms: %s", inMillisEach(total, things), strings.Join(told, ", "))
}

func inMillisEach(total time.Duration, things int) float64 {
	return total.Seconds() * float64(time.Second/time.Millisecond) / float64(things)
}
