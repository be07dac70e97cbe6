package wiring

import (
	"net/http"
	"time"

	"github.com/genio-gateway/genio/simulator"
)

// Simulator says how the stand-ins of IO and Twilio behave.
type Simulator struct {
	IO429                       float64 `env:"GENIO_SIMULATOR_IO_429" help:"Share of calls to IO answered 429."`
	IO500                       float64 `env:"GENIO_SIMULATOR_IO_500" help:"Share of calls to IO answered 500."`
	IOReset                     float64 `env:"GENIO_SIMULATOR_IO_RESET" help:"Share of calls to IO cut before they are processed."`
	IOTimeoutAfterAccepting     float64 `env:"GENIO_SIMULATOR_IO_TIMEOUT" help:"Share of messages that IO takes without ever answering."`
	Twilio429                   float64 `env:"GENIO_SIMULATOR_TWILIO_429" help:"Share of calls to Twilio answered 429."`
	Twilio500                   float64 `env:"GENIO_SIMULATOR_TWILIO_500" help:"Share of calls to Twilio answered 500."`
	TwilioTimeoutAfterAccepting float64 `env:"GENIO_SIMULATOR_TWILIO_TIMEOUT" help:"Share of SMS that Twilio takes without ever answering."`
	CallbackDuplicate           float64 `env:"GENIO_SIMULATOR_CALLBACK_DUPLICATE" help:"Share of SMS whose callbacks come twice."`
	CallbackReorder             float64 `env:"GENIO_SIMULATOR_CALLBACK_REORDER" help:"Share of SMS whose last callback comes first."`
}

// Config is the simulator's own configuration with these faults.
func (s Simulator) Config() simulator.Config {
	config := simulator.DefaultConfig()
	config.Faults = simulator.Faults{
		IO429: s.IO429, IO500: s.IO500, IOReset: s.IOReset, IOTimeoutAfterAccepting: s.IOTimeoutAfterAccepting,
		Twilio429: s.Twilio429, Twilio500: s.Twilio500, TwilioTimeoutAfterAccepting: s.TwilioTimeoutAfterAccepting,
		CallbackDuplicate: s.CallbackDuplicate, CallbackReorder: s.CallbackReorder,
	}

	return config
}

// simulatorHeaderTimeout bounds a client that never finishes its request.
const simulatorHeaderTimeout = 10 * time.Second

// SimulatorServer serves a simulator.
func SimulatorServer(plays *simulator.Simulator) *http.Server {
	return &http.Server{Handler: plays.Handler(), ReadHeaderTimeout: simulatorHeaderTimeout}
}
