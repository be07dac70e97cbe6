package prodlocal

import (
	"encoding/json"
	"fmt"
	"os"
)

// Description is what another program needs to know of a running stack, to work with it. It names the files that hold
// secrets, and holds none itself but what --env said.
type Description struct {
	URL               string `json:"url"` // of API and backoffice, at the proxy
	SimulatorURL      string `json:"simulator_url"`
	TemporalAddress   string `json:"temporal_address"` // host and port
	TemporalNamespace string `json:"temporal_namespace"`
	// Environment is that of GeNIO's own processes, KEY=VALUE, and right for its commands, such as genio admin.
	Environment []string `json:"environment"`
	// Processes are in the order in which they need each other.
	Processes []ProcessDescription `json:"processes"`
}

// ProcessDescription is one of its processes.
type ProcessDescription struct {
	Name string `json:"name"`
	PID  int    `json:"pid"` // 0: it does not run
	Log  string `json:"log"`
	// AdminURL is where a server or a worker has /metrics, /status and /readyz; empty for the others.
	AdminURL string `json:"admin_url,omitempty"`
}

// Describe tells how the stack is now.
func (s *Stack) Describe() Description {
	told := Description{
		URL: s.URL(), SimulatorURL: s.SimulatorURL(), TemporalAddress: s.TemporalAddress(), TemporalNamespace: namespace,
		Environment: s.environment(),
	}

	for _, process := range s.Processes() {
		one := ProcessDescription{Name: process.Name, PID: process.PID(), Log: process.Log()}
		if s.ground.Ports[process.Name+adminSuffix] != 0 {
			one.AdminURL = s.AdminURL(process.Name)
		}

		told.Processes = append(told.Processes, one)
	}

	return told
}

// WriteDescription keeps the description in the stack's folder, as stack.json.
func (s *Stack) WriteDescription() error {
	content, err := json.MarshalIndent(s.Describe(), "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the description: %w", err)
	}

	// Whoever reads it meanwhile gets the one before, whole.
	fresh := s.settings.file("stack.json.new")
	if err := os.WriteFile(fresh, content, 0o600); err != nil {
		return fmt.Errorf("writing the description: %w", err)
	}

	return os.Rename(fresh, s.settings.file("stack.json")) //nolint:wrapcheck // a path error says everything.
}
