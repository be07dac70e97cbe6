package frontend

import (
	"net/url"
	"strings"
)

// localPath is the wanted address if it stays on this host, else the dashboard: whoever signs in
// must not be sent on to a stranger's site.
func localPath(wanted string) string {
	parsed, err := url.Parse(wanted)

	switch {
	case err != nil, parsed.Scheme != "", parsed.Host != "", parsed.User != nil, parsed.Opaque != "":
		return dashboardPath
	case !strings.HasPrefix(wanted, "/"), strings.HasPrefix(parsed.Path, "//"):
		return dashboardPath
	// Browsers read a backslash as a slash, and drop tabs and line ends.
	case strings.ContainsFunc(wanted, func(r rune) bool { return r == '\\' || r < ' ' }),
		strings.ContainsAny(parsed.Path, "\\\t\r\n"):
		return dashboardPath
	case strings.HasPrefix(parsed.Path, signInPath):
		return dashboardPath
	default:
		return parsed.RequestURI()
	}
}
