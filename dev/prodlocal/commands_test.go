package prodlocal_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/dev/prodlocal"
)

func TestStackObeys(t *testing.T) {
	t.Parallel()

	const done = "done"

	for name, test := range map[string]struct {
		commands string
		answers  []string
		runs     []string
	}{
		"starts":             {"start worker-1\nstart proxy\n", []string{done, done}, []string{"worker-1", "proxy"}},
		"stops":              {"start worker-1\nstart worker-2\nstop worker-1\n", []string{done, done, done}, []string{"worker-2"}},
		"kills":              {"start worker-1\nkill worker-1\n", []string{done, done}, nil},
		"stops what is away": {"stop worker-1\n", []string{done}, nil},
		"starts again":       {"start worker-1\nstop worker-1\nstart worker-1\n", []string{done, done, done}, []string{"worker-1"}},
		"refuses a second": {
			"start worker-1\nstart worker-1\n", []string{done, "failed: starting worker-1: it runs already"}, []string{"worker-1"},
		},
		"knows no such verb": {"feed worker-1\n", []string{`failed: there is no command "feed"`}, nil},
		"knows no such name": {"start worker-3\n\n", []string{`failed: there is no process "worker-3"`, `failed: there is no process ""`}, nil},
		"nothing to do":      {"", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			stack := prodlocal.ShellStack(t.TempDir())

			t.Cleanup(func() {
				for _, process := range stack.Processes() {
					process.Kill()
				}
			})

			var answers bytes.Buffer

			require.NoError(t, stack.Obey(t.Context(), strings.NewReader(test.commands), &answers))
			require.Equal(t, strings.Join(append(test.answers, ""), "\n"), answers.String())

			var runs []string

			for _, process := range stack.Processes() {
				if process.PID() != 0 {
					runs = append(runs, process.Name)
				}
			}

			require.Equal(t, test.runs, runs)
		})
	}
}

func TestDescription(t *testing.T) {
	t.Parallel()

	folder := t.TempDir()
	stack := prodlocal.ShellStack(folder)
	require.NoError(t, stack.Workers[0].Start(t.Context()))
	t.Cleanup(stack.Workers[0].Kill)

	require.NoError(t, stack.WriteDescription())

	file := filepath.Join(folder, "stack.json")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	content, err := os.ReadFile(file)
	require.NoError(t, err)

	var told prodlocal.Description

	require.NoError(t, json.Unmarshal(content, &told))
	require.Equal(t, "http://127.0.0.1:8080", told.URL)
	require.Contains(t, told.Environment, "GENIO_LOG_CONSOLE=true")
	require.Contains(t, told.Environment, "GENIO_KEYS_FILE="+filepath.Join(folder, "keys.json"))
	require.Len(t, told.Processes, 7)

	worker := told.Processes[4]
	require.Equal(t, prodlocal.ProcessDescription{
		Name: "worker-1", PID: stack.Workers[0].PID(), Log: filepath.Join(folder, "worker-1.log"), AdminURL: "http://127.0.0.1:9091",
	}, worker)
	require.Zero(t, told.Processes[5].PID)
	require.Empty(t, told.Processes[5].AdminURL)
}
