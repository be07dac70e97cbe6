package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

// TestTheProviderGoesBackToItsClientOnly: a browser is never sent on to an address that nobody registered.
func TestTheProviderGoesBackToItsClientOnly(t *testing.T) {
	t.Parallel()

	plays := simulator.New(simulator.Config{OIDC: simulator.OIDCConfig{
		ClientID: "genio", RedirectURLs: []string{"https://genio.example/back"}, LeftURLs: []string{"https://genio.example/left"},
		People: []simulator.OIDCPerson{{Subject: "anna", Name: "Anna Prova"}},
	}})
	t.Cleanup(plays.Close)

	ask := func(path string, query url.Values) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		plays.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path+"?"+query.Encode(), http.NoBody))

		return answer
	}
	question := func(name, value string) url.Values {
		query := url.Values{
			"client_id": {"genio"}, "redirect_uri": {"https://genio.example/back"}, "response_type": {"code"}, "scope": {"openid"},
			"code_challenge": {"x"}, "code_challenge_method": {"S256"}, "person": {"anna"}, "state": {"s"},
		}
		if name != "" {
			query.Set(name, value)
		}

		return query
	}

	require.Regexp(t, `^https://genio\.example/back\?code=.+&state=s$`, ask("/oidc/authorize", question("", "")).Header().Get("Location"))

	for name, value := range map[string]string{"client_id": "another", "redirect_uri": "https://evil.example/", "person": "bruno"} {
		refused := ask("/oidc/authorize", question(name, value))
		require.Equal(t, http.StatusBadRequest, refused.Code, name)
		require.Empty(t, refused.Header().Get("Location"), name)
	}

	for name, value := range map[string]string{
		"response_type": "token", "scope": "email", "code_challenge_method": "plain", "code_challenge": "",
	} {
		require.Equal(t, "https://genio.example/back?error=invalid_request&state=s",
			ask("/oidc/authorize", question(name, value)).Header().Get("Location"), name)
	}

	require.Equal(t, "https://genio.example/left",
		ask("/oidc/logout", url.Values{"post_logout_redirect_uri": {"https://genio.example/left"}}).Header().Get("Location"))
	require.Empty(t, ask("/oidc/logout", url.Values{"post_logout_redirect_uri": {"https://evil.example"}}).Header().Get("Location"))
}

func TestWithoutAClientThereIsNoProvider(t *testing.T) {
	t.Parallel()

	plays := simulator.New(simulator.Config{})
	t.Cleanup(plays.Close)

	answer := httptest.NewRecorder()
	plays.Handler().ServeHTTP(answer,
		httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/oidc/.well-known/openid-configuration", http.NoBody))
	require.Equal(t, http.StatusNotFound, answer.Code)
}
