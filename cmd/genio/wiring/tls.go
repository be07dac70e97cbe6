package wiring

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// TLSFiles are the files of one who calls by TLS. The certificate and its key are read again when they change, so that a
// renewed certificate comes into use with the next connection.
type TLSFiles struct {
	CAFile     string `env:"CA_FILE" help:"File with the authorities (PEM) that are believed; empty: the system's." type:"path"`
	CertFile   string `env:"CERT_FILE" help:"File with the client's certificate (PEM), for mutual TLS." type:"path"`
	KeyFile    string `env:"KEY_FILE" help:"File with that certificate's key (PEM)." type:"path"`
	ServerName string `env:"SERVER_NAME" help:"Name that the server's certificate must have; empty: the host's."`
}

// Given tells whether any of it is.
func (f TLSFiles) Given() bool { return f != TLSFiles{} }

// Config is what a client needs. Errors name the file, and never repeat what is in it.
func (f TLSFiles) Config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: f.ServerName}

	if f.CAFile != "" {
		authorities, err := authoritiesIn(f.CAFile)
		if err != nil {
			return nil, err
		}

		config.RootCAs = authorities
	}

	if f.CertFile == "" && f.KeyFile == "" {
		return config, nil
	}

	pair, err := newCertificate(f.CertFile, f.KeyFile)
	if err != nil {
		return nil, err
	}

	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return pair.present() }

	return config, nil
}

func authoritiesIn(file string) (*x509.CertPool, error) {
	content, err := os.ReadFile(file) //nolint:gosec // whoever starts the process names the file.
	if err != nil {
		return nil, fmt.Errorf("reading the authorities: %w", err)
	}

	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("reading the authorities: %s holds no certificate in PEM", file)
	}

	return authorities, nil
}

// ServerTLS are the files of a server that ends TLS itself, instead of a proxy before it.
type ServerTLS struct {
	CertFile string `env:"GENIO_TLS_CERT_FILE" help:"File with the server's certificate and chain (PEM); empty: plain HTTP." type:"path"`
	KeyFile  string `env:"GENIO_TLS_KEY_FILE" help:"File with that certificate's key (PEM)." type:"path"`
}

// Config is what the server needs; nil: plain HTTP.
func (f ServerTLS) Config() (*tls.Config, error) {
	if f.CertFile == "" && f.KeyFile == "" {
		return nil, nil //nolint:nilnil // plain HTTP behind a proxy is a valid choice
	}

	pair, err := newCertificate(f.CertFile, f.KeyFile)
	if err != nil {
		return nil, err
	}

	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return pair.present() },
	}, nil
}

// certificate is a certificate with its key, in two files.
type certificate struct {
	certFile, keyFile string

	mutex sync.Mutex
	pair  *tls.Certificate
	// read are the times of the files' latest changes when they were read.
	read [2]time.Time
}

func newCertificate(certFile, keyFile string) (*certificate, error) {
	if certFile == "" || keyFile == "" {
		return nil, errors.New("a certificate and its key are given together, or none")
	}

	pair := &certificate{certFile: certFile, keyFile: keyFile}
	if _, err := pair.present(); err != nil {
		return nil, err
	}

	return pair, nil
}

// present is the certificate as it is now. While its files are being changed, and do not fit together, the one before stays.
func (c *certificate) present() (*tls.Certificate, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()

	changed, err := c.changed()
	if err == nil && (c.pair == nil || changed != c.read) {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(c.certFile, c.keyFile); err == nil {
			c.pair, c.read = &pair, changed
		}
	}

	if c.pair == nil {
		return nil, fmt.Errorf("reading the certificate %s and its key: %w", c.certFile, err)
	}

	return c.pair, nil
}

func (c *certificate) changed() (changed [2]time.Time, err error) {
	for i, file := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return changed, err //nolint:wrapcheck // present says what was being done.
		}

		changed[i] = info.ModTime()
	}

	return changed, nil
}
