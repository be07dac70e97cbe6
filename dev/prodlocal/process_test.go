package prodlocal_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

const (
	patience = 2 * time.Minute
	glance   = 20 * time.Millisecond
)

func TestProcessThatEndsUnaskedIsStartedAgain(t *testing.T) {
	t.Parallel()

	process := prodlocal.ShellProcess(t.TempDir(), "echo ready; exec sleep 600")
	require.NoError(t, process.Start(t.Context()))
	t.Cleanup(process.Kill)

	before := process.PID()
	require.NoError(t, syscall.Kill(before, syscall.SIGKILL))
	require.Eventually(t, func() bool { return process.Restarts() == 1 && process.Ready(t.Context()) }, patience, glance)
	require.NotEqual(t, before, process.PID())
}

func TestProcessThatIsKilledStaysAway(t *testing.T) {
	t.Parallel()

	process := prodlocal.ShellProcess(t.TempDir(), "echo ready; exec sleep 600")
	require.NoError(t, process.Start(t.Context()))
	require.Error(t, process.Start(t.Context()), "it runs already")

	before := process.PID()

	process.Kill()
	require.True(t, gone(before))
	require.Zero(t, process.PID())
	require.False(t, process.Ready(t.Context()))
	require.Zero(t, process.Restarts())

	process.Kill() // there is nothing to kill, and that is fine

	require.NoError(t, process.Start(t.Context()))
	t.Cleanup(process.Kill)
	require.NotEqual(t, before, process.PID())
}

func TestProcessThatGivesWay(t *testing.T) {
	t.Parallel()

	process := prodlocal.ShellProcess(t.TempDir(), "echo ready; exec sleep 600")
	command := process.Command()
	command.GivesWay = true
	process.Replace(command)
	require.NoError(t, process.Start(t.Context()))
	t.Cleanup(process.Kill)

	// Linux tells 20 less the niceness.
	ours, err := syscall.Getpriority(syscall.PRIO_PROCESS, os.Getpid())
	require.NoError(t, err)
	its, err := syscall.Getpriority(syscall.PRIO_PROCESS, process.PID())
	require.NoError(t, err)
	require.Equal(t, max(1, ours-5), its)
}

func TestProcessStopsInGoodOrder(t *testing.T) {
	t.Parallel()

	folder := t.TempDir()
	process := prodlocal.ShellProcess(folder, `trap 'echo in good order; exit 0' TERM; echo ready; while :; do sleep 0.05; done`)
	require.NoError(t, process.Start(t.Context()))
	require.NoError(t, process.Stop(t.Context()))

	said, err := os.ReadFile(process.Log())
	require.NoError(t, err)
	require.Equal(t, "ready\nin good order\n", string(said))
}

func TestProcessThatIsReplaced(t *testing.T) {
	t.Parallel()

	process := prodlocal.ShellProcess(t.TempDir(), "echo ready; exec sleep 600")
	require.NoError(t, process.Start(t.Context()))

	next := process.Command()
	next.Arguments = []string{"-c", `echo "$VERSION" >&2; exec sleep 600`}
	next.Environment = []string{"VERSION=ready"}
	process.Replace(next)
	require.NoError(t, process.Stop(t.Context()))
	require.NoError(t, process.Start(t.Context()))
	process.Kill()
}

// TestNoProcessOutlivesItsParent: not even one that is killed itself.
func TestNoProcessOutlivesItsParent(t *testing.T) {
	t.Parallel()

	parent := exec.CommandContext(t.Context(), os.Args[0], parentArgument)
	parent.Env = []string{folderVariable + "=" + t.TempDir()}

	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())

	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)

	child, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	require.False(t, gone(child))

	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait(), "it was killed")
	require.Eventually(t, func() bool { return gone(child) }, patience, glance)
}

// gone: a process that has ended, but whose new parent has not noticed yet, is gone as well.
func gone(pid int) bool {
	state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")

	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) || strings.Contains(string(state), ") Z ")
}
