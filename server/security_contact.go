package server

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	securityContactPath = "/.well-known/security.txt"
	// contactKept is how long a reader may trust a copy; RFC 9116, 2.5.5, recommends less than a year.
	contactKept = 90 * 24 * time.Hour
)

// registerSecurityContact serves whom a finder of a weakness writes to (RFC 9116), where somebody is named.
func registerSecurityContact(e *echo.Echo, config Config) error {
	if config.SecurityContact == "" {
		return nil
	}

	contact, err := url.Parse(strings.TrimSpace(config.SecurityContact))
	if err != nil || contact.Scheme != "mailto" && contact.Scheme != "https" && contact.Scheme != "tel" {
		return errors.New("the contact for security must be a mailto, https or tel URI")
	}

	e.Match(readMethods(), securityContactPath, func(c echo.Context) error {
		lines := []string{
			"Contact: " + contact.String(),
			"Expires: " + config.Clock().Add(contactKept).UTC().Truncate(time.Second).Format(time.RFC3339),
			"Preferred-Languages: it, en",
		}
		if config.PublicURL != "" {
			lines = append(lines, "Canonical: "+config.PublicURL+securityContactPath)
		}

		return c.String(http.StatusOK, strings.Join(lines, "\n")+"\n")
	})

	return nil
}
