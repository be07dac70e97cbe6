package identity_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend/identity"
	"github.com/genio-gateway/genio/simulator"
)

const (
	callback = "https://genio.example/signin/provider/callback"

	// endless is longer than any test: whoever waits for it hangs.
	endless = time.Hour
	brief   = 50 * time.Millisecond
)

// stalling is a provider that takes the calls to some addresses, and does not answer them until it is told to go on.
type stalling struct {
	issuer  string
	arrived chan string // the path of each call that is not answered

	mutex   sync.Mutex
	stalled string // the paths that end so get no answer; empty: all get one
	goOn    chan struct{}
}

func newStalling(t *testing.T, path string) *stalling {
	t.Helper()

	plays := simulator.New(simulator.Config{OIDC: simulator.OIDCConfig{
		ClientID: "genio", ClientSecret: "secret", RedirectURLs: []string{callback},
		People: []simulator.OIDCPerson{{Subject: "known", Name: "Persona inventata", Email: "carla@example.org"}},
	}})
	t.Cleanup(plays.Close)

	s := &stalling{arrived: make(chan string, 100), stalled: path, goOn: make(chan struct{})}

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if goOn := s.stalls(r.URL.Path); goOn != nil {
			s.arrived <- r.URL.Path

			select {
			case <-goOn:
			case <-r.Context().Done():
				return
			}
		}

		plays.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { s.answer() })

	s.issuer = server.URL + "/oidc"

	return s
}

func (s *stalling) stalls(path string) chan struct{} {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	if s.stalled == "" || !strings.HasSuffix(path, s.stalled) {
		return nil
	}

	return s.goOn
}

// answer lets the calls that wait, and all later ones, be answered.
func (s *stalling) answer() {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	if s.stalled != "" {
		close(s.goOn)
	}

	s.stalled = ""
}

func (s *stalling) provider(patience time.Duration, steps int) *identity.Provider {
	return identity.New(identity.Config{
		Issuer: s.issuer, ClientID: "genio", ClientSecret: "secret", Name: "l'identità regionale", RedirectURL: callback,
		LeftURL: "https://genio.example/signin", Patience: patience, Steps: steps,
	})
}

// began begins in the background.
func began(t *testing.T, provider *identity.Provider) <-chan error {
	t.Helper()

	result := make(chan error, 1)

	go func() {
		_, _, err := provider.Begin(t.Context())
		result <- err
	}()

	return result
}

const (
	discovery = "/.well-known/openid-configuration"
	token     = "/token"
	keys      = "/jwks"
)

func TestNobodyWaitsForSomebodyElsesTurn(t *testing.T) {
	t.Parallel()

	stalled := newStalling(t, discovery)
	provider := stalled.provider(endless, 0)

	first := began(t, provider)

	<-stalled.arrived

	hurried, cancel := context.WithCancel(t.Context())
	cancel()

	_, _, err := provider.Begin(hurried)
	require.ErrorIs(t, err, identity.ErrUnavailable)
	require.Empty(t, provider.EndSession(), "whoever signs out is not kept waiting either")

	second := began(t, provider)

	stalled.answer()
	require.NoError(t, <-first)
	require.NoError(t, <-second)
	require.Empty(t, stalled.arrived, "all who wait share one call")
	require.NotEmpty(t, provider.EndSession())
}

func TestWhoeverBeganTheLookMayGoAway(t *testing.T) {
	t.Parallel()

	stalled := newStalling(t, discovery)
	provider := stalled.provider(endless, 0)

	leaves, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)

	go func() {
		_, _, err := provider.Begin(leaves)
		left <- err
	}()

	<-stalled.arrived

	other := began(t, provider)

	cancel()
	require.ErrorIs(t, <-left, identity.ErrUnavailable)

	stalled.answer()
	require.NoError(t, <-other)
}

func TestStepsAreBoundedInTimeAndNumber(t *testing.T) {
	t.Parallel()

	stalled := newStalling(t, discovery)
	provider := stalled.provider(endless, 1)

	only := began(t, provider)

	<-stalled.arrived

	_, _, err := provider.Begin(t.Context())
	require.ErrorIs(t, err, identity.ErrUnavailable, "there is no room for another")

	stalled.answer()
	require.NoError(t, <-only)

	_, _, err = provider.Begin(t.Context())
	require.NoError(t, err, "there is room again")

	silent := newStalling(t, discovery)
	hasty := silent.provider(brief, 0)

	for range 2 {
		_, _, err = hasty.Begin(t.Context())
		require.ErrorIs(t, err, identity.ErrUnavailable)
	}

	// What has failed is asked again. The look that was given up may be under way for a moment.
	silent.answer()
	require.Eventually(t, func() bool {
		_, _, err := hasty.Begin(t.Context())

		return err == nil
	}, 10*time.Second, time.Millisecond)
}

// A person who comes back to a provider that answers no more is told so, and not that the answer is a forged one.
func TestComingBackFromAProviderThatAnswersNoMore(t *testing.T) {
	t.Parallel()

	for name, path := range map[string]string{"token": token, "keys": keys} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			stalled := newStalling(t, path)
			patient, hasty := stalled.provider(endless, 0), stalled.provider(brief, 0)

			// The hasty one gets to know the provider before, however slow the machine is.
			require.Eventually(t, func() bool {
				_, _, err := hasty.Begin(t.Context())

				return err == nil
			}, 10*time.Second, time.Millisecond)

			attempt, query := signedInThere(t, patient)

			_, err := hasty.Finish(t.Context(), attempt, query)
			require.ErrorIs(t, err, identity.ErrUnavailable)
			require.NotErrorIs(t, err, identity.ErrInvalid)

			stalled.answer()

			attempt, query = signedInThere(t, patient)
			person, err := patient.Finish(t.Context(), attempt, query)
			require.NoError(t, err)
			require.Equal(t, "known", person.Subject)
		})
	}
}

// signedInThere is what a person comes back with.
func signedInThere(t *testing.T, provider *identity.Provider) (identity.Attempt, url.Values) {
	t.Helper()

	address, attempt, err := provider.Begin(t.Context())
	require.NoError(t, err)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"&person=known", http.NoBody)
	require.NoError(t, err)

	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	back, err := response.Location()
	require.NoError(t, err)

	return attempt, back.Query()
}
