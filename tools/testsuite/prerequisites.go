package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
)

// prerequisite says what is missing, or "" where it is there.
type prerequisite func(ctx context.Context, s suite) string

// missing lists what is not there.
func (s suite) missing(ctx context.Context, needs []prerequisite) []string {
	var missing []string

	for _, need := range needs {
		if complaint := need(ctx, s); complaint != "" {
			missing = append(missing, complaint)
		}
	}

	return missing
}

// node asks the script that the tasks ask too.
func node(ctx context.Context, s suite) string {
	complaint, err := s.process(ctx, command{arguments: []string{"tools/need", "node"}}).CombinedOutput()
	if err == nil {
		return ""
	}

	if said := strings.TrimSpace(string(complaint)); said != "" {
		return said
	}

	return "Node.js: " + err.Error()
}

// chromium accepts any browser of the family, under the names that distributions give it, or the one that GENIO_CHROMIUM names.
func chromium(context.Context, suite) string {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if named := os.Getenv("GENIO_CHROMIUM"); named != "" {
		names = []string{named}
	}

	for _, name := range names {
		if _, err := exec.LookPath(name); err == nil {
			return ""
		}
	}

	return "no Chromium is installed (looked for " + strings.Join(names, ", ") + "; GENIO_CHROMIUM may name another)"
}
