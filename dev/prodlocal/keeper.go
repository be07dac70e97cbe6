package prodlocal

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// keeper runs one command over and over until it is let go.
type keeper struct {
	process *Process
	command Command

	mu      sync.Mutex
	letting bool
	running *exec.Cmd // nil: between two runs
	offset  int64     // of the log, where the running one began

	released chan struct{}
	ended    chan struct{}
}

func newKeeper(process *Process, command Command) *keeper {
	return &keeper{process: process, command: command, released: make(chan struct{}), ended: make(chan struct{})}
}

func (k *keeper) keep() {
	defer close(k.ended)

	for first := true; ; first = false {
		if !first {
			k.process.countRestart()
		}

		if err := k.run(); err != nil {
			k.note(err)
		}

		select {
		case <-k.released:
			return
		case <-time.After(restartPause):
		}
	}
}

// run runs the command once, unless it is let go by now.
func (k *keeper) run() error {
	log, err := openLog(k.process.log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()

	command, err := k.launch(log)
	if err != nil || command == nil {
		return err
	}

	err = command.Wait()

	k.mu.Lock()
	defer k.mu.Unlock()

	k.running = nil

	if err != nil && !k.letting {
		return fmt.Errorf("%s ended: %w", k.process.Name, err)
	}

	return nil
}

// launch holds the lock, so that whoever lets the command go either prevents the start or finds what to signal.
func (k *keeper) launch(log *os.File) (*exec.Cmd, error) {
	k.mu.Lock()
	defer k.mu.Unlock()

	if k.letting {
		return nil, nil //nolint:nilnil // nothing was to be started, and nothing is wrong.
	}

	end, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("finding the log's end: %w", err)
	}

	command := k.command.executable()
	command.Env, command.Dir = k.command.Environment, k.command.folder
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{
		Credential: k.command.account,
		// Control-C is for us; the parts are ended in order.
		Setpgid: true,
		// None outlives us, however we end. It is the signal that ends them quickly and leaves nothing broken.
		Pdeathsig: k.process.dies(),
	}

	if err := k.process.launches.start(command); err != nil {
		return nil, fmt.Errorf("starting %s: %w", k.process.Name, err)
	}

	k.running, k.offset = command, end

	return command, nil
}

// givingWay is about a third of the usual weight, as the containers that give way have half of it in docker-compose.yml.
const givingWay = "5"

func (c Command) executable() *exec.Cmd {
	arguments := append([]string{c.Program}, c.Arguments...)
	if c.GivesWay {
		arguments = append([]string{"nice", "-n", givingWay}, arguments...)
	}

	//nolint:noctx,gosec // it outlives the call that starts it; what to run is the stack's own choice.
	return exec.Command(arguments[0], arguments[1:]...)
}

// dies is what the process gets when we are gone.
func (p *Process) dies() syscall.Signal {
	if p.ends == syscall.SIGINT {
		return syscall.SIGINT
	}

	return syscall.SIGKILL
}

func (k *keeper) letGo() {
	k.mu.Lock()
	defer k.mu.Unlock()

	k.letting = true
	close(k.released)
}

func (k *keeper) signal(signal syscall.Signal) {
	k.mu.Lock()
	defer k.mu.Unlock()

	if k.running != nil {
		_ = k.running.Process.Signal(signal) // it may have ended
	}
}

func (k *keeper) pid() int {
	k.mu.Lock()
	defer k.mu.Unlock()

	if k.running == nil {
		return 0
	}

	return k.running.Process.Pid
}

// said is what the process has logged since its last start.
func (k *keeper) said() []byte {
	k.mu.Lock()
	offset := k.offset
	k.mu.Unlock()

	log, err := os.Open(k.process.log)
	if err != nil {
		return nil
	}
	defer func() { _ = log.Close() }()

	if _, err := log.Seek(offset, io.SeekStart); err != nil {
		return nil
	}

	said, _ := io.ReadAll(log) // what there is of it

	return said
}

// note writes into the process's own log what the process cannot say itself.
func (k *keeper) note(what error) {
	log, err := openLog(k.process.log)
	if err != nil {
		return
	}

	_, _ = fmt.Fprintln(log, what)
	_ = log.Close()
}
