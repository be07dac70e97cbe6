package prodlocal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Obey carries out the commands of another program, one a line, until there are no more: "start", "stop" or "kill", and
// the name of a process. Each is answered by a line, "done" or "failed: " and why, and "done" means that a process which
// was started does its work. The description in the folder is then the new one.
func (s *Stack) Obey(ctx context.Context, commands io.Reader, answers io.Writer) error {
	lines := bufio.NewScanner(commands)

	for lines.Scan() {
		answer := "done"
		if err := s.obey(ctx, lines.Text()); err != nil {
			answer = "failed: " + strings.ReplaceAll(err.Error(), "\n", "; ")
		}

		if _, err := fmt.Fprintln(answers, answer); err != nil {
			return fmt.Errorf("answering a command: %w", err)
		}
	}

	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading commands: %w", err)
	}

	return nil
}

func (s *Stack) obey(ctx context.Context, command string) error {
	verb, name, _ := strings.Cut(command, " ")

	process := s.Process(name)
	if process == nil {
		return fmt.Errorf("there is no process %q", name)
	}

	var err error

	switch verb {
	case "start":
		err = process.Start(ctx)
	case "stop":
		err = process.Stop(ctx)
	case "kill":
		process.Kill()
	default:
		return fmt.Errorf("there is no command %q", verb)
	}

	return errors.Join(err, s.WriteDescription())
}
