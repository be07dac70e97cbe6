// Package wiring puts GeNIO's parts together, for the product's binary and for the embedded all-in-one.
package wiring

import (
	"time"

	"github.com/genio-gateway/genio/telemetry"
)

// Database says where the data is and what it is encrypted with. The URL may hold a password, so that it comes from the
// environment or from a file; as a flag everybody on the machine would see it.
type Database struct {
	URL string `env:"GENIO_DATABASE_URL" hidden:"" required:"" xor:"database-url"`
	//nolint:lll // a tag has one line
	URLFile  string `env:"GENIO_DATABASE_URL_FILE" help:"File with postgres://… or sqlite:PATH, if not in $GENIO_DATABASE_URL." required:"" type:"path" xor:"database-url"`
	KeysFile string `env:"GENIO_KEYS_FILE" help:"File with the encryption keys, readable by its owner only." required:"" type:"path"`
}

// Temporal says where the engine is.
type Temporal struct {
	Address   string `default:"127.0.0.1:7233" env:"GENIO_TEMPORAL_ADDRESS" help:"Host and port of Temporal's frontend."`
	Namespace string `default:"genio" env:"GENIO_TEMPORAL_NAMESPACE" help:"Temporal namespace."`
	// TLS is also used where one of its files, or the key, is given.
	TLS      bool     `env:"GENIO_TEMPORAL_TLS" help:"Speak TLS with Temporal."`
	TLSFiles TLSFiles `embed:"" envprefix:"GENIO_TEMPORAL_TLS_" prefix:"tls-"`
	APIKey   string   `env:"GENIO_TEMPORAL_API_KEY" hidden:""`
	//nolint:lll // a tag has one line
	APIKeyFile string `env:"GENIO_TEMPORAL_API_KEY_FILE" help:"File with an API key for Temporal, if it asks for one and it is not in $GENIO_TEMPORAL_API_KEY." type:"path"`

	// Telemetry measures and follows what the client and its workers do; nil: nobody does.
	Telemetry *telemetry.Telemetry `json:"-" kong:"-"`
}

// IO says where app IO is, and how fast it may be called.
type IO struct {
	URL            string  `default:"https://api.io.pagopa.it/api/v1" env:"GENIO_IO_URL" help:"Base URL of app IO's API."`
	CallsPerSecond float32 `default:"29.4" env:"GENIO_IO_CALLS_PER_SECOND" help:"Pace of an Ente with IO's usual quota, in calls per second."`
	// TLSFiles: IO's host for mutual TLS is api-mtls.io.pagopa.it; the certificate is the gateway's, for all Enti.
	TLSFiles TLSFiles `embed:"" envprefix:"GENIO_IO_TLS_" prefix:"tls-"`
}

// Twilio says which account sends SMS. Its token comes from the environment or from a file, as the database's URL.
type Twilio struct {
	URL        string `default:"https://api.twilio.com" env:"GENIO_TWILIO_URL" help:"Base URL of Twilio's API."`
	AccountSID string `env:"GENIO_TWILIO_ACCOUNT_SID" help:"Twilio account SID." required:""`
	AuthToken  string `env:"GENIO_TWILIO_AUTH_TOKEN" hidden:"" required:"" xor:"twilio-auth-token"`
	//nolint:lll // a tag has one line
	AuthTokenFile string `env:"GENIO_TWILIO_AUTH_TOKEN_FILE" help:"File with the Twilio auth token, if not in $GENIO_TWILIO_AUTH_TOKEN." required:"" type:"path" xor:"twilio-auth-token"`
}

// TwilioOther is Twilio's auth token from before, or the one to come: whichever of the two is the account's primary one signs
// the callbacks, and for a while nobody knows which.
type TwilioOther struct {
	PreviousAuthToken string `env:"GENIO_TWILIO_PREVIOUS_AUTH_TOKEN" hidden:""`
	//nolint:lll // a tag has one line
	PreviousAuthTokenFile string `env:"GENIO_TWILIO_PREVIOUS_AUTH_TOKEN_FILE" help:"File with another token that may sign Twilio's callbacks, while tokens are exchanged." type:"path"`
}

// Token is the token; empty: there is none.
func (t TwilioOther) Token() (string, error) {
	return optionalSecret(t.PreviousAuthToken, t.PreviousAuthTokenFile)
}

// Access says how people sign in to the backoffice.
type Access struct {
	//nolint:lll // a tag has one line
	RequireSecondFactor bool `default:"true" env:"GENIO_REQUIRE_SECOND_FACTOR" help:"Everybody who signs in with a password needs a second factor." negatable:""`
}

// Security says whom a finder of a weakness writes to.
type Security struct {
	//nolint:lll // a tag has one line
	Contact string `env:"GENIO_SECURITY_CONTACT" help:"Whom to tell of a weakness, for /.well-known/security.txt: mailto:…, https://… or tel:…; empty: there is no such page."`
}

// OIDC says which other provider of identities signs people in, if any. Its secret comes from the environment or from a file.
type OIDC struct {
	Issuer   string `env:"GENIO_OIDC_ISSUER" help:"Issuer of the OpenID provider that signs people in; empty: there is none."`
	ClientID string `env:"GENIO_OIDC_CLIENT_ID" help:"What GeNIO is to the provider."`
	Secret   string `env:"GENIO_OIDC_CLIENT_SECRET" hidden:""`
	//nolint:lll // a tag has one line
	SecretFile string   `env:"GENIO_OIDC_CLIENT_SECRET_FILE" help:"File with the client's secret, if not in $GENIO_OIDC_CLIENT_SECRET." type:"path"`
	Name       string   `default:"l'identità regionale" env:"GENIO_OIDC_NAME" help:"The provider's name as people know it: Accedi con NAME."`
	Scopes     []string `default:"email,profile" env:"GENIO_OIDC_SCOPES" help:"Scopes to ask for beside openid."`
	EmailClaim string   `default:"email" env:"GENIO_OIDC_EMAIL_CLAIM" help:"Claim with the e-mail address that email_verified vouches for."`
}

// FiscalCodes says which codes pass although their check character is wrong.
type FiscalCodes struct {
	Allow []string `env:"GENIO_ALLOW_FISCAL_CODES" help:"Test users' codes whose check character is wrong."`
}

// Log says how much is told.
type Log struct {
	Level string `default:"info" enum:"debug,info,warn,error" env:"GENIO_LOG_LEVEL" help:"debug, info, warn or error."`
	// Console writes for people instead of machines.
	Console bool `env:"GENIO_LOG_CONSOLE" help:"Write logs for people instead of JSON."`
}

// shutdownPatience is how long a process lets requests and calls under way end.
const shutdownPatience = 30 * time.Second

// finishPatience is how long a server that ends still starts what it accepted last.
const finishPatience = 5 * time.Second

// Accessibility is what the page about accessibility says, which AgID asks for.
type Accessibility struct {
	Body      string `env:"GENIO_ACCESSIBILITY_BODY" help:"Name of the body that runs GeNIO, for the accessibility statement."`
	Feedback  string `env:"GENIO_ACCESSIBILITY_FEEDBACK" help:"E-mail address for problems with accessibility."`
	Statement string `env:"GENIO_ACCESSIBILITY_STATEMENT_URL" help:"The accessibility statement on form.agid.gov.it." name:"statement-url"`
}

// sessionsForgotten is how often expired sessions are removed.
const sessionsForgotten = 10 * time.Minute
