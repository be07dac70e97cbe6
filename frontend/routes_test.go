package frontend_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/gateway"
)

// TestEveryRouteLetsInWhoMay walks every route with every role. What lies behind an open door is for other tests.
func TestEveryRouteLetsInWhoMay(t *testing.T) {
	t.Parallel()

	for _, role := range []gateway.Role{
		gateway.RoleOperator, gateway.RoleAdministrator, gateway.RoleSupport, gateway.RoleAuditor, gateway.RoleSystem,
	} {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()

			b := openReal(t, role)
			require.NotEmpty(t, b.pages.Routes())

			for _, route := range b.pages.Routes() {
				if !route.SignedIn {
					continue
				}

				status := b.walk(route)
				name := route.Method + " " + route.Path

				if route.Permission == "" || b.account.Actor().May(route.Permission) {
					require.NotEqual(t, http.StatusForbidden, status, name)
					require.NotEqual(t, http.StatusInternalServerError, status, name)
				} else {
					require.Equal(t, http.StatusForbidden, status, name)
				}
			}
		})
	}
}

func TestEveryRouteAsksToSignIn(t *testing.T) {
	t.Parallel()

	b := openReal(t, "")

	for _, route := range b.pages.Routes() {
		if route.SignedIn {
			require.Equal(t, http.StatusSeeOther, b.walk(route), route.Path)
		}
	}
}

// walk asks for a route, with an id that nothing has.
func (b *backoffice) walk(route frontend.Route) int {
	b.t.Helper()

	path := route.Path
	for part := range strings.SplitSeq(route.Path, "/") {
		if strings.HasPrefix(part, ":") {
			path = strings.Replace(path, part, "01936f6e-0000-7000-9000-0000000000ff", 1)
		}
	}

	if route.Method == http.MethodPost {
		return b.post(path, url.Values{}).status
	}

	return b.get(path).status
}
