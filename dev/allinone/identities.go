package allinone

import (
	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/dev/demo"
	"github.com/genio-gateway/genio/simulator"
)

const (
	oidcClient = "genio"
	oidcSecret = "demonstration secret"
	oidcName   = "l'identità regionale (simulata)"
)

// oidcConfig is the simulated provider, for the demonstration's people. It sends them back to this GeNIO only.
func (a *AllInOne) oidcConfig() simulator.OIDCConfig {
	signedIn, left := wiring.OIDCAddresses(a.Addresses.Public)

	return simulator.OIDCConfig{
		ClientID: oidcClient, ClientSecret: oidcSecret, RedirectURLs: []string{signedIn}, LeftURLs: []string{left},
		People: demo.Identities(),
	}
}

// oidc is the same provider as GeNIO has to know it.
func (a *AllInOne) oidc() wiring.OIDC {
	return wiring.OIDC{Issuer: a.Addresses.Simulator + "/oidc", ClientID: oidcClient, Secret: oidcSecret, Name: oidcName}
}
