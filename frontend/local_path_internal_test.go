package frontend

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{
		"/notifications?status=failed", "https://evil.example", "//evil.example", `/\evil.example`, "/\t/evil.example",
		"/..//evil.example", "javascript:alert(1)", "", "/%5cevil.example", "/%09/evil.example", "\x00", "/?next=//evil.example",
	} {
		f.Add(seed)
	}

	here, err := url.Parse("https://genio.example.it/signin")
	require.NoError(f, err)

	f.Fuzz(func(t *testing.T, wanted string) {
		local := localPath(wanted)
		require.True(t, strings.HasPrefix(local, "/"))
		require.NotContains(t, local, `\`)

		reached, err := here.Parse(local)
		require.NoError(t, err)
		require.Equal(t, here.Host, reached.Host)
		require.Equal(t, local, localPath(local), "it stays what it is")
	})
}

func FuzzFilterAddress(f *testing.F) {
	f.Add("status=failed&status=lost&reference=a%26b&from=2026-01-01&to=x&person=1&cursor=c&back=&back=1")
	f.Add("ente=e&service=s")
	f.Add("")

	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}

		read := readFilter(values)
		require.LessOrEqual(t, len(read.Back), pagesBack)

		address, err := url.Parse(read.address())
		require.NoError(t, err)
		require.Equal(t, notificationsPath, address.Path)

		again := readFilter(address.Query())
		require.Equal(t, read.address(), again.address())
		require.Equal(t, read.Statuses, again.Statuses)
		require.Equal(t, read.Reference, again.Reference)
	})
}
