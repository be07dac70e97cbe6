// Package identity signs people in with another provider of identities, by OpenID Connect: the authorization code flow with
// PKCE, state and nonce.
package identity

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// What may go wrong. The texts of the errors hold nothing of a person and nothing that a provider said.
var (
	// ErrUnavailable: the provider cannot be reached, or does not speak as it should.
	ErrUnavailable = errors.New("the provider of identities is unavailable")
	// ErrRefused: the provider did not sign the person in, or the person broke off.
	ErrRefused = errors.New("the provider of identities refused")
	// ErrInvalid: the answer does not belong to the question, or its token is not to be trusted.
	ErrInvalid = errors.New("the provider's answer is not valid")
)

// Config says which provider, and what GeNIO is to it.
type Config struct {
	Issuer       string // such as "https://identity.example/realms/region"
	ClientID     string
	ClientSecret string
	Name         string // as people know it
	// Scopes beside openid; none: "email" and "profile".
	Scopes []string
	// EmailClaim is where the e-mail address stands; empty: "email".
	EmailClaim string
	// Transport makes the calls to the provider; nil: http.DefaultTransport.
	Transport http.RoundTripper
	// RedirectURL is where the provider sends people back to, and LeftURL where after they have signed out.
	RedirectURL string
	LeftURL     string
	// Patience is how long each step with the provider may take; 0: [DefaultPatience].
	Patience time.Duration
	// Steps is for how many people steps may be under way at the same time; one more is told that the provider is unavailable. 0:
	// [DefaultSteps].
	Steps int
}

// Provider signs people in elsewhere. It looks the provider up when the first person asks, and again until that succeeds: a
// provider that is away, or takes calls and never answers, stops nothing else, and nobody waits for somebody else's turn. It is
// safe for concurrent use.
type Provider struct {
	config Config
	steps  chan struct{} // holds one for each step under way

	mutex   sync.Mutex // never held during a call
	known   *known
	looking *lookup // under way; nil: none is
}

// Attempt is what has to be remembered of a sign-in until the person comes back, where only the server reads it.
type Attempt struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// Person is whom the provider has signed in.
type Person struct {
	Issuer        string
	Subject       string
	Email         string
	EmailVerified bool
}

// New prepares a provider without asking it anything.
func New(config Config) *Provider {
	if len(config.Scopes) == 0 {
		config.Scopes = []string{"email", "profile"}
	}

	if config.EmailClaim == "" {
		config.EmailClaim = "email"
	}

	if config.Transport == nil {
		config.Transport = http.DefaultTransport
	}

	config.Patience = cmp.Or(config.Patience, DefaultPatience)
	config.Steps = cmp.Or(config.Steps, DefaultSteps)

	return &Provider{config: config, steps: make(chan struct{}, config.Steps)}
}

// step bounds a step with the provider, in time and in number. It returns ErrUnavailable where too many are under way.
func (p *Provider) step(ctx context.Context) (context.Context, func(), error) {
	select {
	case p.steps <- struct{}{}:
	default:
		return nil, nil, ErrUnavailable
	}

	ctx, cancel := context.WithTimeout(ctx, p.config.Patience)

	return ctx, func() {
		cancel()

		<-p.steps
	}, nil
}

// over tells whether a step's time is over. It asks the clock, too: a context learns of its end by a timer, and the client's own
// may come first.
func over(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()

	return ctx.Err() != nil || bounded && !time.Now().Before(deadline)
}

// Name is how people know the provider.
func (p *Provider) Name() string { return p.config.Name }

// Begin gives the address to send the person to.
func (p *Provider) Begin(ctx context.Context) (string, Attempt, error) {
	ctx, end, err := p.step(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	defer end()

	found, err := p.discover(ctx)
	if err != nil {
		return "", Attempt{}, err
	}

	attempt := Attempt{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier()}

	return found.oauth.AuthCodeURL(attempt.State, oidc.Nonce(attempt.Nonce), oauth2.S256ChallengeOption(attempt.Verifier)), attempt, nil
}

// Finish reads what the person came back with.
func (p *Provider) Finish(ctx context.Context, attempt Attempt, query url.Values) (Person, error) {
	if attempt.State == "" || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(attempt.State)) != 1 {
		return Person{}, fmt.Errorf("%w: state", ErrInvalid)
	}

	if query.Get("error") != "" {
		return Person{}, ErrRefused
	}

	ctx, end, err := p.step(ctx)
	if err != nil {
		return Person{}, err
	}
	defer end()

	found, err := p.discover(ctx)
	if err != nil {
		return Person{}, err
	}

	ctx = oidc.ClientContext(ctx, p.client())

	token, err := found.oauth.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(attempt.Verifier))
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) {
		return Person{}, fmt.Errorf("%w: code", ErrInvalid)
	}

	if err != nil {
		return Person{}, ErrUnavailable
	}

	raw, _ := token.Extra("id_token").(string)

	verified, err := found.verifier.Verify(ctx, raw)
	if err != nil && over(ctx) {
		return Person{}, ErrUnavailable // its keys did not come in time
	}

	if err != nil {
		return Person{}, fmt.Errorf("%w: token", ErrInvalid)
	}

	if subtle.ConstantTimeCompare([]byte(verified.Nonce), []byte(attempt.Nonce)) != 1 {
		return Person{}, fmt.Errorf("%w: nonce", ErrInvalid)
	}

	return p.personOf(verified)
}

func (p *Provider) personOf(token *oidc.IDToken) (Person, error) {
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return Person{}, fmt.Errorf("%w: claims", ErrInvalid)
	}

	email, _ := claims[p.config.EmailClaim].(string)
	// Some providers write the boolean as a text.
	verified := claims["email_verified"] == true || claims["email_verified"] == "true"

	return Person{Issuer: token.Issuer, Subject: token.Subject, Email: email, EmailVerified: verified}, nil
}

// EndSession is where the provider ends its own session; empty where it says nothing of that, or was never asked.
func (p *Provider) EndSession() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	if p.known == nil || p.known.endSession == "" {
		return ""
	}

	address, err := url.Parse(p.known.endSession)
	if err != nil || address.Scheme != "https" && address.Scheme != "http" {
		return ""
	}

	// The hint that names the person, id_token_hint, stays away from addresses.
	query := address.Query()
	query.Set("client_id", p.config.ClientID)
	query.Set("post_logout_redirect_uri", p.config.LeftURL)
	address.RawQuery = query.Encode()

	return address.String()
}

const randomBytes = 32

func random() string {
	var bytes [randomBytes]byte

	_, _ = rand.Read(bytes[:]) // never fails: it would end the process instead

	return base64.RawURLEncoding.EncodeToString(bytes[:])
}
