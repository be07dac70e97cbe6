package wiring

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/genio-gateway/genio/frontend/identity"
)

// The addresses that a provider of identities has to know of GeNIO.
const (
	oidcCallback = "/signin/provider/callback"
	oidcLeft     = "/signin?left=1"
)

// Provider prepares the provider; nil where none is named. It asks the provider nothing yet. Errors never repeat a secret.
func (o OIDC) Provider(publicURL string, out Outbound) (*identity.Provider, error) {
	if o.Issuer == "" {
		return nil, nil //nolint:nilnil // no provider is a valid choice
	}

	issuer, err := url.Parse(o.Issuer)

	switch {
	case err != nil, issuer.Scheme != schemeHTTPS && issuer.Scheme != schemeHTTP, issuer.Host == "":
		return nil, errors.New("--oidc-issuer is not a URL")
	case issuer.Scheme == schemeHTTP && !isLoopback(issuer.Hostname()):
		return nil, errors.New("--oidc-issuer must begin with https://")
	case o.ClientID == "":
		return nil, errors.New("--oidc-client-id is missing")
	}

	secret, err := Secret(o.Secret, o.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("reading the OIDC client's secret: %w", err)
	}

	guard, err := out.guardOf(issuer.Hostname(), issuer.Scheme == schemeHTTP)
	if err != nil {
		return nil, err
	}

	return identity.New(identity.Config{
		Transport: guard.Transport(identity.MaxAnswer),
		Issuer:    o.Issuer, ClientID: o.ClientID, ClientSecret: secret, Name: o.Name, Scopes: o.Scopes, EmailClaim: o.EmailClaim,
		RedirectURL: publicURL + oidcCallback, LeftURL: publicURL + oidcLeft,
	}), nil
}

// OIDCAddresses are where a provider may send people back to: after signing in, and after signing out.
func OIDCAddresses(publicURL string) (signedIn, left string) {
	return publicURL + oidcCallback, publicURL + oidcLeft
}
