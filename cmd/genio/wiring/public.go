package wiring

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"go.uber.org/zap"
)

const (
	schemeHTTP  = "http"
	schemeHTTPS = "https"
)

// Public is how the world reaches the server.
type Public struct {
	URL string `env:"GENIO_PUBLIC_URL" help:"Public address of the server, without a path." required:""`
}

// Address is the public address in its normal form, without a slash at the end: paths are appended to it, and Twilio
// signs what comes of that. It warns of an address at which passwords and keys would travel unprotected. Errors name the
// flag and never repeat the value.
func (p Public) Address(log *zap.Logger) (string, error) {
	address, err := url.Parse(strings.TrimSpace(p.URL))
	if err != nil {
		return "", errors.New("--public-url is not a URL")
	}

	if err := checkPublic(address); err != nil {
		return "", err
	}

	normal := url.URL{Scheme: address.Scheme, Host: strings.ToLower(address.Host)}

	if normal.Scheme == schemeHTTP && !isLoopback(normal.Hostname()) {
		log.Warn("--public-url is http: passwords, API keys and personal data would travel unprotected",
			zap.String("host", normal.Host))
	}

	return normal.String(), nil
}

func checkPublic(address *url.URL) error {
	switch {
	case address.Scheme != schemeHTTP && address.Scheme != schemeHTTPS:
		return errors.New("--public-url must begin with https:// or http://")
	case address.User != nil:
		return errors.New("--public-url must hold no user and no password")
	case address.Hostname() == "":
		return errors.New("--public-url names no host")
	case strings.Trim(address.Path, "/") != "":
		return errors.New("--public-url must have no path")
	case address.RawQuery != "", address.ForceQuery, address.Fragment != "":
		return errors.New("--public-url must have neither query nor fragment")
	default:
		return nil
	}
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}

	address, err := netip.ParseAddr(host)

	return err == nil && address.Unmap().IsLoopback()
}
