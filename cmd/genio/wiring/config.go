// Package wiring puts GeNIO's parts together, for the product's binary and for the embedded all-in-one.
package wiring

import "time"

// Database says where the data is and what it is encrypted with.
type Database struct {
	URL      string `env:"GENIO_DATABASE_URL" help:"postgres://… or sqlite:PATH." required:""`
	KeysFile string `env:"GENIO_KEYS_FILE" help:"File with the encryption keys, readable by its owner only." required:"" type:"path"`
}

// Temporal says where the engine is.
type Temporal struct {
	Address   string `default:"127.0.0.1:7233" env:"GENIO_TEMPORAL_ADDRESS" help:"Host and port of Temporal's frontend."`
	Namespace string `default:"genio" env:"GENIO_TEMPORAL_NAMESPACE" help:"Temporal namespace."`
}

// IO says where app IO is, and how fast it may be called.
type IO struct {
	URL            string  `default:"https://api.io.pagopa.it/api/v1" env:"GENIO_IO_URL" help:"Base URL of app IO's API."`
	CallsPerSecond float32 `default:"28" env:"GENIO_IO_CALLS_PER_SECOND" help:"Calls that each Ente may make to IO, per second."`
}

// Twilio says which account sends SMS.
type Twilio struct {
	URL        string `default:"https://api.twilio.com" env:"GENIO_TWILIO_URL" help:"Base URL of Twilio's API."`
	AccountSID string `env:"GENIO_TWILIO_ACCOUNT_SID" help:"Twilio account SID." required:""`
	AuthToken  string `env:"GENIO_TWILIO_AUTH_TOKEN" help:"Twilio auth token; it also signs the status callbacks." required:""`
}

// FiscalCodes says which codes pass although their check character is wrong.
type FiscalCodes struct {
	Allow []string `env:"GENIO_ALLOW_FISCAL_CODES" help:"Test users' codes whose check character is wrong."`
}

// Public is how the world reaches the server.
type Public struct {
	URL string `env:"GENIO_PUBLIC_URL" help:"Public address of the server, without a path." required:""`
}

// Log says how much is told.
type Log struct {
	Level string `default:"info" enum:"debug,info,warn,error" env:"GENIO_LOG_LEVEL" help:"debug, info, warn or error."`
	// Console writes for people instead of machines.
	Console bool `env:"GENIO_LOG_CONSOLE" help:"Write logs for people instead of JSON."`
}

// shutdownPatience is how long a process lets requests and calls under way end.
const shutdownPatience = 30 * time.Second
