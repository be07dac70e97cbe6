package frontend

import (
	"net/url"
	"strings"
)

// localPath is the wanted address if it stays on this host, else the list of notifications: whoever signs in
// must not be sent on to a stranger's site.
func localPath(wanted string) string {
	parsed, err := url.Parse(wanted)

	switch {
	case err != nil, parsed.Scheme != "", parsed.Host != "", parsed.User != nil, parsed.Opaque != "":
		return notificationsPath
	case !strings.HasPrefix(wanted, "/"), strings.HasPrefix(parsed.Path, "//"):
		return notificationsPath
	// Browsers read a backslash as a slash, and drop tabs and line ends.
	case strings.ContainsFunc(wanted, func(r rune) bool { return r == '\\' || r < ' ' }),
		strings.ContainsAny(parsed.Path, "\\\t\r\n"):
		return notificationsPath
	case strings.HasPrefix(parsed.Path, signInPath):
		return notificationsPath
	default:
		return parsed.RequestURI()
	}
}
