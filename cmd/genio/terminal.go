package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxSecret bounds what is read from standard input, in bytes.
const maxSecret = 4096

// terminal is where a command reads secrets, which must not show in the list of processes, and answers.
type terminal struct {
	in  io.Reader
	out io.Writer
}

// secret reads the first line.
func (t terminal) secret() (string, error) {
	line, err := bufio.NewReader(io.LimitReader(t.in, maxSecret+1)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading from standard input: %w", err)
	}

	if len(line) > maxSecret {
		return "", fmt.Errorf("a secret of at most %d bytes is expected on standard input", maxSecret)
	}

	trimmed := strings.TrimRight(line, "\r\n")
	if trimmed == "" {
		return "", errors.New("a secret is expected on standard input")
	}

	return trimmed, nil
}

func (t terminal) say(answer string) error {
	if _, err := fmt.Fprintln(t.out, answer); err != nil {
		return fmt.Errorf("printing the answer: %w", err)
	}

	return nil
}
