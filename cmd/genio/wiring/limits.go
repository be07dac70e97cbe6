package wiring

import (
	"errors"

	"github.com/genio-gateway/genio/server"
)

// Limits bound the requests to the API. Each server process counts for itself.
type Limits struct {
	//nolint:lll // a tag has one line
	Key int `default:"100" env:"GENIO_API_KEY_REQUESTS_PER_SECOND" help:"Requests per second of an API key that has no bound of its own; 0: no bound." name:"key-requests-per-second"`
	//nolint:lll // a tag has one line
	Ente int `default:"200" env:"GENIO_API_ENTE_REQUESTS_PER_SECOND" help:"Requests per second of all API keys of an Ente together; 0: no bound." name:"ente-requests-per-second"`
	//nolint:lll // a tag has one line
	Address int `default:"20" env:"GENIO_API_ADDRESS_REQUESTS_PER_SECOND" help:"Requests per second from one address without a valid key; 0: no bound." name:"address-requests-per-second"`
}

// Bounds checks the numbers.
func (l Limits) Bounds() (server.Limits, error) {
	for flag, perSecond := range map[string]int{"key": l.Key, "ente": l.Ente, "address": l.Address} {
		if perSecond < 0 || perSecond > mostPerSecond {
			return server.Limits{}, errors.New("--api-" + flag + "-requests-per-second must lie between 0 and 1,000,000")
		}
	}

	return server.Limits(l), nil
}

// mostPerSecond is far above what a process can answer.
const mostPerSecond = 1_000_000
