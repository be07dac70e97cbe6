// Package allinone runs the whole of GeNIO in one process: Temporal with its Web UI, the database, simulators of
// IO and Twilio, worker, API and backoffice, and demonstration data.
package allinone

import (
	"path/filepath"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/telemetry"
)

// Settings are the flags of the all-in-one. A port of 0 means a free one.
type Settings struct {
	Port           int `default:"8080" env:"GENIO_PORT" help:"Port of API and backoffice; 0: a free one."`
	TemporalUIPort int `default:"8233" env:"GENIO_TEMPORAL_UI_PORT" help:"Port of Temporal's Web UI; 0: a free one." name:"temporal-ui-port"`
	TemporalPort   int `default:"7233" env:"GENIO_TEMPORAL_PORT" help:"Port of Temporal; 0: a free one."`
	SimulatorPort  int `default:"8090" env:"GENIO_SIMULATOR_PORT" help:"Port of the simulators; 0: a free one."`
	AdminPort      int `default:"9090" env:"GENIO_ADMIN_PORT" help:"Port of the metrics; 0: a free one."`

	Data   string `default:".genio" env:"GENIO_DATA" help:"Folder of everything that is kept." type:"path"`
	NoDemo bool   `help:"Submit no demonstration notifications at the first start."`

	Faults wiring.Simulator `embed:"" prefix:"simulate-"`
	Traces wiring.Traces    `embed:"" prefix:"traces-"`
	Log    wiring.Log       `embed:"" prefix:"log-"`

	// Simulate changes how the simulators play; nil: as the flags say.
	Simulate func(*simulator.Config) `json:"-" kong:"-"`
	// Tracing makes spans instead of Traces; nil: as the flags say.
	Tracing *telemetry.Tracing `json:"-" kong:"-"`
}

const (
	namespace = "genio"
	loopback  = "127.0.0.1"

	// Twilio's library accepts letters and digits only.
	twilioAccount = "ACdemonstration0000000000000000000"
	twilioToken   = "demonstrationtoken"
)

func (s Settings) file(name string) string { return filepath.Join(s.Data, name) }
