package simulator

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	oidcAlgorithm = "ES256"
	oidcKeyID     = "simulated"
	oidcTokenKept = 5 * time.Minute
	// coordinateBytes is the length of each of the two numbers of an ES256 key or signature (RFC 7518, 3.4 and 6.2.1).
	coordinateBytes = 32
)

func base64URL(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

func (s *Simulator) oidcKeys(c echo.Context) error {
	point, err := s.oidc.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		return fmt.Errorf("encoding the key: %w", err)
	}

	return c.JSON(http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "alg": oidcAlgorithm, "use": "sig", "kid": oidcKeyID,
		"x": base64URL(point[1 : 1+coordinateBytes]), "y": base64URL(point[1+coordinateBytes:]),
	}}})
}

// oidcToken exchanges a code for an ID token, for the client that asked for it and shows the PKCE verifier (RFC 7636).
func (s *Simulator) oidcToken(c echo.Context) error {
	if !s.isOIDCClient(c) {
		return oidcError(c, http.StatusUnauthorized, "invalid_client")
	}

	if c.FormValue("grant_type") != "authorization_code" {
		return oidcError(c, http.StatusBadRequest, "unsupported_grant_type")
	}

	code, valid := s.oidc.takeCode(c.FormValue("code"))
	challenge := sha256.Sum256([]byte(c.FormValue("code_verifier")))

	if !valid || code.redirectURL != c.FormValue("redirect_uri") || base64URL(challenge[:]) != code.challenge {
		return oidcError(c, http.StatusBadRequest, "invalid_grant")
	}

	token, err := s.oidcIDToken(oidcIssuer(c), code)
	if err != nil {
		return fmt.Errorf("making the ID token: %w", err)
	}

	c.Response().Header().Set("Cache-Control", "no-store")

	return c.JSON(http.StatusOK, map[string]any{
		"access_token": newULID(time.Now()), "token_type": "Bearer", "expires_in": int(oidcTokenKept.Seconds()), "id_token": token,
	})
}

func oidcError(c echo.Context, status int, code string) error {
	return c.JSON(status, map[string]string{"error": code})
}

// isOIDCClient takes the client's credentials from the header, form-encoded as RFC 6749 (2.3.1) has it, or from the form.
func (s *Simulator) isOIDCClient(c echo.Context) bool {
	id, secret, inHeader := c.Request().BasicAuth()
	if inHeader {
		var errID, errSecret error

		id, errID = url.QueryUnescape(id)
		secret, errSecret = url.QueryUnescape(secret)

		if errID != nil || errSecret != nil {
			return false
		}
	} else {
		id, secret = c.FormValue("client_id"), c.FormValue("client_secret")
	}

	return id == s.config.OIDC.ClientID && subtle.ConstantTimeCompare([]byte(secret), []byte(s.config.OIDC.ClientSecret)) == 1
}

func (s *Simulator) oidcIDToken(issuer string, code oidcCode) (string, error) {
	now, key := time.Now(), s.oidc.key
	claims := map[string]any{
		"iss": issuer, "sub": code.person.Subject, "aud": s.config.OIDC.ClientID, "nonce": code.nonce,
		"iat": now.Unix(), "exp": now.Add(oidcTokenKept).Unix(),
		"name": code.person.Name, "email": code.person.Email, "email_verified": !code.person.Unverified,
	}

	switch code.person.Fault {
	case OIDCExpired:
		claims["exp"] = now.Add(-time.Hour).Unix()
	case OIDCNonce:
		claims["nonce"] = "another"
	case OIDCAudience:
		claims["aud"] = "another"
	case OIDCKey:
		key = s.oidc.unknownKey
	}

	return signES256(key, claims)
}

// signES256 makes a JSON Web Token (RFC 7519).
func signES256(key *ecdsa.PrivateKey, claims map[string]any) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": oidcAlgorithm, "kid": oidcKeyID, "typ": "JWT"})
	if err != nil {
		return "", fmt.Errorf("encoding the header: %w", err)
	}

	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding the claims: %w", err)
	}

	signed := base64URL(header) + "." + base64URL(payload)
	digest := sha256.Sum256([]byte(signed))

	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}

	signature := make([]byte, 2*coordinateBytes)
	r.FillBytes(signature[:coordinateBytes])
	s.FillBytes(signature[coordinateBytes:])

	return signed + "." + base64URL(signature), nil
}
