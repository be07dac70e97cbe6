package simulator

import "time"

// Span is a range of durations from which one is drawn evenly; Max below Min counts as Min.
type Span struct {
	Min time.Duration
	Max time.Duration
}

// Quota is a sliding window: at most Calls within Window. No Calls or no Window: no limit.
type Quota struct {
	Calls  int
	Window time.Duration
}

// IOKey is what a subscription key stands for on IO: one service of one Ente. A service has two keys (primary and
// secondary), both registered with the same value.
type IOKey struct {
	EnteID    string
	ServiceID string

	// OrganizationFiscalCode (11 digits) becomes the payee of a payment that names none; empty leaves it out.
	OrganizationFiscalCode string
	// MaxPaymentCents is the service's payment ceiling; 0, as for a draft, allows no payment.
	MaxPaymentCents int64
	// AuthorizedRecipients, where not empty, puts the service in IO's limited mode: others get 403.
	AuthorizedRecipients []string

	// MayNamePayee stands for APIM's group ApiMessageWriteWithPayee.
	MayNamePayee bool
	// Premium stands for APIM's groups ApiMessageWriteAdvanced and ApiMessageReadAdvanced.
	Premium bool
	// MaySendRemoteContent stands for APIM's group ApiThirdPartyMessageWrite.
	MaySendRemoteContent bool
	// RemoteContentIDs are the Ente's own remote content configurations.
	RemoteContentIDs []string
}

// TwilioConfig sets Twilio's stand-in.
type TwilioConfig struct {
	// AccountSID and AuthToken are the credentials. An empty AccountSID accepts any account, whose password then
	// signs the callbacks.
	AccountSID string
	AuthToken  string

	Latency Span
	// SentAfter is the time from queued to sent.
	SentAfter time.Duration
	// SettledAfter is the time from sent to the last status.
	SettledAfter time.Duration

	// CallbackHosts are host names or addresses that callbacks may go to beside loopback; "*" allows every host.
	CallbackHosts []string
	// CallbackRetryAfter is the pause before the one retry of a callback that failed.
	CallbackRetryAfter time.Duration
}

// Config sets a [Simulator]. It is taken literally: the zero value has no latency, no quota and no faults, processes
// messages at once and knows no key. [DefaultConfig] has realistic values.
type Config struct {
	// Keys are IO's subscription keys.
	Keys map[string]IOKey
	// ManageKeys are IO's keys to the Manage API, each with the Ente that it stands for.
	ManageKeys map[string]string
	// Services are what the Manage API lists. Their keys are registered like those of Keys, which win.
	Services []ManagedService

	// AcceptAnyKey lets an unknown key stand for an Ente and a service of its own, instead of a 401.
	AcceptAnyKey bool

	IOLatency Span
	// IOProcessing is the time from acceptance to the final status.
	IOProcessing Span
	// IOSlowProcessing is the same for [CitizenSlow].
	IOSlowProcessing time.Duration
	// IOQuota is each Ente's, over all its services, keys and endpoints.
	IOQuota Quota

	Twilio TwilioConfig
	OIDC   OIDCConfig

	// Refusals is how many calls the outcomes "first … then fine" refuse, per recipient and endpoint.
	Refusals int
	// HangTime is how long a call that never gets its answer is held before the connection is cut.
	HangTime time.Duration

	Faults Faults
	// Seed makes the random faults and delays repeatable for calls made one after another; 0 takes a random seed.
	Seed uint64

	// Journal is the path of the file that [Open] takes up its state from and keeps it in; empty for none. It holds
	// messages, recipients and keys in clear, for its owner alone to read.
	Journal string

	// MaxEntries bounds the ledger and each store of messages; 0 means [DefaultMaxEntries].
	MaxEntries int
}

// DefaultMaxEntries bounds each store where the configuration does not.
const DefaultMaxEntries = 200_000

// DefaultConfig resembles the real services: IO's quota of 150 calls in 5 s per Ente (PagoPA's APIM policy), tens of
// milliseconds of latency, seconds until a message is processed or delivered. It accepts any key and any account.
//
//nolint:mnd // each number is named by its field
func DefaultConfig() Config {
	return Config{
		AcceptAnyKey:     true,
		IOLatency:        Span{Min: 15 * time.Millisecond, Max: 60 * time.Millisecond},
		IOProcessing:     Span{Min: time.Second, Max: 3 * time.Second},
		IOSlowProcessing: 45 * time.Second,
		IOQuota:          Quota{Calls: 150, Window: 5 * time.Second},
		Twilio: TwilioConfig{
			Latency:            Span{Min: 30 * time.Millisecond, Max: 120 * time.Millisecond},
			SentAfter:          time.Second,
			SettledAfter:       2 * time.Second,
			CallbackRetryAfter: time.Second,
		},
		Refusals:   2,
		HangTime:   time.Minute,
		MaxEntries: DefaultMaxEntries,
	}
}

func (c Config) maxEntries() int {
	if c.MaxEntries <= 0 {
		return DefaultMaxEntries
	}

	return c.MaxEntries
}
