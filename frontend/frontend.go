// Package frontend is the backoffice: pages that the server renders and the browser shows with or without
// JavaScript. It calls the gateway's use cases and knows nothing of databases or workflows.
package frontend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // the pages show Italian time on machines that have no time zone data, too

	"github.com/alexedwards/scs/v2"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/frontend/identity"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// Gateway is what the pages ask of the use cases.
type Gateway interface {
	OperatorGateway
	AdministratorGateway
	SupportGateway
	AuditGateway
	ReconciliationGateway
	SignInGateway
	AccountGateway
}

// OperatorGateway is what is asked for those who send and follow notifications.
type OperatorGateway interface {
	ActGateway
	BatchGateway
	ComposeGateway
	CorrectionGateway
	DashboardGateway
	SearchGateway
	TemplateGateway

	Notification(ctx context.Context, actor gateway.Actor, id string) (gateway.View, error)
	Notifications(ctx context.Context, actor gateway.Actor, query gateway.Query) (gateway.Page, error)
	Counts(ctx context.Context, actor gateway.Actor, query gateway.Query) (map[notification.Status]int, error)
	Timeline(ctx context.Context, actor gateway.Actor, id string) (notification.Timeline, error)
	Services(ctx context.Context, actor gateway.Actor) ([]notification.Service, error)
	Enti(ctx context.Context, actor gateway.Actor) ([]notification.Ente, error)
}

// AdministratorGateway is what is asked for those who set up Enti, services, keys and people.
type AdministratorGateway interface {
	KeyGateway
	WebhookGateway
	PeopleGateway
	PrivacyGateway
	RegistryGateway
}

// Config is what the pages need to run.
type Config struct {
	Gateway  Gateway
	Sessions scs.Store
	Log      *zap.Logger

	// PublicURL is the address at which browsers reach the backoffice, such as "https://genio.example.it".
	// Behind a proxy that changes the Host header, forms are accepted from this origin. May be empty.
	PublicURL string
	// SecureCookies is for HTTPS: the session's cookie becomes Secure and bound to this very host.
	SecureCookies bool
	// TemporalUI is the address of the namespace in Temporal's Web UI, such as
	// "http://localhost:8233/namespaces/default". Where it is set, support staff find a link to the workflow.
	TemporalUI string
	// Accessibility is what the page of the same name says of the body that runs GeNIO.
	Accessibility Accessibility
	// RequireSecondFactor makes everybody who signs in with a password have a second factor, too.
	RequireSecondFactor bool
	// Provider signs people in elsewhere; nil: there is none.
	Provider *identity.Provider
	// Demo lists accounts that the sign-in page offers. For demonstrations only.
	Demo []DemoLogin
	// PausesInForce tells what is paused, for the banner of every page; nil: nothing is told.
	PausesInForce func(ctx context.Context, actor gateway.Actor) ([]gateway.PauseView, error)
	// OpenFindings counts what reconciliations have put before people, for the dashboard; nil: nothing is told.
	OpenFindings func(ctx context.Context, actor gateway.Actor) (int, error)
	// Assets replaces the embedded result of the frontend's build; nil keeps it.
	Assets fs.FS
	// Clock tells the time; nil is time.Now.
	Clock func() time.Time
}

// DemoLogin is an account that anybody may use, because its data are invented.
type DemoLogin struct {
	Email    string
	Password string
	Label    string // who it stands for, such as "Operatore del Comune di Esempio"
}

// Frontend serves the backoffice.
type Frontend struct {
	gateway    Gateway
	log        *zap.Logger
	clock      func() time.Time
	temporalUI string
	statement  Accessibility
	demo       []DemoLogin
	provider   *identity.Provider
	publicURL  string
	// requireSecondFactor: see Config.
	requireSecondFactor bool

	pausesInForce func(ctx context.Context, actor gateway.Actor) ([]gateway.PauseView, error)

	countFindings func(ctx context.Context, actor gateway.Actor) (int, error)

	sessions     *scs.SessionManager
	origins      *http.CrossOriginProtection
	signInLimits *signInLimits
	done         *onceKeys

	assets    assets
	pages     pages
	messages  catalogue
	routes    []Route
	timeZone  *time.Location
	secureURL bool
}

// New prepares the pages. It fails where the build's manifest, a template or a message catalogue is broken.
func New(config Config) (*Frontend, error) {
	if config.Gateway == nil || config.Sessions == nil || config.Log == nil {
		return nil, errors.New("the frontend needs a gateway, a session store and a log")
	}

	if err := config.Accessibility.check(); err != nil {
		return nil, err
	}

	f := &Frontend{
		gateway:    config.Gateway,
		log:        config.Log,
		clock:      config.Clock,
		temporalUI: strings.TrimSuffix(config.TemporalUI, "/"),
		statement:  config.Accessibility,
		demo:       config.Demo,
		secureURL:  config.SecureCookies,
		provider:   config.Provider,
		publicURL:  strings.TrimSuffix(config.PublicURL, "/"),

		requireSecondFactor: config.RequireSecondFactor,
		pausesInForce:       config.PausesInForce,
		countFindings:       config.OpenFindings,
	}
	if f.clock == nil {
		f.clock = time.Now
	}

	f.signInLimits = newSignInLimits(f.clock)
	f.done = newOnceKeys(f.clock)
	f.sessions = newSessions(config, f.sessionFailed)

	var err error
	if f.origins, err = trustedOrigins(config.PublicURL); err != nil {
		return nil, err
	}

	if f.timeZone, err = time.LoadLocation("Europe/Rome"); err != nil {
		return nil, fmt.Errorf("loading the Italian time zone: %w", err)
	}

	if f.messages, err = readCatalogue(); err != nil {
		return nil, err
	}

	if f.assets, err = readAssets(config.Assets); err != nil {
		return nil, err
	}

	if f.pages, err = parsePages(f.assets); err != nil {
		return nil, err
	}

	return f, nil
}

// trustedOrigins refuses forms that other sites send. It goes by the Sec-Fetch-Site and Origin headers, which
// every browser in use sends, so the forms carry no token.
func trustedOrigins(publicURL string) (*http.CrossOriginProtection, error) {
	origins := http.NewCrossOriginProtection()
	if publicURL == "" {
		return origins, nil
	}

	address, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("reading the public URL: %w", err)
	}

	if err := origins.AddTrustedOrigin(address.Scheme + "://" + address.Host); err != nil {
		return nil, fmt.Errorf("trusting the public URL's origin: %w", err)
	}

	return origins, nil
}
