package frontend

import "strings"

// browserOf says roughly which browser it is on which system, to tell one's own sessions apart. The order matters: most
// browsers claim to be several others.
func browserOf(agent string, p page) string {
	browser := firstNamed(agent, [][2]string{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	})
	system := firstNamed(agent, [][2]string{
		{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	})

	switch {
	case browser == "" && system == "":
		return p.T("session.unknown_browser")
	case browser == "":
		return system
	case system == "":
		return browser
	}

	return p.T("session.browser_on", browser, system)
}

func firstNamed(agent string, names [][2]string) string {
	for _, name := range names {
		if strings.Contains(agent, name[0]) {
			return name[1]
		}
	}

	return ""
}
