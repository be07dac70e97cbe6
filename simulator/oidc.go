package simulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// oidcPath is where the provider of identities is; with the host before it, it is the issuer.
const oidcPath = "/oidc"

// oidcCodeKept is how long a code can be exchanged.
const oidcCodeKept = time.Minute

// OIDCConfig sets the stand-in of an OpenID provider. Without a ClientID there is none.
type OIDCConfig struct {
	ClientID     string
	ClientSecret string
	// RedirectURLs are the only addresses that a sign-in goes back to, and LeftURLs those after a sign-out.
	RedirectURLs []string
	LeftURLs     []string
	// People are who may be chosen on the authorize page. Their data must be invented.
	People []OIDCPerson
}

// OIDCFault is what goes wrong when somebody signs in.
type OIDCFault string

// The faults of a sign-in.
const (
	OIDCExpired  OIDCFault = "expired"  // the ID token has expired
	OIDCNonce    OIDCFault = "nonce"    // it holds another nonce
	OIDCAudience OIDCFault = "audience" // it is for another client
	OIDCKey      OIDCFault = "key"      // it is signed with a key that nobody knows
)

// OIDCPerson is an invented person with an identity.
type OIDCPerson struct {
	Subject string
	Name    string
	Email   string
	// Unverified: the provider does not vouch for the address.
	Unverified bool
	Fault      OIDCFault
}

// oidcProvider is the provider's state: its key and the codes that it gave out.
type oidcProvider struct {
	key, unknownKey *ecdsa.PrivateKey

	mu    sync.Mutex
	codes *bounded[oidcCode]
}

// oidcCode is a code, and what it was asked for with.
type oidcCode struct {
	person      OIDCPerson
	nonce       string
	challenge   string
	redirectURL string
	ends        time.Time
	used        bool
}

func newOIDCProvider(limit int) *oidcProvider {
	return &oidcProvider{key: newOIDCKey(), unknownKey: newOIDCKey(), codes: newBounded[oidcCode](limit)}
}

func newOIDCKey() *ecdsa.PrivateKey {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader) // never fails: the runtime ends the process instead

	return key
}

func (s *Simulator) mountOIDC() {
	oidc := s.echo.Group(oidcPath, s.countCalls, s.asOIDC)
	oidc.GET("/.well-known/openid-configuration", s.oidcDiscovery)
	oidc.GET("/jwks", s.oidcKeys)
	oidc.GET("/authorize", s.oidcAuthorize)
	oidc.POST("/token", s.oidcToken)
	oidc.GET("/logout", s.oidcLogout)
}

// asOIDC hides the provider where no client is registered.
func (s *Simulator) asOIDC(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.config.OIDC.ClientID == "" {
			return echo.ErrNotFound
		}

		c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxBodyBytes)

		return next(c)
	}
}

func oidcIssuer(c echo.Context) string { return c.Scheme() + "://" + c.Request().Host + oidcPath }

func (s *Simulator) oidcDiscovery(c echo.Context) error {
	issuer := oidcIssuer(c)

	return c.JSON(http.StatusOK, map[string]any{
		"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token",
		"jwks_uri": issuer + "/jwks", "end_session_endpoint": issuer + "/logout",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{oidcAlgorithm}, "scopes_supported": []string{"openid", "email", "profile"},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
	})
}

func (s *Simulator) oidcLogout(c echo.Context) error {
	if back := c.QueryParam("post_logout_redirect_uri"); slices.Contains(s.config.OIDC.LeftURLs, back) {
		return c.Redirect(http.StatusSeeOther, back)
	}

	return c.String(http.StatusOK, "Uscita effettuata.")
}

// giveCode makes a code that can be exchanged once.
func (p *oidcProvider) giveCode(code oidcCode) string {
	var random [32]byte

	_, _ = rand.Read(random[:]) // never fails
	name := base64.RawURLEncoding.EncodeToString(random[:])
	code.ends = time.Now().Add(oidcCodeKept)

	p.mu.Lock()
	defer p.mu.Unlock()

	p.codes.put(name, code)

	return name
}

// takeCode uses a code up.
func (p *oidcProvider) takeCode(name string) (oidcCode, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()

	code, known := p.codes.get(name)
	if !known || code.used || time.Now().After(code.ends) {
		return oidcCode{}, false
	}

	used := code
	used.used = true
	p.codes.put(name, used)

	return code, true
}
