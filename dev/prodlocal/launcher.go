package prodlocal

import (
	"os/exec"
	"runtime"
	"sync"
)

// launcher starts processes on one thread that lives as long as it does itself: the signal that a process gets at its
// parent's death comes when the thread ends that started it, and Go ends threads as it likes.
type launcher struct {
	wishes chan launch
	closed chan struct{}
	close  func()
}

type launch struct {
	command *exec.Cmd
	started chan error
}

func newLauncher() *launcher {
	l := &launcher{wishes: make(chan launch), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })

	go func() {
		// Never unlocked: the thread ends with this goroutine, and so does whatever still runs.
		runtime.LockOSThread()

		for {
			select {
			case wish := <-l.wishes:
				wish.started <- wish.command.Start()
			case <-l.closed:
				return
			}
		}
	}()

	return l
}

func (l *launcher) start(command *exec.Cmd) error {
	wish := launch{command: command, started: make(chan error, 1)}

	select {
	case l.wishes <- wish:
		return <-wish.started
	case <-l.closed:
		return errClosed
	}
}
