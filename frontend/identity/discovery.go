package identity

import (
	"context"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// known is what the provider says of itself.
type known struct {
	oauth      oauth2.Config
	verifier   *oidc.IDTokenVerifier
	endSession string
}

// lookup is a look at what the provider says of itself, which all who need it wait for together.
type lookup struct {
	done  chan struct{} // closed at its end
	found *known
	err   error
}

// discover gives what the provider says of itself. Whoever comes while somebody else asks waits for the same answer, and no
// longer than its own context lasts.
func (p *Provider) discover(ctx context.Context) (*known, error) {
	found, looking := p.knownOrLookup(ctx)
	if found != nil {
		return found, nil
	}

	select {
	case <-looking.done:
		return looking.found, looking.err
	case <-ctx.Done():
		return nil, ErrUnavailable
	}
}

func (p *Provider) knownOrLookup(ctx context.Context) (*known, *lookup) {
	p.mutex.Lock()
	defer p.mutex.Unlock()

	if p.known == nil && p.looking == nil {
		p.looking = &lookup{done: make(chan struct{})}

		// It is for everybody: whoever began it may go away.
		go p.look(context.WithoutCancel(ctx), p.looking)
	}

	return p.known, p.looking
}

func (p *Provider) look(ctx context.Context, looking *lookup) {
	ctx, cancel := context.WithTimeout(ctx, p.config.Patience)
	defer cancel()

	looking.found, looking.err = p.ask(ctx)

	p.mutex.Lock()
	defer p.mutex.Unlock()

	p.known, p.looking = looking.found, nil

	close(looking.done)
}

func (p *Provider) ask(ctx context.Context) (*known, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client()), p.config.Issuer)
	if err != nil {
		return nil, ErrUnavailable
	}

	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, ErrUnavailable
	}

	return &known{
		oauth: oauth2.Config{
			ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: provider.Endpoint(),
			RedirectURL: p.config.RedirectURL, Scopes: append([]string{oidc.ScopeOpenID}, p.config.Scopes...),
		},
		verifier:   provider.Verifier(&oidc.Config{ClientID: p.config.ClientID}),
		endSession: strings.TrimSpace(more.EndSession),
	}, nil
}
