package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// healthPatience bounds one check of health; whoever supervises asks again.
const healthPatience = 5 * time.Second

// maxHealthAnswer is how much of an answer is told, in bytes.
const maxHealthAnswer = 4 << 10

// healthCommand asks a process how it is, for images that hold nothing but this program.
type healthCommand struct {
	URL string `arg:"" default:"http://127.0.0.1:8080/readyz" help:"Address to ask, such as http://127.0.0.1:8080/readyz."`
}

// Run fails unless the answer is 200.
func (c *healthCommand) Run(ctx context.Context, user terminal) error {
	ctx, done := context.WithTimeout(ctx, healthPatience)
	defer done()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, http.NoBody)
	if err != nil {
		return fmt.Errorf("asking for health: %w", err)
	}

	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking for health: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()

	told, err := io.ReadAll(io.LimitReader(answer.Body, maxHealthAnswer))
	if err != nil {
		return fmt.Errorf("reading the answer about health: %w", err)
	}

	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not healthy: status %d: %s", answer.StatusCode, told)
	}

	return user.say(string(told))
}
